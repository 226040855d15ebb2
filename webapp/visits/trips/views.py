"""Trips of inspectors: the list, handing over, the letter of introduction."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.regions.tree import load_tree
from casework.visits import plan as planning
from casework.visits import trips
from casework.visits.trips import OwnRegion, ReasonNeeded
from webapp.access import current_user, requires
from webapp.errors import sentence
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
    rows = trips.leads_along(current_user(), at=utcnow())
    return render_template("trips/along.html", rows=rows, tree=load_tree())
