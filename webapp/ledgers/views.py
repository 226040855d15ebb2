"""Pages of ledgers."""

from flask import Blueprint

bp = Blueprint("ledgers", __name__, template_folder="templates", url_prefix="/ledgers")
