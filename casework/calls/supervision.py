"""The supervisor: what the floor does now, and the cases that operators handed over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, aliased

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope, must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.desk import midnight, seconds_of
from casework.calls.dispositions import all_dispositions
from casework.calls.history import attempts_of, numbers_of, past_calls
from casework.calls.holding import LEASE, locked_case
from casework.calls.leads import lead_cause
from casework.calls.models import Appointment, Attempt
from casework.campaigns.models import Campaign, CampaignState, Stratum
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import AGREED, Case, CaseSchedule, Tier
from casework.cases.phone_result import Ending, phone_result
from casework.db import db, transaction
from casework.errors import NotAllowedNow
from casework.ledgers.projects import Project

_REFUSALS = frozenset({Ending.REFUSED, Ending.REFUSED_FOR_GOOD})


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One operator's day. Rates rest on closed calls only."""

    login: str
    name: str
    case_code: str  #: on the screen now, or ""
    calling_since: datetime | None  #: dialled and not closed
    last_seen: datetime | None
    lost: bool  #: holds a case and has not been heard of for two minutes
    calls: int
    completed: int
    refused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Escalated:
    case_id: int
    code: str
    disposition: str
    note: str
    operator: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    code: str
    start: datetime
    end: datetime
    owner: str


@dataclass(frozen=True, slots=True)
class UnitProgress:
    unit_code: str
    cases: int
    finished: int


@dataclass(frozen=True, slots=True)
class Board:
    """The floor at one moment."""

    states: dict[Project, dict[CaseState, int]]
    operators: tuple[OperatorRow, ...]
    escalated: tuple[Escalated, ...]
    overdue: tuple[Overdue, ...]
    units: tuple[UnitProgress, ...]


def board(*, actor: User, at: datetime) -> Board:
    """Return what *actor* may see of the campaigns that are calling."""
    session = db.session()
    seen = _seen(session, actor)
    return Board(
        states=_states(session, seen),
        operators=_operators(session, at),
        escalated=_escalated(session, seen),
        overdue=_overdue(session, seen, at),
        units=_units(session, seen),
    )


def return_case(case_id: int, *, actor: User, at: datetime) -> None:
    """Give an escalated case back to the operators, due now.

    Raises NotFound, TransitionNotAllowed if it is not with the supervisor any more.
    """
    with transaction() as session:
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        case.apply(CaseAction.RETURN, actor=actor, at=at)
        case.schedule.due_at, case.schedule.tier = at, Tier.RECALL
        case.schedule.owner_id = case.schedule.owned_until = None
        trail.record(
            session, AuditAction.CASE_RELEASE, actor_id=actor.id, at=at, subject=f"case:{case.id}"
        )


def finish_case(case_id: int, *, actor: User, at: datetime) -> None:
    """End the calls of an escalated case with what its calls so far established.

    Raises NotFound, NotAllowedNow if it is not with the supervisor any more.
    """
    with transaction() as session:
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        if case.state is not CaseState.ESCALATED:
            raise NotAllowedNow(case=case.code)
        attempts = attempts_of(session, case.id)
        history, numbers = past_calls(attempts), numbers_of(case, attempts)
        result = phone_result(history, len(numbers), over=True)
        if result is None:
            raise NotAllowedNow(case=case.code)
        last = max(history, key=lambda call: call.ended_at, default=None)
        cause = lead_cause(last.code if last else "", result.outcome)
        case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
        trail.record(
            session,
            AuditAction.OUTCOME_RECORD,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"outcome": result.outcome},
        )


def _seen(session: Session, actor: User) -> ColumnElement[bool]:
    calling = session.scalars(
        select(Campaign.id).where(Campaign.state == CampaignState.CALLING)
    ).all()
    return Case.campaign_id.in_(calling) & in_scope(actor, Case.region_code)


