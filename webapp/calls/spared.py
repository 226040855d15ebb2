"""The list of numbers that are not called: put on it and taken off it, with reasons."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls.attempts import IdentityNumberTyped, TooManyWords
from casework.calls.no_call import (
    SHOWN,
    NotANumber,
    SparingUnexplained,
    add_no_call,
    lift_no_call,
    spared_numbers,
)
from casework.db import utcnow
from webapp.access import current_user, requires
from webapp.calls.supervision import bp
from webapp.errors import sentence
from webapp.limits import FIND, limited, user


@bp.get("/not-called")
@requires(Permission.CALL_SUPERVISE)
def not_called() -> ResponseReturnValue:
    """Show the numbers that are not called."""
    return _page()


@bp.post("/not-called")
@requires(Permission.CALL_SUPERVISE)
@limited(FIND, user)
def spare() -> ResponseReturnValue:
    """Put a number on the list."""
    number, reason = request.form.get("number", "").strip()[:40], request.form.get("words", "")
    try:
        concerned = add_no_call(number, reason, actor=current_user(), at=utcnow())
    except (NotANumber, SparingUnexplained, IdentityNumberTyped, TooManyWords) as error:
        return _page(sentence(error), number, reason), 422
    flash(_("The number stands on the list. Cases with it: %(number)s.", number=concerned), "ok")
    return redirect(url_for(".not_called"), 303)


@bp.post("/not-called/<int:spared_id>/lift")
@requires(Permission.CALL_SUPERVISE)
def lift(spared_id: int) -> ResponseReturnValue:
    """Take a number off the list."""
    reason = request.form.get("words", "")
    concerned = lift_no_call(spared_id, reason, actor=current_user(), at=utcnow())
    said = _("The number may be called again. Cases with it: %(number)s.", number=concerned)
    flash(said, "ok")
    return redirect(url_for(".not_called"), 303)


def _page(refusal: str = "", number: str = "", reason: str = "") -> str:
    return render_template(
        "supervision/not_called.html",
        numbers=spared_numbers(actor=current_user()),
        most=SHOWN,
        refusal=refusal,
        number=number,
        reason=reason,
    )
