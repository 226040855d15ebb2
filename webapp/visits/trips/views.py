"""Trips of inspectors: the list, handing over, the letter of introduction."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.errors import NotAllowedNow
from casework.regions.tree import load_tree
from casework.visits import plan as planning
from casework.visits import trips
from casework.visits.lead_handling import ResultUnexplained, settle_on_trip
from casework.visits.models import LeadResult
from casework.visits.trips import OwnRegion, ReasonNeeded
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.visits.leads.forms import RESULTS
from webapp.visits.trips.forms import GiveForm

bp = Blueprint("trips", __name__, template_folder="templates", url_prefix="/visits/trips")


@bp.get("/<uid>")
@requires(Permission.VISIT_PLAN)
def index(uid: str) -> ResponseReturnValue:
    """List the trips of a campaign."""
    campaign = planning.campaign_of(uid, actor=current_user())
    number = request.args.get("page", 1, type=int)
    return render_template(
        "trips/index.html",
        campaign=campaign,
        campaigns=planning.planned_campaigns(current_user()),
        page=trips.trip_page(campaign, actor=current_user(), number=number),
        tree=load_tree(),
    )


@bp.route("/trip/<uid>/give", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
def give(uid: str) -> ResponseReturnValue:
    """Give a trip to another inspector, with a reason."""
    actor, form, refusal = current_user(), GiveForm(), ""
    trip = trips.trip_of(uid, actor=actor)
    form.offer(trips.able_inspectors(uid, actor=actor), trip.version)
    if form.validate_on_submit():
        try:
            trips.give_trip(
                uid,
                form.inspector.data,
                form.reason.data,
                version=form.version.data,
                actor=actor,
                at=utcnow(),
            )
        except (OwnRegion, ReasonNeeded) as error:
            refusal = sentence(error)
        else:
            flash(_("The trip was given over; print the letter anew, its code has changed."), "ok")
            return redirect(url_for(".index", uid=planning.campaign_uid(trip.campaign_id)))
    page = render_template(
        "trips/give.html",
        trip=trip,
        campaign_uid=planning.campaign_uid(trip.campaign_id),
        changes=trips.trip_changes(uid, actor=actor),
        form=form,
        refusal=refusal,
        tree=load_tree(),
    )
    return page, 422 if form.errors or refusal else 200


@bp.post("/trip/<uid>/letter")
@requires(Permission.VISIT_PLAN)
def letter(uid: str) -> ResponseReturnValue:
    """Show the letter of introduction, to be printed."""
    found = trips.letter_of(uid, actor=current_user(), at=utcnow())
    return render_template("trips/letter.html", letter=found, tree=load_tree(), at=utcnow())


@bp.get("/along")
@requires(Permission.VISIT_RECORD)
def along() -> ResponseReturnValue:
    """Show an inspector the leads from outside that travel along on the own trips."""
    return _along()


def _along(refusal: str = "", typed: Mapping[str, str] = MappingProxyType({})) -> str:
    return render_template(
        "trips/along.html",
        rows=trips.leads_along(current_user(), at=utcnow()),
        results=RESULTS,
        refusal=refusal,
        typed=typed,
        tree=load_tree(),
    )


@bp.post("/along/<uid>")
@requires(Permission.VISIT_RECORD)
def settle_along(uid: str) -> ResponseReturnValue:
    """End a lead that travels along in what the inspector found."""
    code, words = request.form.get("result", ""), request.form.get("words", "")
    result = LeadResult(code) if code in RESULTS else LeadResult.OPEN
    try:
        settle_on_trip(uid, result, words, actor=current_user(), at=utcnow())
    except (ResultUnexplained, NotAllowedNow) as error:
        return _along(sentence(error), {"uid": uid, "result": code, "words": words}), 422
    flash(_("The lead is settled."), "ok")
    return redirect(url_for(".along"))
