"""Leads from outside that travel along on an inspector's trip: read, reported, kept.

They are part of the day as visits are, so an inspector's device has them without a network and
reports them later. A report whose lead has ended meanwhile is kept with the reason, and whoever
coordinates takes note of it; see ``receiving.py`` for the reports of visits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, false, func, select, true
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.schedule import SHANGHAI
from casework.db import db, new_uid, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.visits.along_models import LeadConflict, LeadReport
from casework.visits.lead_handling import check_result, settle
from casework.visits.models import Lead, LeadResult, Trip
from casework.visits.worklist import PURPOSE, visit_pass

SHOWN = 200


@dataclass(frozen=True, slots=True)
class LeadAlong:
    """All an inspector sees of one lead that travels along."""

    lead: Lead
    trip: Trip
    shown: str  #: proves later that the lead was shown to this inspector


@dataclass(frozen=True, slots=True)
class LeadFound:
    """What an inspector found out about a lead."""

    result: LeadResult
    words: str
    found_at: datetime  #: by the inspector's device
    idempotency_key: str
    skew_seconds: int | None = None


def leads_due(actor: User, *, on: date) -> Sequence[tuple[Trip, Lead]]:
    """Return the open leads on the trips of *actor* that are due on or before *on*."""
    rows = db.session.execute(
        select(Trip, Lead)
        .join(Lead, Lead.trip_id == Trip.id)
        .where(
            Trip.inspector_id == actor.id,
            Trip.visit_on <= on,
            Lead.result == LeadResult.OPEN,
            Lead.merged_into_id.is_(None),
        )
        .order_by(Trip.place_code, Lead.id)
    )
    return [(trip, lead) for trip, lead in rows]


def reports_of_day(actor: User, *, on: date) -> Sequence[LeadReport]:
    """Return what *actor* reported about leads on the day *on*, the latest first."""
    midnight = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)
    received = LeadReport.received_at
    return db.session.scalars(
        select(LeadReport)
        .where(
            LeadReport.inspector_id == actor.id,
            received >= midnight,
            received < midnight + timedelta(days=1),
        )
        .order_by(LeadReport.id.desc())
        .options(joinedload(LeadReport.lead))
    ).all()


def lead_along(uid: str, *, actor: User, at: datetime) -> LeadAlong:
    """Return one lead on a trip of *actor*; that it was read is kept. Raises NotFound."""
    with transaction() as session:
        trip, lead = _own(session, uid, actor)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
        )
    return LeadAlong(lead, trip, visit_pass(lead.uid, actor))


def reveal_subject(uid: str, *, actor: User, at: datetime) -> str:
    """Uncover whom a lead is about for the inspector who looks into it. Raises NotFound."""
    with transaction() as session:
        _trip, lead = _own(session, uid, actor)
        trail.record(
            session,
            AuditAction.PERSON_REVEAL,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
            purpose=PURPOSE,
        )
    return lead.name


def receive_lead_report(
    uid: str, found: LeadFound, *, shown: str, actor: User, at: datetime
) -> LeadReport:
    """Store what a device reports about a lead; the same report twice is one row.

    It becomes the result of the lead. If the lead has ended meanwhile, or its trip was given to
    somebody else, the report is kept with the reason and changes nothing.

    Raises NotFound unless the lead is on a trip of *actor* or was shown to *actor*,
    ResultUnexplained.
    """
    said = check_result(found.result, found.words)
    with transaction() as session:
        row = session.execute(
            select(Lead, Trip)
            .outerjoin(Trip, Trip.id == Lead.trip_id)
            .where(Lead.uid == uid)
            .with_for_update(of=Lead)
        ).one_or_none()
        own = row is not None and row.Trip is not None and row.Trip.inspector_id == actor.id
        if row is None or not (own or shown == visit_pass(uid, actor)):
            raise NotFound(lead=uid)
        lead: Lead = row.Lead
        key = LeadReport.idempotency_key == found.idempotency_key
        if (earlier := session.scalar(select(LeadReport).where(key))) is not None:
            if earlier.lead_id != lead.id:
                raise NotFound(lead=uid)
            return earlier
        report = _report(lead, found, said, _conflict(lead, own=own), actor=actor, at=at)
        session.add(report)
        session.flush()
        if report.why is None:
            settle(session, lead, found.result, said, actor=actor, at=at)
            return report
        trail.record(
            session,
            AuditAction.KEPT_FINDING_KEEP,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{lead.id}",
            facts={"why": report.why.value, "report": report.id},
        )
    return report


def _conflict(lead: Lead, *, own: bool) -> LeadConflict | None:
    if lead.merged_into_id is not None:
        return LeadConflict.MERGED
    if lead.result is not LeadResult.OPEN:
        return LeadConflict.SETTLED
    return None if own else LeadConflict.GIVEN_OVER


def _report(
    lead: Lead,
    found: LeadFound,
    said: str,
    why: LeadConflict | None,
    *,
    actor: User,
    at: datetime,
) -> LeadReport:
    report = LeadReport(
        uid=new_uid(),
        lead_id=lead.id,
        inspector_id=actor.id,
        result=found.result,
        found_at=found.found_at,
        received_at=at,
        skew_seconds=found.skew_seconds,
        idempotency_key=found.idempotency_key,
        why=why,
    )
    report.words = said
    return report


def waiting_reports(actor: User) -> Sequence[LeadReport]:
    """Return the reports about leads that nobody took note of yet, the oldest first."""
    return db.session.scalars(
        _waiting(actor)
        .order_by(LeadReport.id)
        .limit(SHOWN)
        .options(joinedload(LeadReport.lead), joinedload(LeadReport.inspector))
    ).all()


def number_waiting(actor: User) -> int:
    """Return how many reports about leads nobody took note of yet."""
    return db.session.scalar(select(func.count()).select_from(_waiting(actor).subquery())) or 0


def _waiting(actor: User) -> Select[LeadReport]:
    return (
        select(LeadReport)
        .join(Lead, Lead.id == LeadReport.lead_id)
        .where(
            LeadReport.why.is_not(None),
            LeadReport.noted_at.is_(None),
            true() if actor.sees_all_regions else false(),  # as for the leads themselves
            in_scope(actor, Lead.region_code),
        )
    )


def note_report(uid: str, *, actor: User, at: datetime) -> None:
    """Take a kept report off the work list; it stays with its lead.

    Raises NotFound, NotAllowedNow if somebody did so before.
    """
    with transaction() as session:
        report = session.scalar(
            select(LeadReport)
            .join(Lead, Lead.id == LeadReport.lead_id)
            .where(
                LeadReport.uid == uid,
                LeadReport.why.is_not(None),
                in_scope(actor, Lead.region_code),
            )
            .with_for_update(of=LeadReport)
        )
        if report is None or not actor.sees_all_regions:
            raise NotFound(report=uid)
        if report.noted_at is not None:
            raise NotAllowedNow(report=uid)
        report.noted_by_id, report.noted_at = actor.id, at
        trail.record(
            session,
            AuditAction.KEPT_FINDING_DISMISS,
            actor_id=actor.id,
            at=at,
            subject=f"lead:{report.lead_id}",
            facts={"report": report.id},
        )


def _own(session: Session, uid: str, actor: User) -> tuple[Trip, Lead]:
    row = session.execute(
        select(Trip, Lead)
        .join(Lead, Lead.trip_id == Trip.id)
        .where(Lead.uid == uid, Trip.inspector_id == actor.id)
    ).one_or_none()
    if row is None:
        raise NotFound(lead=uid)
    return row.Trip, row.Lead
