"""Closing a call: what the operator reports is kept once, and moves the case on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.blind_calls import as_if_first
from casework.calls.closing import close_call
from casework.calls.dialling import require_call
from casework.calls.dispositions import offered
from casework.calls.filling import CallReport, fill_attempt
from casework.calls.holding import CaseNotHeld, begin_attempt, is_held, locked_case
from casework.calls.keeping import keep_late, same_report
from casework.calls.models import Attempt
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import transaction
from casework.errors import NotFound


class OutcomeKeptLate(CaseNotHeld):
    """The report came after the hold was lost: it is kept, and a supervisor decides about it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the case."""

    code: str
    state: CaseState
    due_at: datetime | None  #: of the next call; None if the phone is done with the case
    phone_class: PhoneClass | None
    outcome: str  #: of this call
    repeated: bool  #: the same report had been recorded before


def record_outcome(
    case_id: int, fence: int, report: CallReport, *, actor: User, at: datetime
) -> Recorded:
    """Close the call of the case that *actor* holds and send the case where it goes next.

    The same report with the same idempotency key again changes nothing and returns what became of
    the case.

    Raises NotFound, OutcomeKeptLate if *actor* held the case once under this fence and does not
    any more, CaseNotHeld if never, KeyReused, UnknownDisposition, NoteMissing, AnswersIncomplete,
    OutcomeContradictsAnswers, WaiverMarkMissing, AppointmentMissing, AppointmentUnusable,
    SlotFull, NewNumberMissing, NewNumberUnreadable, NotDialled, IdentityNumberTyped,
    TooManyWords.
    """
    disposition = offered(report.disposition)
    with transaction() as session:
        case = locked_case(session, case_id)
        earlier = recorded_before(session, case, report, actor)
        if earlier is not None:
            return earlier
        if is_held(case, fence, actor):
            attempt = begin_attempt(session, case, actor, at)
            if report.by_hand is not None:
                require_call(session, attempt, disposition, by_hand=report.by_hand)
            fill_attempt(case, attempt, report, at)
            close_call(session, case, attempt, report, actor=actor, at=at)
            record_act(session, attempt, actor, at)
            return recorded(case, attempt)
        late = keep_late(session, case, fence, report, actor=actor, at=at)
        kept = {"case": case.code, "number": late.id}
    raise OutcomeKeptLate(**kept)


def record_act(session: Session, attempt: Attempt, actor: User, at: datetime) -> None:
    """Keep in the trail that a call was closed; last in a unit of work."""
    trail.record(
        session,
        AuditAction.OUTCOME_RECORD,
        actor_id=actor.id,
        at=at,
        subject=f"case:{attempt.case_id}",
        facts={"disposition": attempt.disposition, "outcome": attempt.outcome},
    )


def recorded_before(
    session: Session, case: Case, report: CallReport, actor: User
) -> Recorded | None:
    """Return what became of the case if this report was recorded already.

    Raises NotFound if somebody else used its key, KeyReused if another report did.
    """
    earlier = session.scalar(
        select(Attempt).where(Attempt.idempotency_key == report.idempotency_key)
    )
    if earlier is None:
        return None
    if earlier.case_id != case.id or earlier.operator_id != actor.id:
        raise NotFound(case=case.id)
    same_report(report, earlier.report_digest)
    return recorded(case, earlier, repeated=True)


def recorded(case: Case, attempt: Attempt, *, repeated: bool = False) -> Recorded:
    """Return what became of the case after a call, as its operator may know it."""
    state = as_if_first(case, attempt) if attempt.blind else case.state
    due_at = case.schedule.due_at if state is CaseState.READY else None
    return Recorded(case.code, state, due_at, case.phone_class, attempt.outcome, repeated)
