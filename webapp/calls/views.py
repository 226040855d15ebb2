"""Pages of calls."""

from flask import Blueprint

bp = Blueprint("calls", __name__, template_folder="templates", url_prefix="/calls")
