"""What operators say about calls whose hold was lost: late reports, and how the call went."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.calls.models import Attempt
from casework.cases.models import Case
from casework.db import Base, new_uid
from casework.sealing import SealedJson, SealedText


class LateState(StrEnum):
    WAITING = "waiting"  #: for the supervisor
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class LateOutcome(Base):
    """A report that came after the hold was lost. It counts only if a supervisor accepts it."""

    __tablename__ = "late_outcome"

    id: Mapped[int] = mapped_column(primary_key=True)  #: the number that the operator is told
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    fence: Mapped[int]  #: the claim that was lost
    received_at: Mapped[datetime]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    report_digest: Mapped[str]  #: keyed digest of what was sent
    disposition: Mapped[str]
    report_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[LateState] = mapped_column(default=LateState.WAITING, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  #: of a dismissal
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"))  #: it was accepted as

    case: Mapped[Case] = relationship()
    operator: Mapped[User] = relationship(foreign_keys=[operator_id])

    report = SealedJson()
    reason = SealedText()


class WhatHappened(StrEnum):
    """How an interrupted call went, as its operator remembers."""

    NOT_DIALLED = "not_dialled"
    NO_ANSWER = "no_answer"
    NOT_FINISHED = "not_finished"  #: somebody spoke, and no outcome was reached
    FINISHED = "finished"  #: reported with a late outcome


class Interruption(Base):
    """What an operator said of an interrupted call. Rows are added, never edited or removed."""

    __tablename__ = "interruption"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    what: Mapped[WhatHappened]
    told_at: Mapped[datetime]

    attempt: Mapped[Attempt] = relationship()
