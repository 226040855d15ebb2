"""Blind re-calls: some interviews are held again by somebody else, who cannot tell.

A random share of the interviews is called again (the case's sealed number decides, as for visits),
and at least twenty of an operator whom a supervisor wants to know more of. To the desk a re-call
is a call like any other: the interview before it is not shown (history.py), and the operator who
held that one does not get it (queue.py).

A re-call never changes what the phone established. Where one interview finds the claim true and
the other does not, a supervisor settles it: by a lead, so that it is looked at on site, or by
words that explain it. The lead's cause is the outcome that denies the claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.blind_calls import (
    choose_recall,
    finds_true,
    recall_number,
    seed_of,
)
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt, stands
from casework.calls.recall_models import (
    Recall,
    RecallPlan,
    RecallReason,
    Settlement,
)
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import RESOLVED, Case
from casework.db import db, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound

OF_ONE_OPERATOR = 20  #: interviews, at least, to judge one operator by


@dataclass(frozen=True, slots=True)
class LeftToCall:
    """The interviews of one operator that may still be called again."""

    exist: int
    taken: int  #: of them at most, with those chosen before


class ShareUnusable(CaseworkError):
    """The share of re-calls must lie between 0 and 100 %."""


class ExplanationMissing(CaseworkError):
    """A contradiction is settled without a look on site only by words that explain it."""


def set_recall_share(campaign_id: int, share: float, *, actor: User, at: datetime) -> int:
    """Set which share of a campaign's interviews is called again; return how many were chosen now.

    A share that rises also chooses among the interviews held so far; one that falls takes back
    nothing. Raises ShareUnusable, NotFound, NotAllowedNow unless the campaign is calling.
    """
    if not 0 <= share <= 1:
        raise ShareUnusable(share=share)
    with transaction() as session:
        campaign = _calling(session, campaign_id, actor)
        plan = session.get(RecallPlan, campaign_id) or RecallPlan(campaign_id=campaign_id)
        plan.share, plan.changed_by_id, plan.changed_at = share, actor.id, at
        session.add(plan)
        seed = seed_of(session, campaign_id)
        chosen = [
            interview
            for interview in session.scalars(_interviews(campaign_id)).all()
            if recall_number(seed, interview.case) < share
            and choose_recall(session, campaign, interview, RecallReason.RANDOM, actor=None, at=at)
        ]
        trail.record(
            session,
            AuditAction.RECALL_SHARE_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"share": share, "chosen": len(chosen)},
        )
    return len(chosen)


def recall_operator(campaign_id: int, operator_id: int, *, actor: User, at: datetime) -> int:
    """Have interviews of one operator held again, twenty with those chosen before; return how many.

    Those with the smallest sealed numbers are taken, so that nobody picks them by hand.
    Raises NotFound, NotAllowedNow unless the campaign is calling.
    """
    with transaction() as session:
        campaign = _calling(session, campaign_id, actor)
        if session.get(User, operator_id) is None:
            raise NotFound(user=operator_id)
        so_far = session.scalar(
            select(func.count()).where(
                Recall.campaign_id == campaign_id, Recall.operator_id == operator_id
            )
        )
        wanted = max(OF_ONE_OPERATOR - (so_far or 0), 0)
        seed = seed_of(session, campaign_id)
        own = _interviews(campaign_id).where(Attempt.operator_id == operator_id)
        interviews = sorted(
            session.scalars(own).all(), key=lambda one: recall_number(seed, one.case)
        )
        chosen = [
            interview
            for interview in interviews[:wanted]
            if choose_recall(session, campaign, interview, RecallReason.SIGNAL, actor=actor, at=at)
        ]
        trail.record(
            session,
            AuditAction.RECALL_CHOOSE,
            actor_id=actor.id,
            at=at,
            subject=f"user:{operator_id}",
            facts={"campaign": campaign_id, "chosen": len(chosen)},
        )
    return len(chosen)


def left_to_call(campaign_id: int) -> Mapping[int, LeftToCall]:
    """Return for each operator what ``recall_operator`` would choose from, and how many."""
    session = db.session()
    chosen = select(Recall.operator_id, func.count()).where(Recall.campaign_id == campaign_id)
    so_far = dict(session.execute(chosen.group_by(Recall.operator_id)).all())
    exist = session.execute(
        select(Attempt.operator_id, func.count())
        .where(Attempt.id.in_(_last_interviews(campaign_id)))
        .group_by(Attempt.operator_id)
    )
    return {
        operator: LeftToCall(amount, min(amount, max(OF_ONE_OPERATOR - so_far.get(operator, 0), 0)))
        for operator, amount in exist
    }


def settle_recall(
    recall_id: int, settlement: Settlement, words: str, *, actor: User, at: datetime
) -> None:
    """Decide what two interviews that contradict each other lead to.

    The verdict stays what it was. Raises NotFound, NotAllowedNow if there is nothing to settle or
    visits were chosen already, ExplanationMissing, IdentityNumberTyped, TooManyWords.
    """
    note = clean_words(words)
    if settlement is Settlement.KEPT and not note:
        raise ExplanationMissing
    with transaction() as session:
        recall = session.get(Recall, recall_id, with_for_update=True)
        if recall is None:
            raise NotFound(recall=recall_id)
        must_see(actor, recall.case.region)
        if not recall.contradicts or recall.settled_at is not None:
            raise NotAllowedNow(recall=recall_id)
        if settlement is Settlement.LEAD:
            _raise_lead(recall)
        recall.settlement, recall.settled_by_id, recall.settled_at = settlement, actor.id, at
        recall.note = note
        trail.record(
            session,
            AuditAction.RECALL_SETTLE,
            actor_id=actor.id,
            at=at,
            subject=f"case:{recall.case_id}",
            facts={"settlement": settlement.value},
        )


def _calling(session: Session, campaign_id: int, actor: User) -> Campaign:
    campaign = session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    if campaign.state is not CampaignState.CALLING:
        raise NotAllowedNow(campaign=campaign_id)
    return campaign


def _interviews(campaign_id: int) -> Select[Attempt]:
    """Select the interviews that settled a case which was not called again so far."""
    with_case = joinedload(Attempt.case).joinedload(Case.schedule)
    last = _last_interviews(campaign_id)
    return select(Attempt).where(Attempt.id.in_(last)).order_by(Attempt.id).options(with_case)


def _last_interviews(campaign_id: int) -> Select[int]:
    """Select the same by their ids."""
    held = [code for code, found in all_dispositions().items() if found.is_interview]
    return (
        select(func.max(Attempt.id))
        .join(Case, Case.id == Attempt.case_id)
        .outerjoin(Recall, Recall.case_id == Case.id)
        .where(
            Case.campaign_id == campaign_id,
            Case.state == CaseState.PHONED,
            Case.phone_class.in_(RESOLVED),
            Recall.id.is_(None),
            Attempt.disposition.in_(held),
            Attempt.blind.is_(False),
            stands(),
        )
        .group_by(Attempt.case_id)
    )


def _raise_lead(recall: Recall) -> None:
    """Let the case be looked at on site for what one of the two interviews says."""
    case, second = recall.case, recall.second
    if case.state is not CaseState.PHONED or second is None:
        raise NotAllowedNow(case=case.code)
    denial = next(o for o in (recall.first.outcome, second.outcome) if not finds_true(o))
    case.lead_cause = denial
