"""What an operator finished today, and the times agreed on."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.accounts.roles import Permission
from casework.calls.my_day import my_day
from casework.db import utcnow
from webapp.access import current_user, requires
from webapp.calls import words

bp = Blueprint("day", __name__, template_folder="templates", url_prefix="/calls/day")


@bp.get("/")
@requires(Permission.CALL_MAKE)
def mine() -> ResponseReturnValue:
    """Show the operator's own day."""
    at = utcnow()
    day = my_day(actor=current_user(), at=at)
    return render_template("calls/day.html", day=day, at=at, words=words)
