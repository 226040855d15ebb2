"""Which case comes next, and giving it to exactly one operator.

Due cases are handed out by tier: what a supervisor pushed, hard appointments by the end of their
window, soft ones, and then recalls and fresh cases in the proportion that the supervisor set.
Within these the one comes first that was tried least in this part of the day; then priority, then
what has been due longest; among equals the order is random, so that no region waits for another.
What may not be called at all now is not in the claim's WHERE: nobody can be handed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.audit.trail import Act
from casework.calls.holding import LEASE, act_on, expire_due_leases, first_lease_end
from casework.calls.models import Appointment, Attempt, CallingRules
from casework.calls.rules import RULES, Rules, rules_in
from casework.calls.schedule import SHANGHAI, CallingHours, day_of
from casework.calls.taking import Taken, first_rest_end, promote_due, take
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import AGREED, Case, Tier, hand_out
from casework.db import transaction
from casework.ledgers.projects import Project

OWNER_FIRST = timedelta(minutes=10)  #: how long an agreed time waits for whom it was agreed with
_IS_CALLING = and_(
    Campaign.state == CampaignState.CALLING, Campaign.fieldwork_ends_on >= bindparam("today")
)
_MY_TURN = select(User.id).where(User.id == bindparam("actor")).with_for_update(key_share=True)
_MINE_RAN_OUT = (
    select(Case.id)
    .where(Case.holder_id == bindparam("actor"), Case.lease_until <= bindparam("at"))
    .with_for_update()
)


def _calls_as(tier: Tier) -> ColumnElement[int]:
    return func.count().filter(Attempt.claimed_as == literal_column(str(int(tier))))


_CALLS_TODAY = (
    select(_calls_as(Tier.FRESH).label("fresh"), _calls_as(Tier.RECALL).label("recalls"))
    .where(
        Attempt.operator_id == bindparam("actor"),
        Attempt.started_at >= bindparam("midnight"),
        Attempt.ended_at.is_not(None),
        Attempt.supersedes_id.is_(None),  # a corrected call is one call
    )
    .subquery()
)
_HELD = select(Case.id).where(Case.holder_id == bindparam("actor")).limit(1)
#: One row for each campaign that is calling, and one without a campaign if none is.
_AT_HAND = select(
    Campaign.id,
    *RULES,
    _CALLS_TODAY,
    _HELD.scalar_subquery().label("held"),
    first_lease_end().scalar_subquery().label("lease_end"),
    first_rest_end().scalar_subquery().label("rest_end"),
).select_from(
    _CALLS_TODAY.outerjoin(Campaign, _IS_CALLING).outerjoin(
        CallingRules, CallingRules.campaign_id == Campaign.id
    )
)


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is to be known before an operator gets a case."""

    held: int | None  #: the case on the operator's screen
    fresh: int  #: the operator's calls of fresh cases that ended today
    recalls: int
    lease_end: datetime | None  #: of the first lease of all that runs out
    rest_end: datetime | None  #: of the first case of all whose rest is over
    rules: Mapping[int, Rules]  #: of the campaigns in which calls may be made today

    def after_call(self, tier: int | None) -> "AtHand":
        """Return the same after the operator reported the call of a case claimed as *tier*."""
        return replace(
            self,
            held=None,
            fresh=self.fresh + (tier == Tier.FRESH),
            recalls=self.recalls + (tier == Tier.RECALL),
        )


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
    acts: list[Act] = []
    with transaction() as session:
        one_claim_at_a_time(session, actor)
        _await_my_return(session, actor, at)
        hand = at_hand(session, actor, at)
        claim = next_claim(session, hand, acts, actor=actor, at=at, hours=hours)
        trail.record_all(session, acts)
        return claim


