"""The supervisor's area. Its pages stand in three modules, by subject."""

from webapp.calls import figures, quality, supervision

bp = supervision.bp

__all__ = ["bp", "figures", "quality"]
