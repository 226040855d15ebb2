"""Calls whose hold ran out before they were closed: their operator says how they went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.dialling import NotDialled, lacks_call
from casework.calls.dispositions import offered
from casework.calls.filling import CallReport
from casework.calls.holding import locked_case, recount
from casework.calls.keeping import keep_late
from casework.calls.late_models import Interruption, LateOutcome, WhatHappened
from casework.calls.models import Attempt, stands
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.numbers import masked_name
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound

NOBODY_SPOKE = frozenset({WhatHappened.NOT_DIALLED, WhatHappened.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class InterruptedCall:
    attempt_uid: str
    code: str
    name: str  #: covered
    started_at: datetime
    dialled_at: datetime | None
    ended_at: datetime | None  #: when the hold was found lost
    note: str  #: as far as it was typed
    spoke: bool  #: somebody answered questions


def interrupted_calls(*, actor: User) -> Sequence[InterruptedCall]:
    """Return the calls of *actor* of which nobody knows how they went, the oldest first."""
    reported_late = exists().where(
        LateOutcome.case_id == Attempt.case_id, LateOutcome.fence == Attempt.fence
    )
    unknown = (
        select(Attempt)
        .where(
            and_(Attempt.operator_id == actor.id, Attempt.interrupted),
            ~exists().where(Interruption.attempt_id == Attempt.id),
            ~reported_late,
            stands(),
        )
        .order_by(Attempt.id)
        .options(joinedload(Attempt.case).joinedload(Case.entry))
    )
    return [
        InterruptedCall(
            attempt_uid=attempt.uid,
            code=attempt.case.code,
            name=masked_name(attempt.case.entry.name),
            started_at=attempt.started_at,
            dialled_at=attempt.dialled_at,
            ended_at=attempt.ended_at,
            note=attempt.note,
            spoke=bool(attempt.answers),
        )
        for attempt in db.session.scalars(unknown)
    ]


def resolve_interrupted(attempt_uid: str, what: WhatHappened, *, actor: User, at: datetime) -> None:
    """Keep how an interrupted call of *actor* went. It counts neither as refusal nor as no answer.

    A number that was not dialled after all is not counted against the limits of the case.

    Raises NotFound, NotAllowedNow if it was told before, if somebody answered questions and nobody
    is said to have been there, or for FINISHED: see report_interrupted.
    """
    with transaction() as session:
        attempt, case = _locked(session, attempt_uid, actor)
        if _is_told(session, attempt):
            raise NotAllowedNow(attempt=attempt_uid)
        if what is WhatHappened.FINISHED or (what in NOBODY_SPOKE and attempt.answers):
            raise NotAllowedNow(attempt=attempt_uid)
        _tell(session, attempt, what, actor, at)
        if what is WhatHappened.NOT_DIALLED and case.state in {CaseState.READY, CaseState.HELD}:
            recount(session, case)


def report_interrupted(attempt_uid: str, report: CallReport, *, actor: User, at: datetime) -> int:
    """Report an interrupted call that was finished; return the number of the late outcome.

    A call that the desk did not dial was dialled by hand, or there was none. The same report again
    returns the same number.

    Raises NotFound, NotAllowedNow if it was told before, NotDialled, and what ``record_outcome``
    raises of a report.
    """
    with transaction() as session:
        attempt, case = _locked(session, attempt_uid, actor)
        if not _is_told(session, attempt):
            if report.by_hand is False and lacks_call(attempt, offered(report.disposition)):
                raise NotDialled(disposition=report.disposition)
            _tell(session, attempt, WhatHappened.FINISHED, actor, at)
        elif not _is_kept(session, report):
            raise NotAllowedNow(attempt=attempt_uid)
        return keep_late(session, case, attempt.fence, report, actor=actor, at=at).id


def _locked(session: Session, attempt_uid: str, actor: User) -> tuple[Attempt, Case]:
    """Return the interrupted call with its case, locked: of two who tell at once one waits."""
    attempt = session.scalar(
        select(Attempt).where(
            Attempt.uid == attempt_uid, Attempt.operator_id == actor.id, Attempt.interrupted
        )
    )
    if attempt is None:
        raise NotFound(attempt=attempt_uid)
    return attempt, locked_case(session, attempt.case_id)


def _is_told(session: Session, attempt: Attempt) -> bool:
    return session.get(Interruption, attempt.id) is not None


def _is_kept(session: Session, report: CallReport) -> bool:
    key = LateOutcome.idempotency_key == report.idempotency_key
    return session.scalar(select(LateOutcome.id).where(key)) is not None


def _tell(
    session: Session, attempt: Attempt, what: WhatHappened, actor: User, at: datetime
) -> None:
    session.add(Interruption(attempt_id=attempt.id, what=what, told_at=at))
    trail.record(
        session,
        AuditAction.INTERRUPTION_TELL,
        actor_id=actor.id,
        at=at,
        subject=f"case:{attempt.case_id}",
        facts={"what": what.value},
    )
