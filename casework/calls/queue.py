"""Which case comes next, and giving it to exactly one operator.

Due cases are handed out by tier: what a supervisor pushed, hard appointments by the end of their
window, soft ones, and then recalls and fresh cases in the proportion that the supervisor set.
Within these the one comes first that was tried least in this part of the day; then priority, then
what has been due longest; among equals the order is random, so that no region waits for another.
What may not be called at all now is not in the claim's WHERE: nobody can be handed it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.accounts.skills import Skill
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.holding import LEASE, expire_due_leases
from casework.calls.models import Appointment, Attempt
from casework.calls.rules import Rules, rules_where
from casework.calls.schedule import SHANGHAI, CallingHours, DayPart, day_of, day_part
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import AGREED, Case, CaseSchedule, Standing, Tier
from casework.db import transaction
from casework.ledgers.projects import Project

_TRIES = 3  # a claim that lost a race looks again before it says that there is no work
OWNER_FIRST = timedelta(minutes=10)  #: how long an agreed time waits for whom it was agreed with
_TRIED = {
    DayPart.DAYTIME: CaseSchedule.tried_daytime,
    DayPart.EVENING: CaseSchedule.tried_evening,
    DayPart.WEEKEND: CaseSchedule.tried_weekend,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this case came up: its tier, how often it was tried, and the time agreed on."""

    tier: Tier
    tried: int
    window: tuple[datetime, datetime] | None


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
    reason: Reason


def claim_next_case(
    *, actor: User, at: datetime, hours: CallingHours | None = None
) -> Claim | None:
    """Give *actor* the next due case, or the one already held; None if nothing is due.

    Nothing new is handed out outside the hours of its campaign (of *hours*, if that is given),
    after the end of fieldwork, or in a campaign that is not calling.
    """
    with transaction() as session:
        one_claim_at_a_time(session, actor)
        expire_due_leases(session, at)
        held = session.scalar(select(Case).where(Case.holder_id == actor.id))
        if held is not None:
            return _claimed(session, held, resumed=True)
        case_id = _take(session, actor, at, hours)
        if case_id is None:
            return None
        case = session.get_one(
            Case, case_id, options=[joinedload(Case.schedule)], populate_existing=True
        )
        return give(session, case, actor=actor, at=at)


def one_claim_at_a_time(session: Session, actor: User) -> None:
    """Let a second claim of *actor* wait for the first, or two tabs would hold two cases."""
    if actor in session:
        session.refresh(actor, with_for_update={"key_share": True})
    else:  # a rehearsal keeps its people from one session to the next
        session.get_one(User, actor.id, with_for_update={"key_share": True})


def give(session: Session, case: Case, *, actor: User, at: datetime) -> Claim:
    """Put a case that was taken out of the queue on *actor*'s screen, under a new fence."""
    case.take(actor=actor, at=at)
    case.lease_until = at + LEASE
    case.fence += 1
    trail.record(
        session,
        AuditAction.CASE_CLAIM,
        actor_id=actor.id,
        at=at,
        subject=f"case:{case.id}",
        facts={"fence": case.fence, "tier": case.schedule.claimed_as},
    )
    return _claimed(session, case, resumed=False)


def reason_of(session: Session, case: Case) -> Reason:
    """Return why *case* came up when it was last claimed."""
    schedule = case.schedule
    tier = Tier(schedule.claimed_as or schedule.tier)
    window = None
    if tier in AGREED:
        agreed = session.scalar(
            select(Appointment)
            .where(Appointment.case_id == case.id)
            .order_by(Appointment.id.desc())
            .limit(1)
        )
        window = None if agreed is None else (agreed.window_start, agreed.window_end)
    return Reason(tier, schedule.tried, window)


def _claimed(session: Session, case: Case, *, resumed: bool) -> Claim:
    return Claim(
        case.id,
        case.fence,
        case.lease_until or case.schedule.due_at,  # a held case always has a lease
        resumed,
        case.code,
        case.project,
        case.entry_uid,
        reason_of(session, case),
    )


def _take(session: Session, actor: User, at: datetime, hours: CallingHours | None) -> int | None:
    """Take the first of the due cases out of the queue, by one statement; return its id."""
    open_now = {
        campaign_id: rules
        for campaign_id, rules in calling_campaigns(session, at).items()
        if (hours or rules.hours).contain(at)
    }
    if not open_now:
        return None
    promote_due(session, at)
    allowed = and_(CaseSchedule.standing == Standing.DUE, _allowed(actor, at, open_now))
    choices = _choices(session, actor, at, allowed, open_now)
    # The database looks for the next choice only if the one before it found nothing.
    first = func.coalesce(*(choice.scalar_subquery() for choice in choices))
    taken = (
        update(CaseSchedule)
        .where(CaseSchedule.case_id == first, CaseSchedule.standing == Standing.DUE)
        .values(standing=Standing.OUT, claimed_as=CaseSchedule.tier)
        .returning(CaseSchedule.case_id)
        .execution_options(synchronize_session=False)
    )
    for _ in range(_TRIES):
        if (case_id := session.scalar(taken)) is not None:
            return case_id
        if session.scalar(select(CaseSchedule.case_id).where(allowed).limit(1)) is None:
            return None
    return None


