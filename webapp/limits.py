"""How often one address may try what can be abused; counted in Redis, over all workers."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, strategy="moving-window")

LOG_IN = "10 per 5 minutes"  # for one account from one address
REVEAL = "60 per hour"  # persons shown to one user


def init_app(app: Flask) -> None:
    # The library that counts writes a Unix socket as redis+unix://.
    url = app.config["REDIS_URL"].replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_STORAGE_URI"] = url
    limiter.init_app(app)
