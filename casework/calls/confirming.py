"""Corrections that deny an interview or end the calls: a supervisor confirms them, or not."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.blind_calls import resume_recall, suspend_recall
from casework.calls.dispositions import all_dispositions
from casework.calls.history import attempts_of, calls_of, numbers_of, past_calls
from casework.calls.holding import recount
from casework.calls.leads import lead_cause
from casework.calls.models import Appointment, Attempt
from casework.calls.planning import keep_agreed_time, skill_wanted
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, PhoneClass, Tier
from casework.cases.number_index import add_told_number
from casework.cases.phone_result import Ending, phone_result
from casework.db import new_uid

Stood = tuple[PhoneClass | None, str]  #: what the phone had established: class and outcome


def must_be_confirmed(
    session: Session, case: Case, old: Attempt, correction: Attempt, stood: Stood
) -> bool:
    """Tell whether *correction* denies an interview, or ends the calls of *case* unlike before.

    A case that ends because no more calls may be made ends by that rule, not by the correction.
    """
    if correction.blind or all_dispositions()[correction.disposition].is_interview:
        return False
    if all_dispositions()[old.disposition].is_interview:
        return True
    attempts = attempts_of(session, case.id)
    result = phone_result(past_calls(attempts), len(numbers_of(case, attempts)))
    return result is not None and (result.phone_class, result.outcome) != stood


def reported_first(attempt: Attempt, made: Iterable[Attempt]) -> Attempt | None:
    """Return the row by which a call was first reported, if *attempt* is its correction.

    What a supervisor corrects was settled before: then that is the row. *made* are all attempts
    of the case, *attempt* its last closed one. None if nobody has to confirm it: it corrects
    nothing, or hands the case over by itself.
    """
    if all_dispositions()[attempt.disposition].ending is Ending.REFERRED:
        return None
    rows = {row.id: row for row in made}
    first, row, settled = None, attempt, False
    while row.supersedes_id is not None and not settled:
        settled = row.corrected_by_id is not None
        row = rows[row.supersedes_id]
        first = row if row.disposition else first  # an interrupted row reports nothing
    return first


def corrected_from(attempt: Attempt, made: Iterable[Attempt]) -> str:
    """Return the disposition of that row, "" if there is none."""
    first = reported_first(attempt, made)
    return "" if first is None else first.disposition


def corrected_by(session: Session, case: Case) -> int | None:
    """Return which supervisor wrote the correction that waits to be confirmed, if one did."""
    calls = calls_of(session, case.id)
    last = calls.last_closed
    if case.state is not CaseState.ESCALATED or last is None:
        return None
    return last.corrected_by_id if reported_first(last, calls.made) else None


def leaves_calls_to_make(session: Session, case: Case) -> bool:
    """Tell whether a correction waits to be confirmed by which *case* is still to be called."""
    calls = calls_of(session, case.id)
    last = calls.last_closed
    if case.state is not CaseState.ESCALATED or last is None:
        return False
    numbers = numbers_of(case, calls.known)
    open_again = phone_result(past_calls(calls.known), len(numbers)) is None
    return open_again and reported_first(last, calls.made) is not None


def give_back(
    session: Session, case: Case, *, confirmed: bool = False, actor: User, at: datetime
) -> None:
    """Give an escalated case back to the operators, due now.

    A correction that waited to be confirmed, and is not *confirmed*, counts no more: the call is
    again what was first reported, by one more row. If that was an interview, the phone is done
    with the case.

    Raises TransitionNotAllowed if the case is not with the supervisor any more.
    """
    calls, schedule = calls_of(session, case.id), case.schedule
    last = calls.last_closed
    first = reported_first(last, calls.made) if last and not confirmed else None
    schedule.due_at, schedule.tier = at, Tier.RECALL
    schedule.owner_id = schedule.owned_until = None
    if last is None or first is None or case.state is not CaseState.ESCALATED:
        case.apply(CaseAction.RETURN, actor=actor, at=at)
    else:
        _set_aside(session, case, last, first, actor=actor, at=at)


def _set_aside(
    session: Session, case: Case, correction: Attempt, first: Attempt, *, actor: User, at: datetime
) -> None:
    """Let a call count as it was first reported."""
    case.reopen(actor=actor, at=at)
    again = _as_reported(session, case, correction, first, actor)
    recount(session, case)
    attempts = attempts_of(session, case.id)
    numbers = numbers_of(case, attempts)
    if all_dispositions()[first.disposition].ending is Ending.MOVED:
        add_told_number(session, case.schedule, len(numbers) - 1, numbers[-1])
    result = phone_result(past_calls(attempts), len(numbers))
    if result is None:
        case.put_back(CaseAction.HAND_BACK, actor=actor, at=at)
        case.schedule.skill = skill_wanted(all_dispositions()[first.disposition]) or ""
        _agree_again(session, case, first, again, at)
        return
    cause = lead_cause(again.disposition, result.outcome)
    case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
    recall = suspend_recall(session, first)
    if recall is not None:
        recall.ended_at = None
        resume_recall(session, recall, again, at)


def _as_reported(
    session: Session, case: Case, correction: Attempt, first: Attempt, actor: User
) -> Attempt:
    # Words are sealed to the row's uid, so it exists before the row does.
    again = Attempt(
        uid=new_uid(),
        case_id=case.id,
        operator_id=first.operator_id,
        fence=case.fence,
        claimed_as=first.claimed_as,
        number_used=first.number_used,
        started_at=first.started_at,
        dialled_at=first.dialled_at,
        ended_at=first.ended_at,
        disposition=first.disposition,
        outcome=first.outcome,
        waiver_read_at=first.waiver_read_at,
        supersedes_id=correction.id,
        corrected_by_id=actor.id,
    )
    again.answers, again.note = first.answers, first.note
    case.schedule.remember_call(first.disposition, first.operator_id, first.started_at)
    session.add(again)
    session.flush()
    return again


def _agree_again(
    session: Session, case: Case, first: Attempt, again: Attempt, at: datetime
) -> None:
    """Keep the time that was agreed on in the call, unless it is over."""
    agreed = session.scalar(
        select(Appointment).where(Appointment.attempt_id == first.id, Appointment.window_end > at)
    )
    if agreed is None:
        return
    session.add(
        Appointment(
            case_id=case.id,
            attempt_id=again.id,
            owner_id=agreed.owner_id,
            window_start=agreed.window_start,
            window_end=agreed.window_end,
        )
    )
    keep_agreed_time(session, case.schedule)
