"""Handing in a ledger: upload, take bad rows out, ask for acceptance, withdraw."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers import refusals
from casework.ledgers.errors import InFrame, NoSuchFault, RowsStillFaulty, SameFile
from casework.ledgers.models import (
    Ledger,
    LedgerEntry,
    LedgerRemoval,
    LedgerState,
    RemovalClass,
)
from casework.ledgers.overview import class_of_rule, first_faults, visible_ledgers
from casework.ledgers.places import Scope
from casework.ledgers.projects import Project
from casework.ledgers.reading import MAX_FILE
from casework.regions.models import Region
from casework.sealing import seal

Place = tuple[str, int]  #: sheet, row


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a clerk hands it in."""

    project: Project
    region_code: str
    year: int
    period_end: date
    file_name: str
    content: bytes


def upload_ledger(upload: Upload, *, actor: User, at: datetime) -> Ledger:
    """Keep a file, sealed, and ask for its check. The caller rings the worker afterwards.

    Raises EmptyFile or FileTooLarge, SameFile if it was handed in before (rule D012), NotFound
    for a region that the actor may not see, UnknownRegion for one that hands in no ledger.
    """
    _check_size(upload.content)
    Scope(upload.region_code)
    digest = hashlib.sha256(upload.content).hexdigest()
    try:
        with transaction() as session:
            _must_hand_in(session, upload.region_code, actor)
            if (twin := session.scalar(_twin(digest))) is not None:
                raise SameFile(ledger=twin)
            ledger = Ledger(
                project=upload.project,
                year=upload.year,
                period_end=upload.period_end,
                region_code=upload.region_code,
                file_name=upload.file_name,
                file_digest=digest,
                file_size=len(upload.content),
                uploaded_by_id=actor.id,
                uploaded_at=at,
            )
            session.add(ledger)
            session.flush()  # the seal is bound to the uid, which the default has now set
            ledger.content_sealed = seal(
                upload.content, table="ledger", column="content", row=ledger.uid
            )
            trail.record(
                session,
                AuditAction.LEDGER_UPLOAD,
                actor_id=actor.id,
                at=at,
                subject=f"ledger:{ledger.id}",
                facts={"project": upload.project.value, "region": upload.region_code},
            )
    except IntegrityError:
        # Two uploads of one file at the same moment: the other one was first.
        raise SameFile(ledger=db.session.scalar(_twin(digest))) from None
    return ledger


def _must_hand_in(session: Session, region_code: str, actor: User) -> None:
    region = session.get(Region, region_code)
    if region is None:
        raise NotFound(region=region_code)
    must_see(actor, region)


def _check_size(content: bytes) -> None:
    if not content:
        raise refusals.EmptyFile
    if len(content) > MAX_FILE:
        raise refusals.FileTooLarge(megabytes=len(content) // 2**20, limit=MAX_FILE // 2**20)


def _twin(digest: str) -> Select[int]:
    return select(Ledger.id).where(
        Ledger.file_digest == digest,
        Ledger.state.not_in((LedgerState.REFUSED, LedgerState.WITHDRAWN)),
    )


def remove_rows(
    ledger_id: int,
    places: Collection[Place],
    removal_class: RemovalClass,
    *,
    actor: User,
    at: datetime,
) -> int:
    """Take rows that have errors out of a ledger, under one class; return how many.

    Raises NoSuchFault if none of *places* has an error that still stands.
    """
    wanted = set(places)
    return _remove(
        ledger_id,
        lambda place, rule: removal_class if place in wanted else None,
        actor=actor,
        at=at,
    )


def remove_faulty_rows(ledger_id: int, *, actor: User, at: datetime) -> int:
    """Take out every row with an error, each under the class its first broken rule asks for."""
    return _remove(ledger_id, lambda place, rule: class_of_rule(rule), actor=actor, at=at)


def _remove(
    ledger_id: int,
    class_of: Callable[[Place, str], RemovalClass | None],
    *,
    actor: User,
    at: datetime,
) -> int:
    with transaction() as session:
        ledger = ledger_in_state(session, ledger_id, actor, LedgerState.FAULTY)
        chosen = {
            place: removal_class
            for place, rule in _standing_faults(session, ledger.id).items()
            if (removal_class := class_of(place, rule)) is not None
        }
        if not chosen:
            raise NoSuchFault(ledger=ledger_id)
        session.add_all(
            LedgerRemoval(
                ledger_id=ledger.id,
                sheet=sheet,
                row=row,
                removal_class=removal_class,
                removed_by_id=actor.id,
                removed_at=at,
            )
            for (sheet, row), removal_class in chosen.items()
        )
        ledger.rows_faulty -= len(chosen)
        if not ledger.rows_faulty:
            ledger.state = LedgerState.CLEAN
        trail.record(
            session,
            AuditAction.LEDGER_REMOVE_ROWS,
            actor_id=actor.id,
            at=at,
            subject=f"ledger:{ledger.id}",
            facts={"rows": len(chosen)},
        )
    return len(chosen)


def _standing_faults(session: Session, ledger_id: int) -> dict[Place, str]:
    """The rows with an error that are not taken out, each with the first rule it breaks."""
    rows = session.execute(first_faults(ledger_id))
    return {(row.sheet, row.row): row.rule for row in rows}


def request_acceptance(ledger_id: int, *, actor: User, at: datetime) -> Ledger:
    """Ask for a clean ledger to be accepted. The caller rings the worker afterwards.

    Raises RowsStillFaulty while rows with errors stand; nothing is accepted in part.
    """
    with transaction() as session:
        ledger = ledger_in_state(session, ledger_id, actor, LedgerState.CLEAN, LedgerState.FAULTY)
        if ledger.rows_faulty:
            raise RowsStillFaulty(rows=ledger.rows_faulty)
        ledger.state, ledger.rows_done = LedgerState.ACCEPTING, 0
        trail.record(
            session,
            AuditAction.LEDGER_ACCEPT_REQUEST,
            actor_id=actor.id,
            at=at,
            subject=f"ledger:{ledger.id}",
        )
    return ledger


def withdraw_ledger(ledger_id: int, *, actor: User, at: datetime) -> None:
    """Take a ledger back, with its entries. Raises InFrame once a frame holds one of them."""
    with transaction() as session:
        ledger = ledger_in_state(
            session,
            ledger_id,
            actor,
            LedgerState.FAULTY,
            LedgerState.CLEAN,
            LedgerState.ACCEPTED,
        )
        try:
            with session.begin_nested():
                session.execute(delete(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id))
        except IntegrityError:
            raise InFrame(ledger=ledger_id) from None
        ledger.state, ledger.content_sealed = LedgerState.WITHDRAWN, None
        trail.record(
            session,
            AuditAction.LEDGER_WITHDRAW,
            actor_id=actor.id,
            at=at,
            subject=f"ledger:{ledger.id}",
        )


def ledger_in_state(session: Session, ledger_id: int, actor: User, *states: LedgerState) -> Ledger:
    """Lock a ledger inside a unit of work. Raises NotFound, or NotAllowedNow in another state."""
    ledger = session.scalar(
        visible_ledgers(actor).where(Ledger.id == ledger_id).with_for_update(of=Ledger)
    )
    if ledger is None:
        raise NotFound(ledger=ledger_id)
    if ledger.state not in states:
        raise NotAllowedNow(ledger=ledger_id, state=ledger.state.value)
    return ledger
