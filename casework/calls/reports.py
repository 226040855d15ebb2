"""Closing a call: what the operator reports is kept once, and moves the case on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.audit.trail import Act
from casework.calls.blind_calls import as_if_first
from casework.calls.closing import close_call
from casework.calls.dialling import BY_HAND, add_call, dialled_by_hand
from casework.calls.dispositions import offered
from casework.calls.filling import CallReport, fill_attempt
from casework.calls.history import calls_of
from casework.calls.holding import CaseNotHeld, act_on, begin_attempt, is_held, locked_case
from casework.calls.keeping import keep_late, same_report
from casework.calls.models import Attempt
from casework.calls.queue import (
    Claim,
    at_hand,
    next_claim,
)
from casework.calls.rules import Rules, rules_of
from casework.calls.schedule import CallingHours
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import transaction
from casework.errors import NotFound


class OutcomeKeptLate(CaseNotHeld):
    """The report came after the hold was lost: it is kept, and a supervisor decides about it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the case."""

    code: str
    state: CaseState
    due_at: datetime | None  #: of the next call; None if nobody is to make one
    phone_class: PhoneClass | None
    outcome: str  #: of this call
    repeated: bool  #: the same report had been recorded before


def record_outcome(
    case_id: int, fence: int, report: CallReport, *, actor: User, at: datetime
) -> Recorded:
    """Close the call of the case that *actor* holds and send the case where it goes next.

    The same report with the same idempotency key again changes nothing and returns what became of
    the case.

    Raises NotFound, OutcomeKeptLate if *actor* held the case once under this fence and does not
    any more, CaseNotHeld if never, KeyReused, UnknownDisposition, NoteMissing, AnswersIncomplete,
    AgainstAnswers, OutcomeContradictsAnswers, WaiverMarkMissing, AppointmentMissing,
    AppointmentUnusable, SlotFull, NewNumberMissing, NewNumberUnreadable, NotDialled,
    IdentityNumberTyped, TooManyWords.
    """
    acts: list[Act] = []
    with transaction() as session:
        case = locked_case(session, case_id)
        done = _record(session, case, fence, report, {}, acts, actor=actor, at=at)
        trail.record_all(session, acts)
    if isinstance(done, OutcomeKeptLate):
        raise done
    return done


def record_and_claim(
    case_id: int,
    fence: int,
    report: CallReport,
    *,
    actor: User,
    at: datetime,
    hours: CallingHours | None = None,
) -> tuple[Recorded, Claim | None]:
    """Do what ``record_outcome`` and then ``claim_next_case`` do, in one unit: both or neither.

    Raises what ``record_outcome`` raises.
    """
    acts: list[Act] = []
    claim = None
    with transaction() as session:
        hand = at_hand(session, actor, at)
        case = locked_case(session, case_id, turn_of=actor)
        done = _record(session, case, fence, report, hand.rules, acts, actor=actor, at=at)
        if isinstance(done, Recorded):
            # Only what was recorded before may have changed what is at hand meanwhile.
            if done.repeated:
                hand = at_hand(session, actor, at)
            else:
                hand = hand.after_call(case.schedule.claimed_as)
            claim = next_claim(session, hand, acts, actor=actor, at=at, hours=hours)
        trail.record_all(session, acts)
    if isinstance(done, OutcomeKeptLate):
        raise done
    return done, claim


def _record(  # noqa: PLR0913 - the report, what is known, and who when
    session: Session,
    case: Case,
    fence: int,
    report: CallReport,
    known: Mapping[int, Rules],
    acts: list[Act],
    *,
    actor: User,
    at: datetime,
) -> Recorded | OutcomeKeptLate:
    """Close the call and add to *acts* what was done; *known* are rules by campaign."""
    disposition = offered(report.disposition)
    calls = calls_of(session, case.id, report.idempotency_key)
    earlier = recorded_before(case, calls.keyed, report, actor)
    if earlier is not None:
        return earlier
    if not is_held(case, fence, actor):
        late = keep_late(session, case, fence, report, actor=actor, at=at)
        return OutcomeKeptLate(case=case.code, number=late.id)
    rules = known.get(case.campaign_id) or rules_of(session, case.campaign_id)
    attempt = begin_attempt(session, case, calls, actor, at)
    by_hand = dialled_by_hand(attempt, disposition, by_hand=report.by_hand)
    confirmed = fill_attempt(case, attempt, report, at)
    close_call(session, case, attempt, report, calls=calls, rules=rules, actor=actor, at=at)
    if by_hand:
        add_call(session, attempt, BY_HAND, attempt.started_at)
    facts = {"disposition": attempt.disposition, "outcome": attempt.outcome} | confirmed
    acts.append(act_on(case.id, AuditAction.OUTCOME_RECORD, facts, actor=actor, at=at))
    return recorded(case, attempt)


def recorded_before(
    case: Case, earlier: Attempt | None, report: CallReport, actor: User
) -> Recorded | None:
    """Return what became of the case if this report was recorded already.

    *earlier* is the attempt that has its key. Raises NotFound if somebody else used the key,
    KeyReused if another report did.
    """
    if earlier is None:
        return None
    if earlier.case_id != case.id or earlier.operator_id != actor.id:
        raise NotFound(case=case.id)
    same_report(report, earlier.report_digest)
    return recorded(case, earlier, repeated=True)


def recorded(case: Case, attempt: Attempt, *, repeated: bool = False) -> Recorded:
    """Return what became of the case after a call, as its operator may know it."""
    state = as_if_first(case, attempt) if attempt.blind else case.state
    waits = state is CaseState.READY and not case.schedule.no_call
    due_at = case.schedule.due_at if waits else None
    return Recorded(case.code, state, due_at, case.phone_class, attempt.outcome, repeated)
