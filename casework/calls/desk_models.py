"""Telephone calls as the dialler placed them, breaks, and how callers introduce themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.calls.models import Attempt
from casework.db import Base


class PlacedCall(Base):
    """One ringing of a telephone under an attempt. After a lost line there may be a second."""

    __tablename__ = "placed_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    dialler: Mapped[str]  #: its name; "hand" if dialled on another telephone, "in" if we were rung
    reference: Mapped[str] = mapped_column(default="")  #: of the telephone system
    recording: Mapped[str] = mapped_column(default="")  #: where the recording is found
    placed_at: Mapped[datetime]
    hung_up_at: Mapped[datetime | None]

    attempt: Mapped[Attempt] = relationship(viewonly=True)


class Break(Base):
    """Somebody left the desk for a while, at once or after the call that went on."""

    __tablename__ = "work_break"

    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class CallerWords(Base):
    """The words by which the callers of a campaign introduce themselves."""

    __tablename__ = "caller_words"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    agency: Mapped[str]
    hotline: Mapped[str]
    check_place: Mapped[str]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]
