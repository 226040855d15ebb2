"""A person in two projects is called once: both scripts in one call, or the other another day."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.accounts.skills import Skill
from casework.audit import trail
from casework.calls.desk_models import PlacedCall
from casework.calls.dialling import add_call, ringing
from casework.calls.dispositions import Disposition, all_dispositions
from casework.calls.history import calls_of
from casework.calls.holding import attempt_under, begin_attempt, calling_is_over, locked_case
from casework.calls.models import Attempt
from casework.calls.planning import somebody_has
from casework.calls.queue import Claim, give, one_claim_at_a_time
from casework.calls.rules import Rules, rules_of
from casework.calls.schedule import CallingHours, day_of
from casework.calls.script import script_for
from casework.calls.taking import take_out
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, Standing, Tier
from casework.cases.phone_result import Ending
from casework.db import db, transaction
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project

_REFUSALS = frozenset({Ending.REFUSED, Ending.REFUSED_FOR_GOOD})
_ABOUT_A_NUMBER = frozenset({Ending.STRANGER, Ending.MOVED})  # somebody else spoke
_OUT_OF_TURN = frozenset({Tier.CALLED_BACK, Tier.SAME_CALL})  # claims that wait for no time


def project_that_follows(case_id: int, *, actor: User) -> Project | None:
    """Return the other project in which the person waits to be called, for the page of a call."""
    session = db.session()
    other_id = _waits_elsewhere(session, session.get_one(Case, case_id), actor)
    return None if other_id is None else session.get_one(Case, other_id).project


def go_on_with_person(
    case_id: int, fence: int, *, actor: User, at: datetime, hours: CallingHours | None = None
) -> Claim | None:
    """Put the person's other case on the screen after an interview, while the line is open.

    Its attempt goes on with the call that was placed, and with what was said at its opening.
    Returns None where there is nothing to go on with: no interview, the line is closed, no other
    case that waits, or nobody may be called now.
    """
    with transaction() as session:
        one_claim_at_a_time(session, actor)
        case = session.get(Case, case_id)
        held = session.scalar(select(Case.id).where(Case.holder_id == actor.id))
        if case is None or held is not None:
            return None
        first = attempt_under(session, case, fence)
        call = None if first is None else _open_line(session, first, actor)
        other_id = None if call is None else _waits_elsewhere(session, case, actor)
        if first is None or call is None or other_id is None:
            return None
        other = locked_case(session, other_id)
        hours = hours or rules_of(session, other.campaign_id).hours
        if not hours.contain(at) or calling_is_over(other.campaign, at) or not _waits(other):
            return None
        taken = take_out(session, other.schedule, Tier.SAME_CALL)
        claim, act = give(session, taken, actor=actor, at=at)
        _go_on(session, locked_case(session, other_id), first, call, actor, at)
        trail.record_all(session, [act])
        return claim


def rest_other_cases(  # noqa: PLR0913 - the call that ended, and when
    session: Session,
    case: Case,
    attempt: Attempt,
    disposition: Disposition,
    rules: Rules,
    *,
    window: tuple[datetime, datetime] | None,
    at: datetime,
) -> None:
    """Let nobody ring a person today for another project who spoke with us about *case* just now.

    The other cases rest until tomorrow, or until the time agreed on for this one. After a refusal
    they also go to whoever wins people over, if there is anybody. A supervisor's push brings them
    forward, and so does the person who calls back. One on a colleague's screen rests as well.
    """
    refused = disposition.ending in _REFUSALS
    if not (refused or _spoke(attempt, disposition)):
        return
    until = rules.hours.next_day(at)
    if window is not None:
        until = max(until, window[0])
    wins_over = refused and somebody_has(session, Skill.REFUSAL)
    for schedule in session.scalars(_other_schedules(case)):
        schedule.due_at = max(schedule.due_at, until)
        if schedule.standing is Standing.DUE:
            schedule.standing = Standing.RESTING
        if wins_over:
            schedule.skill = Skill.REFUSAL


def put_off_until(case: Case) -> datetime | None:
    """Return until when a held case rests because its person spoke with a colleague meanwhile.

    None if it may be dialled. A case is handed out when it is due, so nothing else puts off to
    another day what is held.
    """
    due_at = case.schedule.due_at
    if case.lease_until is None or case.schedule.claimed_as in _OUT_OF_TURN:
        return None
    return due_at if day_of(due_at) > day_of(case.lease_until) else None


def _spoke(attempt: Attempt, disposition: Disposition) -> bool:
    """Tell whether the person, or somebody for the person, spoke with us in this call."""
    if disposition.ending is Ending.REFERRED and attempt.dialled_at is None:
        return False  # handed over without a call
    return disposition.reached_person and disposition.ending not in _ABOUT_A_NUMBER


def _other_schedules(case: Case) -> Select[CaseSchedule]:
    """Select the schedules of the same person's other cases that nobody writes at this moment.

    Those that a supervisor pushed are left alone: the supervisor has decided.
    """
    return (
        select(CaseSchedule)
        .join(Case, Case.id == CaseSchedule.case_id)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .where(
            LedgerEntry.id_index == case.entry.id_index,
            Case.campaign_id == case.campaign_id,
            Case.id != case.id,
            Case.state.in_((CaseState.READY, CaseState.HELD)),
            CaseSchedule.tier != Tier.PUSHED,
        )
        .with_for_update(of=CaseSchedule, skip_locked=True)  # never waits, so nothing deadlocks
        .execution_options(populate_existing=True)
    )


def _open_line(session: Session, first: Attempt, actor: User) -> PlacedCall | None:
    """Return the call of an interview that was reported and not hung up."""
    found = all_dispositions().get(first.disposition)
    if first.operator_id != actor.id or found is None or not found.is_interview:
        return None
    return ringing(session, first)


def _waits_elsewhere(session: Session, case: Case, actor: User) -> int | None:
    """Return the case of the same person in another project of the campaign that can be called."""
    return session.scalar(
        select(Case.id)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .join(CaseSchedule, CaseSchedule.case_id == Case.id)
        .where(
            LedgerEntry.id_index == case.entry.id_index,
            Case.campaign_id == case.campaign_id,
            Case.project != case.project,
            Case.state == CaseState.READY,
            CaseSchedule.standing != Standing.OUT,
            CaseSchedule.no_call.is_(False),
            in_scope(actor, Case.region_code),
        )
        .order_by(Case.id)
        .limit(1)
    )


def _waits(case: Case) -> bool:
    return case.state is CaseState.READY and case.schedule.standing is not Standing.OUT


def _go_on(
    session: Session, other: Case, first: Attempt, call: PlacedCall, actor: User, at: datetime
) -> None:
    """Write the attempt of the second script down, under the call that goes on."""
    attempt = begin_attempt(session, other, calls_of(session, other.id), actor, at)
    attempt.dialled_at = at
    here, there = script_for(first.case.project).questions, script_for(other.project).questions
    asked_alike = {id_ for id_, question in there.items() if question == here.get(id_)}
    attempt.answers = {id_: given for id_, given in first.answers.items() if id_ in asked_alike}
    add_call(session, attempt, call.dialler, at, reference=call.reference, recording=call.recording)
