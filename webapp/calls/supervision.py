"""The supervisor's floor: the live board, what was handed over, the rules of calling."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls import board as reading
from casework.calls import call_backs, freeing, late_outcomes, supervision
from casework.calls.call_backs import waiting_call_backs
from casework.calls.messages import mark_message_read, send_message
from casework.calls.offers import release_offers
from casework.calls.progress import called_campaigns
from casework.calls.rests import rest_bounds, settable_rests, usual_rest
from casework.calls.rules import (
    RulesUnusable,
    calling_rules,
    rules_since,
    set_calling_rules,
)
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.db import utcnow
from casework.errors import NotFound
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.calls import floor_words, words
from webapp.calls.forms import RulesForm, rest_name

bp = Blueprint("supervision", __name__, template_folder="templates", url_prefix="/calls")


@bp.get("/board")
@requires(Permission.CALL_SUPERVISE)
def board() -> ResponseReturnValue:
    """Show the floor at this moment, and what the cases yield."""
    return render_template("supervision/board.html", **_floor(), **_outlook())


@bp.get("/board/live")
@requires(Permission.CALL_SUPERVISE)
def live() -> ResponseReturnValue:
    """Answer the board, which asks every five seconds."""
    return render_template("supervision/_floor.html", **_floor())


@bp.get("/board/yield")
@requires(Permission.CALL_SUPERVISE)
def place_yield() -> ResponseReturnValue:
    """Answer the board, which asks for the yield every minute."""
    return render_template("supervision/_yield.html", at=utcnow(), **_outlook())


def _floor() -> dict[str, object]:
    at = utcnow()
    return {
        "floor": reading.floor(actor=current_user(), at=at),
        "late": late_outcomes.list_late_outcomes(actor=current_user()),
        "rang_back": waiting_call_backs(actor=current_user()),
        "at": at,
        "words": words,
        "floor_words": floor_words,
    }


def _outlook() -> dict[str, object]:
    states, places = reading.yields(actor=current_user())
    return {
        "states": states,
        "places": places,
        "offers": release_offers(actor=current_user(), at=utcnow()),
        "tree": load_tree(),
    }


@bp.post("/board/operators/<int:operator_id>/message")
@requires(Permission.CALL_SUPERVISE)
def message(operator_id: int) -> ResponseReturnValue:
    """Send an operator a message."""
    send_message(operator_id, _words(), actor=current_user(), at=utcnow())
    flash(_("Sent. The operator sees it beside the next case, or at once on the desk."), "done")
    return redirect(url_for(".board"), 303)


@bp.post("/board/answers/<uid>/read")
@requires(Permission.CALL_SUPERVISE)
def read_answer(uid: str) -> ResponseReturnValue:
    """Keep that an operator's answer was read."""
    mark_message_read(uid, actor=current_user(), at=utcnow())
    return redirect(url_for(".board"), 303)


@bp.post("/board/call-backs/<uid>/done")
@requires(Permission.CALL_SUPERVISE)
def settle_call_back(uid: str) -> ResponseReturnValue:
    """Keep that a call-back was seen to."""
    call_backs.settle_call_back(uid, actor=current_user(), at=utcnow())
    return redirect(url_for(".board"), 303)


@bp.post("/board/<int:case_id>/return")
@requires(Permission.CALL_SUPERVISE)
def return_case(case_id: int) -> ResponseReturnValue:
    """Give an escalated case back to the operators, with a reply."""
    state = supervision.return_case(case_id, _words(), actor=current_user(), at=utcnow())
    if state is CaseState.PHONED:
        flash(_("The first report counts again; the phone is done with the case."), "done")
    else:
        flash(_("The case is back in the queue and due now."), "done")
    return _after_decision()


@bp.post("/board/<int:case_id>/finish")
@requires(Permission.CALL_SUPERVISE)
def finish_case(case_id: int) -> ResponseReturnValue:
    """End the calls of an escalated case."""
    state = supervision.finish_case(case_id, _words(), actor=current_user(), at=utcnow())
    if state is CaseState.PHONED:
        flash(_("The phone is done with the case; its calls so far decide."), "done")
    else:
        flash(_("The case is back in the queue and due now."), "done")
    return _after_decision()


