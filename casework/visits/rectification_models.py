"""What a unit, an office or an enterprise must put right, answer or explain, and how it went."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.regions.models import Region
from casework.sealing import SealedText


class MatterKind(StrEnum):
    ORDER = "order"  #: put something right by a day
    INQUIRY = "inquiry"  #: a letter that must be answered
    TALK = "talk"  #: somebody is called in; the record of the talk is the answer


class MatterState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class StepKind(StrEnum):
    ANSWER = "answer"
    SEND_BACK = "send_back"  #: the answer does not do
    EXTEND = "extend"  #: a later due date
    CLOSE = "close"


#: What may follow what; nothing else may.
TRANSITIONS: Mapping[tuple[MatterState, StepKind], MatterState] = MappingProxyType(
    {
        (MatterState.OPEN, StepKind.ANSWER): MatterState.ANSWERED,
        (MatterState.OPEN, StepKind.EXTEND): MatterState.OPEN,
        (MatterState.ANSWERED, StepKind.SEND_BACK): MatterState.OPEN,
        (MatterState.ANSWERED, StepKind.CLOSE): MatterState.CLOSED,
    }
)


class Matter(Base):
    """An order, an inquiry letter or a talk."""

    __tablename__ = "matter"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    kind: Mapped[MatterKind]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    addressee: Mapped[str]  #: an office or an enterprise
    issued_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[MatterState] = mapped_column(default=MatterState.OPEN)
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    issued_at: Mapped[datetime]
    steps_taken: Mapped[int] = mapped_column(default=0)  #: a step names how many it saw
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    region: Mapped[Region] = relationship()
    issued_by: Mapped[User] = relationship()
    steps: Mapped[list["MatterStep"]] = relationship(order_by="MatterStep.id")

    words = SealedText()


class MatterStep(Base):
    """One step of a matter. Rows are added, never changed."""

    __tablename__ = "matter_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    kind: Mapped[StepKind]
    taken_on: Mapped[date]  #: when it was answered, sent back, closed
    due_on: Mapped[date | None]  #: the new due date, if it has one
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    by: Mapped[User] = relationship()
    file: Mapped["MatterFile | None"] = relationship()

    words = SealedText()


class MatterFile(Base):
    """What came with an answer, sealed as it came. Rows are added, never changed."""

    __tablename__ = "matter_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("matter_step.id"), unique=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[str]  #: SHA-256 of the content
    size: Mapped[int]  #: bytes
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    name = SealedText()
