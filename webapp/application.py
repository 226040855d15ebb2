"""Putting the application together: the only place that knows all of its parts."""

from flask import Flask
from flask_wtf import CSRFProtect
from redis import Redis
from rq import Queue
from werkzeug.middleware.proxy_fix import ProxyFix

import casework.tables  # noqa: F401 - every relationship finds its table
from casework.db import configure_engine, db
from casework.sealing import Keyring, use_keys
from webapp import (
    access,
    areas,
    compiled_templates,
    errors,
    headers,
    i18n,
    limits,
    sessions,
    static_files,
    staying,
)
from webapp.bodies import SealedRequest
from webapp.config import Settings


def build(settings: Settings, redis: Redis | None) -> Flask:
    """Return the application of *settings*; *redis* stands in for their REDIS_URL."""
    app = Flask("webapp", static_url_path=static_files.address())
    app.request_class = SealedRequest
    app.config.from_object(settings)
    if settings.SECURE_COOKIES:  # one proxy stands in front; it says who asks, and how
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign] # as Flask documents
    use_keys(Keyring.load(settings.KEY_FILE))
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    sessions.init_app(app)  # first: without a session no form can be told from a forged one
    CSRFProtect(app)
    i18n.init_app(app)
    connection = redis or Redis.from_url(settings.REDIS_URL)
    app.extensions["jobs"] = Queue("jobs", connection=connection, serializer="json")
    limits.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    staying.init_app(app)
    headers.init_app(app)
    static_files.init_app(app)
    compiled_templates.init_app(app)
    areas.register(app)
    return app
