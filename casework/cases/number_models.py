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
    """A number that is not called any more, in no campaign."""

    __tablename__ = "no_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    number_index: Mapped[str] = mapped_column(unique=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    added_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = SealedText()
