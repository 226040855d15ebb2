"""The register: the leads of a campaign page by page, and one lead with all that is known of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.db import db, transaction
from casework.errors import NotFound
from casework.regions.models import PROVINCE, Region
from casework.visits.along_models import LeadReport
from casework.visits.lead_handling import OWNERS
from casework.visits.models import Lead, LeadResult, LeadSeverity, LeadSource, Trip, Visit

PAGE = 50
MOST_SIMILAR = 20


class LeadStage(StrEnum):
    """How far a lead is."""

    TRIAGE = "triage"  #: nobody deals with it yet
    IN_HAND = "in_hand"
    ON_SITE = "on_site"  #: about a sampled case, whose visit settles it
    SETTLED = "settled"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads are listed; what is None or "" does not narrow."""

    stage: LeadStage | None = None
    source: LeadSource | None = None
    severity: LeadSeverity | None = None
    result: LeadResult | None = None
    unit: str = ""
    wanted: str = ""  #: a number of the source or of the register, or the code of a case
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class LeadPage:
    rows: Sequence[tuple[Lead, Case | None, Visit | None]]
    total: int
    number: int  #: of the page, from 1
    last: int


@dataclass(frozen=True, slots=True)
class LeadFile:
    """One lead, opened."""

    lead: Lead
    campaign: Campaign
    case: Case | None
    visit: Visit | None  #: of its case
    trip: Trip | None  #: on which it is looked into, with its case or by itself
    merged: Sequence[Lead]  #: those that are part of this one
    similar: Sequence[Lead]  #: open ones about the same, or with the same number
    not_counted: Sequence[LeadReport]  #: that came from the site when the lead had moved on
    history: Sequence[tuple[AuditEvent, str]]  #: with the actor's name


def stage_of(lead: Lead) -> LeadStage:
    """Say how far a lead is."""
    if lead.merged_into_id is not None:
        return LeadStage.MERGED
    if lead.result is not LeadResult.OPEN:
        return LeadStage.SETTLED
    if lead.case_id is not None:
        return LeadStage.ON_SITE
    return LeadStage.IN_HAND if lead.owner_id is not None else LeadStage.TRIAGE


def _in_stage(stage: LeadStage) -> ColumnElement[bool]:
    alone = Lead.merged_into_id.is_(None)
    waiting = and_(alone, Lead.result == LeadResult.OPEN)
    return {
        LeadStage.MERGED: Lead.merged_into_id.is_not(None),
        LeadStage.SETTLED: and_(alone, Lead.result != LeadResult.OPEN),
        LeadStage.ON_SITE: and_(waiting, Lead.case_id.is_not(None)),
        LeadStage.IN_HAND: and_(waiting, Lead.case_id.is_(None), Lead.owner_id.is_not(None)),
        LeadStage.TRIAGE: and_(waiting, Lead.case_id.is_(None), Lead.owner_id.is_(None)),
    }[stage]


def _overdue(today: date) -> ColumnElement[bool]:
    return and_(Lead.merged_into_id.is_(None), Lead.result == LeadResult.OPEN, Lead.due_on < today)


