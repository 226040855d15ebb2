"""The web interface: one application factory. Nothing in this package decides anything."""

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
