"""The operator's desk, the call, and the supervisor's board."""

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls import attempts, holding, queue, reports, supervision
from casework.calls.desk import OpenCase, my_day, open_case, slots_taken
from casework.calls.reports import Recorded
from casework.calls.schedule import ALL_DAY, CallingHours
from casework.calls.waiting import why_empty
from casework.cases.lifecycle import CaseState
from casework.db import new_uid, utcnow
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.calls import forms, words
from webapp.calls.slots import slots
from webapp.formats import local
from webapp.limits import REVEAL, limited, user

bp = Blueprint("calls", __name__, template_folder="templates", url_prefix="/calls")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def desk() -> ResponseReturnValue:
    """Show the queue and the operator's day, or the case that is on the screen already."""
    actor, at = current_user(), utcnow()
    if open_case(actor=actor) is not None:
        return redirect(url_for(".case"))
    waiting = why_empty(actor=actor, at=at, hours=_hours())
    page = {"waiting": waiting, "day": my_day(actor=actor, at=at), "at": at}
    return render_template("calls/desk.html", words=words, **page)


@bp.post("/next")
@requires(Permission.CALL_MAKE)
def claim() -> ResponseReturnValue:
    """Take the next due case."""
    if queue.claim_next_case(actor=current_user(), at=utcnow(), hours=_hours()) is None:
        flash(_("No case can be called now; the table says why."), "warn")
        return redirect(url_for(".desk"), 303)
    return redirect(url_for(".case"), 303)


@bp.get("/case")
@requires(Permission.CALL_MAKE)
def case() -> ResponseReturnValue:
    """Show the call."""
    opened = open_case(actor=current_user())
    if opened is None:
        return _moved(".desk")
    return _case_page(opened)


def _case_page(
    opened: OpenCase,
    *,
    revealed: Mapping[int, str] | None = None,
    chosen: tuple[str, ...] = (),
) -> str:
    at = utcnow()
    return render_template(
        "calls/case.html",
        case=opened,
        fields=words.fields_of(opened, current_user()),
        revealed=revealed or {},
        chosen=chosen,
        key=new_uid(),
        at=at,
        slots=slots(slots_taken(at=at), at=at, last_day=opened.last_day),
        words=words,
    )


@bp.post("/case/dial")
@requires(Permission.CALL_MAKE)
def dial() -> ResponseReturnValue:
    """Write the attempt down before the telephone rings."""
    case_id, fence = forms.held(request.form)
    number = request.form.get("number", type=int)
    attempts.start_attempt(
        case_id, fence, number, actor=current_user(), at=utcnow(), hours=_hours()
    )
    return redirect(url_for(".case"), 303)


@bp.post("/case/number")
@requires(Permission.CALL_MAKE)
@limited(REVEAL, user)
def reveal() -> ResponseReturnValue:
    """Show one number of the case on the screen; the trail keeps that it was shown."""
    case_id, fence = forms.held(request.form)
    position = request.form.get("number", 0, type=int)
    actor = current_user()
    number = attempts.reveal_number(case_id, fence, position, actor=actor, at=utcnow())
    opened = open_case(actor=actor)
    return _moved(".desk") if opened is None else _case_page(opened, revealed={position: number})


@bp.post("/case/answer")
@requires(Permission.CALL_MAKE)
def answer() -> ResponseReturnValue:
    """Save one answer; without a script, the answers of a multiple choice are ticked here."""
    case_id, fence = forms.held(request.form)
    actor, chosen = current_user(), request.form.getlist("chosen")
    toggled = request.form.get("toggle", "")
    opened = open_case(actor=actor)
    if toggled and opened is not None:
        ticked = {*chosen} ^ {toggled}
        return _case_page(opened, chosen=tuple(sorted(ticked)))
    keys = request.form.getlist("keys") or chosen
    attempts.save_answer(
        case_id,
        fence,
        request.form.get("question", ""),
        keys,
        request.form.get("words", ""),
        actor=actor,
        at=utcnow(),
    )
    return redirect(url_for(".case"), 303)


