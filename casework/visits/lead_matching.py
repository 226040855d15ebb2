"""Leads from the ledgers themselves: what a rule warned of, and persons claimed in two counties.

Only grounds that speak of the claim are offered. A number that looks made up, like one that is dead
or an agency's, is a defect of the telephone column and never a lead. The coordinator chooses the
grounds while calling goes on, since every case with a lead is visited.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.models import Case
from casework.db import db, transaction
from casework.ledgers.models import Ledger, LedgerEntry, LedgerProblem, LedgerState
from casework.visits.leads import settled_by_claim
from casework.visits.models import Lead, LeadSeverity, LeadSource

#: The same person stands in an accepted ledger of another county, for the same project and year.
CLAIMED_TWICE = "M1"
#: Warnings of the self-check that speak of the person or the claim.
CLAIM_RULES = ("F002", "F007", "A002")
GROUNDS = (CLAIMED_TWICE, *CLAIM_RULES)
_OPEN = (CampaignState.DRAWN, CampaignState.CALLING)


def lead_grounds(campaign: Campaign) -> Mapping[str, int]:
    """Return each ground with how many released cases it would add a lead to; none if too late."""
    if campaign.state not in _OPEN:
        return {}
    found = {ground: _cases(db.session(), campaign.id, ground) for ground in GROUNDS}
    return {ground: len(cases) for ground, cases in found.items() if cases}


def raise_grounds(campaign_id: int, ground: str, *, actor: User, at: datetime) -> int:
    """Raise a lead for every released case to which *ground* applies; return how many are new.

    Raises NotFound, NotAllowedNow once the visits are chosen, KeyError for no such ground.
    """
    if ground not in GROUNDS:
        raise KeyError(ground)
    with transaction() as session:
        campaign_in_state(session, campaign_id, *_OPEN)
        cases = _cases(session, campaign_id, ground)
        session.add_all(
            Lead(
                campaign_id=campaign_id,
                source=LeadSource.MATCH if ground == CLAIMED_TWICE else LeadSource.RULE,
                case_id=case_id,
                region_code=region_code,
                cause=ground,
                severity=LeadSeverity.NORMAL,
                raised_by_id=actor.id,
                raised_at=at,
            )
            for case_id, region_code in cases
        )
        trail.record(
            session,
            AuditAction.LEAD_ENTER,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"ground": ground, "new": len(cases)},
        )
    return len(cases)


def _cases(session: Session, campaign_id: int, ground: str) -> Sequence[tuple[int, str]]:
    """Return the released cases to which *ground* applies and that have no such lead yet."""
    has_it = select(Lead.id).where(Lead.case_id == Case.id, Lead.cause == ground).exists()
    query = (
        select(Case.id, Case.region_code)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .join(
            Replicate,
            (Replicate.campaign_id == Case.campaign_id) & (Replicate.number == Case.replicate),
        )
        .where(
            Case.campaign_id == campaign_id,
            Replicate.released_at.is_not(None),
            Case.id.not_in(settled_by_claim(campaign_id)),
            ~has_it,
        )
        .distinct()
        .order_by(Case.id)
    )
    query = _claimed_twice(query) if ground == CLAIMED_TWICE else _warned(query, ground)
    return [(case_id, region_code) for case_id, region_code in session.execute(query)]


def _claimed_twice(query: Select[int, str]) -> Select[int, str]:
    other = aliased(LedgerEntry)
    return (
        query.join(other, other.id_index == LedgerEntry.id_index)
        .join(Ledger, Ledger.id == other.ledger_id)
        .where(
            other.project == LedgerEntry.project,
            other.year == LedgerEntry.year,
            other.region_code != LedgerEntry.region_code,
            Ledger.state == LedgerState.ACCEPTED,
        )
    )


def _warned(query: Select[int, str], rule: str) -> Select[int, str]:
    return query.join(
        LedgerProblem,
        (LedgerProblem.ledger_id == LedgerEntry.ledger_id)
        & (LedgerProblem.sheet == LedgerEntry.sheet)
        & (LedgerProblem.row == LedgerEntry.row),
    ).where(LedgerProblem.rule == rule)
