"""Closing a call: what the operator reports, checked, kept once, and its effect on the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words, walk_of
from casework.calls.blind_calls import as_if_first, consider_recall, end_recall, is_over
from casework.calls.dispositions import Disposition, offered
from casework.calls.history import NEW_NUMBER, attempts_of, numbers_of, past_calls
from casework.calls.holding import (
    begin_attempt,
    calling_is_over,
    count_try,
    locked_case,
    require_held,
)
from casework.calls.leads import lead_cause
from casework.calls.models import Appointment, Attempt
from casework.calls.planning import plan_next_call
from casework.calls.rules import Rules, rules_of
from casework.calls.schedule import day_of
from casework.calls.script import Answers
from casework.calls.slots import require_free
from casework.calls.verdicts import WAIVERS
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, PhoneClass
from casework.cases.phone_result import Ending, numbers_left, phone_result
from casework.db import transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.phones import read_phones


class NoteMissing(CaseworkError):
    """The disposition needs a note."""


class AnswersIncomplete(CaseworkError):
    """The answers do not reach a verdict, so the interview cannot be reported as held."""


class OutcomeContradictsAnswers(CaseworkError):
    """The outcome is not the one that the answers give."""


class WaiverMarkMissing(CaseworkError):
    """A voluntary waiver needs the time mark of its sentence."""


class AppointmentMissing(CaseworkError):
    """An appointment needs a window of time."""


class AppointmentUnusable(CaseworkError):
    """The window is over, ends before it begins, or lies outside the calling hours."""


class NewNumberMissing(CaseworkError):
    """The new number is missing or is no telephone number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What an operator reports about one call.

    ``answers`` replaces what was saved during the call; None keeps it. ``outcome`` follows from
    the answers; where it is given it must agree. ``window`` is the agreed time, from and to.
    """

    disposition: str
    idempotency_key: str
    outcome: str = ""
    note: str = ""
    answers: Answers | None = None
    window: tuple[datetime, datetime] | None = None
    new_number: str = ""
    waiver_read_at: datetime | None = None
    number_used: int | None = None


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

    The same idempotency key again changes nothing and returns what became of the case.

    Raises NotFound, CaseNotHeld if the report comes too late, UnknownDisposition, NoteMissing,
    AnswersIncomplete, OutcomeContradictsAnswers, WaiverMarkMissing, AppointmentMissing,
    AppointmentUnusable, SlotFull, NewNumberMissing, IdentityNumberTyped, TooManyWords.
    """
    disposition = offered(report.disposition)
    with transaction() as session:
        case = locked_case(session, case_id)
        earlier = _earlier(session, report.idempotency_key)
        if earlier is not None:
            if earlier.case_id != case_id or earlier.operator_id != actor.id:
                raise NotFound(case=case_id)
            return _recorded(case, earlier, repeated=True)
        require_held(case, fence, actor)
        attempt = begin_attempt(session, case, actor, at)
        _fill(case, attempt, disposition, report, at)
        _keep_appointment(session, case, attempt, report, actor, at)
        _move(session, case, attempt, disposition, report, actor=actor, at=at)
        trail.record(
            session,
            AuditAction.OUTCOME_RECORD,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"disposition": disposition.code, "outcome": attempt.outcome},
        )
        return _recorded(case, attempt, repeated=False)


def _earlier(session: Session, key: str) -> Attempt | None:
    return session.scalar(select(Attempt).where(Attempt.idempotency_key == key))


def _recorded(case: Case, attempt: Attempt, *, repeated: bool) -> Recorded:
    state = as_if_first(case, attempt) if attempt.blind else case.state
    due_at = case.schedule.due_at if state is CaseState.READY else None
    return Recorded(case.code, state, due_at, case.phone_class, attempt.outcome, repeated)


def _fill(
    case: Case, attempt: Attempt, disposition: Disposition, report: CallReport, at: datetime
) -> None:
    """Check the report and write it into the attempt."""
    note = clean_words(report.note)
    if disposition.requires_note and not note:
        raise NoteMissing(disposition=disposition.code)
    if report.waiver_read_at is not None:
        attempt.waiver_read_at = report.waiver_read_at
    if report.number_used is not None:
        attempt.number_used = report.number_used
    saved = attempt.answers
    answers = saved if report.answers is None else _answers(report.answers, saved, at)
    if disposition.ending is Ending.MOVED:
        answers = {**answers, NEW_NUMBER: _new_number(report.new_number)}
    attempt.outcome = _outcome(case, attempt, disposition, report.outcome, answers)
    if answers:
        attempt.answers = answers
    if note:
        attempt.note = note
    attempt.disposition, attempt.ended_at = disposition.code, at
    attempt.idempotency_key = report.idempotency_key


