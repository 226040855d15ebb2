"""The web interface: one application factory. Nothing in this package decides anything."""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from redis import Redis

    from webapp.config import Settings


def create_app(settings: "Settings | None" = None, redis: "Redis | None" = None) -> "Flask":
    """Build the application from *settings*, or from the environment.

    Its parts are loaded here and not above: ``heyan draw`` and the like need none of them.
    """
    from webapp.application import build
    from webapp.config import Settings

    return build(settings or Settings.from_env(), redis)


def serving_app(settings: "Settings | None" = None) -> "Flask":
    """Build the application of a process that serves until it ends, and of those it forks.

    What every page needs is made here once, so that a process that takes the place of a dead one
    need not make it while people wait. All that is loaded by then stays, so the collector of
    garbage need not go through it again and again, which would hold a page up for .2 s each time.
    """
    from sqlalchemy.orm import configure_mappers

    app = create_app(settings)
    configure_mappers()
    gc.collect()
    gc.freeze()
    return app
