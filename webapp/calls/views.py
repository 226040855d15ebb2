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
from casework.calls import attempts, dialling, holding, queue, reports
from casework.calls.desk import OpenCase, open_case
from casework.calls.dialler import dialler_for
from casework.calls.dispositions import offered
from casework.calls.interruptions import interrupted_calls
from casework.calls.messages import said_to
from casework.calls.my_day import my_day
from casework.calls.operators import LOST
from casework.calls.same_person import go_on_with_person, project_that_follows
from casework.calls.script import Question
from casework.calls.slots import slots
from casework.calls.waiting import why_empty
from casework.db import new_uid, utcnow
from casework.ledgers.projects import Project
from webapp.access import current_user, requires
from webapp.calls import forms, words
from webapp.calls.away import away_since, be_back, leave_desk, look_up_break
from webapp.calls.hours import hours_now
from webapp.limits import REVEAL, limited, user

bp = Blueprint("calls", __name__, template_folder="templates", url_prefix="/calls")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def desk() -> ResponseReturnValue:
    """Show the queue and the operator's day, or the case that is on the screen already."""
    actor, at = current_user(), utcnow()
    if open_case(actor=actor) is not None:
        return redirect(url_for(".case"))
    waiting = why_empty(actor=actor, at=at, hours=hours_now())
    return render_template(
        "calls/desk.html",
        waiting=waiting,
        day=my_day(actor=actor, at=at),
        interrupted=interrupted_calls(actor=actor),
        said=said_to(actor=actor, at=at),
        at=at,
        away=look_up_break(at),
        words=words,
    )


@bp.post("/next")
@requires(Permission.CALL_MAKE)
def claim() -> ResponseReturnValue:
    """Take the next due case; whoever was away is back."""
    be_back()
    if queue.claim_next_case(actor=current_user(), at=utcnow(), hours=hours_now()) is None:
        flash(_("No case can be called now; the table says why."), "warn")
        return redirect(url_for(".desk"), 303)
    return redirect(url_for(".case"), 303)


@bp.post("/away")
@requires(Permission.CALL_MAKE)
def away() -> ResponseReturnValue:
    """Leave the desk for a while, now or after the call that goes on; a second time: be back."""
    if away_since() is None:
        leave_desk()
    else:
        be_back()
    return redirect(url_for(".desk"), 303)


@bp.get("/case")
@requires(Permission.CALL_MAKE)
def case() -> ResponseReturnValue:
    """Show the call; of a desk that was not heard of meanwhile it is over."""
    actor, at = current_user(), utcnow()
    opened = open_case(actor=actor)
    if opened is None:
        return _moved(".desk")
    place, heard_at = request.args.get("question", ""), opened.lease_until - holding.LEASE
    if opened.ringing and at - heard_at > LOST:
        dialler = dialler_for(current_app.config["DIALLER"])
        dialling.hang_up(opened.case_id, opened.fence, dialler=dialler, actor=actor, at=heard_at)
        return redirect(url_for(".case", question=place or None), 303)
    page = Response(_case_page(opened, place=place))
    if request.headers.get("HX-Target") == "question":  # a reload stays at the same question
        page.headers["HX-Replace-Url"] = request.full_path.rstrip("?")
    return page


def _case_page(
    opened: OpenCase,
    *,
    place: str = "",
    revealed: Mapping[int, str] | None = None,
    chosen: tuple[str, ...] | None = None,
    link: str = "",
) -> str:
    """Return the page, at the question *place* if that is answered, else at the next to ask."""
    at = utcnow()
    former = {question.id: keys for question, keys in opened.walk.answered}
    answered = next((asked for asked, _keys in opened.walk.answered if asked.id == place), None)
    question = answered or opened.walk.question
    return render_template(
        "calls/case.html",
        case=opened,
        question=question,
        given=former.get(place, ()),
        follows=_follows(opened),
        fields=words.fields_of(opened, current_user()),
        revealed=revealed or {},
        chosen=former.get(place, ()) if chosen is None else chosen,
        link=link,
        key=new_uid(),
        said=[one for one in said_to(actor=current_user(), at=at) if one.unread],
        at=at,
        away=away_since(),
        slots=slots(opened.campaign_id, at=at, last_day=opened.last_day),
        words=words,
    )


def _follows(opened: OpenCase) -> Project | None:
    """Return the project whose script comes next in this call; asked only at its end."""
    if opened.walk.end is None or not opened.walk.end.outcome or not opened.ringing:
        return None
    return project_that_follows(opened.case_id, actor=current_user())


