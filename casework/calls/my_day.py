"""An operator's own day: closed calls, how many in each hour, and the times agreed on."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.calls.corrections import CORRECTABLE_FOR, is_untouched
from casework.calls.desk import midnight, seconds_of
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Appointment, Attempt, stands
from casework.calls.operators import an_hour, hours_at_work
from casework.calls.schedule import SHANGHAI
from casework.cases.models import Case, CaseSchedule, Standing
from casework.cases.numbers import masked_name
from casework.cases.phone_result import Ending
from casework.db import db
from casework.regions.tree import load_tree

_REFUSALS = frozenset({Ending.REFUSED, Ending.REFUSED_FOR_GOOD})
_BREAK_OFF = "14"  # a refusal in the rates; people count it apart


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a call was closed with before it was corrected; kept as evidence."""

    disposition: str
    outcome: str
    note: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One closed call of the day."""

    attempt_uid: str
    at: datetime
    code: str
    name: str  #: covered
    place: str
    disposition: str
    outcome: str
    note: str
    seconds: float
    dialled_at: datetime | None  #: None if the desk knows of no call
    corrected_by: str  #: the supervisor who corrected it, or ""
    correctable_until: datetime | None  #: None if that is over, or somebody took the case since
    before: tuple[Corrected, ...]  #: the latest first


@dataclass(frozen=True, slots=True)
class AgreedTime:
    start: datetime
    end: datetime
    name: str  #: covered
    place: str
    note: str


@dataclass(frozen=True, slots=True)
class HourOfWork:
    """One clock hour in Shanghai with a closed call in it."""

    hour: int
    calls: int
    completed: int


@dataclass(frozen=True, slots=True)
class MyDay:
    """An operator's own day. Rates rest on closed calls only."""

    rows: tuple[DayRow, ...]  #: the newest first
    completed: int
    provisional: int  #: interviews by proxy or in part, which do not count as completed
    refused: int
    broken_off: int  #: in the middle of the interview
    seconds: float  #: mean length of a call
    appointments: tuple[AgreedTime, ...]
    hours: tuple[HourOfWork, ...]  #: the earliest first
    completed_an_hour: float | None  #: as on the supervisor's board; None in the first minutes

    @property
    def calls(self) -> int:
        return len(self.rows)


def my_day(*, actor: User, at: datetime) -> MyDay:
    """Return the closed calls of *actor* since midnight, and the times agreed on and not kept."""
    session = db.session()
    closed = session.scalars(
        select(Attempt)
        .where(
            Attempt.operator_id == actor.id,
            Attempt.ended_at >= midnight(at),
            Attempt.disposition != "",
            stands(),
        )
        .order_by(Attempt.ended_at.desc(), Attempt.id.desc())
        .options(joinedload(Attempt.corrected_by), joinedload(Attempt.case).joinedload(Case.entry))
    ).all()
    places, corrected = load_tree(), _corrected(session, actor, at)
    rows = tuple(
        DayRow(
            attempt_uid=attempt.uid,
            at=attempt.ended_at or attempt.started_at,
            code=attempt.case.code,
            name=masked_name(attempt.case.entry.name),
            place=places.name(attempt.case.region_code),
            disposition=attempt.disposition,
            outcome=attempt.outcome,
            note=attempt.note,
            seconds=seconds_of(attempt),
            dialled_at=attempt.dialled_at,
            corrected_by=attempt.corrected_by.name if attempt.corrected_by else "",
            correctable_until=_correctable_until(session, attempt, actor, at),
            before=tuple(_before(attempt, corrected)),
        )
        for attempt in closed
    )
    endings = [all_dispositions()[row.disposition].ending for row in rows]
    completed = endings.count(Ending.ANSWERED)
    broken_off = sum(row.disposition == _BREAK_OFF for row in rows)
    return MyDay(
        rows=rows,
        completed=completed,
        provisional=endings.count(Ending.PROVISIONAL),
        refused=sum(end in _REFUSALS for end in endings) - broken_off,
        broken_off=broken_off,
        seconds=sum(row.seconds for row in rows) / len(rows) if rows else 0.0,
        appointments=_agreed_times(session, actor),
        hours=_hours(rows, endings),
        completed_an_hour=an_hour(completed, hours_at_work(session, actor, at)),
    )


def _corrected(session: Session, actor: User, at: datetime) -> dict[int, Attempt]:
    """Return the closed calls of the day that a later row replaced, by id."""
    replaced = session.scalars(
        select(Attempt).where(
            Attempt.operator_id == actor.id,
            Attempt.ended_at >= midnight(at),
            Attempt.disposition != "",
            ~stands(),
        )
    )
    return {attempt.id: attempt for attempt in replaced}


def _before(attempt: Attempt, corrected: Mapping[int, Attempt]) -> Iterator[Corrected]:
    old = corrected.get(attempt.supersedes_id or 0)
    while old is not None:
        yield Corrected(old.disposition, old.outcome, old.note)
        old = corrected.get(old.supersedes_id or 0)


def _correctable_until(
    session: Session, attempt: Attempt, actor: User, at: datetime
) -> datetime | None:
    until = (attempt.ended_at or attempt.started_at) + CORRECTABLE_FOR
    in_time = at <= until and is_untouched(session, attempt.case, attempt, actor)
    return until if in_time else None


def _hours(rows: Sequence[DayRow], endings: Sequence[Ending]) -> tuple[HourOfWork, ...]:
    hours = [row.at.astimezone(SHANGHAI).hour for row in rows]
    calls = Counter(hours)
    completed = Counter(
        hour for hour, ending in zip(hours, endings, strict=True) if ending is Ending.ANSWERED
    )
    return tuple(HourOfWork(hour, calls[hour], completed[hour]) for hour in sorted(calls))


def _agreed_times(session: Session, actor: User) -> tuple[AgreedTime, ...]:
    pending = session.execute(
        select(Appointment, Attempt)
        .join(Attempt, Attempt.id == Appointment.attempt_id)
        .join(CaseSchedule, CaseSchedule.case_id == Appointment.case_id)
        .where(
            Appointment.owner_id == actor.id,
            Appointment.kept_at.is_(None),
            CaseSchedule.standing != Standing.OUT,
        )
        .order_by(Appointment.window_start)
        .limit(20)
    )
    places = load_tree()
    return tuple(
        AgreedTime(
            start=appointment.window_start,
            end=appointment.window_end,
            name=masked_name(attempt.case.entry.name),
            place=places.name(attempt.case.region_code),
            note=attempt.note,
        )
        for appointment, attempt in pending
    )
