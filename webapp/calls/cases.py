"""The cases as a supervisor finds them, one of them, and who gets it next."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.accounts.skills import Skill
from casework.calls import supervision
from casework.calls.call_codes import GOOD_FOR, find_by_call, read_call_code
from casework.calls.doubts import AgainstAnswers
from casework.calls.no_call import NotANumber
from casework.calls.operators import LOST, operators_at_work, skills_at_work
from casework.calls.overruling import closed_call, overrule_call
from casework.calls.pushing import (
    FoundCase,
    find_by_number,
    found_again,
    push_case,
    take_back_push,
)
from casework.calls.watched import find_case
from casework.db import new_uid, utcnow
from casework.errors import CaseworkError, NotFound
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.calls import floor_words, forms, words
from webapp.calls.case_lists import case_list
from webapp.calls.day import refused
from webapp.calls.finding import FOUND
from webapp.calls.supervision import bp
from webapp.errors import sentence
from webapp.formats import local
from webapp.limits import FIND, limited, user


@bp.get("/cases")
@requires(Permission.CALL_SUPERVISE)
def find() -> ResponseReturnValue:
    """Show the list of cases, one case by its code, or the call that has this code."""
    code, found = request.args.get("code", "").strip(), None
    if not code:
        return case_list()
    if read_call_code(code):
        return _with_call_code(read_call_code(code))
    try:
        found = find_case(code, actor=current_user())
    except NotFound:
        flash(_("No campaign that is calling has a case %(code)s.", code=code), "warn")
    return render_template(
        "supervision/case.html",
        code=code,
        found=found,
        operators=operators_at_work(),
        skills=list(Skill),
        at_work=skills_at_work(),
        words=words,
        floor_words=floor_words,
        tree=load_tree(),
        at=utcnow(),
        lost=LOST,
    ), 200 if found else 404


def _with_call_code(code: str) -> ResponseReturnValue:
    """Show which call has this code, as somebody asks whether it was genuine."""
    at = utcnow()
    calls = find_by_call(code, actor=current_user(), at=at)
    page = render_template("supervision/coded.html", code=code, calls=calls, days=GOOD_FOR.days)
    return page, 200 if calls else 404


@bp.post("/cases/number")
@requires(Permission.CALL_SUPERVISE)
@limited(FIND, user)
def with_number() -> ResponseReturnValue:
    """Find the cases that have exactly this number. A number never stands in an address."""
    number = request.form.get("number", "").strip()[:40]
    try:
        found = find_by_number(number, actor=current_user(), at=utcnow())
    except NotANumber as error:
        return _with_number((), sentence(error)), 422
    session[FOUND] = [case.case_id for case in found]
    return redirect(url_for(".found_by_number"), 303)


@bp.get("/cases/number")
@requires(Permission.CALL_SUPERVISE)
def found_by_number() -> ResponseReturnValue:
    """Show the cases found last by a number, also to whoever comes back from one of them."""
    return _with_number(found_again(session.get(FOUND, ()), actor=current_user()))


def _with_number(found: Sequence[FoundCase], refusal: str = "") -> str:
    return render_template(
        "supervision/numbers.html", found=found, refusal=refusal, tree=load_tree()
    )


@bp.post("/cases/<int:case_id>/push")
@requires(Permission.CALL_SUPERVISE)
def push(case_id: int) -> ResponseReturnValue:
    """Make a case one operator's next."""
    operator_id = request.form.get("operator", 0, type=int)
    sure = request.form.get("sure") == "1"
    until = push_case(
        case_id, operator_id, although_resting=sure, actor=current_user(), at=utcnow()
    )
    if operator_id == current_user().id:
        flash(_("The case is the next one on your desk."), "done")
        return redirect(url_for("calls.desk"), 303)
    flash(
        _(
            "Pushed. It is the operator's next case until %(time)s; then anybody may get it.",
            time=local(until, "short"),
        ),
        "done",
    )
    return _case_again()


@bp.post("/cases/<int:case_id>/take-back")
@requires(Permission.CALL_SUPERVISE)
def take_back(case_id: int) -> ResponseReturnValue:
    """Let anybody have a pushed case again."""
    take_back_push(case_id, actor=current_user(), at=utcnow())
    flash(_("Taken back. Whoever is free gets the case, or who agreed on a time."), "done")
    return _case_again()


@bp.post("/cases/<int:case_id>/skill")
@requires(Permission.CALL_SUPERVISE)
def require_skill(case_id: int) -> ResponseReturnValue:
    """Say which skill the next call of a case needs."""
    skill = request.form.get("skill", "")
    if skill and skill not in set(Skill):
        raise NotFound(skill=skill)
    supervision.require_skill(case_id, skill, actor=current_user(), at=utcnow())
    flash(_("Set. The case is due as before."), "done")
    return _case_again()


@bp.route("/cases/calls/<uid>/correct", methods=["GET", "POST"])
@requires(Permission.CALL_SUPERVISE)
def overrule(uid: str) -> ResponseReturnValue:
    """Correct the last call of a case after its operator's ten minutes."""
    actor, refusal, against = current_user(), "", False
    if request.method == "POST":
        sent = forms.to_report(request.form)
        try:
            recorded, waits = overrule_call(uid, sent, actor=actor, at=utcnow())
        except CaseworkError as error:
            refusal, against = refused(error), isinstance(error, AgainstAnswers)
        else:
            if waits:
                flash(_("Kept. Another supervisor confirms the correction before it counts."))
            else:
                flash(words.recorded_text(recorded, sent.disposition), "done")
            return redirect(url_for(".find", code=recorded.code), 303)
    page = render_template(
        "supervision/correct.html",
        call=closed_call(uid, actor=actor),
        key=new_uid(),
        words=words,
        refusal=refusal,
        against=against or "confirmed" in request.form,
        entered=request.form,
    )
    return page, 422 if refusal else 200


def _case_again() -> ResponseReturnValue:
    return redirect(url_for(".find", code=request.form.get("code", "")), 303)
