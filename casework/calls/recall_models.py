"""Blind re-calls: which interviews are held again by somebody else, and what came of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.calls.models import Attempt
from casework.cases.models import Case
from casework.db import Base, new_uid
from casework.sealing import SealedText


class RecallReason(StrEnum):
    RANDOM = "random"  #: the case's sealed number lies under the share
    SIGNAL = "signal"  #: a supervisor wants to know more of this operator's interviews


class RecallState(StrEnum):
    OPEN = "open"  #: waits for its call, or is being called
    HELD = "held"  #: the second interview was held and can be compared
    MISSED = "missed"  #: no second interview could be had


class Settlement(StrEnum):
    """What a supervisor did about two interviews that contradict each other."""

    LEAD = "lead"  #: it is looked at on site
    KEPT = "kept"  #: explained; the first interview stands without a look


class RecallPlan(Base):
    """The share of a campaign's interviews that are called again at random."""

    __tablename__ = "recall_plan"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    share: Mapped[float]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]


class Recall(Base):
    """One interview to be held again. A case is called again once."""

    __tablename__ = "recall"
    __table_args__ = (Index("ix_recall_campaign_id_state", "campaign_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), unique=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))  #: the interview to compare
    operator_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)  #: who held it
    reason: Mapped[RecallReason]
    state: Mapped[RecallState] = mapped_column(default=RecallState.OPEN)
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  #: None: by chance
    chosen_at: Mapped[datetime]
    second_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))
    ended_at: Mapped[datetime | None]
    #: Whether one interview finds the claim true and the other does not.
    contradicts: Mapped[bool] = mapped_column(default=False)
    settlement: Mapped[Settlement | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[datetime | None]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    case: Mapped[Case] = relationship()
    first: Mapped[Attempt] = relationship(foreign_keys=[first_id])
    second: Mapped[Attempt | None] = relationship(foreign_keys=[second_id])
    operator: Mapped[User] = relationship(foreign_keys=[operator_id])

    note = SealedText()
