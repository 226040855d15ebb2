"""The list of numbers that are not called, because their owner asked for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.cases.models import Case
from casework.cases.number_index import cases_with, index_of, is_listed, spare_cases
from casework.cases.number_models import CaseNumber, NoCall, NoCallChange
from casework.cases.numbers import masked
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.phones import read_phones

SHOWN = 200  #: the newest numbers of the list; a longer one is searched by number


class NotANumber(CaseworkError):
    """The text is not one telephone number."""


class SparingUnexplained(CaseworkError):
    """A number goes on the list, or off it, with a reason."""


@dataclass(frozen=True, slots=True)
class ListChange:
    """When a number went on the list or off it, by whom and why."""

    at: datetime
    listed: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class SparedNumber:
    """A number that is or was on the list. The whole number is nowhere kept."""

    id: int
    listed: bool
    shown: str  #: the number, covered; "" if it was listed by an earlier release
    codes: tuple[str, ...]  #: of the cases with it that the supervisor may see
    changes: tuple[ListChange, ...]  #: the latest first


def add_no_call(number: str, reason: str, *, actor: User, at: datetime) -> int:
    """Spare a number from now on, in every campaign; return how many cases it concerns.

    A number on the list stays there; the second time its reason is kept too, and its cases are
    looked up again.
    Raises NotANumber, SparingUnexplained, IdentityNumberTyped, TooManyWords.
    """
    normal, words = one_number(number), _reason(reason)
    with transaction() as session:
        index = index_of(normal)
        row = session.scalar(select(NoCall).where(NoCall.number_index == index))
        if row is None:
            row = NoCall(uid=new_uid(), number_index=index, added_by_id=actor.id, added_at=at)
            row.reason, row.shown = words, masked(normal)
            session.add(row)
        else:
            _change(session, row.id, words, actor, at, listed=True)
        session.flush()
        concerned = cases_with(session, normal)
        spare_cases(session, concerned)
        trail.record(
            session,
            AuditAction.NO_CALL_ADD,
            actor_id=actor.id,
            at=at,
            subject=f"no_call:{row.id}",
            facts={"cases": len(concerned)},
        )
    return len(concerned)


def lift_no_call(spared_id: int, reason: str, *, actor: User, at: datetime) -> int:
    """Take a number off the list; return how many cases have it.

    A case comes back into the queue unless another of its numbers is on the list. Taking it off
    a second time changes nothing. Raises NotFound, SparingUnexplained, IdentityNumberTyped,
    TooManyWords.
    """
    words = _reason(reason)
    with transaction() as session:
        row = session.get(NoCall, spared_id)
        if row is None:
            raise NotFound(no_call=spared_id)
        having = select(CaseNumber.case_id).where(CaseNumber.number_index == row.number_index)
        concerned = set(session.scalars(having))
        if not _on_list(session, spared_id):
            return len(concerned)
        _change(session, spared_id, words, actor, at, listed=False)
        session.flush()
        spare_cases(session, concerned)
        trail.record(
            session,
            AuditAction.NO_CALL_LIFT,
            actor_id=actor.id,
            at=at,
            subject=f"no_call:{spared_id}",
            facts={"cases": len(concerned)},
        )
    return len(concerned)


def spared_numbers(*, actor: User) -> Sequence[SparedNumber]:
    """Return the newest numbers that are or were on the list, with what was done to each."""
    session = db.session()
    rows = session.execute(
        select(NoCall, User.name, is_listed())
        .join(User, User.id == NoCall.added_by_id)
        .order_by(NoCall.id.desc())
        .limit(SHOWN)
    ).all()
    codes = _codes(session, [row.number_index for row, _name, _listed in rows], actor)
    later = _changes(session, [row.id for row, _name, _listed in rows])
    return [
        SparedNumber(
            row.id,
            listed,
            row.shown,
            tuple(codes[row.number_index]),
            (*later[row.id], ListChange(row.added_at, listed=True, by=name, reason=row.reason)),
        )
        for row, name, listed in rows
    ]


def one_number(text: str) -> str:
    """Return the one telephone number in *text*, in its normal form. Raises NotANumber."""
    numbers = read_phones(text).numbers if text else ()
    if len(numbers) != 1:
        raise NotANumber
    return numbers[0]


def _reason(text: str) -> str:
    words = clean_words(text)
    if not words:
        raise SparingUnexplained
    return words


def _on_list(session: Session, spared_id: int) -> bool:
    listed = select(NoCall.id).where(NoCall.id == spared_id, is_listed())
    return session.scalar(listed) is not None


def _change(
    session: Session, spared_id: int, reason: str, actor: User, at: datetime, *, listed: bool
) -> None:
    # Reasons are sealed to the row's uid, so it exists before the row does.
    change = NoCallChange(
        uid=new_uid(), no_call_id=spared_id, listed=listed, changed_by_id=actor.id, changed_at=at
    )
    change.reason = reason
    session.add(change)


def _codes(session: Session, indexes: Sequence[str], actor: User) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = defaultdict(list)
    for index, code in session.execute(
        select(CaseNumber.number_index, Case.code)
        .join(Case, Case.id == CaseNumber.case_id)
        .where(CaseNumber.number_index.in_(indexes), in_scope(actor, Case.region_code))
        .distinct()
        .order_by(Case.code)
    ):
        codes[index].append(code)
    return codes


def _changes(session: Session, ids: Sequence[int]) -> dict[int, list[ListChange]]:
    changes: dict[int, list[ListChange]] = defaultdict(list)
    for row, name in session.execute(
        select(NoCallChange, User.name)
        .join(User, User.id == NoCallChange.changed_by_id)
        .where(NoCallChange.no_call_id.in_(ids))
        .order_by(NoCallChange.id.desc())
    ):
        changes[row.no_call_id].append(ListChange(row.changed_at, row.listed, name, row.reason))
    return changes
