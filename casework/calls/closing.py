"""What a closed call does to its case: the appointment agreed in it, and where the case goes."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.attempts import walk_of
from casework.calls.blind_calls import consider_recall, end_recall, is_over
from casework.calls.dispositions import Disposition, offered
from casework.calls.filling import CallReport
from casework.calls.history import Calls, numbers_of, past_calls
from casework.calls.holding import calling_is_over, count_try
from casework.calls.leads import lead_cause
from casework.calls.models import Appointment, Attempt
from casework.calls.planning import keep_agreed_time, plan_next_call
from casework.calls.rules import Rules
from casework.calls.same_person import rest_other_cases
from casework.calls.schedule import CallingHours, day_of
from casework.calls.slots import require_free
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case
from casework.cases.number_index import add_told_number
from casework.cases.phone_result import Ending, numbers_left, phone_result
from casework.errors import CaseworkError


class AppointmentMissing(CaseworkError):
    """An appointment needs a window of time."""


class AppointmentUnusable(CaseworkError):
    """No call can be made at the time agreed on."""


class AppointmentUnreadable(AppointmentUnusable):
    """The day or a time of the appointment cannot be read."""


class AppointmentPast(AppointmentUnusable):
    """The time agreed on is over."""


class AppointmentBackwards(AppointmentUnusable):
    """The time agreed on ends before it begins."""


class AppointmentOutsideHours(AppointmentUnusable):
    """The campaign does not call at the time agreed on."""


class AppointmentTooLate(AppointmentUnusable):
    """Fieldwork is over on the day agreed on."""


def close_call(  # noqa: PLR0913 - the case, its calls and rules, and who when
    session: Session,
    case: Case,
    attempt: Attempt,
    report: CallReport,
    *,
    calls: Calls,
    rules: Rules,
    refer: bool = False,
    actor: User,
    at: datetime,
) -> None:
    """Send the case of a call that *report* closed where it goes next, by the hand of *actor*.

    What is agreed in the call belongs to the operator who made it. *calls* are those of the case
    with this one, *rules* those of its campaign. With *refer* a supervisor decides.

    Raises AppointmentMissing, AppointmentUnusable, SlotFull.
    """
    disposition = offered(report.disposition)
    if not attempt.blind:
        case.schedule.remember_call(disposition.code, attempt.operator_id, attempt.started_at)
    if calls.agreed_on_a_time:
        _keep_appointment(session, case, attempt, report, rules, at)
    if disposition.ending is not Ending.NOT_COUNTED:
        count_try(case, attempt)
    window = report.window if disposition.needs_appointment else None
    rest_other_cases(session, case, attempt, disposition, rules, window=window, at=at)
    if (refer or disposition.ending is Ending.REFERRED) and not attempt.blind:
        case.apply(CaseAction.ESCALATE, actor=actor, at=at)
        return
    numbers = numbers_of(case, calls.known)
    if disposition.ending is Ending.MOVED:
        add_told_number(session, case.schedule, len(numbers) - 1, numbers[-1])
    _move(
        session,
        case,
        attempt,
        disposition,
        report,
        rules,
        calls=calls,
        numbers=len(numbers),
        actor=actor,
        at=at,
    )


def _keep_appointment(
    session: Session, case: Case, attempt: Attempt, report: CallReport, rules: Rules, at: datetime
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
    _check_window(start, end, case.campaign.fieldwork_ends_on, rules.hours, at)
    require_free(session, case.id, start, at=at)
    session.flush()  # by which the attempt has its id
    session.add(
        Appointment(
            case_id=case.id,
            attempt_id=attempt.id,
            owner_id=attempt.operator_id,
            window_start=start,
            window_end=end,
        )
    )


def _check_window(
    start: datetime, end: datetime, last_day: date, hours: CallingHours, at: datetime
) -> None:
    """Refuse a time at which no call can be made, by its first fault."""
    if not start < end:
        raise AppointmentBackwards
    if not at < end:
        raise AppointmentPast
    if day_of(start) > last_day:
        raise AppointmentTooLate(until=last_day)
    if not hours.contain(start):
        raise AppointmentOutsideHours(opens=f"{hours.opens:%H:%M}", ends=f"{hours.ends:%H:%M}")


def _move(  # noqa: PLR0913 - the case, its call, and who when
    session: Session,
    case: Case,
    attempt: Attempt,
    disposition: Disposition,
    report: CallReport,
    rules: Rules,
    *,
    calls: Calls,
    numbers: int,
    actor: User,
    at: datetime,
) -> None:
    """Send the case off the phone or back into the queue."""
    history = past_calls(calls.known)
    over = calling_is_over(case.campaign, at) or _tried_enough(case, disposition, rules)
    result = phone_result(history, numbers, over=over)
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
        untried_number=any(n not in dialled for n in numbers_left(history, numbers)),
        operator_id=attempt.operator_id,
        at=at,
    )
    if not disposition.reached_person and calls.agreed_on_a_time:
        keep_agreed_time(session, case.schedule)
    if attempt.blind and is_over(attempt, result):
        end_recall(session, case, calls.known, at)


def _tried_enough(case: Case, disposition: Disposition, rules: Rules) -> bool:
    """Tell whether the last call was made that may be made; a time agreed in it is still kept."""
    return case.schedule.tried >= rules.calls_of_a_case and not disposition.needs_appointment
