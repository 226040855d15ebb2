"""Giving a ledger back with what was found beside each row. It holds personal data."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import transaction
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.annotated import write_annotated
from casework.ledgers.intake import in_memory
from casework.ledgers.models import Ledger, LedgerProblem
from casework.ledgers.overview import visible_ledgers
from casework.ledgers.reading import open_book
from casework.ledgers.rules import Problem
from casework.sealing import unseal


def download_annotated(
    ledger_id: int,
    *,
    actor: User,
    at: datetime,
    title: str,
    words: Callable[[Problem], str],
) -> bytes:
    """Return the workbook of one ledger with a column of problems, and audit that it was taken.

    Parameters
    ----------
    title
        What stands above that column; it should name who took the file.
    words
        Says one problem as a sentence.

    Raises
    ------
    NotFound
        For a ledger of a region the actor may not see.
    NotAllowedNow
        When nothing is kept of the file any more: it was refused or withdrawn.
    """
    with transaction() as session:
        ledger = session.scalar(visible_ledgers(actor).where(Ledger.id == ledger_id))
        if ledger is None:
            raise NotFound(ledger=ledger_id)
        if ledger.content_sealed is None:
            raise NotAllowedNow(ledger=ledger_id, state=ledger.state.value)
        content = unseal(ledger.content_sealed, table="ledger", column="content", row=ledger.uid)
        name = ledger.file_name
        rows = session.scalars(
            select(LedgerProblem)
            .where(LedgerProblem.ledger_id == ledger_id)
            .order_by(LedgerProblem.id)
        )
        problems = [Problem(p.sheet, p.row, p.column, p.rule, p.severity, p.facts) for p in rows]
        trail.record(
            session,
            AuditAction.LEDGER_DOWNLOAD,
            actor_id=actor.id,
            at=at,
            subject=f"ledger:{ledger_id}",
        )
    with in_memory(content) as source, in_memory(b"") as target:
        book = open_book(source, name=name)
        write_annotated(book, problems, target, title=title, words=words)
        return Path(target).read_bytes()
