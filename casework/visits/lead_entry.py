"""Leads from outside: what a hotline, a platform, a letter, an audit says, entered or imported.

A lead that names a sampled person by the identity number joins that person's case, but only while
calling goes on: a case with a lead is visited, and cases with leads are a class of their own in the
estimate that is visited whole. Once the visits are chosen a lead changes no case any more, since it
might have come of a visit; it is then looked into by itself. No lead is ever extrapolated.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.models import Case
from casework.db import new_uid, transaction
from casework.errors import NotFound
from casework.ledgers.models import LedgerEntry
from casework.regions.models import Region
from casework.sealing import blind_index
from casework.visits.models import Lead, LeadSeverity, LeadSource, LeadSubject

#: What a person may enter; the others the system raises itself.
OUTSIDE = (
    LeadSource.HOTLINE,
    LeadSource.POLICE,
    LeadSource.WAGES,
    LeadSource.LETTER,
    LeadSource.AUDIT,
    LeadSource.RULE,
    LeadSource.MATCH,
)
AT_WORK = (CampaignState.DRAWN, CampaignState.CALLING, CampaignState.VISITING)
_VISITS_OPEN = (CampaignState.DRAWN, CampaignState.CALLING)


@dataclass(frozen=True, slots=True)
class LeadDraft:
    """One lead as it was told."""

    source: LeadSource
    region_code: str
    subject: LeadSubject
    name: str  #: of the person or the enterprise
    words: str
    received_on: date
    source_no: str = ""
    id_no: str = ""
    severity: LeadSeverity = LeadSeverity.NORMAL
    urgent: bool = False
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What entering did: numbers of leads."""

    new: int
    joined: int  #: of the new ones, those that joined a sampled case
    known: int  #: were there already, word for word, and count once


def enter_leads(
    campaign_id: int, drafts: Sequence[LeadDraft], *, actor: User, at: datetime
) -> Entered:
    """Enter leads from outside, all of them or none.

    Raises NotFound for a campaign or a region that is not there or that *actor* may not see,
    NotAllowedNow before the sample is drawn and after the campaign is closed.
    """
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, *AT_WORK)
        _must_be_places(session, {draft.region_code for draft in drafts}, actor)
        known = set(session.scalars(_contents(campaign_id)))
        fresh: list[Lead] = []
        told_before = 0
        for draft in drafts:
            content = _content_index(draft)
            if content in known:
                told_before += 1
                continue
            known.add(content)
            cases = _cases_of(session, campaign, draft)
            fresh += [_lead(campaign_id, draft, content, case, actor, at) for case in cases]
        session.add_all(fresh)
        joined = sum(lead.case_id is not None for lead in fresh)
        facts = {"new": len(fresh), "joined": joined, "known": told_before}
        _record(session, campaign_id, fresh, facts, actor=actor, at=at)
    return Entered(len(fresh), joined, told_before)


def subject_index(subject: LeadSubject, name: str) -> str:
    """Return the keyed digest by which leads about the same person or enterprise are found."""
    plain = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    return blind_index(f"{subject}|{plain}", column="lead_subject")


def _must_be_places(session: Session, codes: set[str], actor: User) -> None:
    seen = set(
        session.scalars(
            select(Region.code).where(Region.code.in_(codes), in_scope(actor, Region.code))
        )
    )
    if missing := codes - seen:
        raise NotFound(region=min(missing))


def _contents(campaign_id: int) -> Select[str]:
    return select(Lead.content_index).where(
        Lead.campaign_id == campaign_id, Lead.content_index != ""
    )


def _content_index(draft: LeadDraft) -> str:
    told = (draft.source, draft.source_no, draft.region_code, draft.subject, draft.name)
    text = "\x1f".join((*told, draft.id_no, draft.words, draft.received_on.isoformat()))
    return blind_index(text, column="lead_content")


def _cases_of(session: Session, campaign: Campaign, draft: LeadDraft) -> list[Case | None]:
    """Return the cases of the person, one for each project, or None alone if there is none."""
    if campaign.state not in _VISITS_OPEN or not draft.id_no:
        return [None]
    found = session.scalars(
        select(Case)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .where(
            Case.campaign_id == campaign.id,
            LedgerEntry.id_index == blind_index(draft.id_no.upper(), column="id_no"),
        )
        .order_by(Case.id)
    )
    return [*found] or [None]


def _lead(
    campaign_id: int, draft: LeadDraft, content: str, case: Case | None, actor: User, at: datetime
) -> Lead:
    lead = Lead(
        uid=new_uid(),
        campaign_id=campaign_id,
        source=draft.source,
        source_no=draft.source_no,
        case_id=case.id if case else None,
        region_code=draft.region_code,
        subject=draft.subject,
        subject_index=subject_index(draft.subject, draft.name),
        content_index=content,
        received_on=draft.received_on,
        severity=draft.severity,
        urgent=draft.urgent,
        due_on=draft.due_on,
        raised_by_id=actor.id,
        raised_at=at,
    )
    lead.name, lead.words = draft.name, draft.words
    return lead


def _record(
    session: Session,
    campaign_id: int,
    leads: Iterable[Lead],
    facts: Mapping[str, int],
    *,
    actor: User,
    at: datetime,
) -> None:
    session.flush()
    trail.record(
        session,
        AuditAction.LEAD_ENTER,
        actor_id=actor.id,
        at=at,
        subject=f"campaign:{campaign_id}",
        facts={**facts, "leads": [lead.id for lead in leads]},
    )
