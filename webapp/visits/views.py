"""On site: the inspector's day and one visit; the coordinator's leads, shares and assignment."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import PhoneClass
from casework.db import utcnow
from casework.errors import CaseworkError, NotAllowedNow
from casework.regions.tree import load_tree
from casework.visits import along, worklist
from casework.visits import plan as planning
from casework.visits.assignment import PER_DAY, Assignment, NoInspector, assign_visits
from casework.visits.checklists import (
    NEEDS_REASON,
    RULES_OUT,
    ChecklistIncomplete,
    ItemUnknown,
    OutcomeContradicts,
    OutcomeDoesNotSuit,
    ReasonMissing,
    checklist_for,
    site_outcomes,
)
from casework.visits.findings import (
    CampaignOver,
    FoundMeanwhile,
    WordsTooMany,
    record_finding,
)
from casework.visits.models import Signer
from casework.visits.photos import NotAPhoto, PhotoIsMore, PhotoTooLarge, TooManyPhotos
from casework.visits.raising import raise_closed_shares
from casework.visits.rates import RateMayOnlyRise, set_rates, take_proposed_rates
from casework.visits.selection import CallsStillOpen, CorrectionsWait, close_calling
from webapp.access import current_user, requires
from webapp.errors import sentence
from webapp.headers import PICTURE_POLICY
from webapp.labels import label
from webapp.limits import REVEAL, limited, user
from webapp.visits import words
from webapp.visits.forms import AssignForm, SharesForm, Typed, moment

bp = Blueprint("visits", __name__, template_folder="templates", url_prefix="/visits")

SHANGHAI = ZoneInfo("Asia/Shanghai")
#: What an inspector can mend in the form; it comes back with everything that was typed.
_MENDABLE: tuple[type[CaseworkError], ...] = (
    ChecklistIncomplete,
    FoundMeanwhile,
    ItemUnknown,
    NotAPhoto,
    OutcomeContradicts,
    OutcomeDoesNotSuit,
    PhotoIsMore,
    PhotoTooLarge,
    ReasonMissing,
    TooManyPhotos,
    WordsTooMany,
)


@bp.app_context_processor
def _words() -> dict[str, object]:
    return {"visit_words": words}


@bp.get("/today")
@requires(Permission.VISIT_RECORD)
def today() -> ResponseReturnValue:
    """List the inspector's own visits by place."""
    on = utcnow().astimezone(SHANGHAI).date()
    day = worklist.day_of(current_user(), on=on)
    return render_template(
        "visits/today.html",
        day=day,
        along=along.leads_due(current_user(), on=on),
        reported=along.reports_of_day(current_user(), on=on),
        on=on,
        tree=load_tree(),
    )


@bp.route("/<uid>", methods=["GET", "POST"])
@requires(Permission.VISIT_RECORD)
def show(uid: str) -> ResponseReturnValue:
    """Show one visit, and record what it established."""
    if request.method == "GET":
        return _file(uid)
    typed, at = Typed.read(request.form), utcnow()
    report = typed.to_report(
        request.files.getlist("photos"), found_at=moment(request.form.get("found_at", ""), at=at)
    )
    try:
        finding = record_finding(uid, report, actor=current_user(), at=at)
    except _MENDABLE as error:
        return _file(uid, typed, refusal=error), 422
    except CampaignOver as error:
        flash(sentence(error), "bad")
        return redirect(url_for(".today"))
    except NotAllowedNow:
        flash(
            _("This visit was taken back meanwhile. Ask the coordinator what becomes of it."), "bad"
        )
        return redirect(url_for(".today"))
    flash(_("The conclusion was received: %(code)s.", code=finding.outcome), "ok")
    return redirect(url_for(".today"))


def _file(uid: str, typed: Typed | None = None, refusal: CaseworkError | None = None) -> str:
    file = worklist.visit_file(uid, actor=current_user())
    typed = typed or Typed.again(file.findings, idempotency_key=uuid4().hex)
    return render_template(
        "visits/show.html",
        file=file,
        typed=typed,
        items=checklist_for(file.case.project),
        outcomes=site_outcomes(file.case.project),
        rules_out={f"{key} {result}": sorted(out) for (key, result), out in RULES_OUT.items()},
        needs_reason=NEEDS_REASON,
        refusal=sentence(refusal) if refusal else "",
        refused_item=refusal.facts.get("item", "") if refusal else "",
        place=load_tree().name(file.visit.place_code),
        signers=[(signer.value, label(signer)) for signer in Signer],
    )


@bp.post("/<uid>/person")
@requires(Permission.VISIT_RECORD)
@limited(REVEAL, user)
def person(uid: str) -> ResponseReturnValue:
    """Uncover the person for the inspector who is to meet him or her."""
    shown = worklist.reveal_person(uid, actor=current_user(), at=utcnow())
    file = worklist.visit_file(uid, actor=current_user())
    return render_template("visits/_person.html", shown=shown, file=file)


@bp.get("/photo/<uid>")
@requires(Permission.VISIT_RECORD)
def photo(uid: str) -> ResponseReturnValue:
    """Answer with the clean copy of a photo, in a sandbox of its own."""
    content = worklist.own_photo(uid, actor=current_user(), at=utcnow())
    headers = {
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline",
        "Content-Security-Policy": PICTURE_POLICY,
    }
    return content, 200, headers


