"""The numbers behind the charts: axes with round ticks, places on them, the shape of a decision.

The macros of ``templates/macros/charts.html`` draw; nothing here knows of SVG.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Flask

# Every decision has one shape, which is also the CSS class of its colour (heyan.css, section 5).
SHAPES: Final[Mapping[str, str]] = {
    "met": "met",
    "not_met": "not",
    "undetermined": "und",
    "no_task": "none",
    "complete": "met",
    "not_complete": "not",
    "achieved": "met",
    "deemed": "met",
    "not_achieved": "not",
    "unresolved": "und",
    "error": "not",
    "warning": "und",
    "hint": "none",
    "not": "not",
    "und": "und",
    "none": "none",
}
_ROUND_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of a number line, with the ticks that are written on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float, left: float = 0.0, right: float = 100.0) -> float:
        """Place *value* between *left* and *right*; what lies outside is held at the edge."""
        held = min(max(value, self.low), self.high)
        return round(left + (held - self.low) / (self.high - self.low) * (right - left), 2)

    def beyond(self, low: float, high: float) -> str:
        """Name the sides on which an interval leaves the axis: ``""``, ``l``, ``r`` or ``lr``."""
        return ("l" if low < self.low - _SLACK else "") + ("r" if high > self.high + _SLACK else "")


def init_app(app: Flask) -> None:
    """Give the templates the functions below."""
    app.jinja_env.globals.update(shape=shape, axis=axis, axis_around=axis_around)


def shape(code: str) -> str:
    """Return the CSS class (``met``, ``not``, ``und``, ``none``) of a decision, verdict or level.

    Raises
    ------
    KeyError
        For a code that has no shape: a page may not invent one.
    """
    return SHAPES[str(code)]


def ticks(low: float, high: float, wanted: int = 4) -> tuple[float, ...]:
    """Return about *wanted* round numbers inside ``[low, high]``, evenly spaced."""
    step = _round_step((high - low) / wanted)
    first = math.ceil(low / step - _SLACK)
    last = math.floor(high / step + _SLACK)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return tuple(round(step * i, digits) for i in range(first, last + 1))


def axis(low: float, high: float, wanted: int = 4) -> Axis:
    """Return the axis from *low* to *high* exactly, as the tables with a shared head need it."""
    if not low < high:
        raise ValueError(f"an axis needs low < high, not {low} and {high}")
    return Axis(low, high, ticks(low, high, wanted))


def axis_around(
    values: Iterable[float | None], always: float = 1.0, widest: float = 0.6, wanted: int = 5
) -> Axis:
    """Return an axis that shows *always* (the target) and, within reason, every value.

    Parameters
    ----------
    values
        Ends of intervals, as fractions; ``None`` is skipped.
    always
        A value that must be on the axis.
    widest
        How far from *always* the axis may reach. One county at 300 % would otherwise press all
        others into a corner; it gets an arrowhead instead.
    """
    known = [v for v in values if v is not None] + [always]
    low = max(min(known), always - widest)
    high = min(max(known), always + widest)
    room = max((high - low) * 0.08, 0.02)
    low, high = max(low - room, 0.0), high + room
    return Axis(low, high, ticks(low, high, wanted))


def _round_step(raw: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(s * magnitude for s in _ROUND_STEPS if s * magnitude >= raw * (1 - _SLACK))