def _states(session: Session, seen: ColumnElement[bool]) -> dict[Project, dict[CaseState, int]]:
    counted = select(Case.project, Case.state, func.count()).where(seen)
    states: dict[Project, dict[CaseState, int]] = defaultdict(dict)
    for project, state, cases in session.execute(counted.group_by(Case.project, Case.state)):
        states[project][state] = cases
    return dict(states)


def _operators(session: Session, at: datetime) -> tuple[OperatorRow, ...]:
    today = session.scalars(select(Attempt).where(Attempt.started_at >= midnight(at))).all()
    by_operator: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in today:
        by_operator[attempt.operator_id].append(attempt)
    held = {
        row.holder_id: row
        for row in session.scalars(select(Case).where(Case.state == CaseState.HELD))
    }
    operators = session.scalars(
        select(User).where(User.role == Role.OPERATOR, User.active).order_by(User.login)
    )
    return tuple(
        _operator(operator, by_operator[operator.id], held.get(operator.id), at)
        for operator in operators
    )


def _operator(
    operator: User, attempts: Sequence[Attempt], held: Case | None, at: datetime
) -> OperatorRow:
    closed = [attempt for attempt in attempts if attempt.disposition]
    endings = [all_dispositions()[attempt.disposition].ending for attempt in closed]
    talking = [a for a in attempts if not a.ended_at and a.dialled_at]
    heard = [a.ended_at or a.started_at for a in attempts]
    heartbeat = held.lease_until - LEASE if held and held.lease_until else None
    return OperatorRow(
        login=operator.login,
        name=operator.name,
        case_code=held.code if held else "",
        calling_since=talking[-1].dialled_at if talking else None,
        last_seen=max([*heard, *filter(None, [heartbeat])], default=None),
        lost=heartbeat is not None and (at - heartbeat).total_seconds() > 2 * 60,
        calls=len(closed),
        completed=endings.count(Ending.ANSWERED),
        refused=sum(ending in _REFUSALS for ending in endings),
        seconds=sum(map(seconds_of, closed)) / len(closed) if closed else 0.0,
    )


def _escalated(session: Session, seen: ColumnElement[bool]) -> tuple[Escalated, ...]:
    newest = select(func.max(Attempt.id)).where(Attempt.disposition != "").group_by(Attempt.case_id)
    rows = session.execute(
        select(Case, Attempt, User.name)
        .join(Attempt, Attempt.case_id == Case.id)
        .join(User, User.id == Attempt.operator_id)
        .where(seen, Case.state == CaseState.ESCALATED, Attempt.id.in_(newest))
        .order_by(Attempt.ended_at)
    )
    return tuple(
        Escalated(
            row.id,
            row.code,
            attempt.disposition,
            attempt.note,
            name,
            attempt.ended_at or attempt.started_at,
        )
        for row, attempt, name in rows
    )


def _overdue(session: Session, seen: ColumnElement[bool], at: datetime) -> tuple[Overdue, ...]:
    owner = aliased(User)
    rows = session.execute(
        select(Case.code, Appointment.window_start, Appointment.window_end, owner.name)
        .join(CaseSchedule, CaseSchedule.case_id == Case.id)
        .join(Appointment, Appointment.case_id == Case.id)
        .join(owner, owner.id == Appointment.owner_id)
        .where(
            seen,
            Case.state == CaseState.READY,
            CaseSchedule.tier.in_(AGREED),
            Appointment.kept_at.is_(None),
            Appointment.window_end < at,
        )
        .order_by(Appointment.window_end)
        .limit(50)
    )
    return tuple(Overdue(*row) for row in rows)


def _units(session: Session, seen: ColumnElement[bool]) -> tuple[UnitProgress, ...]:
    open_states = (CaseState.READY, CaseState.HELD, CaseState.ESCALATED)
    finished = func.sum(case((Case.state.in_(open_states), 0), else_=1))
    rows = session.execute(
        select(Stratum.unit_code, func.count(), finished)
        .join(Case, Case.stratum_id == Stratum.id)
        .where(seen)
        .group_by(Stratum.unit_code)
        .order_by(Stratum.unit_code)
    )
    return tuple(UnitProgress(*row) for row in rows)
