"""What an inspector's device sends, perhaps hours after it was found: each report comes in once.

A device works without a network, so the visit may have been taken back, given to somebody else or
made by somebody else when its report arrives; or the same inspector reported it from a second
window or device, and neither report was written in sight of the other. Such a report is not thrown
away and does not count by itself: it is kept with its photos as a conflict, and a coordinator
decides. See ``kept.py``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import new_uid, transaction
from casework.errors import NotFound
from casework.sealing import seal
from casework.visits.along_models import LeadConflict
from casework.visits.findings import (
    OPEN,
    CleanImages,
    FindingReport,
    add_finding,
    check_report,
    knows_latest,
    takes_findings,
    with_key,
)
from casework.visits.kept_models import Conflict, KeptFinding, KeptImage
from casework.visits.models import Finding, Visit
from casework.visits.worklist import visit_pass


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the device may rely on: the report is stored, and under which mark."""

    uid: str  #: of the finding, or of the kept report
    received_at: datetime
    conflict: Conflict | LeadConflict | None = None  #: why it does not count by itself


def receive_finding(
    visit_uid: str, report: FindingReport, *, shown: str, actor: User, at: datetime
) -> Receipt:
    """Store a report that a device sends; the same one twice is stored once.

    Parameters
    ----------
    shown
        The ``visit_pass`` that came with the visit when it was shown; with it *actor* may report
        a visit that meanwhile is somebody else's or nobody's.

    Raises NotFound for a visit that was never *actor*'s; the errors of ``check_answers`` and of
    ``photos.clean``; TooManyPhotos, WordsTooMany. Nothing is written then.
    """
    # Decoding takes seconds and the write lock is everybody's, so it comes first.
    images = CleanImages.of(report)
    with transaction() as session:
        visit = session.scalar(
            select(Visit).where(Visit.uid == visit_uid).with_for_update(of=Visit)
        )
        own = visit is not None and visit.inspector_id == actor.id
        if visit is None or not (own or shown == visit_pass(visit_uid, actor)):
            raise NotFound(visit=visit_uid)
        if earlier := _received(session, visit, report.idempotency_key):
            return earlier
        check_report(session, visit, report)
        if why := _conflict(session, visit, report, actor):
            kept = _keep(session, visit, report, images, why, actor=actor, at=at)
            return Receipt(kept.uid, at, why)
        return Receipt(add_finding(session, visit, report, images, actor=actor, at=at).uid, at)


def _received(session: Session, visit: Visit, key: str) -> Receipt | None:
    kept = session.scalar(select(KeptFinding).where(KeptFinding.idempotency_key == key))
    if kept is not None:
        if kept.visit_id != visit.id:
            raise NotFound(visit=visit.uid)
        return Receipt(kept.uid, kept.received_at, kept.why)
    finding = with_key(session, visit, key)
    return Receipt(finding.uid, finding.received_at) if finding is not None else None


def _conflict(
    session: Session, visit: Visit, report: FindingReport, actor: User
) -> Conflict | None:
    if not takes_findings(visit):
        return Conflict.CLOSED
    finders = select(Finding.inspector_id).where(Finding.visit_id == visit.id)
    latest = session.scalar(finders.order_by(Finding.id.desc()).limit(1))
    if latest not in {None, actor.id}:
        return Conflict.FOUND_BY_OTHER
    if visit.state not in OPEN:
        return Conflict.WITHDRAWN
    if visit.inspector_id != actor.id:
        return Conflict.REASSIGNED
    return None if knows_latest(session, visit, report) else Conflict.FOUND_TWICE


def _keep(  # noqa: PLR0913 - a report, its images, and why
    session: Session,
    visit: Visit,
    report: FindingReport,
    images: CleanImages,
    why: Conflict,
    *,
    actor: User,
    at: datetime,
) -> KeptFinding:
    kept = KeptFinding(
        uid=new_uid(),
        visit_id=visit.id,
        inspector_id=actor.id,
        why=why,
        found_at=report.found_at,
        received_at=at,
        skew_seconds=report.skew_seconds,
        idempotency_key=report.idempotency_key,
    )
    kept.report = _words_of(report)
    session.add(kept)
    session.flush()
    photos = [(None, photo) for photo in images.photos]
    for signer, image in [*photos, *images.signatures.items()]:
        uid = new_uid()
        sealed = seal(image.original, table="kept_image", column="original", row=uid)
        session.add(
            KeptImage(
                uid=uid, kept_id=kept.id, signer=signer, digest=image.digest, original_sealed=sealed
            )
        )
    trail.record(
        session,
        AuditAction.KEPT_FINDING_KEEP,
        actor_id=actor.id,
        at=at,
        subject=f"case:{visit.case_id}",
        facts={"why": why.value, "outcome": report.outcome, "kept": kept.id},
    )
    return kept


def _words_of(report: FindingReport) -> dict[str, Any]:
    return {
        "outcome": report.outcome,
        "checklist": dict(report.checklist),
        "reasons": dict(report.reasons),
        "note": report.note,
        "place": dict(report.place),
    }
