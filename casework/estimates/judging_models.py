"""What people make of a run: its stage, signatures, overrides and objections."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.estimates.models import EstimateRun
from casework.estimates.stages import ObjectionState, RunStage
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.sealing import SealedText


class OverrideState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    VOID = "void"  #: the data moved on before a second person confirmed


class RunStanding(Base):
    """How far a run has come. A run without a row is a draft."""

    __tablename__ = "run_standing"

    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), primary_key=True)
    stage: Mapped[RunStage]
    announced_on: Mapped[date]  #: counties see the preliminary figures from this day on
    published_on: Mapped[date | None]  #: and the final ones from this day on

    run: Mapped[EstimateRun] = relationship()


class RunSignature(Base):
    """A name under a run: of a unit, which is preliminary, or of the province, which is final."""

    __tablename__ = "run_signature"
    __table_args__ = (UniqueConstraint("run_id", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signed_at: Mapped[datetime]
    input_digest: Mapped[str]  #: of what was signed

    region: Mapped[Region] = relationship()
    signed_by: Mapped[User] = relationship()


class Override(Base):
    """A decision that two people set otherwise than the rule, on the same data."""

    __tablename__ = "override"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    project: Mapped[Project]
    input_digest: Mapped[str]  #: of the data that the first person saw
    computed: Mapped[str]  #: the decision by the rule
    decision: Mapped[str]  #: the decision in its place
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[OverrideState] = mapped_column(default=OverrideState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
    settled_by: Mapped[User | None] = relationship(foreign_keys=[settled_by_id])

    reason = SealedText()


class Objection(Base):
    """What a region says against its figures, what it was answered, and who closed it."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("estimate_run.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    project: Mapped[Project]
    state: Mapped[ObjectionState] = mapped_column(default=ObjectionState.OPEN)
    filed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    filed_at: Mapped[datetime]
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None]

    run: Mapped[EstimateRun] = relationship()
    region: Mapped[Region] = relationship()
    filed_by: Mapped[User] = relationship(foreign_keys=[filed_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])
    files: Mapped[list["ObjectionFile"]] = relationship(order_by="ObjectionFile.id")

    text = SealedText()
    answer = SealedText()


class ObjectionFile(Base):
    """Evidence that came with an objection, sealed as it came."""

    __tablename__ = "objection_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objection.id"), index=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str]  #: SHA-256 of the content
    size: Mapped[int]  #: bytes
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    name = SealedText()
