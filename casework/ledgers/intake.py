"""What workers do with a ledger: check the file, and turn its rows into entries."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, undefer

from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import db, new_uid, transaction
from casework.errors import NotFound
from casework.ledgers.checking import Outcome, check
from casework.ledgers.models import (
    Ledger,
    LedgerEntry,
    LedgerProblem,
    LedgerRemoval,
    LedgerState,
)
from casework.ledgers.people import CleanRow, Terms
from casework.ledgers.reading import open_book
from casework.ledgers.refusals import FileRefused
from casework.ledgers.rules import Severity
from casework.ledgers.tables import find_tables
from casework.sealing import blind_index, seal, unseal

CHUNK = 2000


def check_ledger(uid: str, *, at: datetime) -> None:
    """Check an uploaded ledger and list what is wrong with it. A checked one is left as it is."""
    ledger = _load(uid)
    if ledger.state not in {LedgerState.UPLOADED, LedgerState.CHECKING}:
        return
    _show_progress(uid, 0, 0, LedgerState.CHECKING)
    try:
        outcome = _read(ledger, at, lambda done, total: _show_progress(uid, done, total))
    except FileRefused as refusal:
        _refuse(uid, refusal, at=at)
    else:
        _list_problems(uid, outcome, at=at)


def accept_ledger(uid: str, *, at: datetime, entry_uid: Callable[[], str] = new_uid) -> None:
    """Turn the rows of a clean ledger into entries, all or none. A second run does nothing.

    The file is checked once more from its sealed bytes, so that nothing can be accepted that the
    check did not see. *entry_uid* makes the opaque id of each entry; only a rehearsal, which must
    come out alike each time, gives another than the random one.
    """
    ledger = _load(uid)
    if ledger.state is not LedgerState.ACCEPTING:
        return
    outcome = _read(ledger, at, lambda done, total: _show_progress(uid, done, total))
    removed = _removed(db.session(), ledger.id)
    if _faulty(outcome) - removed:
        _list_problems(uid, outcome, at=at)  # the day or the rules have changed since the check
        return
    rows = [row for row in outcome.accepted if (row.sheet, row.row) not in removed]
    entries = [
        _entry(ledger, row, entry_uid()) for row in rows
    ]  # sealed before the write lock is taken
    with transaction() as session:
        ledger = _locked(session, uid)
        if ledger.state is not LedgerState.ACCEPTING:
            return
        for start in range(0, len(entries), CHUNK):
            session.execute(insert(LedgerEntry), entries[start : start + CHUNK])
        ledger.state, ledger.accepted_at = LedgerState.ACCEPTED, at
        ledger.rows_done = ledger.rows_total
        trail.record(
            session,
            AuditAction.LEDGER_ACCEPT,
            actor_id=None,  # who asked for it stands in the row of the request
            at=at,
            subject=f"ledger:{ledger.id}",
            facts={"entries": len(entries), "removed": len(removed)},
        )


def _load(uid: str) -> Ledger:
    ledger = db.session.scalar(
        select(Ledger).where(Ledger.uid == uid).options(undefer(Ledger.content_sealed))
    )
    if ledger is None:
        raise NotFound(ledger=uid)
    return ledger


def _locked(session: Session, uid: str) -> Ledger:
    return session.scalars(select(Ledger).where(Ledger.uid == uid).with_for_update()).one()


def _read(ledger: Ledger, at: datetime, progress: Callable[[int, int], None]) -> Outcome:
    content = unseal(ledger.content_sealed or b"", table="ledger", column="content", row=ledger.uid)
    terms = Terms(
        project=ledger.project,
        region=ledger.region_code,
        today=at.date(),
        year=ledger.year,
        cutoff=ledger.period_end,
    )
    with in_memory(content) as path:
        book = open_book(path, name=ledger.file_name)
        return check(find_tables(book, ledger.project), terms, progress)


@contextmanager
def in_memory(content: bytes) -> Iterator[Path]:
    """Give *content* a path that never touches a disk: what is sealed at rest stays so."""
    descriptor = os.memfd_create("ledger")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _show_progress(uid: str, done: int, total: int, state: LedgerState | None = None) -> None:
    with transaction() as session:
        ledger = _locked(session, uid)
        ledger.rows_done = done
        ledger.rows_total = total or ledger.rows_total
        ledger.state = state or ledger.state


def _refuse(uid: str, refusal: FileRefused, *, at: datetime) -> None:
    with transaction() as session:
        ledger = _locked(session, uid)
        ledger.state, ledger.content_sealed = LedgerState.REFUSED, None
        ledger.refusal = type(refusal).__name__
        ledger.refusal_facts = refusal.facts
        _record_check(session, ledger, at=at)


def _list_problems(uid: str, outcome: Outcome, *, at: datetime) -> None:
    with transaction() as session:
        ledger = _locked(session, uid)
        session.execute(delete(LedgerProblem).where(LedgerProblem.ledger_id == ledger.id))
        problems = [
            {
                "ledger_id": ledger.id,
                "sheet": problem.sheet,
                "row": problem.row,
                "column": problem.column,
                "rule": problem.rule,
                "severity": problem.severity,
                "facts": dict(problem.facts),
            }
            for problem in outcome.problems
        ]
        for start in range(0, len(problems), CHUNK):
            session.execute(insert(LedgerProblem), problems[start : start + CHUNK])
        faulty = _faulty(outcome) - _removed(session, ledger.id)
        ledger.rows_faulty = len(faulty)
        ledger.rows_total = ledger.rows_done = outcome.rows
        ledger.state = LedgerState.FAULTY if faulty else LedgerState.CLEAN
        _record_check(session, ledger, at=at)


def _record_check(session: Session, ledger: Ledger, *, at: datetime) -> None:
    trail.record(
        session,
        AuditAction.LEDGER_CHECK,
        actor_id=None,
        at=at,
        subject=f"ledger:{ledger.id}",
        facts={
            "rows": ledger.rows_total,
            "faulty": ledger.rows_faulty,
            "refusal": ledger.refusal,
        },
    )


def _faulty(outcome: Outcome) -> set[tuple[str, int]]:
    return {(p.sheet, p.row) for p in outcome.problems if p.severity is Severity.ERROR}


def _removed(session: Session, ledger_id: int) -> set[tuple[str, int]]:
    rows = session.scalars(select(LedgerRemoval).where(LedgerRemoval.ledger_id == ledger_id))
    return {(removal.sheet, removal.row) for removal in rows}


def _entry(ledger: Ledger, row: CleanRow, uid: str) -> dict[str, object]:
    """Return the columns of one entry, with the personal ones sealed."""
    details = row.details | {
        "employ_form": row.employ_form,
        "employer": row.employer,
        "channel": row.channel,
        "task_year": row.task_year,
    }
    cells = {
        "name": row.name,
        "id_no": row.id_no,
        "phones": "\n".join(row.phones),
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
    }
    sealed = {
        f"{column}_sealed": seal(text.encode(), table="ledger_entry", column=column, row=uid)
        for column, text in cells.items()
    }
    content = "\x1f".join((*cells.values(), row.region, str(row.started), row.enterprise))
    return sealed | {
        "uid": uid,
        "ledger_id": ledger.id,
        "project": ledger.project,
        "year": ledger.year,
        "region_code": row.region,
        "sheet": row.sheet,
        "row": row.row,
        "enterprise": row.enterprise,
        "started_on": row.started,
        "claims_not_settled": row.claims_not_settled,
        "id_index": blind_index(row.id_no, column="id_no"),
        "content_digest": blind_index(content, column="entry"),
    }
