"""How often one address may try what can be abused; counted in Redis, over all workers."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from limits import parse_many
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from webapp.access import current_user

LOG_IN = "10 per 5 minutes"  # for one account from one address
LOG_IN_PLACE = "200 per 5 minutes"  # from one address; a whole office may share it
LOG_IN_ALL = "1000 per 5 minutes"
FIND = "30 per hour; 100 per day"  # searches of one user
CHECK = "10 per 5 minutes"  # codes of letters tried from one address
CHECK_ALL = "600 per 5 minutes"
REVEAL = "60 per hour; 300 per day"  # persons shown to one user

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def init_app(app: Flask) -> None:
    # The library that counts writes a Unix socket as redis+unix://.
    url = app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1)
    storage = storage_from_string(url, wrap_exceptions=True)
    app.extensions["limits"] = MovingWindowRateLimiter(storage)


def limited(rules: str, key: Callable[[], str]) -> Callable[[View[P]], View[P]]:
    """Answer 429 when a view is posted to more often than *rules* allow for one *key*.

    While Redis does not answer, nothing can be counted and the answer is 503.
    """
    wanted = parse_many(rules)

    def limit(view: View[P]) -> View[P]:
        @wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if request.method == "POST" and current_app.config["RATELIMIT_ENABLED"]:
                counter: MovingWindowRateLimiter = current_app.extensions["limits"]
                try:
                    allowed = all(counter.hit(rule, rules, key()) for rule in wanted)
                except StorageError:
                    abort(503)
                if not allowed:
                    abort(429)
            return view(*args, **kwargs)

        return counted

    return limit


def everybody() -> str:
    """Name all who ask as one."""
    return "everybody"


def address() -> str:
    """Name the address that asks."""
    return f"address {request.remote_addr}"


def account_and_address() -> str:
    """Name who is tried and from where, however the account is spelled."""
    login = request.form.get("login", "")[:64].strip().casefold()
    return f"{request.remote_addr} {login}"


def user() -> str:
    """Name who asks, wherever from."""
    return f"user {current_user().id}"