@bp.post("/board/<int:case_id>/confirm")
@requires(Permission.CALL_SUPERVISE)
def confirm_out_of_sample(case_id: int) -> ResponseReturnValue:
    """Confirm that a person is not to be surveyed."""
    original = request.form.get("duplicate_of", "")
    supervision.confirm_out_of_sample(
        case_id, _words(), original, actor=current_user(), at=utcnow()
    )
    flash(_("Confirmed. The case stays in the accounts of the sample."), "done")
    return _after_decision()


@bp.post("/board/<int:case_id>/free")
@requires(Permission.CALL_SUPERVISE)
def free_case(case_id: int) -> ResponseReturnValue:
    """Take a case off the screen of somebody who is not heard of any more."""
    sure = request.form.get("sure") == "1"
    freeing.free_case(case_id, _words(), although_at_work=sure, actor=current_user(), at=utcnow())
    flash(_("Freed. The case is in the queue; its operator is asked how the call went."), "done")
    return _after_decision()


@bp.post("/board/late/<int:number>/accept")
@requires(Permission.CALL_SUPERVISE)
def accept_late(number: int) -> ResponseReturnValue:
    """Let a report count that came after the hold was lost."""
    late_outcomes.accept_late_outcome(number, actor=current_user(), at=utcnow())
    flash(_("Accepted: it counts as a call of its operator."), "done")
    return redirect(url_for(".board"), 303)


@bp.post("/board/late/<int:number>/dismiss")
@requires(Permission.CALL_SUPERVISE)
def dismiss_late(number: int) -> ResponseReturnValue:
    """Put a late report aside, with a reason."""
    late_outcomes.dismiss_late_outcome(number, _words(), actor=current_user(), at=utcnow())
    flash(_("Dismissed. The report stays kept."), "done")
    return redirect(url_for(".board"), 303)


@bp.route("/rules", methods=["GET", "POST"])
@requires(Permission.CALL_SUPERVISE)
def rules() -> ResponseReturnValue:
    """Show and change how a campaign calls."""
    campaign = chosen_campaign()
    if campaign is None:
        return no_campaign(_("Rules of calling"))
    form = RulesForm.of(calling_rules(campaign.id), rules_since(campaign.id))
    if form.validate_on_submit():
        try:
            set_calling_rules(
                campaign.id,
                form.rules(),
                actor=current_user(),
                at=utcnow(),
                instead_of=form.instead_of(),
            )
        except RulesUnusable as error:
            form.refuse(error)
        else:
            flash(_("The rules hold from the next call on."), "ok")
            return redirect(url_for(".rules", campaign=campaign.id), 303)
    page = render_template(
        "supervision/rules.html",
        form=form,
        rests=settable_rests(),
        rest_bounds=rest_bounds,
        rest_name=rest_name,
        rest_text=floor_words.rest_text,
        usual_rest=usual_rest,
        words=words,
        campaign=campaign,
        campaigns=called_campaigns(actor=current_user()),
    )
    return page, 422 if form.errors else 200


def chosen_campaign(wanted: int | None = None) -> Campaign | None:
    """Return the campaign *wanted*, or named in the address, or the first; None without any.

    Raises NotFound for one that does not exist or may not be seen.
    """
    campaigns = called_campaigns(actor=current_user())
    wanted = wanted or request.args.get("campaign", type=int)
    if wanted is None:
        return next(iter(campaigns), None)
    for campaign in campaigns:
        if campaign.id == wanted:
            return campaign
    raise NotFound(campaign=wanted)


def no_campaign(title: str) -> ResponseReturnValue:
    """Say that there is nothing to show yet."""
    return render_template("supervision/none.html", title=title)


def in_demonstration() -> bool:
    """Tell whether the data are fictitious and nobody's phone rings."""
    return bool(current_app.config["DEMO"])


def _after_decision() -> ResponseReturnValue:
    """Go back to where it was decided: the page of the case, or the board."""
    if code := request.form.get("code", ""):
        return redirect(url_for(".find", code=code), 303)
    return redirect(url_for(".board"), 303)


def _words() -> str:
    return request.form.get("words", "")