@bp.get("/")
@requires(Permission.VISIT_PLAN)
def plan() -> ResponseReturnValue:
    """Go to the campaign that is at work."""
    campaigns = planning.planned_campaigns(current_user())
    if not campaigns:
        return render_template("visits/none.html")
    return redirect(url_for(".plan_of", uid=campaigns[0].uid))


@bp.get("/plan/<uid>")
@requires(Permission.VISIT_PLAN)
def plan_of(uid: str) -> ResponseReturnValue:
    """Show the leads, shares and visits of one campaign."""
    tomorrow = utcnow().astimezone(SHANGHAI).date() + timedelta(days=1)
    return _plan_page(uid, AssignForm(data={"on_date": tomorrow}))


def _plan_page(uid: str, form: AssignForm) -> ResponseReturnValue:
    campaign = planning.campaign_of(uid, actor=current_user())
    answer = render_template(
        "visits/plan.html",
        plan=planning.plan_of(campaign, actor=current_user()),
        campaigns=planning.planned_campaigns(current_user()),
        form=form,
        classes=list(PhoneClass),
    )
    return answer, 422 if form.errors else 200


@bp.route("/plan/<uid>/shares/<unit>", methods=["GET", "POST"])
@requires(Permission.VISIT_PLAN)
def shares(uid: str, unit: str) -> ResponseReturnValue:
    """Set the shares of one unit."""
    view = planning.plan_of(planning.campaign_of(uid, actor=current_user()), actor=current_user())
    row = planning.unit_in(view, unit)
    fixed = {group.value: 100 * (share.fixed or 0.0) for group, share in row.shares.items()}
    form, refusal = SharesForm(data=fixed), ""
    if form.validate_on_submit():
        try:
            told = _set_shares(view.campaign, unit, form.shares())
        except RateMayOnlyRise as error:
            refusal = sentence(error)
        else:
            flash(told, "ok")
            return redirect(url_for(".plan_of", uid=uid))
    page = render_template("visits/shares.html", plan=view, row=row, form=form, refusal=refusal)
    return page, 422 if form.errors or refusal else 200


def _set_shares(campaign: Campaign, unit: str, shares: Mapping[PhoneClass, float]) -> str:
    """Set shares before the wave is closed, or raise them after it; say what that did."""
    actor, at = current_user(), utcnow()
    if campaign.state is not CampaignState.VISITING:
        set_rates(campaign.id, unit, shares, actor=actor, at=at)
        return str(_("The shares were set."))
    added = raise_closed_shares(campaign.id, unit, shares, actor=actor, at=at)
    return str(_("The shares were raised; that added %(number)s visits.", number=added))


@bp.post("/plan/<uid>/proposed")
@requires(Permission.VISIT_PLAN)
def take_proposed(uid: str) -> ResponseReturnValue:
    """Raise every share to what the protocol asks for."""
    campaign = planning.campaign_of(uid, actor=current_user())
    raised = take_proposed_rates(campaign.id, actor=current_user(), at=utcnow())
    flash(_("%(amount)s shares were raised.", amount=raised), "ok")
    return redirect(url_for(".plan_of", uid=uid))


@bp.post("/plan/<uid>/close")
@requires(Permission.VISIT_PLAN)
def close(uid: str) -> ResponseReturnValue:
    """Close the wave of calls and choose the visits."""
    campaign = planning.campaign_of(uid, actor=current_user())
    try:
        chosen = close_calling(campaign.id, actor=current_user(), at=utcnow())
    except (CallsStillOpen, CorrectionsWait) as error:
        flash(sentence(error), "bad")
    else:
        flash(
            _(
                "Calling is closed. Visits: %(random)s random, %(lead)s for leads.",
                random=chosen.random,
                lead=chosen.lead,
            ),
            "ok",
        )
    return redirect(url_for(".plan_of", uid=uid))


@bp.post("/plan/<uid>/assign")
@requires(Permission.VISIT_PLAN)
def assign(uid: str) -> ResponseReturnValue:
    """Give the visits that nobody has to inspectors."""
    campaign, form = planning.campaign_of(uid, actor=current_user()), AssignForm()
    if not form.is_planned_for(utcnow().astimezone(SHANGHAI).date()):
        return _plan_page(uid, form)
    try:
        done = assign_visits(
            campaign.id,
            actor=current_user(),
            at=utcnow(),
            on_date=form.on_date.data,
            seed=secrets.token_hex(16),
            per_day=form.per_day.data or PER_DAY,
        )
    except NoInspector as error:
        flash(sentence(error), "bad")
    else:
        flash(_assigned_words(done), "warn" if done.left else "ok")
    return redirect(url_for(".plan_of", uid=uid))


def _assigned_words(done: Assignment) -> str:
    words = [
        _("%(done)s visits were assigned, %(left)s are left.", done=done.assigned, left=done.left),
        _("Trips: %(trips)s, with %(leads)s leads along.", trips=done.trips, leads=done.leads),
    ]
    if done.repeated:
        words.append(
            _(
                "%(number)s places go to whoever was there the last time: nobody else may go.",
                number=done.repeated,
            )
        )
    return " ".join(words)