def _answers(given: Answers, saved: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return *given* in the form in which answers are saved, with the words saved before."""
    return {
        question: {
            "keys": list(keys),
            "words": saved.get(question, {}).get("words", ""),
            "at": saved.get(question, {}).get("at", at.isoformat()),
        }
        for question, keys in given.items()
    }


def _outcome(
    case: Case,
    attempt: Attempt,
    disposition: Disposition,
    claimed: str,
    answers: Mapping[str, Any],
) -> str:
    """Return the outcome of the call: of an interview what the answers give, else none."""
    if not disposition.is_interview:
        if claimed:
            raise OutcomeContradictsAnswers(outcome=claimed, answers="")
        return ""
    found = walk_of(case, answers)
    partial = disposition.code == "13"  # the key questions are answered, the script is not over
    if not found.outcome or (found.question is not None and not partial):
        raise AnswersIncomplete(disposition=disposition.code)
    if claimed and claimed != found.outcome:
        raise OutcomeContradictsAnswers(outcome=claimed, answers=found.outcome)
    if found.outcome in WAIVERS and attempt.waiver_read_at is None:
        raise WaiverMarkMissing(outcome=found.outcome)
    return found.outcome


def _new_number(text: str) -> str:
    numbers = read_phones(text).numbers if text else ()
    if len(numbers) != 1:
        raise NewNumberMissing
    return numbers[0]


def _keep_appointment(
    session: Session,
    case: Case,
    attempt: Attempt,
    report: CallReport,
    actor: User,
    at: datetime,
) -> None:
    """Close the appointments that this call kept, and write down the one agreed in it."""
    pending = select(Appointment).where(
        Appointment.case_id == case.id,
        Appointment.kept_at.is_(None),
        Appointment.window_start <= at,
    )
    for appointment in session.scalars(pending):
        appointment.kept_at = attempt.started_at
    if not offered(report.disposition).needs_appointment:
        return
    if report.window is None:
        raise AppointmentMissing(disposition=report.disposition)
    start, end = report.window
    last_day = case.campaign.fieldwork_ends_on
    hours = rules_of(session, case.campaign_id).hours
    if not at < end or not start < end or not hours.contain(start):
        raise AppointmentUnusable(until=last_day)
    if day_of(start) > last_day:
        raise AppointmentUnusable(until=last_day)
    require_free(session, case.id, start, at=at)
    session.add(
        Appointment(
            case_id=case.id,
            attempt_id=attempt.id,
            owner_id=actor.id,
            window_start=start,
            window_end=end,
        )
    )


def _move(  # noqa: PLR0913 - the case, its call, and who when
    session: Session,
    case: Case,
    attempt: Attempt,
    disposition: Disposition,
    report: CallReport,
    *,
    actor: User,
    at: datetime,
) -> None:
    """Send the case to the supervisor, off the phone, or back into the queue."""
    if disposition.ending is not Ending.NOT_COUNTED:
        count_try(case, attempt)
    if disposition.ending is Ending.REFERRED and not attempt.blind:
        case.apply(CaseAction.ESCALATE, actor=actor, at=at)
        return
    session.flush()
    attempts = attempts_of(session, case.id)
    history, numbers = past_calls(attempts), numbers_of(case, attempts)
    rules = rules_of(session, case.campaign_id)
    over = calling_is_over(case.campaign, at) or _tried_enough(case, disposition, rules)
    result = phone_result(history, len(numbers), over=over)
    if result is not None and not attempt.blind:
        tokens = walk_of(case, attempt.answers).tokens
        cause = lead_cause(disposition.code, result.outcome, tokens)
        case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
        if disposition.is_interview:
            consider_recall(session, attempt, at)
        return
    dialled = {call.number for call in history}
    case.put_back(CaseAction.HAND_BACK, actor=actor, at=at)
    plan_next_call(
        session,
        case.schedule,
        disposition,
        rules,
        window=report.window if disposition.needs_appointment else None,
        untried_number=any(n not in dialled for n in numbers_left(history, len(numbers))),
        actor=actor,
        at=at,
    )
    if attempt.blind and is_over(attempt, result):
        end_recall(session, case, attempts, at)


def _tried_enough(case: Case, disposition: Disposition, rules: Rules) -> bool:
    """Tell whether the last call was made that may be made; a time agreed in it is still kept."""
    return case.schedule.tried >= rules.calls_of_a_case and not disposition.needs_appointment
