"""Other people's files that the pages need, served from the wheels they came in."""

from importlib.metadata import version
from importlib.resources import files
from typing import Final, NamedTuple

from flask import Blueprint, Flask, Response, abort, url_for


class Asset(NamedTuple):
    """A file inside an installed package; the distribution gives its version."""

    package: str
    path: str
    distribution: str
    media_type: str


_BOOTSTRAP: Final = "static/bootstrap5"
ASSETS: Final = {
    "bootstrap.min.css": Asset(
        "flask_bootstrap", f"{_BOOTSTRAP}/css/bootstrap.min.css", "bootstrap-flask", "text/css"
    ),
    "bootstrap.min.js": Asset(
        "flask_bootstrap", f"{_BOOTSTRAP}/js/bootstrap.min.js", "bootstrap-flask", "text/javascript"
    ),
    "htmx.min.js": Asset(
        "js_lib_htmx", "static/htmx/htmx.min.js", "django-js-lib-htmx", "text/javascript"
    ),
}
_ONE_YEAR: Final = 365 * 24 * 3600

vendor = Blueprint("vendor", __name__)


def init_app(app: Flask) -> None:
    """Serve the assets under ``/vendor`` and give templates ``vendor_url(name)``."""
    app.register_blueprint(vendor)
    app.jinja_env.globals["vendor_url"] = vendor_url


def vendor_url(name: str) -> str:
    """Return the address of an asset; it changes with the version, so it may be kept for a year."""
    return url_for("vendor.asset", version=version(ASSETS[name].distribution), name=name)


@vendor.get("/vendor/<version>/<name>")
def asset(version: str, name: str) -> Response:
    wanted = ASSETS.get(name)
    if wanted is None:
        abort(404)
    response = Response((files(wanted.package) / wanted.path).read_bytes())
    response.mimetype = wanted.media_type
    response.cache_control.public = True
    response.cache_control.max_age = _ONE_YEAR
    return response
