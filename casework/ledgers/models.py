"""Ledgers as handed in, what was found wrong with them, and the entries accepted from them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.ledgers.projects import Project
from casework.ledgers.rules import Severity
from casework.regions.models import Region
from casework.sealing import SealedJson, SealedText


class LedgerState(StrEnum):
    UPLOADED = "uploaded"  #: waiting to be checked
    CHECKING = "checking"
    REFUSED = "refused"  #: the file could not be read as a ledger; nothing was kept of it
    FAULTY = "faulty"  #: some rows have errors and are not removed yet
    CLEAN = "clean"  #: could be accepted
    ACCEPTING = "accepting"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class RemovalClass(StrEnum):
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    INCOMPLETE = "incomplete"  #: still incomplete after a supplement was asked for


class Ledger(Base):
    """One uploaded real-name file of one region and project."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index(  # rule D012: the same file is taken once
            "uq_ledger_same_file",
            "file_digest",
            unique=True,
            sqlite_where=text("state NOT IN ('refused', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('refused', 'withdrawn')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    project: Mapped[Project]
    year: Mapped[int]
    period_end: Mapped[date]  #: the last day the ledger reports on
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[LedgerState] = mapped_column(default=LedgerState.UPLOADED)
    file_name: Mapped[str]
    file_digest: Mapped[str]  #: SHA-256 of the file
    file_size: Mapped[int]
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_faulty: Mapped[int] = mapped_column(default=0)  #: rows with an error, not removed
    refusal: Mapped[str] = mapped_column(default="")  #: name of the broken rule if refused
    refusal_facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    uploaded_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    region: Mapped[Region] = relationship()
    uploaded_by: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}


class LedgerProblem(Base):
    """What one rule found wrong at one place of the file. ``facts`` holds no personal data."""

    __tablename__ = "ledger_problem"
    __table_args__ = (Index("ix_ledger_problem_place", "ledger_id", "row", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"))
    sheet: Mapped[str]
    row: Mapped[int]  #: as the person sees it in the file
    column: Mapped[str]
    rule: Mapped[str]
    severity: Mapped[Severity]
    facts: Mapped[dict[str, Any]]


class LedgerRemoval(Base):
    """A row that the clerk took out before the ledger was accepted."""

    __tablename__ = "ledger_removal"
    __table_args__ = (UniqueConstraint("ledger_id", "sheet", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"))
    sheet: Mapped[str]
    row: Mapped[int]
    removal_class: Mapped[RemovalClass]
    removed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime]


class LedgerEntry(Base):
    """One person's row, as accepted. The database refuses changes once it is in a frame."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("ledger_id", "sheet", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)  #: the ``entry_id`` of draws
    ledger_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), index=True)
    project: Mapped[Project]
    year: Mapped[int]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    sheet: Mapped[str]
    row: Mapped[int]
    enterprise: Mapped[str] = mapped_column(default="")  #: overcapacity only
    started_on: Mapped[date | None]  #: employed or resettled since
    claims_not_settled: Mapped[bool] = mapped_column(default=False)  #: overcapacity only
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_no_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phones_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_index: Mapped[str] = mapped_column(index=True)  #: blind index of the identity number
    content_digest: Mapped[str]  #: keyed digest of the whole row, part of the frame's seal

    region: Mapped[Region] = relationship()

    name = SealedText()
    id_no = SealedText()
    phones = SealedText()  #: one number a line, the first is dialled first
    details = SealedJson()  #: the other columns, by their key in ledger_columns.csv
