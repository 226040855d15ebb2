"""When a case may next be called."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.calls.dispositions import Disposition

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class CallingHours:
    """The hours of a day in which people may be called, in Asia/Shanghai."""

    opens: time
    ends: time

    def contain(self, at: datetime) -> bool:
        """Tell whether people may be called at *at*."""
        return self.opens <= at.astimezone(SHANGHAI).time() < self.ends

    def within(self, at: datetime) -> datetime:
        """Return *at*, or the next opening if it lies outside the hours."""
        if self.contain(at):
            return at
        local = at.astimezone(SHANGHAI)
        day = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        return datetime.combine(day, self.opens, SHANGHAI).astimezone(at.tzinfo)


CALLING_HOURS = CallingHours(time(8), time(21))  # no calls after 21:00 (METHOD.md A6)
ALL_DAY = CallingHours(time.min, time.max)  #: for demonstrations, in which nobody's phone rings


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
        return CALLING_HOURS.within(window_start)
    if disposition.tries_other_number and untried_number:
        return CALLING_HOURS.within(ended_at)
    return CALLING_HOURS.within(ended_at + disposition.retry_after)
