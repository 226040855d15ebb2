"""Leads from the phone: what was said about the claim and must be looked at on site.

A lead always rests on what somebody said about the claim: an outcome of the interview that the
table of outcomes marks, an answer that the script marks, or, where there was no interview, one of
the few dispositions that the table of dispositions marks (a death or a long absence told by a
relative, a person counted twice).
People who were not reached are never leads. Dead, wrong and agency numbers are defects of the
ledger's telephone column; the persons behind them stay of unknown status, each in a phone class of
its own from which the random visits are chosen.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt, stands
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import RESOLVED, Case
from casework.cases.outcomes import all_outcomes
from casework.db import transaction
from casework.ledgers.models import LedgerEntry
from casework.visits.models import Lead, LeadSeverity

#: Before these states the phone is not done with a case, and its last word is not yet said.
_PHONE_DONE = (CaseState.PHONED, CaseState.TO_VISIT, CaseState.CLOSED)


def raise_leads(campaign_id: int, *, actor: User, at: datetime) -> int:
    """Raise the leads of every case the phone is done with; return how many are new.

    A case has one lead for each cause, so this may run any number of times.
    Raises NotFound, or NotAllowedNow before calling has begun.
    """
    with transaction() as session:
        campaign_in_state(session, campaign_id, CampaignState.CALLING, CampaignState.VISITING)
        return add_leads(session, campaign_id, actor=actor, at=at)


def add_leads(session: Session, campaign_id: int, *, actor: User, at: datetime) -> int:
    """Add the missing leads inside a unit of work that is already open."""
    known = set(
        session.execute(
            select(Lead.case_id, Lead.cause).join(Case).where(Case.campaign_id == campaign_id)
        )
    )
    fresh = [
        Lead(
            campaign_id=campaign_id,
            case_id=case_id,
            region_code=region_code,
            cause=cause,
            severity=severity,
            raised_by_id=actor.id,
            raised_at=at,
        )
        for case_id, region_code, cause, severity in _causes(session, campaign_id)
        if (case_id, cause) not in known
    ]
    session.add_all(fresh)
    session.flush()
    return len(fresh)


def _causes(session: Session, campaign_id: int) -> list[tuple[int, str, str, LeadSeverity]]:
    done = (
        Case.campaign_id == campaign_id,
        Case.state.in_(_PHONE_DONE),
        Case.id.not_in(settled_by_claim(campaign_id)),
    )
    marked = [code for code, outcome in all_outcomes().items() if outcome.lead]
    told = [code for code, disposition in all_dispositions().items() if disposition.lead]
    said = session.execute(
        select(Case.id, Case.region_code, Case.phone_outcome).where(
            *done, Case.phone_outcome.in_(marked)
        )
    )
    noted = session.execute(
        select(Case.id, Case.region_code, Case.lead_cause).where(*done, Case.lead_cause != "")
    )
    ended = session.execute(
        select(Case.id, Case.region_code, Attempt.disposition)
        .join(Attempt)
        .where(*done, Case.phone_class.not_in(RESOLVED), Attempt.disposition.in_(told), stands())
    )
    causes = {*said, *noted, *ended}
    return [(case_id, place, cause, severity_of(cause)) for case_id, place, cause in sorted(causes)]


def settled_by_claim(campaign_id: int) -> Select[int]:
    """Select the cases whose claim itself says "not resettled": known, so nothing to look for."""
    return (
        select(Case.id)
        .join(LedgerEntry, Case.entry_uid == LedgerEntry.uid)
        .where(Case.campaign_id == campaign_id, LedgerEntry.claims_not_settled)
    )


def severity_of(cause: str) -> LeadSeverity:
    """Return how grave a cause is: an outcome, a disposition, or an answer such as ``A1:2``."""
    if outcome := all_outcomes().get(cause):
        return LeadSeverity(outcome.lead or LeadSeverity.NORMAL)
    if disposition := all_dispositions().get(cause):
        return LeadSeverity(disposition.lead or LeadSeverity.NORMAL)
    return LeadSeverity.NORMAL
