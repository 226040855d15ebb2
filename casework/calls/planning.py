"""Where a case that stays open goes in the schedule of calls after a call."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.skills import Skill
from casework.calls.dispositions import Disposition
from casework.calls.models import Appointment, Attempt
from casework.calls.queue import OWNER_FIRST
from casework.calls.rules import Rules
from casework.calls.schedule import day_of, next_due
from casework.cases.models import CaseSchedule, Tier
from casework.cases.phone_result import Ending

_OF_THE_RESPONDENT = "31"  # a time that somebody else named is kept, but asked after
_LANGUAGE_BARRIER = "37"


def plan_next_call(  # noqa: PLR0913 - the call that ended, and who when
    session: Session,
    schedule: CaseSchedule,
    disposition: Disposition,
    rules: Rules,
    *,
    window: tuple[datetime, datetime] | None,
    untried_number: bool,
    operator_id: int,
    at: datetime,
) -> None:
    """Set tier, time and skill of the next call.

    A time agreed on belongs to the operator of the call until some minutes after it begins: the
    respondent expects the same voice. Without one the case rests as its disposition says, and at
    least until tomorrow if it had its calls of the day.
    """
    schedule.due_at = next_due(
        disposition,
        at,
        rules.hours,
        rest=rules.rest_after(disposition),
        window_start=window and window[0],
        untried_number=untried_number,
    )
    if (wanted := skill_wanted(disposition)) and somebody_has(session, wanted):
        schedule.skill = wanted
    schedule.window_end = window and window[1]
    if window is not None:
        schedule.tier = agreed_tier(disposition.code)
        schedule.owner_id, schedule.owned_until = operator_id, window[0] + OWNER_FIRST
        return
    schedule.tier = Tier.RECALL
    schedule.owner_id = schedule.owned_until = None
    worn_out = (
        schedule.tried_on == day_of(at)
        and schedule.tried_that_day >= rules.calls_a_day
        and day_of(schedule.due_at) == day_of(at)
    )
    if worn_out:
        schedule.due_at = rules.hours.next_day(at)


def keep_agreed_time(session: Session, schedule: CaseSchedule) -> bool:
    """Send a case back to the time that was agreed on and has not come; tell whether there is one.

    A supervisor's push, or a call before the time that nobody answered, takes no promise back.
    """
    agreed = session.execute(
        select(Appointment, Attempt.disposition)
        .join(Attempt, Attempt.id == Appointment.attempt_id)
        .where(Appointment.case_id == schedule.case_id, Appointment.kept_at.is_(None))
        .order_by(Appointment.id.desc())
        .limit(1)
    ).first()
    if agreed is None:
        return False
    time, disposition = agreed
    schedule.tier, schedule.due_at = agreed_tier(disposition), time.window_start
    schedule.window_end = time.window_end
    schedule.owner_id, schedule.owned_until = time.owner_id, time.window_start + OWNER_FIRST
    return True


def take_back_time(session: Session, call: Attempt, at: datetime) -> None:
    """Forget the time agreed on in *call*, which is corrected."""
    agreed = select(Appointment).where(
        Appointment.attempt_id == call.id, Appointment.kept_at.is_(None)
    )
    for appointment in session.scalars(agreed):
        appointment.kept_at = at


def agreed_tier(disposition: str) -> Tier:
    """Return how firm a time is that was agreed on in a call with this disposition."""
    return Tier.HARD_APPOINTMENT if disposition == _OF_THE_RESPONDENT else Tier.SOFT_APPOINTMENT


def skill_wanted(disposition: Disposition) -> Skill | None:
    """Return the skill that the next call needs after this one, if it needs one."""
    if disposition.ending is Ending.REFUSED:
        return Skill.REFUSAL
    return Skill.DIALECT if disposition.code == _LANGUAGE_BARRIER else None


def somebody_has(session: Session, skill: Skill) -> bool:
    """Tell whether an active operator has *skill*: a case that needs it would wait for nobody."""
    all_skills = session.scalars(select(User.skills).where(User.active))
    return any(skill in skills for skills in all_skills)
