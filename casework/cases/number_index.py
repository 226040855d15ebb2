"""Finding cases by a telephone number, and sparing numbers, without opening sealed cells."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, exists, func, insert, select, true, update
from sqlalchemy.orm import Session

from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule
from casework.cases.number_models import CaseNumber, NoCall, NoCallChange
from casework.cases.numbers import dialable_numbers
from casework.ledgers.models import LedgerEntry
from casework.sealing import blind_index

OPEN = (CaseState.READY, CaseState.HELD, CaseState.ESCALATED)


def index_of(number: str) -> str:
    """Return the keyed digest of a number in its normal form."""
    return blind_index(number, column="phone")


def add_numbers(session: Session, numbers: Mapping[int, Sequence[str]]) -> None:
    """Make cases findable by their numbers, and spare those that are not to be called."""
    rows = [
        (case_id, place, index_of(number))
        for case_id, of_case in numbers.items()
        for place, number in enumerate(of_case)
    ]
    if not rows:
        return
    columns = ("case_id", "place", "number_index")
    session.execute(insert(CaseNumber), [dict(zip(columns, row, strict=True)) for row in rows])
    spared = set(session.scalars(select(NoCall.number_index).where(is_listed())))
    if spared:
        spare_cases(session, (case_id for case_id, _place, index in rows if index in spared))


def add_told_number(session: Session, schedule: CaseSchedule, place: int, number: str) -> None:
    """Make a case findable by a number that was told in a call."""
    index = index_of(number)
    session.merge(CaseNumber(case_id=schedule.case_id, place=place, number_index=index))
    listed = select(NoCall.id).where(NoCall.number_index == index, is_listed())
    if session.scalar(listed) is not None:
        schedule.no_call = True


def is_listed() -> ColumnElement[bool]:
    """Select the numbers that are on the list now: no later change took them off."""
    latest = (
        select(NoCallChange.listed)
        .where(NoCallChange.no_call_id == NoCall.id)
        .order_by(NoCallChange.id.desc())
        .limit(1)
    )
    return func.coalesce(latest.scalar_subquery(), true())


def spare_cases(session: Session, case_ids: Iterable[int]) -> None:
    """Keep cases out of the queue while one of their numbers is on the list, and no longer."""
    listed = (
        exists()
        .where(CaseNumber.case_id == CaseSchedule.case_id)
        .where(CaseNumber.number_index == NoCall.number_index, is_listed())
    )
    session.execute(
        update(CaseSchedule)
        .where(CaseSchedule.case_id.in_(list(case_ids)))
        .values(no_call=listed)
        .execution_options(synchronize_session="fetch")
    )


def cases_with(session: Session, number: str) -> list[int]:
    """Return the cases that have a number, which is in its normal form."""
    _index_open_cases(session)
    found = select(CaseNumber.case_id).where(CaseNumber.number_index == index_of(number))
    return list(session.scalars(found.order_by(CaseNumber.case_id)).unique())


def _index_open_cases(session: Session) -> None:
    """Make findable the cases released before numbers could be found. Later there are none."""
    unknown = (
        select(Case.id, LedgerEntry)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .where(Case.state.in_(OPEN), ~exists().where(CaseNumber.case_id == Case.id))
    )
    numbers = {
        case_id: dialable_numbers(entry) for case_id, entry in session.execute(unknown).all()
    }
    add_numbers(session, numbers)
