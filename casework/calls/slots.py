"""The slots of time that can be agreed on, and how many appointments each of them takes.

A day has four slots. A time between two of them counts to the later one, so that every time of the
day belongs to exactly one.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.calls.models import Appointment, CallingRules
from casework.calls.rules import Rules, rules_of
from casework.calls.schedule import SHANGHAI, CallingHours, day_of
from casework.cases.models import AGREED, CaseSchedule, Standing
from casework.db import db
from casework.errors import CaseworkError

PARTS = ((9, 12), (14, 17), (17, 19), (19, 21))
DAYS = 4
_HALF_HOUR = timedelta(minutes=30)

Place = tuple[date, int]  #: a day and the number of a part of it


class SlotFull(CaseworkError):
    """As many appointments as the campaign allows lie in this slot of time already."""


@dataclass(frozen=True, slots=True)
class Slot:
    day: date
    start: time  #: the first half hour in it that is still to come
    taken: int  #: appointments of all operators in it
    capacity: int  #: 0 is no limit
    passed: bool  #: it is over, or lies after the end of fieldwork

    @property
    def full(self) -> bool:
        return 0 < self.capacity <= self.taken

    @property
    def open(self) -> bool:
        return not (self.passed or self.full)


def slots(
    campaign_id: int, *, at: datetime, last_day: date
) -> list[tuple[tuple[int, int], list[Slot]]]:
    """Return the parts of the day with their slots, today's first."""
    session = db.session()
    rules = rules_of(session, campaign_id)
    days = [day_of(at) + timedelta(days=offset) for offset in range(DAYS)]
    taken = _taken(session, campaign_id, days[0], days[-1])
    return [
        (part, [_slot((day, number), taken, rules, at, last_day) for day in days])
        for number, part in enumerate(PARTS)
    ]


def require_free(session: Session, case_id: int, start: datetime, *, at: datetime) -> None:
    """Refuse an appointment in a slot that is full, naming the next one that is free.

    Until the transaction ends nobody else agrees on a time in the campaign, so that two do not
    take the last place at once. Raises SlotFull.
    """
    schedule = session.get_one(CaseSchedule, case_id)
    rules = rules_of(session, schedule.campaign_id)
    if not rules.slot_capacity:
        return
    session.get(CallingRules, schedule.campaign_id, with_for_update={"key_share": True})
    day, number = _place(start)
    last = day + timedelta(days=DAYS)
    taken = _taken(session, schedule.campaign_id, day, last, but=case_id)
    if taken[day, number] < rules.slot_capacity:
        return
    later = [(day, n) for n in range(number + 1, len(PARTS))] + [
        (day + timedelta(days=offset), n)
        for offset in range(1, DAYS + 1)
        for n in range(len(PARTS))
    ]
    found = (_slot(place, taken, rules, at, last) for place in later)
    free = next((slot for slot in found if slot.open), None)
    raise SlotFull(next="—" if free is None else f"{free.day:%m-%d} {free.start:%H:%M}")


def _slot(place: Place, taken: Counter[Place], rules: Rules, at: datetime, last_day: date) -> Slot:
    day, number = place
    begin, end = PARTS[number]
    start = _first_half_hour(datetime.combine(day, time(begin), SHANGHAI), at, rules.hours)
    gone = start.date() != day or start.time() >= time(end) or day > last_day
    return Slot(day, start.time(), taken[place], rules.slot_capacity, gone)


def _first_half_hour(start: datetime, at: datetime, hours: CallingHours) -> datetime:
    """Return *start*, or the first half hour after *at* and within *hours*."""
    now = at.astimezone(SHANGHAI)
    if start <= now:
        past = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        start = past + _HALF_HOUR
    return hours.within(start).astimezone(SHANGHAI)


def _taken(
    session: Session, campaign_id: int, first: date, last: date, but: int = 0
) -> Counter[Place]:
    """Count the appointments from *first* to *last* that wait for their call."""
    begins = datetime.combine(first, time.min, SHANGHAI)
    starts = session.scalars(
        select(Appointment.window_start)
        .join(CaseSchedule, CaseSchedule.case_id == Appointment.case_id)
        .where(
            CaseSchedule.campaign_id == campaign_id,
            CaseSchedule.case_id != but,
            CaseSchedule.standing != Standing.OUT,
            CaseSchedule.tier.in_(AGREED),
            Appointment.kept_at.is_(None),
            Appointment.window_start >= begins,
            Appointment.window_start < begins + (last - first) + timedelta(days=1),
        )
    )
    return Counter(map(_place, starts))


def _place(moment: datetime) -> Place:
    local = moment.astimezone(SHANGHAI)
    ends = (number for number, (_, end) in enumerate(PARTS) if local.time() < time(end))
    return local.date(), next(ends, len(PARTS) - 1)
