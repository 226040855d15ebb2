"""How often one address may try what can be abused; counted in Redis, over all workers."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp.access import current_user

limiter = Limiter(get_remote_address, strategy="moving-window")

LOG_IN = "10 per 5 minutes"  # for one account from one address
LOG_IN_PLACE = "200 per 5 minutes"  # from one address; a whole office may share it
LOG_IN_ALL = "1000 per 5 minutes"
REVEAL = "60 per hour; 300 per day"  # persons shown to one user


def account_and_address() -> str:
    """Name who is tried and from where, however the account is spelled."""
    login = request.form.get("login", "")[:64].strip().casefold()
    return f"{request.remote_addr} {login}"


def user() -> str:
    """Name who asks, wherever from."""
    return f"user {current_user().id}"


def init_app(app: Flask) -> None:
    # The library that counts writes a Unix socket as redis+unix://.
    url = app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_STORAGE_URI"] = url
    limiter.init_app(app)
