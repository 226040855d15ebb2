"""Pages of visits."""

from flask import Blueprint

bp = Blueprint("visits", __name__, template_folder="templates", url_prefix="/visits")
