"""What a closed call does to its case: the appointment agreed in it, and where the case goes."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.dispositions import offered
from casework.calls.filling import CallReport
from casework.calls.history import Calls
from casework.calls.holding import count_try
from casework.calls.models import Appointment, Attempt
from casework.calls.moving import move_on
from casework.calls.rules import Rules
from casework.calls.same_person import rest_other_cases
from casework.calls.schedule import CallingHours, day_of
from casework.calls.slots import require_free
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case
from casework.cases.phone_result import Ending
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
    move_on(
        session,
        case,
        attempt,
        rules,
        calls=calls,
        window=window,
        rests_from=at,
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
        # A call that is corrected later kept no time agreed on for later than the call.
        Appointment.window_start <= (attempt.ended_at or at),
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
