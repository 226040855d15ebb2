"""Trips of inspectors: the list, handing over, the letter of introduction, leads along."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.db import utcnow
from casework.regions.tree import load_tree
from casework.visits import along, trips
from casework.visits import plan as planning
from casework.visits.trips import OwnRegion, ReasonNeeded
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.limits import REVEAL, limited, user
from webapp.visits.leads.forms import RESULTS
from webapp.visits.trips.forms import GiveForm

SHANGHAI = ZoneInfo("Asia/Shanghai")

bp = Blueprint("trips", __name__, template_folder="templates", url_prefix="/visits/trips")


@bp.get("/<uid>")
@requires(Permission.VISIT_PLAN)
def index(uid: str) -> ResponseReturnValue:
    """List the trips of a campaign."""
    campaign = planning.campaign_of(uid, actor=current_user())
    number, only_late = request.args.get("page", 1, type=int), "late" in request.args
    today = utcnow().astimezone(SHANGHAI).date()
    return render_template(
        "trips/index.html",
        campaign=campaign,
        campaigns=planning.planned_campaigns(current_user()),
        page=trips.trip_page(
            campaign, actor=current_user(), today=today, number=number, only_late=only_late
        ),
        only_late=only_late,
        today=today,
        tree=load_tree(),
    )


@bp.route("/trip/<uid>/give", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
def give(uid: str) -> ResponseReturnValue:
    """Give a trip to another inspector, with a reason."""
    actor, form, refusal = current_user(), GiveForm(), ""
    trip = trips.trip_of(uid, actor=actor)
    form.offer(trips.able_inspectors(uid, actor=actor), trips.other_trips(trip), trip.version)
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


@bp.get("/along/<uid>")
@requires(Permission.VISIT_RECORD)
def lead(uid: str) -> ResponseReturnValue:
    """Show an inspector a lead from outside that travels along on one of the own trips."""
    file = along.lead_along(uid, actor=current_user(), at=utcnow())
    return render_template("trips/lead.html", file=file, results=RESULTS, tree=load_tree())


@bp.post("/along/<uid>/person")
@requires(Permission.VISIT_RECORD)
@limited(REVEAL, user)
def lead_person(uid: str) -> ResponseReturnValue:
    """Uncover whom the lead is about for the inspector who looks into it."""
    actor, at = current_user(), utcnow()
    name = along.reveal_subject(uid, actor=actor, at=at)
    file = along.lead_along(uid, actor=actor, at=at)
    return render_template("trips/_subject.html", name=name, file=file)
