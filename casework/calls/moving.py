"""Where a case goes after its last call: off the phone, or back into the queue of calls."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.attempts import walk_of
from casework.calls.blind_calls import consider_recall, end_recall, is_over
from casework.calls.dispositions import Disposition, all_dispositions
from casework.calls.history import Calls, numbers_of, past_calls
from casework.calls.holding import calling_is_over
from casework.calls.leads import lead_cause
from casework.calls.models import Attempt
from casework.calls.planning import keep_agreed_time, plan_next_call
from casework.calls.rules import Rules
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case
from casework.cases.number_index import add_told_number
from casework.cases.phone_result import Ending, numbers_left, phone_result


def move_on(  # noqa: PLR0913 - the case, its calls and rules, and who when
    session: Session,
    case: Case,
    last: Attempt,
    rules: Rules,
    *,
    calls: Calls,
    window: tuple[datetime, datetime] | None,
    rests_from: datetime,
    over: bool = False,
    actor: User,
    at: datetime,
) -> None:
    """Send a case off the phone, or back into the queue, as its call *last* leaves it.

    *calls* are those of the case with this one, *window* the time agreed in it. A rest after the
    call begins at *rests_from*. With *over* no further call is made in any case.
    """
    disposition = all_dispositions()[last.disposition]
    history, numbers = past_calls(calls.known), numbers_of(case, calls.known)
    if disposition.ending is Ending.MOVED:
        add_told_number(session, case.schedule, len(numbers) - 1, numbers[-1])
    over = over or calling_is_over(case.campaign, at) or _tried_enough(case, disposition, rules)
    result = phone_result(history, len(numbers), over=over)
    if result is not None and not last.blind:
        cause = lead_of_calls(case, calls.known, last, result.outcome)
        case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
        if disposition.is_interview:
            consider_recall(session, last, at)
        return
    dialled = {call.number for call in history}
    case.put_back(CaseAction.HAND_BACK, actor=actor, at=at)
    plan_next_call(
        session,
        case.schedule,
        disposition,
        rules,
        window=window,
        untried_number=any(n not in dialled for n in numbers_left(history, len(numbers))),
        operator_id=last.operator_id,
        at=rests_from,
    )
    if not disposition.reached_person and calls.agreed_on_a_time:
        keep_agreed_time(session, case.schedule)
    if last.blind and is_over(last, result):
        end_recall(session, case, calls.known, at)


def lead_of_calls(case: Case, made: Sequence[Attempt], last: Attempt | None, outcome: str) -> str:
    """Return the gravest cause of a lead when the phone is done with *case*, or "".

    It lies in the last call, or in the interview that gave the *outcome*: of those *made*.
    """
    said = {one for one in made if one.disposition and one.outcome and one.outcome == outcome}
    tokens = set[str]()
    for one in said | ({last} if last else set()):
        tokens |= walk_of(case, one.answers).tokens
    return lead_cause(last.disposition if last else "", outcome, tokens)


def _tried_enough(case: Case, disposition: Disposition, rules: Rules) -> bool:
    """Tell whether the last call was made that may be made; a time agreed in it is still kept."""
    return case.schedule.tried >= rules.calls_of_a_case and not disposition.needs_appointment
