"""Somebody calls back: the case is found by its number or code, exactly, and taken."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts.roles import Permission
from casework.calls.no_call import NotANumber
from casework.calls.pushing import find_by_code, find_by_number, take_case
from casework.db import utcnow
from casework.regions.tree import load_tree
from webapp.access import current_user, requires
from webapp.calls.hours import hours_now
from webapp.errors import sentence
from webapp.limits import FIND, limited, user

bp = Blueprint("finding", __name__, template_folder="templates", url_prefix="/calls/find")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def ask() -> ResponseReturnValue:
    """Ask for the number or the code."""
    return render_template("calls/find.html", found=None, wanted="")


@bp.post("/")
@requires(Permission.CALL_MAKE)
@limited(FIND, user)
def find() -> ResponseReturnValue:
    """Show the cases that have exactly this number or code."""
    wanted = request.form.get("wanted", "").strip()[:40]
    look = find_by_code if any(sign.isalpha() for sign in wanted) else find_by_number
    try:
        found = look(wanted, actor=current_user(), at=utcnow())
    except NotANumber as error:
        page = render_template(
            "calls/find.html", found=None, wanted=wanted, refusal=sentence(error)
        )
        return page, 422
    return render_template("calls/find.html", found=found, wanted=wanted, tree=load_tree())


@bp.post("/take")
@requires(Permission.CALL_MAKE)
def take() -> ResponseReturnValue:
    """Put a case that was found on the screen."""
    case_id = request.form.get("case", 0, type=int)
    take_case(case_id, actor=current_user(), at=utcnow(), hours=hours_now())
    flash(_("The case is yours; the person is on the phone already."), "done")
    return redirect(url_for("calls.case"), 303)
