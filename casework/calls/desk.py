"""What the operator's desk shows of the case on the screen. Reading only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.calls.attempts import on_the_way, walk_of
from casework.calls.caller import Caller, caller_of
from casework.calls.dialling import ringing
from casework.calls.history import calls_of, numbers_of, past_calls
from casework.calls.models import Appointment, Attempt
from casework.calls.queue import Reason, reason_of
from casework.calls.same_person import put_off_until
from casework.calls.schedule import SHANGHAI
from casework.calls.script import Question, Walk, script_for
from casework.calls.supervision import Reply, replies_to
from casework.calls.taking import Taken
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.numbers import masked
from casework.cases.phone_result import numbers_left
from casework.db import db
from casework.ledgers.codes import words_of
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree


@dataclass(frozen=True, slots=True)
class PastAttempt:
    at: datetime
    disposition: str  #: "" if the call was interrupted
    note: str
    operator: str


@dataclass(frozen=True, slots=True)
class Person:
    """What an operator may see of the person: harmless facts, never the identity number."""

    name: str
    sex: str  #: 男, 女 or "" if the ledger does not say
    born: str  #: year of birth
    place: str
    city: str
    county: str
    row: int  #: in the ledger
    started_on: date | None
    enterprise: str
    details: dict[str, str]  #: the ledger's columns that the script refers to


@dataclass(frozen=True, slots=True)
class Agreed:
    """A time agreed on, with what was noted when it was."""

    start: datetime
    end: datetime
    note: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The case on one operator's screen."""

    case_id: int
    fence: int
    code: str
    reason: Reason  #: why it came up
    project: Project
    campaign_id: int
    campaign: str
    year: int
    replicate: int
    lease_until: datetime
    person: Person
    numbers: tuple[str, ...]  #: covered
    number: int  #: the one dialled, or to be dialled next
    calls_before: tuple[PastAttempt, ...]
    dialled_at: datetime | None
    line: str  #: what dialled the call that goes on, as ``PlacedCall`` names it; "" without one
    attempt_uid: str  #: "" before the call
    walk: Walk
    set_aside: tuple[Question, ...]  #: answered before another way was taken; they do not count
    words: dict[str, str]  #: written down with an answer, by question
    note: str  #: of this call, saved while it is typed
    waiver_read_at: datetime | None
    appointment: Agreed | None  #: for which the call is made now
    last_day: date  #: of fieldwork
    put_off_until: datetime | None  #: the person spoke for another project meanwhile
    caller: Caller
    replies: tuple[Reply, ...]  #: of supervisors to whom the case was handed

    @property
    def ringing(self) -> bool:
        """Whether a call was made, or came in, and was not hung up."""
        return bool(self.line)


#: Columns of the ledger that a script names or the operator may confirm.
_SHOWN = ("employer", "employ_form", "hardship_type", "education", "work_region", "channel")


def open_case(*, actor: User) -> OpenCase | None:
    """Return the case that *actor* holds, or None."""
    session = db.session()
    case = session.scalar(
        select(Case)
        .where(Case.holder_id == actor.id)
        .options(joinedload(Case.entry), joinedload(Case.campaign), joinedload(Case.region))
    )
    return None if case is None else _opened(session, case)


def _opened(session: Session, case: Case) -> OpenCase:
    calls = calls_of(session, case.id)
    attempt, attempts = calls.under(case.fence), calls.known
    numbers = numbers_of(case, attempts)
    left = numbers_left(past_calls(attempts), len(numbers))
    dialled = attempt is not None and attempt.dialled_at is not None
    saved = attempt.answers if attempt else {}
    line = ringing(session, attempt) if attempt else None
    return OpenCase(
        case_id=case.id,
        fence=case.fence,
        code=case.code,
        reason=reason_of(session, Taken.of(case.schedule)),
        project=case.project,
        campaign_id=case.campaign_id,
        campaign=case.campaign.name,
        year=case.campaign.year,
        replicate=case.replicate,
        lease_until=case.lease_until or case.schedule.due_at,
        person=_person(case),
        numbers=tuple(map(masked, numbers)),
        number=attempt.number_used if attempt and dialled else next(iter(left), 0),
        calls_before=_calls_before(session, [a for a in attempts if a is not attempt]),
        dialled_at=attempt.dialled_at if attempt else None,
        line=line.dialler if line else "",
        attempt_uid=attempt.uid if attempt else "",
        walk=walk_of(case, saved),
        set_aside=_set_aside(case, saved),
        words={key: given["words"] for key, given in saved.items() if isinstance(given, dict)},
        note=attempt.note if attempt else "",
        waiver_read_at=attempt.waiver_read_at if attempt else None,
        appointment=_appointment(session, case) if case.schedule.has_appointment else None,
        last_day=case.campaign.fieldwork_ends_on,
        put_off_until=put_off_until(case),
        caller=caller_of(session, case.campaign_id),
        # A re-call knows nothing of what went before it.
        replies=tuple(replies_to(case.id)) if case.state is CaseState.HELD else (),
    )


def _set_aside(case: Case, saved: Mapping[str, Any]) -> tuple[Question, ...]:
    questions, counted = script_for(case.project).questions, on_the_way(case, saved)
    return tuple(questions[id_] for id_ in saved if id_ not in counted)


def _person(case: Case) -> Person:
    entry, tree = case.entry, load_tree()
    details = {key: words_of(key, str(entry.details.get(key) or "")) for key in _SHOWN}
    identity = entry.id_no
    unit = tree.by_code[entry.region.unit_code or entry.region_code].name
    return Person(
        name=entry.name,
        sex=words_of("sex", str(entry.details.get("sex") or "")),
        born=identity[6:10],
        place=tree.name(entry.region_code),
        city=unit,
        county="" if entry.region.is_unit else entry.region.name,
        row=entry.row,
        started_on=entry.started_on,
        enterprise=entry.enterprise,
        details=details,
    )


def _calls_before(session: Session, attempts: Sequence[Attempt]) -> tuple[PastAttempt, ...]:
    operators = {a.operator_id for a in attempts}
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_(operators))).all())
    return tuple(
        PastAttempt(a.started_at, a.disposition, a.note, names[a.operator_id]) for a in attempts
    )


def _appointment(session: Session, case: Case) -> Agreed | None:
    found = session.execute(
        select(Appointment, Attempt)
        .join(Attempt, Attempt.id == Appointment.attempt_id)
        .where(Appointment.case_id == case.id, Appointment.kept_at.is_(None))
        .order_by(Appointment.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    agreed, attempt = found
    return Agreed(agreed.window_start, agreed.window_end, attempt.note)


def seconds_of(attempt: Attempt) -> float:
    """Return how long a closed call took, from dialling to its end."""
    begin = attempt.dialled_at or attempt.started_at
    return ((attempt.ended_at or begin) - begin).total_seconds()


def midnight(at: datetime) -> datetime:
    """Return the midnight in Shanghai before *at*."""
    local = at.astimezone(SHANGHAI)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return start.astimezone(at.tzinfo)
