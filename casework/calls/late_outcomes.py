"""Reports that came after the hold was lost: a supervisor accepts or dismisses each."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope, must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.closing import close_call
from casework.calls.confirming import correction_waits
from casework.calls.dialling import BY_HAND, add_call, dialled_by_hand
from casework.calls.dispositions import offered
from casework.calls.filling import fill_attempt
from casework.calls.history import calls_of
from casework.calls.holding import attempt_under, locked_case, recount
from casework.calls.keeping import reported
from casework.calls.late_models import LateOutcome, LateState
from casework.calls.models import Attempt
from casework.calls.recall_models import Recall, RecallState
from casework.calls.rules import rules_of
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound

_ACCEPTABLE = (CaseState.READY, CaseState.ESCALATED)
_OF_OPEN_RECALLS = (
    select(LateOutcome.id)
    .join(Recall, Recall.case_id == LateOutcome.case_id)
    .join(
        Attempt,
        and_(Attempt.case_id == LateOutcome.case_id, Attempt.fence == LateOutcome.fence),
    )
    .where(LateOutcome.state == LateState.WAITING, Attempt.blind, Recall.state == RecallState.OPEN)
)


class DismissalUnexplained(CaseworkError):
    """What an operator reported is dismissed only with a reason."""


@dataclass(frozen=True, slots=True)
class LateRow:
    """One late outcome, for the supervisor."""

    number: int
    case_id: int
    code: str
    operator: str
    disposition: str
    outcome: str
    note: str
    received_at: datetime
    state: CaseState  #: of the case, now
    acceptable: bool  #: the case, or its re-call, is still open and nobody holds it


def list_late_outcomes(*, actor: User) -> Sequence[LateRow]:
    """Return the late outcomes that wait for a decision, the oldest first."""
    waiting = (
        select(LateOutcome)
        .join(LateOutcome.case)
        .where(LateOutcome.state == LateState.WAITING, in_scope(actor, Case.region_code))
        .order_by(LateOutcome.id)
        .options(joinedload(LateOutcome.case), joinedload(LateOutcome.operator))
    )
    recalls = set(db.session.scalars(_OF_OPEN_RECALLS))
    return [_row(late, recalls) for late in db.session.scalars(waiting)]


def accept_late_outcome(number: int, *, actor: User, at: datetime) -> None:
    """Let a late outcome count, as a new attempt of its operator in place of the interrupted one.

    That of a blind re-call counts as the re-call's answers: what the phone established stays.

    Raises NotFound, NotAllowedNow if it was decided, the case or its re-call is finished, somebody
    holds the case or a correction of its last call waits to be confirmed, AppointmentUnusable if
    the time agreed on is over.
    """
    with transaction() as session:
        late, case = _waiting(session, number, actor)
        lost = attempt_under(session, case, late.fence)
        of_recall = late.id in session.scalars(_OF_OPEN_RECALLS).all()
        stale = _replaced(session, lost) or (lost is not None and lost.blind and not of_recall)
        if stale or not _acceptable(session, case, of_recall=of_recall):
            raise NotAllowedNow(case=case.code)
        if of_recall:
            case.fence += 1
        else:
            case.reopen(actor=actor, at=at)
        attempt = _as_attempt(case, late, lost)
        session.add(attempt)
        session.flush()
        recount(session, case)
        by_hand = reported(late).by_hand or None
        if dialled_by_hand(attempt, offered(late.disposition), by_hand=by_hand):
            add_call(session, attempt, BY_HAND, attempt.started_at)
        attempt.answers = late.report["answers"]
        fill_attempt(case, attempt, reported(late), late.received_at)
        close_call(
            session,
            case,
            attempt,
            reported(late),
            calls=calls_of(session, case.id),
            rules=rules_of(session, case.campaign_id),
            actor=actor,
            at=at,
        )
        late.state, late.decided_by_id, late.decided_at = LateState.ACCEPTED, actor.id, at
        late.attempt_id = attempt.id
        trail.record(
            session,
            AuditAction.LATE_OUTCOME_ACCEPT,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"number": number, "disposition": late.disposition},
        )


def dismiss_late_outcome(number: int, reason: str, *, actor: User, at: datetime) -> None:
    """Put a late outcome aside; it stays kept, with the reason.

    Raises NotFound, NotAllowedNow if it was decided, DismissalUnexplained, IdentityNumberTyped,
    TooManyWords.
    """
    words = clean_words(reason)
    if not words:
        raise DismissalUnexplained
    with transaction() as session:
        late, case = _waiting(session, number, actor)
        late.state, late.decided_by_id, late.decided_at = LateState.DISMISSED, actor.id, at
        late.reason = words
        trail.record(
            session,
            AuditAction.LATE_OUTCOME_DISMISS,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"number": number},
        )


def _waiting(session: Session, number: int, actor: User) -> tuple[LateOutcome, Case]:
    """Return a late outcome and its case, both locked. Raises NotFound, NotAllowedNow."""
    late = session.get(LateOutcome, number)
    if late is None:
        raise NotFound(late=number)
    case = locked_case(session, late.case_id)  # first the case, as everybody who calls does
    must_see(actor, case.region)
    session.refresh(late, with_for_update=True)
    if late.state is not LateState.WAITING:
        raise NotAllowedNow(late=number)
    return late, case


def _acceptable(session: Session, case: Case, *, of_recall: bool) -> bool:
    """Tell whether a report may count: its call is still to be made, and nobody makes it now.

    What waits to be confirmed is decided first: a late report does not decide it by the way.
    """
    if case.holder_id is not None or correction_waits(session, case):
        return False
    return of_recall or case.state in _ACCEPTABLE


def _replaced(session: Session, lost: Attempt | None) -> bool:
    """Tell whether the lost call counts already, by another report."""
    if lost is None:
        return False
    later = select(Attempt.id).where(Attempt.supersedes_id == lost.id)
    return session.scalar(later) is not None


def _as_attempt(case: Case, late: LateOutcome, lost: Attempt | None) -> Attempt:
    attempt = Attempt(
        case_id=case.id,
        operator_id=late.operator_id,
        fence=case.fence,
        started_at=late.received_at,
    )
    if lost is not None:
        attempt.supersedes_id, attempt.blind = lost.id, lost.blind
        attempt.started_at, attempt.dialled_at = lost.started_at, lost.dialled_at
        attempt.claimed_as = lost.claimed_as
    return attempt


def _row(late: LateOutcome, of_open_recalls: Set[int]) -> LateRow:
    case, report = late.case, late.report
    return LateRow(
        number=late.id,
        case_id=case.id,
        code=case.code,
        operator=late.operator.name,
        disposition=late.disposition,
        outcome=report["outcome"],
        note=report["note"],
        received_at=late.received_at,
        state=case.state,
        acceptable=_acceptable(db.session(), case, of_recall=late.id in of_open_recalls),
    )
