"""The coordinator's pages of campaigns. They stand in several modules, by subject."""

from webapp.campaigns import beginning, views

bp = views.bp

__all__ = ["beginning", "bp"]
