"""The coordinator's work list of conflicts: reports that do not count by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.cases.models import Case
from casework.db import db, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.sealing import unseal
from casework.visits.findings import CleanImages, FindingReport, add_finding, check_report
from casework.visits.kept_models import KeptFinding, KeptImage, KeptState
from casework.visits.models import Finding, Visit
from casework.visits.photos import clean
from casework.visits.worklist import covered

MAX_REASON = 2000
SHOWN = 200


class ReasonUnusable(CaseworkError):
    """Putting evidence aside needs a reason of at most 2,000 characters."""


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One report that waits, beside what counts now."""

    kept: KeptFinding
    case: Case
    name: str  #: covered
    outcome: str  #: of the report that waits
    note: str
    standing: Finding | None  #: the finding that counts now


def waiting_conflicts(actor: User) -> Sequence[ConflictLine]:
    """Return the reports that wait for a decision in the actor's region, the oldest first."""
    rows = db.session.scalars(
        _waiting(actor)
        .order_by(KeptFinding.id)
        .limit(SHOWN)
        .options(
            joinedload(KeptFinding.visit).joinedload(Visit.case).joinedload(Case.entry),
            joinedload(KeptFinding.inspector),
        )
    )
    return [_line(kept) for kept in rows]


def number_waiting(actor: User) -> int:
    """Return how many reports wait for a decision in the actor's region."""
    return db.session.scalar(select(func.count()).select_from(_waiting(actor).subquery())) or 0


def _waiting(actor: User) -> Select[KeptFinding]:
    return (
        select(KeptFinding)
        .join(Visit, KeptFinding.visit_id == Visit.id)
        .where(KeptFinding.state == KeptState.WAITING, in_scope(actor, Visit.place_code))
    )


def _line(kept: KeptFinding) -> ConflictLine:
    case, report, findings = kept.visit.case, kept.report, kept.visit.findings
    return ConflictLine(
        kept=kept,
        case=case,
        name=covered(case.entry.name),
        outcome=report["outcome"],
        note=report["note"],
        standing=findings[-1] if findings else None,
    )


def accept_kept(uid: str, *, actor: User, at: datetime) -> Finding:
    """Let a kept report count: it becomes the latest finding of its visit, by who reported it.

    Raises NotFound; NotAllowedNow if it is decided already; CampaignOver; the errors of
    ``check_answers`` if the case changed so that the report does not suit it any more.
    """
    with transaction() as session:
        kept = _to_decide(session, uid, actor)
        report = _report_of(kept)
        check_report(session, kept.visit, report)
        images = CleanImages.of(report)
        finding = add_finding(
            session, kept.visit, report, images, actor=kept.inspector, at=kept.received_at
        )
        kept.state, kept.finding_id = KeptState.ACCEPTED, finding.id
        _decided(session, kept, AuditAction.KEPT_FINDING_ACCEPT, actor=actor, at=at)
    return finding


def dismiss_kept(uid: str, reason: str, *, actor: User, at: datetime) -> None:
    """Put a kept report aside with a reason; the evidence stays.

    Raises NotFound, NotAllowedNow if it is decided already, ReasonUnusable.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MAX_REASON:
        raise ReasonUnusable
    with transaction() as session:
        kept = _to_decide(session, uid, actor)
        kept.state, kept.reason = KeptState.DISMISSED, reason
        _decided(session, kept, AuditAction.KEPT_FINDING_DISMISS, actor=actor, at=at)


def kept_image(uid: str, *, actor: User, at: datetime) -> bytes:
    """Return the clean copy of an image of a kept report; that it was looked at is kept.

    Raises NotFound outside the actor's region.
    """
    with transaction() as session:
        image = session.scalar(
            select(KeptImage)
            .join(KeptFinding, KeptImage.kept_id == KeptFinding.id)
            .join(Visit, KeptFinding.visit_id == Visit.id)
            .where(KeptImage.uid == uid, in_scope(actor, Visit.place_code))
        )
        if image is None:
            raise NotFound(image=uid)
        original = _opened(image)
        trail.record(
            session,
            AuditAction.EVIDENCE_SHOW,
            actor_id=actor.id,
            at=at,
            subject=f"kept_image:{image.id}",
            facts={"digest": image.digest},
        )
    return clean(original).shown


def _to_decide(session: Session, uid: str, actor: User) -> KeptFinding:
    kept = session.scalar(
        select(KeptFinding)
        .join(Visit, KeptFinding.visit_id == Visit.id)
        .where(KeptFinding.uid == uid, in_scope(actor, Visit.place_code))
        .with_for_update(of=KeptFinding)
    )
    if kept is None:
        raise NotFound(report=uid)
    if kept.state is not KeptState.WAITING:
        raise NotAllowedNow(report=uid)
    return kept


def _report_of(kept: KeptFinding) -> FindingReport:
    images = [(image.signer, _opened(image)) for image in kept.images]
    return FindingReport(
        **kept.report,
        found_at=kept.found_at,
        skew_seconds=kept.skew_seconds,
        idempotency_key=kept.idempotency_key,
        photos=[content for signer, content in images if signer is None],
        signatures={signer: content for signer, content in images if signer is not None},
    )


def _opened(image: KeptImage) -> bytes:
    return unseal(image.original_sealed, table="kept_image", column="original", row=image.uid)


def _decided(
    session: Session, kept: KeptFinding, action: AuditAction, *, actor: User, at: datetime
) -> None:
    kept.decided_by_id, kept.decided_at = actor.id, at
    trail.record(
        session,
        action,
        actor_id=actor.id,
        at=at,
        subject=f"case:{kept.visit.case_id}",
        facts={"kept": kept.id, "why": kept.why.value},
    )
