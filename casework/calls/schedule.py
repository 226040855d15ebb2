"""When a case may next be called."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.calls.dispositions import Disposition

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS = time(8)
ENDS = time(21)  # no calls after 21:00 (METHOD.md A6)


def may_call(at: datetime) -> bool:
    """Tell whether *at* lies in the hours in which people may be called."""
    return OPENS <= at.astimezone(SHANGHAI).time() < ENDS


def within_hours(at: datetime) -> datetime:
    """Return *at*, or the next opening of the calling hours if it lies outside them."""
    local = at.astimezone(SHANGHAI)
    if may_call(at):
        return at
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, SHANGHAI).astimezone(at.tzinfo)


def next_due(
    disposition: Disposition,
    ended_at: datetime,
    *,
    window_start: datetime | None = None,
    untried_number: bool = False,
) -> datetime:
    """Return when the case is due again after a call that left it open.

    An agreed time wins; a number not yet dialled is tried without waiting; else the rest that the
    disposition asks for. The answer lies in the calling hours.
    """
    if window_start is not None:
        return within_hours(window_start)
    if disposition.tries_other_number and untried_number:
        return within_hours(ended_at)
    return within_hours(ended_at + disposition.retry_after)
