"""Giving one particular case to somebody: a supervisor's push, and whoever calls back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.roles import Permission
from casework.accounts.scope import in_scope, must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import NumberIsSpared, OutsideCallingHours
from casework.calls.confirming import give_back
from casework.calls.dialling import CALLED_IN, add_call
from casework.calls.dispositions import all_dispositions
from casework.calls.history import calls_of
from casework.calls.holding import begin_attempt, calling_is_over, locked_case
from casework.calls.no_call import one_number
from casework.calls.planning import keep_agreed_time
from casework.calls.queue import Claim, give, one_claim_at_a_time
from casework.calls.rules import rules_of
from casework.calls.schedule import CallingHours
from casework.calls.taking import take_out
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, Standing, Tier
from casework.cases.number_index import cases_with, index_of
from casework.cases.numbers import masked_name
from casework.cases.phone_result import Ending
from casework.db import db, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.ledgers.projects import Project

PUSHED_FOR = timedelta(minutes=30)  #: how long a pushed case waits for whom it was pushed to
_CODE = re.compile(r"[A-Z][0-9]-[0-9]{1,7}")  # of a case, or mistyped so that none has it


class HoldsAnotherCase(CaseworkError):
    """Whoever holds a case closes it or hands it back before taking another one."""


class NotACode(CaseworkError):
    """The text has not the form of a case code."""


class RefusalRests(CaseworkError):
    """The person refused softly, and the rest after that is not over."""


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that somebody asked for by its number or code."""

    case_id: int
    code: str
    campaign: str  #: by name; a code may stand in several
    project: Project
    region_code: str
    name: str  #: covered
    state: CaseState  #: held while it is on the screen of whoever asks, also to be called again
    free: bool  #: waits in the queue, so that it can be taken
    mine: bool  #: on the screen of whoever asks


def push_case(
    case_id: int, operator_id: int, *, although_resting: bool = False, actor: User, at: datetime
) -> datetime:
    """Have an operator call a case next, before all others; return from when anybody may.

    That is after half an hour; pushed at night, it waits half an hour of the morning. Whoever
    refused and was to be left alone for longer is called by nobody else before that, and then
    again by whoever has the skill. An escalated case goes back into the queue by it; a correction
    that waited to be confirmed does not count then.

    Raises NotFound, NumberIsSpared, RefusalRests unless *although_resting*, NotAllowedNow if the
    case is neither waiting nor escalated or calling is over.
    """
    with transaction() as session:
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        operator = session.get(User, operator_id)
        if operator is None or not operator.can(Permission.CALL_MAKE):
            raise NotFound(user=operator_id)
        must_see(operator, case.region)
        if case.schedule.no_call:
            raise NumberIsSpared(case=case.code)
        if calling_is_over(case.campaign, at):
            raise NotAllowedNow(case=case.code)
        if case.state is CaseState.ESCALATED:
            give_back(session, case, actor=actor, at=at)
        if case.state is not CaseState.READY:
            raise NotAllowedNow(case=case.code)
        schedule = case.schedule
        hours = rules_of(session, case.campaign_id).hours
        until, rest = hours.within(at) + PUSHED_FOR, refusal_rests_until(schedule, hours)
        if rest is not None and rest > at:
            if not although_resting:
                raise RefusalRests(case=case.code)
            until = max(until, rest)
        schedule.tier, schedule.due_at = Tier.PUSHED, at
        schedule.owner_id, schedule.owned_until = operator_id, until
        trail.record(
            session,
            AuditAction.CASE_PUSH,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case_id}",
            facts={"to": operator_id},
        )
    return until


def take_back_push(case_id: int, *, actor: User, at: datetime) -> None:
    """Let anybody have a pushed case again: due now, or when it was due before.

    That is at the time agreed on, or when the rest after a refusal ends.

    Raises NotFound, NotAllowedNow unless the case is pushed and waits.
    """
    with transaction() as session:
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        schedule = case.schedule
        if schedule.tier != Tier.PUSHED or not _is_free(case):
            raise NotAllowedNow(case=case.code)
        if not keep_agreed_time(session, schedule):
            rest = refusal_rests_until(schedule, rules_of(session, case.campaign_id).hours)
            schedule.tier = Tier.RECALL if schedule.tried else Tier.FRESH
            schedule.due_at, schedule.standing = rest or at, Standing.RESTING
            schedule.owner_id = schedule.owned_until = None
        trail.record(
            session,
            AuditAction.CASE_PUSH,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case_id}",
            facts={"taken_back": True},
        )


