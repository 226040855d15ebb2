"""Pages of estimates."""

from flask import Blueprint

bp = Blueprint("estimates", __name__, template_folder="templates", url_prefix="/estimates")
