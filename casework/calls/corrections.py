"""Correcting a call by a new row: one's own for ten minutes, while nothing else happened.

Later a supervisor does it, by the same steps: see overruling.py.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.blind_calls import (
    may_be_reopened,
    reopen_recall,
    resume_recall,
    suspend_recall,
)
from casework.calls.closing import close_call
from casework.calls.confirming import Stood, must_be_confirmed
from casework.calls.dialling import BY_HAND, add_call, dialled_by_hand
from casework.calls.dispositions import all_dispositions, offered
from casework.calls.filling import CallReport, fill_attempt
from casework.calls.history import attempts_of, calls_of, numbers_of
from casework.calls.holding import locked_case, recount
from casework.calls.models import Attempt
from casework.calls.planning import skill_wanted, take_back_time
from casework.calls.reports import Recorded, recorded, recorded_before
from casework.calls.rules import rules_of
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseEvent
from casework.cases.number_index import spare_cases
from casework.cases.number_models import CaseNumber
from casework.cases.phone_result import Ending
from casework.db import transaction
from casework.errors import CaseworkError, NotFound

CORRECTABLE_FOR = timedelta(minutes=10)
_OPEN_TO_CORRECTION = (CaseState.READY, CaseState.ESCALATED, CaseState.PHONED)


class CorrectionUnexplained(CaseworkError):
    """A correction that denies an interview or ends the calls needs a reason of its own."""


class CorrectionTooLate(CaseworkError):
    """A call is corrected within ten minutes and while its case has not moved on."""


def correct_attempt(attempt_uid: str, report: CallReport, *, actor: User, at: datetime) -> Recorded:
    """Replace the outcome of a call that *actor* closed, and send its case where it goes now.

    The old row stays as it was; the new one supersedes it and has its answers, unless the report
    brings others. A correction that denies an interview, or ends the calls where they had not
    ended so before, says why in its note, and a supervisor confirms it or not.

    Raises NotFound, CorrectionTooLate, CorrectionUnexplained, KeyReused, NotDialled, and what
    ``record_outcome`` raises of a report.
    """
    offered(report.disposition)
    with transaction() as session:
        old = session.scalar(
            select(Attempt).where(Attempt.uid == attempt_uid, Attempt.operator_id == actor.id)
        )
        if old is None:
            raise NotFound(attempt=attempt_uid)
        case = locked_case(session, old.case_id)
        keyed = calls_of(session, case.id, report.idempotency_key).keyed
        earlier = recorded_before(case, keyed, report, actor)
        if earlier is not None:
            return earlier
        if not _correctable(session, case, old, actor, at):
            raise CorrectionTooLate(case=case.code)
        attempt = replace_call(session, case, old, report, _needs_confirming, actor=actor, at=at)
        return recorded(case, attempt)


def replace_call(  # noqa: PLR0913 - the case, the call and its new report, and who when
    session: Session,
    case: Case,
    old: Attempt,
    report: CallReport,
    refers: Callable[[Session, Case, Attempt, Attempt, Stood], bool],
    *,
    supervises: bool = False,
    actor: User,
    at: datetime,
) -> Attempt:
    """Let *report* take the place of the call *old* and send *case* where it goes now.

    *refers* tells of the old row, the new one and what stood whether a supervisor is to confirm.
    What is corrected by who *supervises* bears that name, be it the supervisor's own call.

    Raises what ``record_outcome`` raises of a report.
    """
    stood = case.phone_class, case.phone_outcome
    recall = None if old.blind else suspend_recall(session, old)
    _undo(session, case, old, actor, at)
    attempt = _copy(session, case, old, actor.id if supervises else None)
    if dialled_by_hand(attempt, offered(report.disposition), by_hand=report.by_hand):
        add_call(session, attempt, BY_HAND, attempt.started_at)
    recount(session, case)
    if all_dispositions()[old.disposition].ending is Ending.MOVED:
        _forget_told_number(session, case)
    confirmed = fill_attempt(case, attempt, report, old.ended_at or at)
    session.flush()
    close_call(
        session,
        case,
        attempt,
        report,
        calls=calls_of(session, case.id),
        rules=rules_of(session, case.campaign_id),
        refer=refers(session, case, old, attempt, stood),
        actor=actor,
        at=at,
    )
    if recall is not None:
        resume_recall(session, recall, attempt, at)
    trail.record(
        session,
        AuditAction.OUTCOME_CORRECT,
        actor_id=actor.id,
        at=at,
        subject=f"case:{case.id}",
        facts={
            "from": old.disposition,
            "to": attempt.disposition,
            "outcome": attempt.outcome,
            **confirmed,
        },
    )
    return attempt


def _needs_confirming(
    session: Session, case: Case, old: Attempt, correction: Attempt, stood: Stood
) -> bool:
    """Tell whether a supervisor decides about *correction*, which then says why in its own note."""
    if not must_be_confirmed(session, case, old, correction, stood):
        return False
    if correction.note in {"", old.note}:
        raise CorrectionUnexplained(disposition=correction.disposition)
    return True


def _correctable(session: Session, case: Case, old: Attempt, actor: User, at: datetime) -> bool:
    """Tell whether the call may still be corrected: in time, and nobody acted on the case since."""
    if old.ended_at is None or not old.disposition:
        return False
    return at <= old.ended_at + CORRECTABLE_FOR and is_untouched(session, case, old, actor)


def is_untouched(session: Session, case: Case, old: Attempt, actor: User) -> bool:
    """Tell whether *case* is as *actor* left it with the call *old*: nobody acted on it since."""
    if case.fence != old.fence or case.holder_id is not None:
        return False
    if old.blind:
        return may_be_reopened(session, case)
    last_by = session.scalar(
        select(CaseEvent.actor_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )
    return case.state in _OPEN_TO_CORRECTION and last_by == actor.id


def _undo(session: Session, case: Case, old: Attempt, actor: User, at: datetime) -> None:
    """Take back what the old outcome did to the case, or to its re-call."""
    if old.blind:
        reopen_recall(session, case)
    else:
        case.reopen(actor=actor, at=at)
    if case.schedule.skill == skill_wanted(all_dispositions()[old.disposition]):
        case.schedule.skill = ""
    take_back_time(session, old, at)


def _copy(session: Session, case: Case, old: Attempt, corrected_by_id: int | None) -> Attempt:
    """Return a new open row for the same call."""
    attempt = Attempt(
        case_id=case.id,
        operator_id=old.operator_id,
        fence=case.fence,
        claimed_as=old.claimed_as,
        number_used=old.number_used,
        started_at=old.started_at,
        dialled_at=old.dialled_at,
        waiver_read_at=old.waiver_read_at,
        supersedes_id=old.id,
        blind=old.blind,
        corrected_by_id=corrected_by_id,
    )
    session.add(attempt)
    session.flush()
    attempt.answers = old.answers
    return attempt


def _forget_told_number(session: Session, case: Case) -> None:
    known = len(numbers_of(case, attempts_of(session, case.id)))
    session.execute(
        delete(CaseNumber).where(CaseNumber.case_id == case.id, CaseNumber.place >= known)
    )
    spare_cases(session, [case.id])  # the number may have been on the list of those not called
