"""Recording what a visit established about one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.cases.lifecycle import CaseAction
from casework.cases.outcomes import Verdict, verdict_of
from casework.db import new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.sealing import seal
from casework.visits.checklists import check_answers
from casework.visits.models import (
    Finding,
    Lead,
    LeadResult,
    Photo,
    Visit,
    VisitState,
)
from casework.visits.photos import MAX_PER_CASE, CleanPhoto, TooManyPhotos, clean

MAX_TEXT = 2000
LEAD_RESULTS: Mapping[Verdict, LeadResult] = {
    Verdict.ACHIEVED: LeadResult.TRUE,
    Verdict.DEEMED: LeadResult.TRUE,
    Verdict.NOT_ACHIEVED: LeadResult.FALSE,
    Verdict.UNRESOLVED: LeadResult.UNRESOLVED,
}


class WordsTooMany(CaseworkError):
    """A note or a reason is longer than 2,000 characters."""


@dataclass(frozen=True, slots=True)
class FindingReport:
    """What an inspector reports about one case."""

    outcome: str  #: code of the outcome table
    checklist: Mapping[str, str]  #: item key to the value of a CheckResult
    found_at: datetime  #: by the inspector's device
    idempotency_key: str
    reasons: Mapping[str, str] = field(default_factory=dict)  #: item key to words
    note: str = ""
    photos: Sequence[bytes] = ()


def record_finding(visit_uid: str, report: FindingReport, *, actor: User, at: datetime) -> Finding:
    """Record a finding, or a correction of an earlier one, and close the case with it.

    The same idempotency key twice records once and returns the finding that is there.

    Raises NotFound unless the visit is assigned to *actor*; the errors of ``check_answers`` and of
    ``photos.clean``; TooManyPhotos, WordsTooMany. Nothing is written then.
    """
    if len(report.photos) > MAX_PER_CASE:
        raise TooManyPhotos(stored=0, sent=len(report.photos))
    # Decoding takes seconds and the write lock is everybody's, so it comes first.
    photos = [clean(photo, number=n) for n, photo in enumerate(report.photos, start=1)]
    with transaction() as session:
        visit = _own_visit(session, visit_uid, actor)
        if (earlier := _same_key(session, visit, report.idempotency_key)) is not None:
            return earlier
        _check(session, visit, report)
        finding = _add_finding(session, visit, report, actor=actor, at=at)
        _add_photos(session, visit, finding, photos, at)
        _close(session, visit, report.outcome, actor=actor, at=at)
        trail.record(
            session,
            AuditAction.FINDING_RECORD,
            actor_id=actor.id,
            at=at,
            subject=f"case:{visit.case_id}",
            facts={
                "outcome": report.outcome,
                "finding": finding.id,
                "photos": [photo.digest for photo in photos],
            },
        )
    return finding


def _own_visit(session: Session, uid: str, actor: User) -> Visit:
    visit = session.scalar(
        select(Visit)
        .where(Visit.uid == uid, Visit.inspector_id == actor.id)
        .with_for_update(of=Visit)
    )
    if visit is None:
        raise NotFound(visit=uid)
    if visit.state is VisitState.PLANNED:
        raise NotAllowedNow(visit=uid)
    return visit


def _same_key(session: Session, visit: Visit, key: str) -> Finding | None:
    earlier = session.scalar(select(Finding).where(Finding.idempotency_key == key))
    if earlier is not None and earlier.visit_id != visit.id:
        raise NotFound(visit=visit.uid)
    return earlier


def _check(session: Session, visit: Visit, report: FindingReport) -> None:
    if any(len(words) > MAX_TEXT for words in (report.note, *report.reasons.values())):
        raise WordsTooMany
    leads = session.scalar(select(func.count()).where(Lead.case_id == visit.case_id)) or 0
    check_answers(
        visit.case.project, report.outcome, report.checklist, report.reasons, has_lead=leads > 0
    )


def _add_finding(
    session: Session, visit: Visit, report: FindingReport, *, actor: User, at: datetime
) -> Finding:
    finding = Finding(
        uid=new_uid(),
        visit_id=visit.id,
        inspector_id=actor.id,
        outcome=report.outcome,
        checklist=dict(report.checklist),
        found_at=report.found_at,
        received_at=at,
        idempotency_key=report.idempotency_key,
    )
    finding.note = report.note.strip()
    reasons = {key: words.strip() for key, words in report.reasons.items() if words.strip()}
    if reasons:
        finding.reasons = reasons
    session.add(finding)
    session.flush()
    return finding


def _add_photos(
    session: Session, visit: Visit, finding: Finding, photos: Sequence[CleanPhoto], at: datetime
) -> None:
    stored = session.scalar(
        select(func.count()).select_from(Photo).join(Finding).where(Finding.visit_id == visit.id)
    )
    if len(photos) + (stored or 0) > MAX_PER_CASE:
        raise TooManyPhotos(stored=stored or 0, sent=len(photos))
    for photo in photos:
        uid = new_uid()
        session.add(
            Photo(
                uid=uid,
                finding_id=finding.id,
                digest=photo.digest,
                original_sealed=seal(photo.original, table="photo", column="original", row=uid),
                shown_sealed=seal(photo.shown, table="photo", column="shown", row=uid),
                received_at=at,
            )
        )


def _close(session: Session, visit: Visit, outcome: str, *, actor: User, at: datetime) -> None:
    visit.state = VisitState.DONE
    visit.case.site_outcome = outcome
    visit.case.settled_outcome = ""  # a new finding opens what was settled
    visit.case.apply(CaseAction.RECORD_FINDING, actor=actor, at=at)
    for lead in session.scalars(select(Lead).where(Lead.case_id == visit.case_id)):
        lead.result = LEAD_RESULTS[verdict_of(outcome)]