def register_page(
    campaign: Campaign, wanted: LeadFilter, *, actor: User, today: date, number: int = 1
) -> LeadPage:
    """Return a page of the leads in the region of *actor*: urgent first, then the gravest."""
    where = _where(campaign, wanted, actor, today)
    query = (
        select(Lead, Case, Visit)
        .outerjoin(Case, Lead.case_id == Case.id)
        .outerjoin(Visit, Visit.case_id == Case.id)
        .where(*where)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // PAGE))
    number = min(max(number, 1), last)
    gravity = case(
        (Lead.severity == LeadSeverity.HIGH, 0), (Lead.severity == LeadSeverity.NORMAL, 1), else_=2
    )
    rows = db.session.execute(
        query.order_by(Lead.urgent.desc(), gravity, Lead.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(joinedload(Lead.owner))
    )
    return LeadPage([(lead, of, visit) for lead, of, visit in rows], total, number, last)


def _where(
    campaign: Campaign, wanted: LeadFilter, actor: User, today: date
) -> list[ColumnElement[bool]]:
    where = [Lead.campaign_id == campaign.id, in_scope(actor, Lead.region_code)]
    if wanted.stage:
        where.append(_in_stage(wanted.stage))
    for column, value in (
        (Lead.source, wanted.source),
        (Lead.severity, wanted.severity),
        (Lead.result, wanted.result),
    ):
        if value:
            where.append(column == value)
    if wanted.unit and wanted.unit != PROVINCE:
        inside = select(Region.code).where(
            or_(Region.code == wanted.unit, Region.unit_code == wanted.unit)
        )
        where.append(Lead.region_code.in_(inside))
    if wanted.wanted:
        of_case = select(Case.id).where(
            Case.campaign_id == campaign.id, Case.code == wanted.wanted.upper()
        )
        number = wanted.wanted.upper().removeprefix("L")
        own = Lead.id == int(number[:9]) if number.isdecimal() else false()
        where.append(or_(Lead.source_no == wanted.wanted, Lead.case_id.in_(of_case), own))
    if wanted.overdue:
        where.append(_overdue(today))
    return where


def stage_counts(campaign: Campaign, *, actor: User) -> Counter[LeadStage]:
    """Return how many leads there are of each stage."""
    counts: Counter[LeadStage] = Counter()
    for stage in LeadStage:
        wanted = LeadFilter(stage=stage)
        where = _where(campaign, wanted, actor, date.min)
        counts[stage] = db.session.scalar(select(func.count(Lead.id)).where(*where)) or 0
    return counts


def overdue_leads(campaign: Campaign, *, actor: User, today: date) -> int:
    """Return how many open leads are past their due date."""
    where = _where(campaign, LeadFilter(overdue=True), actor, today)
    return db.session.scalar(select(func.count(Lead.id)).where(*where)) or 0


def possible_owners() -> list[User]:
    """Return who may deal with a lead, by name."""
    query = select(User).where(User.active, User.role.in_(OWNERS)).order_by(User.name)
    return list(db.session.scalars(query))


def open_lead(uid: str, *, actor: User, at: datetime) -> LeadFile:
    """Return one lead; that it was opened is kept, since it names somebody.

    Raises NotFound for a lead that *actor* may not see.
    """
    with transaction() as session:
        lead = session.scalar(
            select(Lead).where(Lead.uid == uid, in_scope(actor, Lead.region_code))
        )
        if lead is None or not actor.sees_all_regions:
            raise NotFound(lead=uid)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
        )
    return _file(lead)


def _file(lead: Lead) -> LeadFile:
    session = db.session
    campaign = session.get_one(Campaign, lead.campaign_id)
    visit = session.scalar(select(Visit).where(Visit.case_id == lead.case_id))
    parts = session.scalars(select(Lead).where(Lead.merged_into_id == lead.id).order_by(Lead.id))
    not_counted = session.scalars(
        select(LeadReport)
        .where(LeadReport.lead_id == lead.id, LeadReport.why.is_not(None))
        .order_by(LeadReport.id)
        .options(joinedload(LeadReport.inspector))
    )
    events = session.execute(
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject == f"lead:{lead.id}", AuditEvent.action != AuditAction.EVIDENCE_SHOW
        )
        .order_by(AuditEvent.id)
    )
    return LeadFile(
        lead=lead,
        campaign=campaign,
        case=lead.case,
        visit=visit if lead.case_id else None,
        trip=_trip_of(lead, visit if lead.case_id else None),
        merged=parts.all(),
        similar=_similar(lead),
        not_counted=not_counted.all(),
        history=[(event, name or "") for event, name in events],
    )


def _trip_of(lead: Lead, visit: Visit | None) -> Trip | None:
    number = visit.trip_id if visit else lead.trip_id
    return db.session.get(Trip, number) if number else None


def _similar(lead: Lead) -> Sequence[Lead]:
    if stage_of(lead) in {LeadStage.MERGED, LeadStage.SETTLED}:
        return []
    alike = [and_(Lead.subject_index == lead.subject_index, Lead.region_code == lead.region_code)]
    if lead.source_no:
        alike.append(and_(Lead.source == lead.source, Lead.source_no == lead.source_no))
    if not lead.subject_index:
        return []
    found = db.session.scalars(
        select(Lead)
        .where(
            Lead.campaign_id == lead.campaign_id,
            Lead.id != lead.id,
            Lead.merged_into_id.is_(None),
            Lead.result == LeadResult.OPEN,
            or_(*alike),
        )
        .order_by(Lead.id)
        .limit(MOST_SIMILAR)
    )
    return found.all()
