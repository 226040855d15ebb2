"""Pages of campaigns."""

from flask import Blueprint

bp = Blueprint("campaigns", __name__, template_folder="templates", url_prefix="/campaigns")
