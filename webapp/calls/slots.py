"""The grid of times that can be agreed on: four days by four parts of the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from casework.calls.schedule import SHANGHAI

PARTS = ((9, 12), (14, 17), (17, 19), (19, 21))
DAYS = 4


@dataclass(frozen=True, slots=True)
class Slot:
    day: date
    start: time
    taken: int  #: appointments of all operators in it
    open: bool


def slots(
    taken: Mapping[datetime, int], *, at: datetime, last_day: date
) -> list[tuple[tuple[int, int], list[Slot]]]:
    """Return the parts of the day with their slots, today's first.

    *taken* counts appointments by the hour in which they begin.
    """
    now = at.astimezone(SHANGHAI)
    days = [now.date() + timedelta(days=offset) for offset in range(DAYS)]
    by_hour: dict[tuple[date, int], int] = {}
    for moment, count in taken.items():
        local = moment.astimezone(SHANGHAI)
        by_hour[local.date(), local.hour] = by_hour.get((local.date(), local.hour), 0) + count
    return [
        ((begin, end), [_slot(day, begin, end, by_hour, now, last_day) for day in days])
        for begin, end in PARTS
    ]


def _slot(
    day: date,
    begin: int,
    end: int,
    by_hour: Mapping[tuple[date, int], int],
    now: datetime,
    last_day: date,
) -> Slot:
    """Today's slot begins with the next half hour that is left in it."""
    start = datetime.combine(day, time(begin), SHANGHAI)
    if start <= now:
        half = timedelta(minutes=30)
        past = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        start = past + half
    free = start.date() == day and start.time() < time(end) and day <= last_day
    counted = sum(by_hour.get((day, hour), 0) for hour in range(begin, end))
    return Slot(day, start.time(), counted, free)
