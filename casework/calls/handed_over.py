"""The cases that were handed over to the supervisor, the one that waits longest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.confirming import author_of, corrected_from
from casework.calls.models import Attempt, stands
from casework.calls.supervision_models import DUPLICATE, OUT_OF_SAMPLE
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case

LISTED = 10  #: rows of a list on the board; the heading counts all


@dataclass(frozen=True, slots=True)
class Escalated:
    case_id: int
    code: str
    disposition: str
    note: str
    operator: str
    since: datetime
    may_be_confirmed: bool  #: handed over as not in the sample
    duplicate: bool  #: namely as a duplicate of another case
    corrected_from: str  #: as what the call was first reported, if its correction is to confirm
    corrected_by_id: int | None  #: who corrected it, and does not confirm it


def list_escalated(
    session: Session, seen: ColumnElement[bool]
) -> tuple[tuple[Escalated, ...], int]:
    """Return the first of the cases *seen* that wait for a supervisor, and how many do."""
    handed = and_(seen, Case.state == CaseState.ESCALATED)
    newest = (
        select(func.max(Attempt.id))
        .join(Case, Case.id == Attempt.case_id)
        .where(handed, Attempt.disposition != "", stands())
        .group_by(Attempt.case_id)
    )
    rows = session.execute(
        select(Case.id, Case.code, Attempt, User.name, func.count().over())
        .join(Attempt, Attempt.case_id == Case.id)
        .join(User, User.id == Attempt.operator_id)
        .where(handed, Attempt.id.in_(newest))
        .order_by(Attempt.ended_at, Attempt.id)
        .limit(LISTED)
    ).all()
    corrected = [row[0] for row in rows if row[2].supersedes_id is not None]
    of_them = select(Attempt).where(Attempt.case_id.in_(corrected))
    made = session.scalars(of_them).all() if corrected else ()
    shown = tuple(_handed(*row[:4], made) for row in rows)
    return shown, rows[0][4] if rows else 0


def _handed(
    case_id: int, code: str, attempt: Attempt, operator: str, made: Sequence[Attempt]
) -> Escalated:
    first = corrected_from(attempt, made)
    return Escalated(
        case_id,
        code,
        attempt.disposition,
        attempt.note,
        operator,
        attempt.ended_at or attempt.started_at,
        attempt.disposition in OUT_OF_SAMPLE,
        attempt.disposition == DUPLICATE,
        first,
        author_of(attempt) if first else None,
    )
