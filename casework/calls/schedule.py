"""When a case may next be called: the hours of the day, its parts, and the rests between calls."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from casework.calls.dispositions import Disposition

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = time(17)


@dataclass(frozen=True, slots=True)
class CallingHours:
    """The hours of a day in which people may be called, in Asia/Shanghai.

    The whole province lies in that time zone, so these are the respondent's hours. *rest_from* and
    *rest_until* bound a noon rest; without them there is none.
    """

    opens: time
    ends: time
    rest_from: time | None = None
    rest_until: time | None = None

    def contain(self, at: datetime) -> bool:
        """Tell whether people may be called at *at*."""
        local = at.astimezone(SHANGHAI).time()
        return self.opens <= local < self.ends and not self._rests(local)

    def within(self, at: datetime) -> datetime:
        """Return *at*, or the next opening if it lies outside the hours."""
        if self.contain(at):
            return at
        local = at.astimezone(SHANGHAI)
        if self.rest_until is not None and self._rests(local.time()):
            return datetime.combine(local.date(), self.rest_until, SHANGHAI).astimezone(at.tzinfo)
        day = local.date() + timedelta(days=local.time() >= self.opens)
        return datetime.combine(day, self.opens, SHANGHAI).astimezone(at.tzinfo)

    def next_day(self, at: datetime) -> datetime:
        """Return the opening of the day after *at*."""
        tomorrow = day_of(at) + timedelta(days=1)
        return datetime.combine(tomorrow, self.opens, SHANGHAI).astimezone(at.tzinfo)

    def _rests(self, local: time) -> bool:
        if self.rest_from is None or self.rest_until is None:
            return False
        return self.rest_from <= local < self.rest_until


CALLING_HOURS = CallingHours(time(8), time(21))  # no calls after 21:00 (METHOD.md A6)
ALL_DAY = CallingHours(time.min, time.max)  #: for demonstrations, in which nobody's phone rings


class DayPart(StrEnum):
    """Occasions of different people: who is out in the daytime may be in at night."""

    DAYTIME = "daytime"  #: of Monday to Friday, before 17:00
    EVENING = "evening"  #: of Monday to Friday
    WEEKEND = "weekend"


def day_of(at: datetime) -> date:
    """Return the calendar day in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def day_part(at: datetime) -> DayPart:
    """Return the part of the day in Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    if local.weekday() >= 5:  # noqa: PLR2004 - Saturday
        return DayPart.WEEKEND
    return DayPart.EVENING if local.time() >= EVENING else DayPart.DAYTIME


def next_due(
    disposition: Disposition,
    ended_at: datetime,
    hours: CallingHours = CALLING_HOURS,
    *,
    rest: timedelta | None = None,
    window_start: datetime | None = None,
    untried_number: bool = False,
) -> datetime:
    """Return when the case is due again after a call that left it open.

    An agreed time wins; a number not yet dialled is tried without waiting; else the rest that the
    disposition asks for, or *rest*. The answer lies in the calling hours.
    """
    if window_start is not None:
        return hours.within(window_start)
    if disposition.tries_other_number and untried_number:
        return hours.within(ended_at)
    return hours.within(ended_at + (disposition.retry_after if rest is None else rest))
