"""A supervisor corrects a closed call after its operator's ten minutes, and says why.

The steps are those of an operator's correction; the reason is the note of the new row. What denies
an interview or a contact, or ends the calls unlike before, another supervisor confirms, if there is
another one. Re-calls are not corrected: nobody is to learn of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload

from casework.accounts.models import User
from casework.accounts.roles import GRANTS, Permission
from casework.accounts.scope import in_scope, must_see
from casework.calls.attempts import clean_words
from casework.calls.confirming import Stood, must_be_confirmed
from casework.calls.corrections import replace_call
from casework.calls.dispositions import all_dispositions, offered
from casework.calls.filling import CallReport
from casework.calls.holding import calling_is_over, locked_case
from casework.calls.keeping import same_report
from casework.calls.models import Attempt, stands
from casework.calls.recall_models import Recall
from casework.calls.reports import Recorded, recorded
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.numbers import masked_name
from casework.cases.phone_result import Ending
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.regions.models import PROVINCE

SETTLED = (CaseState.READY, CaseState.PHONED)  #: nobody works on the case, and it was not visited
LISTED = 50  #: the latest corrections of a period
_REACHED = frozenset(
    {
        *(Ending.ANSWERED, Ending.PROVISIONAL, Ending.REFUSED, Ending.REFUSED_FOR_GOOD),
        *(Ending.PUT_OFF, Ending.AWAY),
    }
)


class OverrulingUnexplained(CaseworkError):
    """A supervisor corrects a call only with a reason."""


class CallsAreOver(CaseworkError):
    """No call of a campaign is corrected after its calls ended: results rest on them."""


class RecallSettled(CaseworkError):
    """An interview is not corrected once a supervisor settled what its re-call contradicts."""


class CallNotLast(CaseworkError):
    """Only the last call of a case is corrected, and while nobody works on the case."""


@dataclass(frozen=True, slots=True)
class ClosedCall:
    """A call as it stands before a supervisor corrects it."""

    code: str  #: of the case
    name: str  #: covered
    at: datetime
    operator: str
    disposition: str
    outcome: str
    note: str
    dialled: bool


@dataclass(frozen=True, slots=True)
class Overruled:
    """One correction by a supervisor."""

    at: datetime  #: when the call ended
    code: str
    operator: str
    author: str
    before: str  #: disposition of the row that was replaced
    after: str
    reason: str
    waits: bool  #: for another supervisor
    replaced: bool  #: by a later row


def overrule_call(
    attempt_uid: str, report: CallReport, *, actor: User, at: datetime
) -> tuple[Recorded, bool]:
    """Correct the last call of a case; the note of *report* says why.

    Return what became of the case, and whether another supervisor decides about it.

    Raises NotFound, OverrulingUnexplained, CallsAreOver, CallNotLast, RecallSettled, KeyReused,
    and what ``record_outcome`` raises of a report.
    """
    offered(report.disposition)
    sent = replace(report, note=clean_words(report.note))
    with transaction() as session:
        old = session.scalar(
            select(Attempt).where(Attempt.uid == attempt_uid, Attempt.blind.is_(False))
        )
        if old is None:
            raise NotFound(attempt=attempt_uid)
        case = locked_case(session, old.case_id)
        must_see(actor, case.region)
        earlier = session.scalar(
            select(Attempt).where(
                Attempt.supersedes_id == old.id, Attempt.idempotency_key == sent.idempotency_key
            )
        )
        if earlier is not None:
            same_report(sent, earlier.report_digest)
            return recorded(case, earlier, repeated=True), case.state is CaseState.ESCALATED
        if not sent.note:
            raise OverrulingUnexplained
        if calling_is_over(case.campaign, at):
            raise CallsAreOver
        if not may_be_overruled(case) or old.id != _last(session, case.id):
            raise CallNotLast(case=case.code)
        if _is_settled(session, case):
            raise RecallSettled(case=case.code)
        refers = _confirmed_by_another(actor)
        attempt = replace_call(
            session, case, old, sent, refers, supervises=True, actor=actor, at=at
        )
        return recorded(case, attempt), case.state is CaseState.ESCALATED


def may_be_overruled(case: Case) -> bool:
    """Tell whether nobody works on *case* or decides about it, and no visit was chosen."""
    return case.state in SETTLED and case.holder_id is None


def _is_settled(session: Session, case: Case) -> bool:
    settled = select(Recall.id).where(Recall.case_id == case.id, Recall.settlement.is_not(None))
    return session.scalar(settled) is not None


def closed_call(attempt_uid: str, *, actor: User) -> ClosedCall:
    """Return a call that *actor* is about to correct.

    Raises NotFound, CallNotLast, RecallSettled.
    """
    session = db.session()
    attempt = session.scalar(
        select(Attempt)
        .where(Attempt.uid == attempt_uid, Attempt.blind.is_(False))
        .options(joinedload(Attempt.operator), joinedload(Attempt.case).joinedload(Case.entry))
    )
    if attempt is None:
        raise NotFound(attempt=attempt_uid)
    must_see(actor, attempt.case.region)
    if not may_be_overruled(attempt.case) or attempt.id != _last(session, attempt.case_id):
        raise CallNotLast(case=attempt.case.code)
    if _is_settled(session, attempt.case):
        raise RecallSettled(case=attempt.case.code)
    return ClosedCall(
        code=attempt.case.code,
        name=masked_name(attempt.case.entry.name),
        at=attempt.started_at,
        operator=attempt.operator.name,
        disposition=attempt.disposition,
        outcome=attempt.outcome,
        note=attempt.note,
        dialled=attempt.dialled_at is not None,
    )


def list_overruled(
    campaign_id: int, since: datetime, until: datetime, *, actor: User
) -> Sequence[Overruled]:
    """Return the corrections by supervisors of calls that ended in a period, the latest first."""
    before, later = aliased(Attempt), aliased(Attempt)
    rows = db.session.execute(
        select(Attempt, before.disposition, later.id)
        .join(before, before.id == Attempt.supersedes_id)
        .outerjoin(later, later.supersedes_id == Attempt.id)
        .join(Case, Case.id == Attempt.case_id)
        .where(
            Case.campaign_id == campaign_id,
            in_scope(actor, Case.region_code),
            Attempt.corrected_by_id.is_not(None),
            Attempt.disposition != "",
            Attempt.blind.is_(False),
            Attempt.ended_at >= since,
            Attempt.ended_at < until,
        )
        .order_by(Attempt.id.desc())
        .limit(LISTED)
        .options(
            joinedload(Attempt.case), joinedload(Attempt.operator), joinedload(Attempt.corrected_by)
        )
    )
    return [_overruled(row, was, replaced=later_id is not None) for row, was, later_id in rows]


def _overruled(row: Attempt, was: str, *, replaced: bool) -> Overruled:
    return Overruled(
        at=row.ended_at or row.started_at,
        code=row.case.code,
        operator=row.operator.name,
        author=row.corrected_by.name if row.corrected_by else "",
        before=was,
        after=row.disposition,
        reason=row.note,
        waits=row.case.state is CaseState.ESCALATED and not replaced,
        replaced=replaced,
    )


def _last(session: Session, case_id: int) -> int | None:
    """Return the last call of a case that has a result, re-calls aside."""
    return session.scalar(
        select(Attempt.id)
        .where(
            Attempt.case_id == case_id,
            Attempt.disposition != "",
            Attempt.blind.is_(False),
            stands(),
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    )


def _confirmed_by_another(
    actor: User,
) -> Callable[[Session, Case, Attempt, Attempt, Stood], bool]:
    """Return the rule by which another supervisor confirms what *actor* corrects."""

    def refers(session: Session, case: Case, old: Attempt, new: Attempt, stood: Stood) -> bool:
        denied = _reached(old) and not _reached(new)
        wanted = denied or must_be_confirmed(session, case, old, new, stood)
        return wanted and _another_supervises(session, case, actor)

    return refers


def _reached(attempt: Attempt) -> bool:
    return all_dispositions()[attempt.disposition].ending in _REACHED


def _another_supervises(session: Session, case: Case, actor: User) -> bool:
    supervising = [role for role, granted in GRANTS.items() if Permission.CALL_SUPERVISE in granted]
    region = case.region
    return bool(
        session.scalar(
            select(User.id)
            .where(
                User.id != actor.id,
                User.active,
                User.role.in_(supervising),
                User.region_code.in_([PROVINCE, region.code, region.unit_code]),
            )
            .limit(1)
        )
    )