@bp.post("/case/dial")
@requires(Permission.CALL_MAKE)
def dial() -> ResponseReturnValue:
    """Write the attempt down, then let the telephone ring; or keep that it was dialled by hand."""
    case_id, fence = forms.held(request.form)
    number = request.form.get("number", type=int)
    actor, at = current_user(), utcnow()
    attempts.start_attempt(case_id, fence, number, actor=actor, at=at, hours=hours_now())
    if "by_hand" in request.form:
        dialling.note_call_by_hand(case_id, fence, actor=actor, at=at)
        return redirect(url_for(".case"), 303)
    dialler = dialler_for(current_app.config["DIALLER"])
    placed = dialling.place_call(case_id, fence, dialler=dialler, actor=actor, at=at)
    opened = open_case(actor=actor)
    if opened is None or placed is None or not placed.link:
        return redirect(url_for(".case"), 303)
    return _case_page(opened, link=placed.link)


@bp.post("/case/hang-up")
@requires(Permission.CALL_MAKE)
def hang_up() -> ResponseReturnValue:
    """End the call on the telephone; its disposition is still to come."""
    case_id, fence = forms.held(request.form)
    dialler = dialler_for(current_app.config["DIALLER"])
    dialling.hang_up(case_id, fence, dialler=dialler, actor=current_user(), at=utcnow())
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
    question, toggled = request.form.get("question", ""), request.form.get("toggle", "")
    opened = open_case(actor=actor)
    if toggled and opened is not None:
        ticked = {*chosen} ^ {toggled}
        return _case_page(opened, place=question, chosen=tuple(sorted(ticked)))
    keys = request.form.getlist("keys") or chosen
    walk = attempts.save_answer(
        case_id,
        fence,
        question,
        keys,
        request.form.get("words", ""),
        actor=actor,
        at=utcnow(),
    )
    return _to_question(walk.after(question))


@bp.post("/case/note")
@requires(Permission.CALL_MAKE)
def save_note() -> ResponseReturnValue:
    """Keep the call note while it is typed."""
    case_id, fence = forms.held(request.form)
    at = utcnow()
    attempts.save_note(case_id, fence, request.form.get("note", ""), actor=current_user(), at=at)
    return {"at": at.isoformat()}


@bp.post("/case/back")
@requires(Permission.CALL_MAKE)
def back() -> ResponseReturnValue:
    """Return to the question before; what was answered stays."""
    case_id, fence = forms.held(request.form)
    walk = attempts.walk_back(case_id, fence, actor=current_user(), at=utcnow())
    place = request.form.get("question", "")
    return _to_question(walk.before(place) or (walk.answered[0][0] if walk.answered else None))


def _to_question(question: Question | None) -> ResponseReturnValue:
    """Go to a question that is answered, or to the next one to ask."""
    return redirect(url_for(".case", question=question and question.id), 303)


@bp.post("/case/read")
@requires(Permission.CALL_MAKE)
def mark_read() -> ResponseReturnValue:
    """Set the time mark of the sentence that is read word for word."""
    case_id, fence = forms.held(request.form)
    attempts.mark_read(case_id, fence, actor=current_user(), at=utcnow())
    return redirect(url_for(".case", question=request.form.get("question") or None), 303)


@bp.post("/case/outcome")
@requires(Permission.CALL_MAKE)
def outcome() -> ResponseReturnValue:
    """Close the call and take the next case, unless a pause was wished for."""
    case_id, fence = forms.held(request.form)
    report = forms.to_report(request.form)
    actor, at = current_user(), utcnow()
    claim = None
    if away_since() or offered(report.disposition).is_interview:
        recorded = reports.record_outcome(case_id, fence, report, actor=actor, at=at)
        claim = go_on_with_person(case_id, fence, actor=actor, at=at, hours=hours_now())
        if claim is None and not away_since():
            claim = queue.claim_next_case(actor=actor, at=at, hours=hours_now())
    else:
        recorded, claim = reports.record_and_claim(
            case_id, fence, report, actor=actor, at=at, hours=hours_now()
        )
    flash(words.recorded_text(recorded, report.disposition), "done")
    return _moved(".desk" if claim is None else ".case")


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


def _moved(endpoint: str) -> ResponseReturnValue:
    """Go to another page, also where only a part of this one was asked for."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url_for(endpoint)})
    return redirect(url_for(endpoint), 303)
