"""Why there is no case now, and when the next one comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.calls.queue import at_hand
from casework.calls.schedule import CALLING_HOURS, CallingHours
from casework.calls.taking import skills_for
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.lifecycle import CaseState
from casework.cases.models import AGREED, Case, CaseSchedule, Standing, Tier
from casework.db import db


class Waiting(StrEnum):
    """Why an open case is not handed out now."""

    APPOINTMENT_LATER = "appointment_later"
    REST_LATER = "rest_later"
    DUE_NOW = "due_now"  #: due, though not in these hours
    OTHER_SKILL = "other_skill"
    OF_A_COLLEAGUE = "of_a_colleague"  #: agreed with or pushed to somebody else, who goes first
    NO_CALL = "no_call"
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
    hours: CallingHours  #: in which calls are made now

    @property
    def cases(self) -> int:
        return sum(row.cases for row in self.rows)

    @property
    def due_now(self) -> int:
        return sum(row.cases for row in self.rows if row.reason is Waiting.DUE_NOW)


def why_empty(*, actor: User, at: datetime, hours: CallingHours | None = None) -> EmptyQueue:
    """Say where the open cases are and when the next one can be called."""
    session = db.session()
    campaigns = at_hand(session, actor, at).rules
    # Where campaigns differ, the first to open tells when work resumes.
    known = [hours] if hours else [rules.hours for rules in campaigns.values()]
    hours_now = min(known or [CALLING_HOURS], key=lambda h: h.within(at))
    rows = tuple(
        row for row in _waiting(session, actor, at, hours_now, list(campaigns)) if row.cases
    )
    times = [row.next_at for row in rows if row.next_at is not None]
    outside = not hours_now.contain(at)
    return EmptyQueue(rows, min(times, default=None), outside_hours=outside, hours=hours_now)


def _waiting(
    session: Session, actor: User, at: datetime, hours: CallingHours, campaigns: list[int]
) -> Iterator[WaitingCases]:
    later = CaseSchedule.due_at > at
    # Interviews to be repeated are nobody's business before their turn, and never that of whoever
    # made them: a count that rises would tell.
    told = or_(CaseSchedule.not_for_id.is_(None), and_(~later, CaseSchedule.not_for_id != actor.id))
    ready = and_(
        CaseSchedule.standing != Standing.OUT,
        CaseSchedule.campaign_id.in_(campaigns),
        in_scope(actor, CaseSchedule.region_code),
        told,
    )
    mine = or_(
        CaseSchedule.skill.in_(skills_for(actor)),
        and_(CaseSchedule.tier <= Tier.SOFT_APPOINTMENT, CaseSchedule.owner_id == actor.id),
    )
    taken = and_(
        CaseSchedule.owner_id.is_not(None),
        CaseSchedule.owner_id != actor.id,
        CaseSchedule.owned_until > at,
    )
    agreed = CaseSchedule.tier.in_(AGREED)
    left = ready
    for reason, condition in (
        (Waiting.NO_CALL, CaseSchedule.no_call.is_(True)),
        (Waiting.OTHER_SKILL, ~mine),
        (Waiting.APPOINTMENT_LATER, and_(later, agreed)),
        (Waiting.REST_LATER, later),
        (Waiting.OF_A_COLLEAGUE, taken),
    ):
        never = reason in {Waiting.NO_CALL, Waiting.OTHER_SKILL}
        yield _counted(session, reason, and_(left, condition), at, None if never else hours)
        # A condition may be unknown (NULL), which must not take a case out of the rest.
        left = and_(left, or_(~condition, condition.is_(None)))
    yield _counted(session, Waiting.DUE_NOW, left, at, hours)
    scope = in_scope(actor, Case.region_code)
    held = and_(Case.holder_id.is_not(None), scope)
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
    hours: CallingHours | None,
) -> WaitingCases:
    first_at = func.min(
        CaseSchedule.owned_until if reason is Waiting.OF_A_COLLEAGUE else CaseSchedule.due_at
    )
    cases, first = session.execute(select(func.count(), first_at).where(condition)).one()
    next_at = hours.within(max(first, at)) if first is not None and hours else None
    return WaitingCases(reason, cases, next_at)