def find_by_number(number: str, *, actor: User, at: datetime) -> Sequence[FoundCase]:
    """Return the cases that have exactly this number; the trail keeps that it was asked for.

    Raises NotANumber.
    """
    normal = one_number(number)
    with transaction() as session:
        found = _seen(session, cases_with(session, normal), actor)
        _keep_asked(session, f"number:{index_of(normal)[:16]}", found, actor, at)
    return found


def find_by_code(code: str, *, actor: User, at: datetime) -> Sequence[FoundCase]:
    """Return the cases that have exactly this code, of the campaigns that are calling.

    Codes stand in several campaigns; whoever calls back speaks of one that calls. The trail keeps
    the code, therefore nothing else is taken for one: names and identity numbers are typed too.

    Raises NotACode.
    """
    code = code.strip().upper()
    if not _CODE.fullmatch(code):
        raise NotACode
    with transaction() as session:
        ids = session.scalars(
            select(Case.id)
            .join(Campaign, Campaign.id == Case.campaign_id)
            .where(Case.code == code, Campaign.state == CampaignState.CALLING)
        ).all()
        found = _seen(session, ids, actor)
        _keep_asked(session, f"code:{code}", found, actor, at)
    return found


def take_case(
    case_id: int, *, actor: User, at: datetime, hours: CallingHours | None = None
) -> Claim:
    """Put a case on *actor*'s screen because its person called back: the call goes on already.

    Nobody else's turn matters then, nor how often the person was called; what forbids any call
    still does. Raises NotFound, HoldsAnotherCase, NumberIsSpared, OutsideCallingHours,
    NotAllowedNow if the case does not wait in the queue.
    """
    with transaction() as session:
        one_claim_at_a_time(session, actor)
        if session.scalar(select(Case.id).where(Case.holder_id == actor.id)) is not None:
            raise HoldsAnotherCase
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        hours = hours or rules_of(session, case.campaign_id).hours
        if not hours.contain(at) or calling_is_over(case.campaign, at):
            raise OutsideCallingHours(case=case.code)
        if case.schedule.no_call:
            raise NumberIsSpared(case=case.code)
        if not _is_free(case):
            raise NotAllowedNow(case=case.code)
        taken = take_out(session, case.schedule, Tier.CALLED_BACK)
        claim, act = give(session, taken, actor=actor, at=at)
        case = locked_case(session, case_id)  # as it was handed out
        attempt = begin_attempt(session, case, calls_of(session, case_id), actor, at)
        attempt.dialled_at = at
        add_call(session, attempt, CALLED_IN, at)
        trail.record_all(session, [act])
        return claim


def found_again(case_ids: Sequence[int], *, actor: User) -> Sequence[FoundCase]:
    """Return cases that were found before, as they are now."""
    return _seen(db.session(), case_ids, actor)


def refusal_rests_until(schedule: CaseSchedule, hours: CallingHours) -> datetime | None:
    """Return when the rest after a soft refusal ends; None if the last call was none.

    While the case is pushed, that is when others than its operator may have it.
    """
    if schedule.last_code is None:
        return None
    if all_dispositions()[schedule.last_code].ending is not Ending.REFUSED:
        return None
    if schedule.tier != Tier.PUSHED:
        return schedule.due_at
    usual, until = hours.within(schedule.due_at) + PUSHED_FOR, schedule.owned_until
    return until if until is not None and until > usual else None


def _is_free(case: Case) -> bool:
    return case.state is CaseState.READY and case.schedule.standing is not Standing.OUT


def _seen(session: Session, case_ids: Iterable[int], actor: User) -> Sequence[FoundCase]:
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_(list(case_ids)), in_scope(actor, Case.region_code))
        .order_by(Case.id.desc())
        .options(joinedload(Case.entry), joinedload(Case.schedule), joinedload(Case.campaign))
    )
    return tuple(
        FoundCase(
            case_id=case.id,
            code=case.code,
            campaign=case.campaign.name,
            project=case.project,
            region_code=case.region_code,
            name=masked_name(case.entry.name),
            # Whoever makes a re-call is not to know it from a first call.
            state=CaseState.HELD if case.holder_id == actor.id else case.state,
            free=_is_free(case) and not case.schedule.no_call,
            mine=case.holder_id == actor.id,
        )
        for case in cases
    )


def _keep_asked(
    session: Session, subject: str, found: Sequence[FoundCase], actor: User, at: datetime
) -> None:
    trail.record(
        session,
        AuditAction.CASE_FIND,
        actor_id=actor.id,
        at=at,
        subject=subject,
        facts={"found": len(found)},
    )
