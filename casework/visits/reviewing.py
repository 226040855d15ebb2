"""One visit with all that came of it, for whoever plans visits or weighs signals from the field.

The person stays covered here: what is weighed is how the finding came about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, select, true

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.db import db, transaction
from casework.errors import NotFound
from casework.visits.models import Finding, Lead, Photo, Trip, Visit
from casework.visits.worklist import covered, opened_photo


@dataclass(frozen=True, slots=True)
class ReviewedVisit:
    """A visit, opened."""

    visit: Visit
    case: Case
    campaign: Campaign
    name: str  #: covered
    trip: Trip | None
    leads: Sequence[Lead]
    findings: Sequence[Finding]  #: the latest one counts


def review_visit(uid: str, *, actor: User, at: datetime) -> ReviewedVisit:
    """Return one visit; that it was looked at is kept.

    Raises NotFound for whoever does not see all regions: which cases are visited is secret.
    """
    with transaction() as session:
        visit = session.scalar(select(Visit).where(Visit.uid == uid, _province(actor)))
        if visit is None:
            raise NotFound(visit=uid)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"visit:{visit.id}",
            facts={"code": visit.case.code},
        )
    case = visit.case
    leads = db.session.scalars(select(Lead).where(Lead.case_id == case.id).order_by(Lead.id))
    return ReviewedVisit(
        visit=visit,
        case=case,
        campaign=db.session.get_one(Campaign, case.campaign_id),
        name=covered(case.entry.name),
        trip=db.session.get(Trip, visit.trip_id) if visit.trip_id else None,
        leads=leads.all(),
        findings=visit.findings,
    )


def reviewed_photo(uid: str, *, actor: User, at: datetime) -> bytes:
    """Return the clean copy of a photo, as JPEG; that it was looked at is kept. Raises NotFound."""
    with transaction() as session:
        photo = session.scalar(select(Photo).where(Photo.uid == uid, _province(actor)))
        if photo is None:
            raise NotFound(photo=uid)
        return opened_photo(session, photo, actor=actor, at=at)


def _province(actor: User) -> ColumnElement[bool]:
    return true() if actor.sees_all_regions else false()
