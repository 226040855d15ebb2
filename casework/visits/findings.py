"""Recording what a visit established about one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import CampaignState
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
    Signature,
    Signer,
    Visit,
    VisitState,
)
from casework.visits.photos import MAX_PER_CASE, CleanPhoto, TooManyPhotos, clean

MAX_TEXT = 2000
#: The states in which a visit takes findings from its inspector.
OPEN = frozenset({VisitState.ASSIGNED, VisitState.DONE})
LEAD_RESULTS: Mapping[Verdict, LeadResult] = {
    Verdict.ACHIEVED: LeadResult.TRUE,
    Verdict.DEEMED: LeadResult.TRUE,
    Verdict.NOT_ACHIEVED: LeadResult.FALSE,
    Verdict.UNRESOLVED: LeadResult.UNRESOLVED,
}


class CampaignOver(CaseworkError):
    """The campaign of the visit is over, and its results rest on what was found until then."""


class FoundMeanwhile(CaseworkError):
    """Another finding of the visit came in after its page was opened; one of both is to count."""


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
    signatures: Mapping[Signer, bytes] = field(default_factory=dict)  #: images
    #: Where the device said it was: latitude, longitude, accuracy, mocked; empty if it did not.
    place: Mapping[str, Any] = field(default_factory=dict)
    skew_seconds: int | None = None  #: by how much the device's clock was ahead when it sent
    #: Keys of the reports of this visit that whoever filled in the form had in sight.
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CleanImages:
    """The images of a report, checked and with the copies that are shown."""

    photos: Sequence[CleanPhoto]
    signatures: Mapping[Signer, CleanPhoto]

    @classmethod
    def of(cls, report: FindingReport) -> Self:
        """Raise the errors of ``photos.clean``, or TooManyPhotos before any is opened."""
        if len(report.photos) > MAX_PER_CASE:
            raise TooManyPhotos(stored=0, sent=len(report.photos))
        photos = [clean(photo, number=n) for n, photo in enumerate(report.photos, start=1)]
        drawn = enumerate(report.signatures.items(), start=len(photos) + 1)
        return cls(photos, {signer: clean(image, number=n) for n, (signer, image) in drawn})


def record_finding(visit_uid: str, report: FindingReport, *, actor: User, at: datetime) -> Finding:
    """Record a finding, or a correction of an earlier one, and close the case with it.

    The same idempotency key twice records once and returns the finding that is there.

    Raises NotFound unless the visit is assigned to *actor*; FoundMeanwhile; CampaignOver; the
    errors of ``check_answers`` and of ``photos.clean``; TooManyPhotos, WordsTooMany. Nothing is
    written then.
    """
    # Decoding takes seconds and the write lock is everybody's, so it comes first.
    images = CleanImages.of(report)
    with transaction() as session:
        visit = _own_visit(session, visit_uid, actor)
        if (earlier := with_key(session, visit, report.idempotency_key)) is not None:
            return earlier
        if not knows_latest(session, visit, report):
            raise FoundMeanwhile(visit=visit_uid)
        check_report(session, visit, report)
        return add_finding(session, visit, report, images, actor=actor, at=at)


def _own_visit(session: Session, uid: str, actor: User) -> Visit:
    visit = session.scalar(
        select(Visit)
        .where(Visit.uid == uid, Visit.inspector_id == actor.id)
        .with_for_update(of=Visit)
    )
    if visit is None:
        raise NotFound(visit=uid)
    if visit.state not in OPEN:
        raise NotAllowedNow(visit=uid)
    return visit


def with_key(session: Session, visit: Visit, key: str) -> Finding | None:
    """Return the finding of *visit* that was sent with *key*; NotFound if it is another's."""
    earlier = session.scalar(select(Finding).where(Finding.idempotency_key == key))
    if earlier is not None and earlier.visit_id != visit.id:
        raise NotFound(visit=visit.uid)
    return earlier


def knows_latest(session: Session, visit: Visit, report: FindingReport) -> bool:
    """Tell whether *report* was written in sight of the finding that counts now, if there is one.

    If not, the form was open in a second window or on a second device, and what it says was never
    meant to take the place of that finding.
    """
    keys = select(Finding.idempotency_key).where(Finding.visit_id == visit.id)
    latest = session.scalar(keys.order_by(Finding.id.desc()).limit(1))
    return latest is None or latest in report.seen


def takes_findings(visit: Visit) -> bool:
    """Tell whether the campaign of *visit* is still at its visits."""
    return visit.case.campaign.state is CampaignState.VISITING


def check_report(session: Session, visit: Visit, report: FindingReport) -> None:
    """Raise what is wrong with the answers and words of a report."""
    if any(len(words) > MAX_TEXT for words in (report.note, *report.reasons.values())):
        raise WordsTooMany
    leads = session.scalar(select(func.count()).where(Lead.case_id == visit.case_id)) or 0
    check_answers(
        visit.case.project, report.outcome, report.checklist, report.reasons, has_lead=leads > 0
    )


def add_finding(
    session: Session,
    visit: Visit,
    report: FindingReport,
    images: CleanImages,
    *,
    actor: User,
    at: datetime,
) -> Finding:
    """Add a checked report as a finding by *actor*, close its case, and leave the audit row.

    Raises CampaignOver, TooManyPhotos.
    """
    if not takes_findings(visit):
        raise CampaignOver
    finding = _finding(session, visit, report, actor=actor, at=at)
    _add_images(session, visit, finding, images, at)
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
            "photos": [photo.digest for photo in images.photos],
            "signatures": {s.value: image.digest for s, image in images.signatures.items()},
        },
    )
    return finding


def _finding(
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
        skew_seconds=report.skew_seconds,
        idempotency_key=report.idempotency_key,
    )
    finding.note = report.note.strip()
    reasons = {key: words.strip() for key, words in report.reasons.items() if words.strip()}
    if reasons:
        finding.reasons = reasons
    if report.place:
        finding.place = report.place
    session.add(finding)
    session.flush()
    return finding


def _add_images(
    session: Session, visit: Visit, finding: Finding, images: CleanImages, at: datetime
) -> None:
    stored = session.scalar(
        select(func.count()).select_from(Photo).join(Finding).where(Finding.visit_id == visit.id)
    )
    if len(images.photos) + (stored or 0) > MAX_PER_CASE:
        raise TooManyPhotos(stored=stored or 0, sent=len(images.photos))
    for photo in images.photos:
        uid = new_uid()
        cells = _sealed("photo", uid, photo)
        session.add(
            Photo(
                uid=uid,
                finding_id=finding.id,
                received_at=at,
                fingerprint=photo.fingerprint,
                **cells,
            )
        )
    for signer, image in images.signatures.items():
        uid = new_uid()
        cells = _sealed("signature", uid, image)
        session.add(
            Signature(uid=uid, finding_id=finding.id, received_at=at, signer=signer, **cells)
        )


def _sealed(table: str, uid: str, image: CleanPhoto) -> dict[str, Any]:
    return {
        "digest": image.digest,
        "original_sealed": seal(image.original, table=table, column="original", row=uid),
        "shown_sealed": seal(image.shown, table=table, column="shown", row=uid),
    }


def _close(session: Session, visit: Visit, outcome: str, *, actor: User, at: datetime) -> None:
    visit.state = VisitState.DONE
    visit.case.site_outcome = outcome
    visit.case.settled_outcome = ""  # a new finding opens what was settled
    visit.case.apply(CaseAction.RECORD_FINDING, actor=actor, at=at)
    for lead in session.scalars(select(Lead).where(Lead.case_id == visit.case_id)):
        lead.result = LEAD_RESULTS[verdict_of(outcome)]
