"""What a supervisor answers and asks for."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    LargeBinary,
    ScalarSelect,
    and_,
    exists,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.cases.models import Case, CaseSchedule
from casework.db import Base, new_uid
from casework.sealing import SealedText


class Ruling(StrEnum):
    """What a supervisor decided about a case."""

    RETURN = "return"  #: back to the operators
    FINISH = "finish"  #: no further call; the calls so far decide
    OUT_OF_SAMPLE = "out_of_sample"  #: code 61 or 62 is right: the person is not to be surveyed
    FREE = "free"  #: taken off the screen of an operator who was not heard of any more


ENDS = (Ruling.FINISH, Ruling.OUT_OF_SAMPLE)  #: after these no call is made
DUPLICATE = "62"
OUT_OF_SAMPLE = frozenset({"61", DUPLICATE})  #: dispositions that a supervisor confirms


class SupervisorReply(Base):
    """One decision about a case, with words for the operators."""

    __tablename__ = "supervisor_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    ruling: Mapped[Ruling]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    #: The case in which the person is surveyed, where this one is its duplicate (code 62).
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    case: Mapped[Case] = relationship(foreign_keys=[case_id])
    duplicate_of: Mapped[Case | None] = relationship(foreign_keys=[duplicate_of_id])
    author: Mapped[User] = relationship()

    words = SealedText()


def latest_end() -> ScalarSelect[Ruling]:
    """Select the ruling by which a supervisor last ended the calls of a case, as a column."""
    return (
        select(SupervisorReply.ruling)
        .where(SupervisorReply.case_id == Case.id, SupervisorReply.ruling.in_(ENDS))
        .order_by(SupervisorReply.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


def is_ruled_out() -> ColumnElement[bool]:
    """Select the cases whose person is not to be surveyed, as their last call says.

    A case that was corrected and called since then is one like any other.
    """
    said_so = exists().where(
        CaseSchedule.case_id == Case.id, CaseSchedule.last_code.in_(OUT_OF_SAMPLE)
    )
    return and_(Case.phone_class.is_not(None), said_so, latest_end() == Ruling.OUT_OF_SAMPLE)


class ReleaseRequest(Base):
    """A supervisor's wish that the next replicate be opened; the coordinator opens it."""

    __tablename__ = "release_request"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    replicate: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]

    asked_by: Mapped[User] = relationship()


class Message(Base):
    """Words of a supervisor to one operator, or the operator's answer to them."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    #: The message that this one answers; each has one answer at most.
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    author: Mapped[User] = relationship(foreign_keys=[author_id])

    words = SealedText()


class CallBack(Base):
    """What somebody said who rang back about a case that could not be taken then."""

    __tablename__ = "call_back"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[datetime | None]  #: a supervisor has seen to it
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    case: Mapped[Case] = relationship()
    operator: Mapped[User] = relationship(foreign_keys=[operator_id])

    words = SealedText()
