"""The supervisor's area. Its pages stand in several modules, by subject."""

from webapp.calls import caller, cases, figures, quality, spared, supervision

bp = supervision.bp

__all__ = ["bp", "caller", "cases", "figures", "quality", "spared"]
