"""The hold of an operator on a case: the lease, the fence, and the open attempt under it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, load_only
from sqlalchemy.orm.attributes import set_committed_value

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.audit.trail import Act
from casework.calls.dispositions import all_dispositions
from casework.calls.history import Calls, attempts_of, numbers_of, past_calls
from casework.calls.late_models import Interruption, WhatHappened
from casework.calls.models import Attempt
from casework.calls.schedule import DayPart, day_of, day_part
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, CaseSchedule
from casework.cases.phone_result import Ending, numbers_left
from casework.db import new_uid, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.models import LedgerEntry

LEASE = timedelta(minutes=20)
_RAN_OUT = (
    select(Case.id)
    .where(Case.holder_id.is_not(None), Case.lease_until <= bindparam("at"))
    .order_by(Case.id)
    .with_for_update(skip_locked=True)
)
#: Case and schedule are locked together: what changes while one waits for the lock is seen. Entry
#: and campaign stay as they are; of them comes what a call needs, and the rest if it is asked for.
_CASE = (
    select(Case, CaseSchedule, LedgerEntry, Campaign)
    .join(Case.schedule)
    .join(Case.entry)
    .join(Case.campaign)
    .where(Case.id == bindparam("case"))
    .options(
        load_only(LedgerEntry.uid, LedgerEntry.phones_sealed),
        load_only(Campaign.state, Campaign.fieldwork_ends_on),
    )
    .execution_options(populate_existing=True)
)
_LOCKED = _CASE.with_for_update(of=(Case, CaseSchedule))
#: PostgreSQL locks in the order of the tables named: whoever claims waits for the turn first.
_LOCKED_IN_TURN = _CASE.join(User, User.id == bindparam("actor")).with_for_update(
    of=(User, Case, CaseSchedule), key_share=True
)


class CaseNotHeld(CaseworkError):
    """The actor does not hold this case any more: the lease ran out, or the case was closed."""


def renew_lease(case_id: int, fence: int, *, actor: User, at: datetime) -> datetime:
    """Hold the case for another twenty minutes; return until when. Raises CaseNotHeld."""
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        case.lease_until = at + LEASE
        return case.lease_until


def hand_back(case_id: int, fence: int, *, actor: User, at: datetime) -> None:
    """Give the case back unworked, due as it was. An open attempt becomes interrupted.

    Raises CaseNotHeld.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        interrupt(session, case, at)
        case.put_back(CaseAction.HAND_BACK, actor=actor, at=at)
        trail.record(
            session, AuditAction.CASE_RELEASE, actor_id=actor.id, at=at, subject=f"case:{case.id}"
        )


def expire_leases(*, at: datetime) -> int:
    """Free every case whose lease has run out; return how many there were."""
    with transaction() as session:
        return expire_due_leases(session, at)


def first_lease_end() -> Select[datetime | None]:
    """Return the query for the moment at which the first lease of all runs out."""
    return select(func.min(Case.lease_until)).where(Case.holder_id.is_not(None))


def expire_due_leases(session: Session, at: datetime) -> int:
    """Free every case whose lease has run out, in the caller's transaction.

    The call under the lease may have been held or not: nobody knows, so its attempt is marked
    interrupted and counts neither as a refusal nor as no answer. The case is due as it was.
    """
    late = session.connection().scalars(_RAN_OUT, {"at": at}).all()
    for case_id in late:
        case = locked_case(session, case_id)
        interrupt(session, case, at)
        case.put_back(CaseAction.EXPIRE, actor=None, at=at)
    session.flush()
    return len(late)


def locked_case(session: Session, case_id: int, turn_of: User | None = None) -> Case:
    """Return the case, locked until the transaction ends. Raises NotFound.

    Whose *turn_of* it is makes no other claim meanwhile.
    """
    given = {"case": case_id}
    if turn_of is not None:
        given["actor"] = turn_of.id
    query = _LOCKED if turn_of is None else _LOCKED_IN_TURN
    row = session.execute(query, given).one_or_none()
    if row is None:
        raise NotFound(case=case_id)
    case, schedule, entry, campaign = row
    set_committed_value(case, "schedule", schedule)
    set_committed_value(case, "entry", entry)
    set_committed_value(case, "campaign", campaign)
    return case


def held_case(session: Session, case_id: int, fence: int, actor: User) -> Case:
    """Return the case that *actor* holds under *fence*, locked.

    A lease that ran out unnoticed still counts as held: nobody took the case, nothing is lost.
    Raises NotFound, CaseNotHeld.
    """
    return require_held(locked_case(session, case_id), fence, actor)


