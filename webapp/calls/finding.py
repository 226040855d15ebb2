"""Somebody calls back: the case is found by its number or code, exactly, and taken."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls.attempts import IdentityNumberTyped, TooManyWords
from casework.calls.call_backs import note_call_back
from casework.calls.call_codes import find_by_call, read_call_code
from casework.calls.messages import MessageEmpty
from casework.calls.no_call import NotANumber
from casework.calls.pushing import (
    FoundCase,
    NotACode,
    find_by_code,
    find_by_number,
    found_again,
    take_case,
)
from casework.db import utcnow
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.calls.away import be_back
from webapp.calls.hours import hours_now
from webapp.errors import sentence
from webapp.formats import local
from webapp.limits import FIND, limited, user

FOUND = "found"  # in the log-in session: the cases found last; a number stands in no address

bp = Blueprint("finding", __name__, template_folder="templates", url_prefix="/calls/find")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def ask() -> ResponseReturnValue:
    """Ask for the number or the code, and show the cases that were found."""
    found = None
    if "shown" in request.args:
        found = found_again(session.get(FOUND, ()), actor=current_user())
    return render_template("calls/find.html", found=found, wanted="", tree=load_tree())


@bp.post("/")
@requires(Permission.CALL_MAKE)
@limited(FIND, user)
def find() -> ResponseReturnValue:
    """Find the cases that have exactly this number or code."""
    wanted = request.form.get("wanted", "").strip()[:40]
    try:
        found = _found(wanted)
    except (NotACode, NotANumber) as error:
        page = render_template(
            "calls/find.html", found=None, wanted=wanted, refusal=sentence(error)
        )
        return page, 422
    session[FOUND] = [case.case_id for case in found]
    return redirect(url_for(".ask", shown=1), 303)


def _found(wanted: str) -> Sequence[FoundCase]:
    """Find cases by the code of a call, by their own code, or by a number.

    Raises NotACode, NotANumber.
    """
    actor, at = current_user(), utcnow()
    if read_call_code(wanted):
        calls = find_by_call(read_call_code(wanted), actor=actor, at=at)
        for call in calls:
            flash(_("This code was told in our call of %(time)s.", time=local(call.at)), "ok")
        codes = [call.case_code for call in calls if call.case_code]
        return [case for code in codes for case in find_by_code(code, actor=actor, at=at)]
    look = find_by_code if any(sign.isalpha() for sign in wanted) else find_by_number
    return look(wanted, actor=actor, at=at)


@bp.post("/<int:case_id>/note")
@requires(Permission.CALL_MAKE)
def note(case_id: int) -> ResponseReturnValue:
    """Write down for the supervisor that somebody rang back about a case nobody can take."""
    try:
        note_call_back(case_id, request.form.get("words", ""), actor=current_user(), at=utcnow())
    except (MessageEmpty, IdentityNumberTyped, TooManyWords) as error:
        found = found_again(session.get(FOUND, ()), actor=current_user())
        page = render_template(
            "calls/find.html",
            found=found,
            wanted="",
            tree=load_tree(),
            refusal=sentence(error),
            said={case_id: request.form.get("words", "")},
        )
        return page, 422
    flash(_("Written down. The supervisor sees it on the board."), "done")
    return redirect(url_for("calls.desk"), 303)


@bp.post("/take")
@requires(Permission.CALL_MAKE)
def take() -> ResponseReturnValue:
    """Put a case that was found on the screen."""
    case_id = request.form.get("case", 0, type=int)
    take_case(case_id, actor=current_user(), at=utcnow(), hours=hours_now())
    be_back()
    flash(_("The case is yours; the person is on the phone already."), "done")
    return redirect(url_for("calls.case"), 303)
