"""The public page on which a letter of introduction, or a call, is checked. Nobody logs in here."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.calls.check_codes import check_call
from casework.db import utcnow
from casework.regions.tree import load_tree
from casework.visits.trip_codes import check_code
from webapp.limits import CHECK, CHECK_ALL, address, everybody, limited
from webapp.visits.trips.forms import CheckForm

bp = Blueprint("checks", __name__, template_folder="templates", url_prefix="/check")

SHANGHAI = ZoneInfo("Asia/Shanghai")


@bp.route("/", methods=["GET", "POST"])
@limited(CHECK_ALL, everybody)
@limited(CHECK, address)
def ask() -> ResponseReturnValue:
    """Say whether a code and a name belong to a visit that is still to be made, or to a call."""
    form = CheckForm()
    asked = form.validate_on_submit()
    at = utcnow()
    told = (form.code.data, form.name.data)
    found = check_code(*told, today=at.astimezone(SHANGHAI).date()) if asked else None
    page = render_template(
        "trips/check.html",
        form=form,
        asked=asked,
        found=found,
        called_at=check_call(*told, at=at) if asked else None,
        place=load_tree().name(found.place_code) if found else "",
    )
    return page, 422 if form.errors else 200
