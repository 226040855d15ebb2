"""Clerks hand the demonstration's ledgers in, through the services that people use."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import select

from casework.accounts.models import User
from casework.db import db
from casework.demo.entries import PERIOD_END, YEAR
from casework.demo.ledgers import LedgerFile
from casework.ledgers.handing_in import (
    Upload,
    remove_faulty_rows,
    request_acceptance,
    upload_ledger,
)
from casework.ledgers.intake import accept_ledger, check_ledger
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState

Origin = tuple[str, int]  #: name of the ledger file, row as a person counts it
_BETWEEN = timedelta(minutes=1)


def hand_in(
    files: Sequence[LedgerFile],
    clerks: Mapping[str, User],
    unit_of: Mapping[str, str],
    *,
    begin: datetime,
    done: Callable[[int], None],
) -> None:
    """Upload, check, clean and accept every ledger; *done* is told how many so far.

    Parameters
    ----------
    clerks
        The clerk of each reporting unit.
    unit_of
        Place to reporting unit.
    begin
        When the first is handed in; one a minute follows.
    """
    for number, file in enumerate(files):
        at = begin + number * _BETWEEN
        clerk = clerks[unit_of.get(file.region, file.region)]
        ledger_id, uid = upload(file, clerk, at=at)
        check_ledger(uid, at=at)
        if _state(ledger_id) is LedgerState.FAULTY:
            remove_faulty_rows(ledger_id, actor=clerk, at=at)
        request_acceptance(ledger_id, actor=clerk, at=at)
        accept_ledger(uid, at=at, entry_uid=_same_each_time(file.path.name))
        done(number + 1)


def _same_each_time(file_name: str) -> Callable[[], str]:
    """Make entry uids that depend on the file alone, so that the draw picks the same people."""
    numbers = count(1)
    return lambda: hashlib.sha256(f"{file_name}|{next(numbers)}".encode()).hexdigest()[:32]


def upload(
    file: LedgerFile,
    clerk: User,
    *,
    at: datetime,
    year: int = YEAR,
    period_end: date = PERIOD_END,
) -> tuple[int, str]:
    """Hand one file in; return the id and the uid of its ledger."""
    ledger = upload_ledger(
        Upload(
            project=file.project,
            region_code=file.region,
            year=year,
            period_end=period_end,
            file_name=file.path.name,
            content=file.path.read_bytes(),
        ),
        actor=clerk,
        at=at,
    )
    return ledger.id, ledger.uid


def origins() -> dict[str, Origin]:
    """Return for each accepted entry, by its uid, the row it came from."""
    rows = db.session.execute(
        select(LedgerEntry.uid, Ledger.file_name, LedgerEntry.row).join(
            Ledger, Ledger.id == LedgerEntry.ledger_id
        )
    )
    return {uid: (name, row) for uid, name, row in rows}


def _state(ledger_id: int) -> LedgerState:
    return db.session.scalars(select(Ledger.state).where(Ledger.id == ledger_id)).one()