def next_claim(
    session: Session,
    hand: AtHand,
    acts: list[Act],
    *,
    actor: User,
    at: datetime,
    hours: CallingHours | None,
) -> Claim | None:
    """Do what ``claim_next_case`` does, in the caller's transaction; *acts* gets what was done."""
    session.flush()
    if hand.lease_end is not None and hand.lease_end <= at:
        expire_due_leases(session, at)  # mostly there is none, and looking for one costs a lock
        hand = at_hand(session, actor, at)
    if hand.held is not None:
        return _resumed(session, hand.held)
    open_now = {
        campaign_id: rules
        for campaign_id, rules in hand.rules.items()
        if (hours or rules.hours).contain(at)
    }
    if not open_now:
        return None
    if hand.rest_end is not None and hand.rest_end <= at:
        promote_due(session, at)
    taken = take(session, actor, at, _turns(hand, open_now), open_now)
    if taken is None:
        return None
    claim, act = give(session, taken, actor=actor, at=at)
    acts.append(act)
    return claim


def at_hand(session: Session, actor: User, at: datetime) -> AtHand:
    """Return what is to be known before *actor* gets a case."""
    given = {"actor": actor.id, "midnight": _midnight(at), "today": day_of(at)}
    rows = session.connection().execute(_AT_HAND, given).all()
    rules = {row.id: rules_in(row) for row in rows if row.id is not None}
    one = rows[0]
    return AtHand(one.held, one.fresh, one.recalls, one.lease_end, one.rest_end, rules)


def one_claim_at_a_time(session: Session, actor: User) -> None:
    """Let a second claim of *actor* wait for the first, or two tabs would hold two cases."""
    session.connection().execute(_MY_TURN, {"actor": actor.id})


def _await_my_return(session: Session, actor: User, at: datetime) -> None:
    """Wait for whoever takes back a case that *actor* held too long, or it would be given again.

    It comes before any other case is locked: two operators never wait for each other.
    """
    session.connection().execute(_MINE_RAN_OUT, {"actor": actor.id, "at": at})


def give(session: Session, taken: Taken, *, actor: User, at: datetime) -> tuple[Claim, Act]:
    """Put a case that was taken out of the queue on *actor*'s screen, under a new fence.

    What the session holds of the case is to be read anew; the act is still to be added to the
    trail.
    """
    until = at + LEASE
    row = hand_out(session.connection(), taken.case_id, actor=actor, at=at, until=until)
    claim = Claim(
        taken.case_id,
        row.fence,
        until,
        resumed=False,
        code=row.code,
        project=row.project,
        entry_uid=row.entry_uid,
        reason=reason_of(session, taken),
    )
    facts = {"fence": row.fence, "tier": taken.tier}
    return claim, act_on(taken.case_id, AuditAction.CASE_CLAIM, facts, actor=actor, at=at)


def reason_of(session: Session, taken: Taken) -> Reason:
    """Return why a case came up when it was last claimed."""
    window = None
    if taken.tier in AGREED:
        agreed = session.scalar(
            select(Appointment)
            .where(Appointment.case_id == taken.case_id)
            .order_by(Appointment.id.desc())
            .limit(1)
        )
        window = None if agreed is None else (agreed.window_start, agreed.window_end)
    return Reason(taken.tier, taken.tried, window)


def _resumed(session: Session, case_id: int) -> Claim:
    case = session.get_one(Case, case_id, populate_existing=True)
    return Claim(
        case.id,
        case.fence,
        case.lease_until or case.schedule.due_at,  # a held case always has a lease
        resumed=True,
        code=case.code,
        project=case.project,
        entry_uid=case.entry_uid,
        reason=reason_of(session, Taken.of(case.schedule)),
    )


def _midnight(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def _turns(hand: AtHand, campaigns: Mapping[int, Rules]) -> tuple[Tier, Tier]:
    """Tell whether a fresh case or a recall is an operator's turn, by today's calls so far."""
    share = max(rules.fresh_share for rules in campaigns.values())
    if 100 * hand.fresh < share * (hand.fresh + hand.recalls + 1):
        return Tier.FRESH, Tier.RECALL
    return Tier.RECALL, Tier.FRESH
