"""Which case comes next, giving it to exactly one operator, and why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.holding import LEASE, expire_due_leases
from casework.calls.schedule import CALLING_HOURS, SHANGHAI, CallingHours
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case
from casework.db import db, transaction
from casework.ledgers.projects import Project

_TRIES = 3  # a claim that lost a race looks again before it says that there is no work


@dataclass(frozen=True, slots=True)
class Claim:
    """A case on one operator's screen. Every later write names *case_id* and *fence*."""

    case_id: int
    fence: int
    lease_until: datetime
    resumed: bool  #: the operator held it already
    code: str
    project: Project
    entry_uid: str


class Waiting(StrEnum):
    """Why an open case is not handed out now."""

    APPOINTMENT_LATER = "appointment_later"
    REST_LATER = "rest_later"
    DUE_NOW = "due_now"  #: due, though not in these hours
    HELD = "held"
    ESCALATED = "escalated"
    NOT_RELEASED = "not_released"


@dataclass(frozen=True, slots=True)
class WaitingCases:
    reason: Waiting
    cases: int
    next_at: datetime | None  #: when the first of them can be called, if that is known


@dataclass(frozen=True, slots=True)
class EmptyQueue:
    """Where the open cases are. The numbers of the rows add up to all of them."""

    rows: tuple[WaitingCases, ...]
    next_at: datetime | None
    outside_hours: bool

    @property
    def cases(self) -> int:
        return sum(row.cases for row in self.rows)

    @property
    def due_now(self) -> int:
        return sum(row.cases for row in self.rows if row.reason is Waiting.DUE_NOW)


def claim_next_case(
    *, actor: User, at: datetime, hours: CallingHours = CALLING_HOURS
) -> Claim | None:
    """Give *actor* the next due case, or the one already held; None if nothing is due.

    Appointments come first, then what has been due longest. Outside the calling hours, after the
    end of fieldwork and in a campaign that is not calling, nothing new is handed out.
    """
    with transaction() as session:
        # One claim at a time for one person, or two tabs would hold two cases.
        session.execute(select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
        expire_due_leases(session, at)
        held = session.scalar(
            select(Case).where(Case.holder_id == actor.id, Case.state == CaseState.HELD)
        )
        if held is not None:
            return _claimed(held, resumed=True)
        case = _next_case(session, actor, at) if hours.contain(at) else None
        if case is None:
            return None
        case.apply(CaseAction.CLAIM, actor=actor, at=at)
        case.lease_until = at + LEASE
        case.fence += 1
        trail.record(
            session,
            AuditAction.CASE_CLAIM,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"fence": case.fence},
        )
        return _claimed(case, resumed=False)


def _claimed(case: Case, *, resumed: bool) -> Claim:
    lease_until = case.lease_until or case.due_at  # a held case always has a lease
    return Claim(case.id, case.fence, lease_until, resumed, case.code, case.project, case.entry_uid)


def _next_case(session: Session, actor: User, at: datetime) -> Case | None:
    due = and_(_callable(actor, at, session), Case.due_at <= at)
    for _ in range(_TRIES):
        for appointment in (True, False):
            first = (
                select(Case)
                .where(due, Case.has_appointment.is_(appointment))
                .order_by(Case.due_at, Case.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=Case)
            )
            if (case := session.scalar(first)) is not None:
                return case
        if session.scalar(select(Case.id).where(due).limit(1)) is None:
            return None
    return None


def _callable(actor: User, at: datetime, session: Session) -> ColumnElement[bool]:
    today = at.astimezone(SHANGHAI).date()
    calling = session.scalars(
        select(Campaign.id).where(
            Campaign.state == CampaignState.CALLING, Campaign.fieldwork_ends_on >= today
        )
    ).all()
    return and_(
        Case.state == CaseState.READY,
        Case.campaign_id.in_(calling),
        in_scope(actor, Case.region_code),
    )


def why_empty(*, actor: User, at: datetime, hours: CallingHours = CALLING_HOURS) -> EmptyQueue:
    """Say where the open cases are and when the next one can be called."""
    rows = tuple(row for row in _waiting(db.session(), actor, at, hours) if row.cases)
    times = [row.next_at for row in rows if row.next_at is not None]
    return EmptyQueue(rows, min(times, default=None), outside_hours=not hours.contain(at))


def _waiting(
    session: Session, actor: User, at: datetime, hours: CallingHours
) -> Iterator[WaitingCases]:
    ready, later = _callable(actor, at, session), Case.due_at > at
    appointment = Case.has_appointment.is_(True)
    yield _counted(session, Waiting.DUE_NOW, and_(ready, Case.due_at <= at), at, hours)
    yield _counted(session, Waiting.APPOINTMENT_LATER, and_(ready, later, appointment), at, hours)
    yield _counted(session, Waiting.REST_LATER, and_(ready, later, ~appointment), at, hours)
    scope = in_scope(actor, Case.region_code)
    held = and_(Case.state == CaseState.HELD, scope)
    cases, freed = session.execute(
        select(func.count(), func.min(Case.lease_until)).where(held)
    ).one()
    yield WaitingCases(Waiting.HELD, cases, hours.within(freed) if freed is not None else None)
    with_supervisor = select(func.count()).where(Case.state == CaseState.ESCALATED, scope)
    yield WaitingCases(Waiting.ESCALATED, session.scalar(with_supervisor) or 0, None)
    if not actor.sees_all_regions:  # how large the sample is, is secret
        return
    sealed = (
        select(func.sum(Replicate.entries))
        .join(Campaign, Campaign.id == Replicate.campaign_id)
        .where(Campaign.state == CampaignState.CALLING, Replicate.released_at.is_(None))
    )
    yield WaitingCases(Waiting.NOT_RELEASED, session.scalar(sealed) or 0, None)


def _counted(
    session: Session,
    reason: Waiting,
    condition: ColumnElement[bool],
    at: datetime,
    hours: CallingHours,
) -> WaitingCases:
    counted = select(func.count(), func.min(Case.due_at)).where(condition)
    cases, first = session.execute(counted).one()
    next_at = hours.within(max(first, at)) if cases else None
    return WaitingCases(reason, cases, next_at)