def require_held(case: Case, fence: int, actor: User) -> Case:
    """Return *case* if *actor* holds it under *fence*. Raises CaseNotHeld."""
    if not is_held(case, fence, actor):
        raise CaseNotHeld(case=case.code)
    return case


def is_held(case: Case, fence: int, actor: User) -> bool:
    """Tell whether *actor* holds *case* under *fence*."""
    return case.holder_id == actor.id and case.fence == fence


def act_on(
    case_id: int, action: AuditAction, facts: Mapping[str, Any], *, actor: User, at: datetime
) -> Act:
    """Return what *actor* did to a case, to be added to the trail."""
    subject = f"case:{case_id}"
    return Act(action=action, actor_id=actor.id, at=at, subject=subject, facts=facts)


def open_attempt(session: Session, case: Case) -> Attempt | None:
    """Return the attempt of the present hold, if a call was begun under it."""
    return attempt_under(session, case, case.fence)


def attempt_under(session: Session, case: Case, fence: int) -> Attempt | None:
    """Return the attempt that was made under one claim of *case*."""
    return session.scalar(select(Attempt).where(Attempt.case_id == case.id, Attempt.fence == fence))


def begin_attempt(session: Session, case: Case, calls: Calls, actor: User, at: datetime) -> Attempt:
    """Return the attempt of the present hold, adding one on the number to be dialled next.

    *calls* are those of the case; a new attempt is one of them from now on.
    """
    attempt = calls.under(case.fence)
    if attempt is None:
        before = calls.known
        left = numbers_left(past_calls(before), len(numbers_of(case, before)))
        attempt = Attempt(
            uid=new_uid(),  # to which answers and note are sealed
            case_id=case.id,
            case=case,
            operator_id=actor.id,
            fence=case.fence,
            number_used=next(iter(left), 0),
            started_at=at,
            claimed_as=case.schedule.claimed_as,
            blind=case.state is not CaseState.HELD,
        )
        session.add(attempt)
        calls.made.append(attempt)
    return attempt


def interrupt(session: Session, case: Case, at: datetime) -> None:
    """Close the open attempt of *case*, if there is one, without an outcome."""
    attempt = open_attempt(session, case)
    if attempt is not None and not attempt.disposition:
        attempt.interrupted, attempt.ended_at = True, at
        if attempt.dialled_at is not None:
            count_try(case, attempt)


def count_try(case: Case, attempt: Attempt) -> None:
    """Count a call against the limits of the case, on its day and in its part of the day."""
    schedule, began = case.schedule, attempt.started_at
    today = day_of(began)
    if schedule.tried_on is None or schedule.tried_on <= today:  # an older call may be corrected
        schedule.tried_that_day = 1 + (schedule.tried_that_day if schedule.tried_on == today else 0)
        schedule.tried_on = today
    schedule.tried += 1
    part = day_part(began)
    if part is DayPart.DAYTIME:
        schedule.tried_daytime += 1
    elif part is DayPart.EVENING:
        schedule.tried_evening += 1
    else:
        schedule.tried_weekend += 1


def recount(session: Session, case: Case) -> None:
    """Count the calls of *case* anew, after one of them was corrected or proved to be none."""
    schedule = case.schedule
    schedule.tried = schedule.tried_that_day = 0
    schedule.tried_daytime = schedule.tried_evening = schedule.tried_weekend = 0
    schedule.tried_on = None
    never_dialled = set(
        session.scalars(
            select(Interruption.attempt_id)
            .join(Interruption.attempt)
            .where(Attempt.case_id == case.id, Interruption.what == WhatHappened.NOT_DIALLED)
        )
    )
    for attempt in sorted(attempts_of(session, case.id), key=lambda one: one.started_at):
        if _counts(attempt) and attempt.id not in never_dialled:
            count_try(case, attempt)


def _counts(attempt: Attempt) -> bool:
    if attempt.disposition:
        return all_dispositions()[attempt.disposition].ending is not Ending.NOT_COUNTED
    return attempt.interrupted and attempt.dialled_at is not None


def calling_is_over(campaign: Campaign, at: datetime) -> bool:
    """Tell whether no further call may be made in *campaign*."""
    return campaign.state is not CampaignState.CALLING or day_of(at) > campaign.fieldwork_ends_on