def calling_campaigns(session: Session, at: datetime) -> dict[int, Rules]:
    """Return the rules of the campaigns in which calls may be made on this day."""
    return rules_where(
        session,
        Campaign.state == CampaignState.CALLING,
        Campaign.fieldwork_ends_on >= day_of(at),
    )


def promote_due(session: Session, at: datetime) -> None:
    """Move the cases whose rest is over among the due ones."""
    session.execute(
        update(CaseSchedule)
        .where(CaseSchedule.standing == Standing.RESTING, CaseSchedule.due_at <= at)
        .values(standing=Standing.DUE)
        .execution_options(synchronize_session=False)
    )


def skills_for(actor: User) -> list[str]:
    """Return the skills of the cases that *actor* may get, the special ones first."""
    return [skill for skill in Skill if skill in actor.skills] + [""]


def _allowed(actor: User, at: datetime, campaigns: dict[int, Rules]) -> ColumnElement[bool]:
    """What must hold of a case before anybody may call it, and before *actor* may."""
    today = day_of(at)
    limits = or_(
        *(
            and_(
                CaseSchedule.campaign_id == campaign_id,
                CaseSchedule.tried < rules.calls_of_a_case,
                or_(
                    CaseSchedule.tried_on.is_(None),
                    CaseSchedule.tried_on != today,
                    CaseSchedule.tried_that_day < rules.calls_a_day,
                ),
            )
            for campaign_id, rules in campaigns.items()
        ),
        # Whoever agreed to a time is called at it.
        and_(CaseSchedule.campaign_id.in_(campaigns), CaseSchedule.tier <= Tier.SOFT_APPOINTMENT),
    )
    free = or_(
        CaseSchedule.owner_id.is_(None),
        CaseSchedule.owner_id == actor.id,
        CaseSchedule.owned_until <= at,
    )
    return and_(
        limits,
        free,
        or_(CaseSchedule.not_for_id.is_(None), CaseSchedule.not_for_id != actor.id),
        CaseSchedule.no_call.is_(False),
        CaseSchedule.due_at <= at,
        in_scope(actor, CaseSchedule.region_code),
    )


def _choices(
    session: Session,
    actor: User,
    at: datetime,
    allowed: ColumnElement[bool],
    campaigns: dict[int, Rules],
) -> Iterator[Select[int]]:
    """Yield what to look for, in this order; each finds its first case by one index."""
    skills = skills_for(actor)
    yield _first(
        allowed,
        CaseSchedule.tier <= Tier.SOFT_APPOINTMENT,
        or_(CaseSchedule.skill.in_(skills), CaseSchedule.owner_id == actor.id),
        order=(CaseSchedule.tier, CaseSchedule.window_end, CaseSchedule.turn),
    )
    tried = _TRIED[day_part(at)]
    order = (tried, CaseSchedule.priority, CaseSchedule.due_at, CaseSchedule.turn)
    for tier in _turns(session, actor, at, campaigns):
        for skill in skills:
            yield _first(
                allowed, CaseSchedule.tier == tier, CaseSchedule.skill == skill, order=order
            )


def _first(*conditions: ColumnElement[bool], order: Sequence[object]) -> Select[int]:
    # A case that somebody works on at this moment is passed by too, with its schedule.
    return (
        select(CaseSchedule.case_id)
        .join(Case, Case.id == CaseSchedule.case_id)
        .where(*conditions)
        .order_by(*order)  # type: ignore[arg-type]  # columns of several types
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _turns(
    session: Session, actor: User, at: datetime, campaigns: dict[int, Rules]
) -> tuple[Tier, Tier]:
    """Tell whether a fresh case or a recall is *actor*'s turn, by today's calls so far."""
    midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    calls = dict(
        session.execute(
            select(Attempt.claimed_as, func.count())
            .where(
                Attempt.operator_id == actor.id,
                Attempt.started_at >= midnight,
                Attempt.supersedes_id.is_(None),  # a corrected call is one call
            )
            .group_by(Attempt.claimed_as)
        ).all()
    )
    fresh, recalls = calls.get(Tier.FRESH, 0), calls.get(Tier.RECALL, 0)
    share = max(rules.fresh_share for rules in campaigns.values())
    if 100 * fresh < share * (fresh + recalls + 1):
        return Tier.FRESH, Tier.RECALL
    return Tier.RECALL, Tier.FRESH
