"""How numbers, shares, intervals and times are written, the same on every page.

Shares are fractions (1.083 is 108.3 %). Times are stored in UTC and shown in Asia/Shanghai.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext as _

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
DASH: Final = "–"
MISSING: Final = "—"
LEAST_CHANCE: Final = 0.001  # a simulation of some thousand draws says no more
_CLOCKS: Final = {
    "datetime": "%Y-%m-%d %H:%M",
    "seconds": "%Y-%m-%d %H:%M:%S",
    "date": "%Y-%m-%d",
    "short": "%m-%d %H:%M",
    "month_day": "%m-%d",
    "time": "%H:%M",
    "clock": "%H:%M:%S",
}


def init_app(app: Flask) -> None:
    """Make every function below a filter of the templates, under its own name."""
    for written in (
        number,
        decimal,
        percent,
        chance,
        rate,
        points,
        span,
        percent_span,
        local,
        day,
        weekday,
        duration,
        short_digest,
    ):
        app.jinja_env.filters[written.__name__] = written


def number(value: float | None) -> str:
    """Write a number of persons with thousands commas: ``2,601``; nothing known is ``—``."""
    return MISSING if value is None else f"{value:,.0f}"


def decimal(value: float | None, places: int = 1) -> str:
    """Write a number with *places* decimals: ``206.1``."""
    return MISSING if value is None else f"{value:,.{places}f}"


def percent(share: float | None, places: int = 1) -> str:
    """Write a share as a percentage: ``99.3%``."""
    return MISSING if share is None else f"{share * 100:,.{places}f}%"


def rate(share: float | None, places: int = 1) -> str:
    """Write a share as a percentage without its sign, for columns whose head has it: ``99.3``."""
    return MISSING if share is None else f"{share * 100:,.{places}f}"


def chance(p: float | None) -> str:
    """Write a probability that a simulation found, which is never certain: ``> 99.9%``."""
    if p is not None and p < LEAST_CHANCE:
        return "< 0.1%"
    return "> 99.9%" if p is not None and p > 1 - LEAST_CHANCE else percent(p)


def points(share: float | None, places: int = 1) -> str:
    """Write the half-width of an interval in percentage points: ``±2.9``."""
    return MISSING if share is None else f"±{share * 100:.{places}f}"


def span(low: float | None, high: float | None) -> str:
    """Write an interval of persons: ``2,421–2,754``."""
    return MISSING if low is None or high is None else f"{number(low)}{DASH}{number(high)}"


def percent_span(low: float | None, high: float | None, places: int = 1) -> str:
    """Write an interval of shares, the sign once at the end: ``92.4–105.2%``."""
    if low is None or high is None:
        return MISSING
    return f"{rate(low, places)}{DASH}{percent(high, places)}"


def local(at: datetime | None, style: str = "datetime") -> str:
    """Write a moment in Asia/Shanghai.

    Parameters
    ----------
    at
        An aware moment, or a naive one in UTC as a database may return it.
    style
        ``datetime``, ``seconds``, ``date``, ``short``, ``month_day``, ``time`` or ``clock``.
    """
    if at is None:
        return MISSING
    return _in_shanghai(at).strftime(_CLOCKS[style])


def day(when: date | datetime | None) -> str:
    """Write a day as in prose: ``12月6日 周三``, in English ``Wed 6 Dec``."""
    if when is None:
        return MISSING
    local_day = _in_shanghai(when).date() if isinstance(when, datetime) else when
    return _day_name(local_day)


def weekday(when: date) -> str:
    """Write the day of the week: ``周三``, in English ``Wed``."""
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return str(names[when.weekday()])


def duration(seconds: float | timedelta | None) -> str:
    """Write a length of time as a clock does: ``3:52``, ``1:04:09``."""
    if seconds is None:
        return MISSING
    whole = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def short_digest(digest: str | None) -> str:
    """Write the two ends of a long digest: ``41d0…b7c2``."""
    if not digest:
        return MISSING
    return f"{digest[:4]}…{digest[-4:]}"


def _in_shanghai(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(SHANGHAI)


def _day_name(when: date) -> str:
    months = (
        *(_("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun")),
        *(_("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec")),
    )
    written: str = _(
        "%(weekday)s %(day)s %(month)s",
        weekday=weekday(when),
        day=when.day,
        month=months[when.month - 1],
    )
    return written
