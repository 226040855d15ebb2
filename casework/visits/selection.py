"""Closing the wave: open cases are settled, leads raised, and the random visits chosen."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.confirming import corrections_waiting
from casework.calls.history import numbers_of, past_calls
from casework.calls.models import Attempt, stands
from casework.calls.moving import lead_of_calls
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import Campaign, CampaignState, Stratum
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, PhoneClass
from casework.cases.phone_result import phone_result
from casework.db import transaction
from casework.errors import CaseworkError, NotAllowedNow
from casework.visits.leads import add_leads, settled_by_claim
from casework.visits.models import Lead, Visit, VisitRate, VisitReason
from sampling.visits import sealed_number

CHUNK = 500
#: Cases the coordinator may settle by closing the wave; the held ones are still being called.
_LEFT = (CaseState.READY, CaseState.ESCALATED, CaseState.HELD)


class CallsStillOpen(CaseworkError):
    """Operators still hold cases, so calling cannot be closed."""


class CorrectionsWait(CaseworkError):
    """Corrections of calls wait to be confirmed: results would rest on what nobody decided."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What closing the wave did: numbers of cases."""

    leads: int  #: leads raised now
    random: int  #: visits chosen by the sealed number
    lead: int  #: visits because of a lead alone
    closed: int  #: cases that need no visit


def close_calling(campaign_id: int, *, actor: User, at: datetime) -> Selection:
    """End the wave of calls and choose every visit; the campaign goes on to visiting.

    Cases that are still waiting end in the phone class of their calls so far. A case is visited at
    random when its sealed number lies under the share of its unit and phone class; random takes
    precedence over a lead, and every other case with a lead is visited for it. A claim that itself
    says "not resettled" is known and not visited.

    Raises NotFound, NotAllowedNow unless the campaign is calling, CallsStillOpen while operators
    hold cases, CorrectionsWait while a correction of a call is neither confirmed nor set aside.
    """
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.CALLING)
        _nobody_calls(session, campaign_id, at)
        settled = _settle(session, campaign_id, actor=actor, at=at)
        leads = add_leads(session, campaign_id, actor=actor, at=at)
        chosen = _choose(session, campaign, actor=actor, at=at)
        campaign.state = CampaignState.VISITING
        trail.record(
            session,
            AuditAction.VISITS_SELECT,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"settled": settled, "leads": leads} | _counts(chosen),
        )
    return Selection(
        leads=leads,
        random=chosen[VisitReason.RANDOM],
        lead=chosen[VisitReason.LEAD],
        closed=chosen[None],
    )


def _counts(chosen: Counter[VisitReason | None]) -> dict[str, int]:
    return {reason.value if reason else "closed": number for reason, number in chosen.items()}


def _nobody_calls(session: Session, campaign_id: int, at: datetime) -> None:
    held = session.scalar(
        select(func.count()).where(
            Case.campaign_id == campaign_id, Case.state == CaseState.HELD, Case.lease_until > at
        )
    )
    if held:
        raise CallsStillOpen(held=held)
    if waiting := corrections_waiting(session, campaign_id):
        raise CorrectionsWait(waiting=waiting)


def _in_chunks(
    session: Session, campaign_id: int, states: Sequence[CaseState], *options: ExecutableOption
) -> Iterator[Case]:
    """Yield the cases some hundred at a time, and flush what was done to them."""
    wanted = select(Case.id).where(Case.campaign_id == campaign_id, Case.state.in_(states))
    ids = list(session.scalars(wanted.order_by(Case.id)))
    for start in range(0, len(ids), CHUNK):
        yield from session.scalars(
            select(Case)
            .where(Case.id.in_(ids[start : start + CHUNK]))
            .order_by(Case.id)
            .options(*options)
        ).all()
        session.flush()


def _settle(session: Session, campaign_id: int, *, actor: User, at: datetime) -> int:
    """Finish the calls of every case that is left; return how many there were."""
    so_far = _calls_so_far(session, campaign_id)
    settled = 0
    for case in _in_chunks(
        session, campaign_id, _LEFT, selectinload(Case.entry), joinedload(Case.schedule)
    ):
        if case.state is CaseState.HELD:
            case.apply(CaseAction.EXPIRE, actor=None, at=at)
        calls = so_far.get(case.id, [])
        result = phone_result(past_calls(calls), len(numbers_of(case, calls)), over=True)
        if result is None:
            raise NotAllowedNow(case=case.id)
        last = calls[-1] if calls else None
        cause = lead_of_calls(case, calls, last, result.outcome)
        case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
        settled += 1
    return settled


def _calls_so_far(session: Session, campaign_id: int) -> dict[int, list[Attempt]]:
    """Return the closed calls of the cases that are left, of each the oldest first."""
    rows = session.scalars(
        select(Attempt)
        .join(Case, Attempt.case_id == Case.id)
        .where(
            Case.campaign_id == campaign_id,
            Case.state.in_(_LEFT),
            Attempt.disposition != "",
            Attempt.ended_at.is_not(None),
            stands(),
        )
        .order_by(Attempt.id)
    )
    calls: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in rows:
        calls[attempt.case_id].append(attempt)
    return calls


def _choose(
    session: Session, campaign: Campaign, *, actor: User, at: datetime
) -> Counter[VisitReason | None]:
    """Send every chosen case to the site and close the others; return how many went where."""
    if campaign.draw is None:
        raise NotAllowedNow(campaign=campaign.id)
    seed = campaign.draw.seed
    thresholds = _thresholds(session, campaign.id)
    with_lead = set(session.scalars(_leads_of(campaign.id)))
    known = set(session.scalars(settled_by_claim(campaign.id)))
    chosen: Counter[VisitReason | None] = Counter()
    for case in _in_chunks(session, campaign.id, [CaseState.PHONED]):
        threshold = thresholds.get((case.stratum_id, case.phone_class), 0.0)
        at_random = case.id not in known and sealed_number(seed, case.entry_uid) < threshold
        reason = _reason(at_random, case.id in with_lead)
        chosen[reason] += 1
        if reason is None:
            case.apply(CaseAction.CLOSE, actor=actor, at=at)
            continue
        case.apply(CaseAction.SEND_TO_SITE, actor=actor, at=at)
        session.add(Visit(case_id=case.id, reason=reason, place_code=case.region_code))
    return chosen


def _reason(at_random: bool, has_lead: bool) -> VisitReason | None:  # noqa: FBT001 - two facts
    if at_random:
        return VisitReason.RANDOM
    return VisitReason.LEAD if has_lead else None


def _thresholds(session: Session, campaign_id: int) -> dict[tuple[int, PhoneClass | None], float]:
    """Return the share of each stratum and phone class, which is the share of its unit."""
    rows = session.execute(
        select(Stratum.id, VisitRate.phone_class, VisitRate.share)
        .join(VisitRate, VisitRate.unit_code == Stratum.unit_code)
        .where(Stratum.campaign_id == campaign_id, VisitRate.campaign_id == campaign_id)
    )
    return {(stratum, phone_class): share for stratum, phone_class, share in rows}


def _leads_of(campaign_id: int) -> Select[int]:
    return select(Case.id).join(Lead).where(Case.campaign_id == campaign_id)
