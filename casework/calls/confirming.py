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
from casework.calls.models import Appointment, Attempt
from casework.calls.moving import move_on
from casework.calls.planning import take_back_time
from casework.calls.rules import rules_of
from casework.calls.supervision_models import ENDS, SupervisorReply
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, PhoneClass, Tier
from casework.cases.phone_result import Ending, phone_result
from casework.db import new_uid
from casework.errors import NotAllowedNow

Stood = tuple[PhoneClass | None, str]  #: what the phone had established: class and outcome


def must_be_confirmed(
    session: Session, case: Case, old: Attempt, correction: Attempt, stood: Stood
) -> bool:
    """Tell whether *correction* denies an interview, or ends the calls of *case* unlike before.

    So does one of a call that was handed over, and on which a supervisor ended the calls.

    A case that ends because no more calls may be made ends by that rule, not by the correction.
    """
    if correction.blind or all_dispositions()[correction.disposition].is_interview:
        return False
    if all_dispositions()[old.disposition].is_interview:
        return True
    if all_dispositions()[old.disposition].ending is Ending.REFERRED and stood[0] is not None:
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


def author_of(correction: Attempt) -> int:
    """Return who wrote a correction: a supervisor, or the operator of the call."""
    return correction.corrected_by_id or correction.operator_id


def corrected_by(session: Session, case: Case) -> int | None:
    """Return who wrote the correction that waits to be confirmed, if one does."""
    if case.state is not CaseState.ESCALATED:
        return None
    calls = calls_of(session, case.id)
    last = calls.last_closed
    return author_of(last) if last is not None and reported_first(last, calls.made) else None


def corrections_waiting(session: Session, campaign_id: int) -> int:
    """Return how many cases of a campaign wait for somebody to confirm a correction."""
    handed = select(Case).where(Case.campaign_id == campaign_id, Case.state == CaseState.ESCALATED)
    return sum(correction_waits(session, case) for case in session.scalars(handed).all())


def correction_waits(session: Session, case: Case) -> bool:
    """Tell whether a correction waits to be confirmed."""
    return corrected_by(session, case) is not None


def give_back(session: Session, case: Case, *, actor: User, at: datetime) -> None:
    """Give an escalated case back to the operators, due now.

    A correction that waited to be confirmed counts no more: the call is again what was first
    reported, by one more row, and the case goes where that leaves it.

    Raises TransitionNotAllowed if the case is not with the supervisor any more.
    """
    calls, schedule = calls_of(session, case.id), case.schedule
    last = calls.last_closed
    first = reported_first(last, calls.made) if last else None
    if last is None or first is None or case.state is not CaseState.ESCALATED:
        schedule.due_at, schedule.tier = at, Tier.RECALL
        schedule.owner_id = schedule.owned_until = None
        case.apply(CaseAction.RETURN, actor=actor, at=at)
    else:
        _set_aside(session, case, last, first, actor=actor, at=at)


def confirm_correction(session: Session, case: Case, *, actor: User, at: datetime) -> None:
    """Let the correction that waits count: *case* goes where the corrected call leaves it.

    Raises NotAllowedNow if none waits.
    """
    last = calls_of(session, case.id).last_closed
    if last is None or not correction_waits(session, case):
        raise NotAllowedNow(case=case.code)
    case.apply(CaseAction.RETURN, actor=actor, at=at)
    agreed = session.scalar(select(Appointment).where(Appointment.attempt_id == last.id))
    _go_on(session, case, last, _ahead(agreed, at), actor=actor, at=at)


def _set_aside(
    session: Session, case: Case, correction: Attempt, first: Attempt, *, actor: User, at: datetime
) -> None:
    """Let a call count as it was first reported."""
    case.reopen(actor=actor, at=at)
    take_back_time(session, correction, at)
    again = _as_reported(session, case, correction, first, actor)
    recount(session, case)
    window = _agree_again(session, first, again, at)
    over = _ended_the_calls(session, first)
    _go_on(session, case, again, window, over=over, actor=actor, at=at)
    recall = suspend_recall(session, first) if case.state is CaseState.PHONED else None
    if recall is not None:
        recall.ended_at = None
        resume_recall(session, recall, again, at)


def _go_on(  # noqa: PLR0913 - the case, its call, and who when
    session: Session,
    case: Case,
    last: Attempt,
    window: tuple[datetime, datetime] | None,
    *,
    over: bool = False,
    actor: User,
    at: datetime,
) -> None:
    """Send *case* on by the rules of any call; it rests from when the call was made."""
    move_on(
        session,
        case,
        last,
        rules_of(session, case.campaign_id),
        calls=calls_of(session, case.id),
        window=window,
        rests_from=last.ended_at or at,
        over=over,
        actor=actor,
        at=at,
    )


def _ended_the_calls(session: Session, first: Attempt) -> bool:
    """Tell whether a supervisor to whom the call handed the case over ended its calls then."""
    if all_dispositions()[first.disposition].ending is not Ending.REFERRED:
        return False
    ruled = select(SupervisorReply.id).where(
        SupervisorReply.case_id == first.case_id,
        SupervisorReply.ruling.in_(ENDS),
        SupervisorReply.at >= first.ended_at,
    )
    return session.scalar(ruled.limit(1)) is not None


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
    session: Session, first: Attempt, again: Attempt, at: datetime
) -> tuple[datetime, datetime] | None:
    """Keep the time that was agreed on in the call, unless it is over; return it."""
    agreed = session.scalar(select(Appointment).where(Appointment.attempt_id == first.id))
    window = _ahead(agreed, at)
    if agreed is not None and window is not None:
        session.add(
            Appointment(
                case_id=agreed.case_id,
                attempt_id=again.id,
                owner_id=agreed.owner_id,
                window_start=agreed.window_start,
                window_end=agreed.window_end,
            )
        )
        session.flush()
    return window


def _ahead(agreed: Appointment | None, at: datetime) -> tuple[datetime, datetime] | None:
    """Return the window of a time agreed on that is not over."""
    if agreed is None or agreed.window_end <= at:
        return None
    return agreed.window_start, agreed.window_end
