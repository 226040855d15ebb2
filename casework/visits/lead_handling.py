"""What becomes of a lead: triage, merging of duplicates, the result that it ends in."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.visits.models import Lead, LeadResult, LeadSeverity

OWNERS = (Role.COORDINATOR, Role.VERIFIER, Role.INSPECTOR)
MOST_WORDS = 2000
_GRAVITY = (LeadSeverity.LOW, LeadSeverity.NORMAL, LeadSeverity.HIGH)


class LeadSettledBySite(CaseworkError):
    """The lead is about a sampled case, so the visit of that case settles it."""


class LeadsDiffer(CaseworkError):
    """The two leads cannot be one: of different campaigns, or of different cases."""


class ResultUnexplained(CaseworkError):
    """A result is one of those offered, with words of at most 2,000 characters."""


class DueInThePast(CaseworkError):
    """A due date lies today or later."""


@dataclass(frozen=True, slots=True)
class Triage:
    """What triage decides about a lead."""

    severity: LeadSeverity
    urgent: bool
    owner_id: int
    due_on: date


def triage_lead(
    uid: str, triage: Triage, *, version: int, today: date, actor: User, at: datetime
) -> None:
    """Say how grave a lead is, who deals with it and by when; may be said again.

    Raises NotFound, NotAllowedNow for a lead that has ended, DueInThePast, StaleDataError if
    somebody else changed the lead since *version*.
    """
    with transaction() as session:
        lead = _open_lead(session, uid, actor)
        if lead.version != version:
            raise StaleDataError(f"lead {lead.id} is at version {lead.version}")
        if triage.due_on < today and triage.due_on != lead.due_on:
            raise DueInThePast
        owner = session.get(User, triage.owner_id)
        if owner is None or not owner.active or owner.role not in OWNERS:
            raise NotFound(owner=triage.owner_id)
        lead.severity, lead.urgent = triage.severity, triage.urgent
        lead.owner_id, lead.due_on = owner.id, triage.due_on
        trail.record(
            session,
            AuditAction.LEAD_TRIAGE,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
            facts={
                "severity": triage.severity.value,
                "urgent": triage.urgent,
                "owner": owner.id,
                "due": triage.due_on.isoformat(),
            },
        )


def merge_leads(uid: str, into_uid: str, *, actor: User, at: datetime) -> None:
    """Make a lead part of another about the same; the other keeps the graver of both.

    Raises NotFound, NotAllowedNow if one of them has ended, LeadsDiffer.
    """
    with transaction() as session:
        lead, into = _open_lead(session, uid, actor), _open_lead(session, into_uid, actor)
        same_case = lead.case_id is None or lead.case_id == into.case_id
        if lead.id == into.id or lead.campaign_id != into.campaign_id or not same_case:
            raise LeadsDiffer
        for part in session.scalars(select(Lead).where(Lead.merged_into_id == lead.id)):
            part.merged_into_id = into.id
        lead.merged_into_id = into.id
        into.severity = max(lead.severity, into.severity, key=_GRAVITY.index)
        into.urgent = into.urgent or lead.urgent
        into.due_on = min((day for day in (lead.due_on, into.due_on) if day), default=None)
        trail.record(
            session,
            AuditAction.LEAD_MERGE,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
            facts={"into": into.id},
        )


def settle_lead(uid: str, result: LeadResult, words: str, *, actor: User, at: datetime) -> None:
    """End a lead in *result*, with words that say what was found.

    Raises NotFound, NotAllowedNow for a lead that has ended, LeadSettledBySite for a lead about a
    sampled case, ResultUnexplained.
    """
    with transaction() as session:
        lead = _open_lead(session, uid, actor)
        if lead.case_id is not None:
            raise LeadSettledBySite
        settle(session, lead, result, check_result(result, words), actor=actor, at=at)


def check_result(result: LeadResult, words: str) -> str:
    """Return the words without what surrounds them. Raises ResultUnexplained."""
    said = words.strip()
    if not said or len(said) > MOST_WORDS or result is LeadResult.OPEN:
        raise ResultUnexplained
    return said


def settle(
    session: Session, lead: Lead, result: LeadResult, words: str, *, actor: User, at: datetime
) -> None:
    """End *lead*, in the caller's transaction."""
    lead.result, lead.result_words, lead.settled_at = result, words, at
    trail.record(
        session,
        AuditAction.LEAD_SETTLE,
        actor_id=actor.id,
        at=at,
        subject=f"lead:{lead.id}",
        facts={"result": result.value},
    )


def _open_lead(session: Session, uid: str, actor: User) -> Lead:
    lead = session.scalar(
        select(Lead).where(Lead.uid == uid, in_scope(actor, Lead.region_code)).with_for_update()
    )
    if lead is None or not actor.sees_all_regions:
        raise NotFound(lead=uid)
    _must_be_open(lead)
    return lead


def _must_be_open(lead: Lead) -> None:
    if lead.result is not LeadResult.OPEN or lead.merged_into_id is not None:
        raise NotAllowedNow(lead=lead.uid)
