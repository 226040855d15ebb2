"""Keeping a report that came too late to count: nothing that an operator wrote is lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.filling import CallReport, fill_attempt
from casework.calls.holding import CaseNotHeld, attempt_under
from casework.calls.late_models import LateOutcome
from casework.calls.models import Attempt
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case, CaseEvent
from casework.db import new_uid
from casework.errors import CaseworkError, NotFound


class KeyReused(CaseworkError):
    """Another report was sent with the same idempotency key."""


def same_report(report: CallReport, digest: str | None) -> None:
    """Check that a key came with the same report as before. Raises KeyReused.

    Attempts of the first release have no digest.
    """
    if digest is not None and report.digest() != digest:
        raise KeyReused


def keep_late(
    session: Session, case: Case, fence: int, report: CallReport, *, actor: User, at: datetime
) -> LateOutcome:
    """Keep the report of a call whose hold was lost; the same report again is kept once.

    Raises CaseNotHeld if *actor* never held the case under *fence* or closed that call already,
    KeyReused, and what ``fill_attempt`` raises: it is checked like any other report.
    """
    earlier = session.scalar(
        select(LateOutcome).where(LateOutcome.idempotency_key == report.idempotency_key)
    )
    if earlier is not None:
        if earlier.case_id != case.id or earlier.operator_id != actor.id:
            raise NotFound(case=case.id)
        same_report(report, earlier.report_digest)
        return earlier
    lost = attempt_under(session, case, fence)
    if not _held_once(session, case, fence, lost, actor):
        raise CaseNotHeld(case=case.code)
    draft = _draft(case, fence, lost, actor, at)
    confirmed = fill_attempt(case, draft, report, at)
    late = LateOutcome(
        uid=new_uid(),
        case_id=case.id,
        operator_id=actor.id,
        fence=fence,
        received_at=at,
        idempotency_key=report.idempotency_key,
        report_digest=report.digest(),
        disposition=report.disposition,
    )
    late.report = _kept(draft, report)
    session.add(late)
    session.flush()
    trail.record(
        session,
        AuditAction.LATE_OUTCOME_KEEP,
        actor_id=actor.id,
        at=at,
        subject=f"case:{case.id}",
        facts={"number": late.id, "disposition": late.disposition, **confirmed},
    )
    return late


def reported(late: LateOutcome) -> CallReport:
    """Return a kept report as it was sent; its answers are those of ``late.report``."""
    kept = late.report
    window = kept["window"]
    return CallReport(
        disposition=late.disposition,
        idempotency_key=late.idempotency_key,
        outcome=kept["outcome"],
        note=kept["note"],
        window=window and (_time(window[0]), _time(window[1])),
        new_number=kept["new_number"],
        waiver_read_at=kept["waiver_read_at"] and _time(kept["waiver_read_at"]),
        number_used=kept["number_used"],
        by_hand=kept.get("by_hand"),  # reports of earlier releases do not say
    )


def _held_once(session: Session, case: Case, fence: int, lost: Attempt | None, actor: User) -> bool:
    if lost is not None:
        return lost.operator_id == actor.id and not lost.disposition
    claimed = exists().where(
        CaseEvent.case_id == case.id,
        CaseEvent.actor_id == actor.id,
        CaseEvent.action == CaseAction.CLAIM,
    )
    return 0 < fence <= case.fence and bool(session.scalar(select(claimed)))


def _draft(case: Case, fence: int, lost: Attempt | None, actor: User, at: datetime) -> Attempt:
    """Return an attempt to check the report against. It is never added to the session."""
    draft = Attempt(
        uid=new_uid(), case_id=case.id, operator_id=actor.id, fence=fence, number_used=0
    )
    draft.started_at = at
    if lost is not None:
        draft.number_used, draft.waiver_read_at = lost.number_used, lost.waiver_read_at
        draft.answers = lost.answers
    return draft


def _kept(draft: Attempt, report: CallReport) -> dict[str, Any]:
    waiver, window = draft.waiver_read_at, report.window
    return {
        "outcome": draft.outcome,
        "note": draft.note,
        "answers": draft.answers,
        "window": window and [moment.isoformat() for moment in window],
        "new_number": report.new_number,
        "waiver_read_at": waiver and waiver.isoformat(),
        "number_used": draft.number_used,
        "by_hand": report.by_hand,
    }


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
