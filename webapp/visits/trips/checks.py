"""The public page on which a letter of introduction or a call is checked. Nobody logs in here."""

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from casework.calls.call_codes import calls_with
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
    """Say whether a code belongs to a visit still to be made, with a name, or to a call."""
    form, at = CheckForm(), utcnow()
    if not form.validate_on_submit():
        page = render_template("trips/check.html", form=form, asked="")
        return page, 422 if form.errors else 200
    if form.call_code:
        called = calls_with(form.call_code, at=at)
        return render_template("trips/check.html", form=form, asked="call", called=called)
    today = at.astimezone(SHANGHAI).date()
    found = check_code(form.code.data, form.name.data, today=today)
    place = load_tree().name(found.place_code) if found else ""
    return render_template("trips/check.html", form=form, asked="visit", found=found, place=place)