@bp.post("/case/back")
@requires(Permission.CALL_MAKE)
def take_back() -> ResponseReturnValue:
    """Return to the question before."""
    case_id, fence = forms.held(request.form)
    attempts.take_back_answer(case_id, fence, actor=current_user(), at=utcnow())
    return redirect(url_for(".case"), 303)


@bp.post("/case/read")
@requires(Permission.CALL_MAKE)
def mark_read() -> ResponseReturnValue:
    """Set the time mark of the sentence that is read word for word."""
    case_id, fence = forms.held(request.form)
    attempts.mark_read(case_id, fence, actor=current_user(), at=utcnow())
    return redirect(url_for(".case"), 303)


@bp.post("/case/outcome")
@requires(Permission.CALL_MAKE)
def outcome() -> ResponseReturnValue:
    """Close the call."""
    case_id, fence = forms.held(request.form)
    report = forms.to_report(request.form)
    recorded = reports.record_outcome(case_id, fence, report, actor=current_user(), at=utcnow())
    flash(_said(recorded, report.disposition), "done")
    return _moved(".desk")


def _said(recorded: Recorded, disposition: str) -> str:
    """Say what was recorded and where the case goes."""
    what = f"{recorded.code}: {disposition} {words.disposition_name(disposition)}"
    if recorded.due_at is not None:
        when = local(recorded.due_at, "short")
        return str(_("%(what)s; next call from %(time)s", what=what, time=when))
    if recorded.state is CaseState.ESCALATED:
        return str(_("%(what)s; handed to the supervisor", what=what))
    return str(_("%(what)s; the phone is done with the case", what=what))


@bp.post("/case/hand-back")
@requires(Permission.CALL_MAKE)
def hand_back() -> ResponseReturnValue:
    """Give the case back unworked."""
    case_id, fence = forms.held(request.form)
    holding.hand_back(case_id, fence, actor=current_user(), at=utcnow())
    flash(_("The case is back in the queue, due as before."), "done")
    return _moved(".desk")


@bp.post("/case/lease")
@requires(Permission.CALL_MAKE)
def lease() -> ResponseReturnValue:
    """Hold the case on; the page asks each minute."""
    case_id, fence = forms.held(request.form)
    until = holding.renew_lease(case_id, fence, actor=current_user(), at=utcnow())
    return {"until": until.isoformat()}


@bp.get("/board")
@requires(Permission.CALL_SUPERVISE)
def board() -> ResponseReturnValue:
    """Show the floor at this moment."""
    at = utcnow()
    floor = supervision.board(actor=current_user(), at=at)
    return render_template("calls/board.html", board=floor, tree=load_tree(), at=at, words=words)


@bp.post("/board/<int:case_id>/return")
@requires(Permission.CALL_SUPERVISE)
def return_case(case_id: int) -> ResponseReturnValue:
    """Give an escalated case back to the operators."""
    supervision.return_case(case_id, actor=current_user(), at=utcnow())
    flash(_("The case is back in the queue and due now."), "done")
    return redirect(url_for(".board"), 303)


@bp.post("/board/<int:case_id>/finish")
@requires(Permission.CALL_SUPERVISE)
def finish_case(case_id: int) -> ResponseReturnValue:
    """End the calls of an escalated case."""
    supervision.finish_case(case_id, actor=current_user(), at=utcnow())
    flash(_("The phone is done with the case; its calls so far decide."), "done")
    return redirect(url_for(".board"), 303)


def _hours() -> CallingHours | None:
    """In a demonstration nobody's phone rings, so it may go on at night."""
    return ALL_DAY if current_app.config["DEMO"] else None


def _moved(endpoint: str) -> ResponseReturnValue:
    """Go to another page, also where only a part of this one was asked for."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url_for(endpoint)})
    return redirect(url_for(endpoint), 303)
