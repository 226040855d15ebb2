"""Telephone numbers by their keyed digests: whose they are, and which are never to be called."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, new_uid
from casework.sealing import SealedText


class CaseNumber(Base):
    """One number of a case, to be found by whoever calls back from it."""

    __tablename__ = "case_number"

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    #: Among the numbers of the case; those told in calls follow those of the ledger.
    place: Mapped[int] = mapped_column(primary_key=True)
    number_index: Mapped[str] = mapped_column(index=True)


class NoCall(Base):
    """A number that is not called any more, in no campaign, unless a later change lifted it."""

    __tablename__ = "no_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    number_index: Mapped[str] = mapped_column(unique=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    shown_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = SealedText()
    shown = SealedText()  #: the number, covered in its middle; "" in rows of earlier releases


class NoCallChange(Base):
    """A number was taken off the list, or put on it again. Rows are added, never edited."""

    __tablename__ = "no_call_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    no_call_id: Mapped[int] = mapped_column(ForeignKey("no_call.id"), index=True)
    listed: Mapped[bool]  #: whether the number is on the list from now on
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = SealedText()
