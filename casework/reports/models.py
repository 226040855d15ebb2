"""Hand-outs: papers, workbooks and bundles of one run, kept as they were made."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.estimates.models import EstimateRun
from casework.regions.models import Region
from casework.sealing import SealedText


class HandoutKind(StrEnum):
    REPORT_WORD = "report_word"  #: the verification report, to be edited
    REPORT_PDF = "report_pdf"  #: the same, to be printed
    ANNEX = "annex"  #: the workbook with one row for each released case
    NOTICE_WORD = "notice_word"  #: what a region is told of its own result
    NOTICE_PDF = "notice_pdf"
    WEEKLY_SHEET = "weekly_sheet"  #: the official table of what the ledgers hold
    WEEKLY_PDF = "weekly_pdf"
    CERTIFICATE_WORD = "certificate_word"  #: a final result under its number, for a region
    CERTIFICATE_PDF = "certificate_pdf"
    BUNDLE = "bundle"  #: the archive that recomputes the figures


class HandoutState(StrEnum):
    REQUESTED = "requested"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"


class Handout(Base):
    """One hand-out of a run for a region. The row is the request; a job fills it in."""

    __tablename__ = "handout"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    kind: Mapped[HandoutKind]
    language: Mapped[str]  #: a code of webapp.i18n, chosen by whoever asked
    state: Mapped[HandoutState] = mapped_column(default=HandoutState.REQUESTED)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    steps_total: Mapped[int] = mapped_column(default=0)
    steps_done: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(default="")  #: name of the broken rule
    size: Mapped[int] = mapped_column(default=0)  #: bytes
    digest: Mapped[str] = mapped_column(default="")  #: SHA-256 of the file

    run: Mapped[EstimateRun] = relationship()
    region: Mapped[Region] = relationship()
    requested_by: Mapped[User] = relationship()


class HandoutPart(Base):
    """A megabyte of a finished hand-out, so that no row is larger than the database likes."""

    __tablename__ = "handout_part"

    handout_id: Mapped[int] = mapped_column(ForeignKey("handout.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CircularText(Base):
    """What somebody made of the draft of a circular. Rows are added, never changed."""

    __tablename__ = "circular_text"
    __table_args__ = (UniqueConstraint("campaign_id", "region_code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"))  #: the draft's
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))  #: whose circular it is
    version: Mapped[int]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    written_at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    written_by: Mapped[User] = relationship()

    words = SealedText()
