"""Calls: one row for each attempt, written before dialling, and the appointments agreed in them."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.cases.models import Case
from casework.db import Base, new_uid
from casework.sealing import SealedJson, SealedText


class Attempt(Base):
    """One call. It is open until a disposition closes it or the lease runs out."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("case_id", "fence"),
        Index("ix_attempt_operator_id_started_at", "operator_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    fence: Mapped[int]  #: the claim it was made under
    claimed_as: Mapped[int | None]  #: the Tier of that claim: why this case came up
    number_used: Mapped[int] = mapped_column(default=0)  #: place among the entry's numbers
    started_at: Mapped[datetime]
    dialled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    interrupted: Mapped[bool] = mapped_column(default=False)  #: the lease ran out; no outcome
    #: Of a blind re-call: compared with the interview before it, it decides nothing.
    blind: Mapped[bool] = mapped_column(default=False)
    disposition: Mapped[str] = mapped_column(default="")  #: code of dispositions.csv
    outcome: Mapped[str] = mapped_column(default="")  #: code of verification_outcomes.csv
    waiver_read_at: Mapped[datetime | None]  #: time mark of the sentence read word for word
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    report_digest: Mapped[str | None]  #: keyed digest of the report that came with that key
    #: The closed or interrupted attempt of the same call that this one replaces.
    supersedes_id: Mapped[int | None] = mapped_column(
        ForeignKey("attempt.id"), index=True, unique=True
    )
    #: The supervisor who wrote this row in place of another; None if the operator did.
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    answers_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    case: Mapped[Case] = relationship(viewonly=True)
    operator: Mapped[User] = relationship(foreign_keys=[operator_id], viewonly=True)
    corrected_by: Mapped[User | None] = relationship(foreign_keys=[corrected_by_id], viewonly=True)

    answers = SealedJson()  #: question id to answer, saved as they are given
    note = SealedText()


_LATER = Attempt.__table__.alias("later")


def stands() -> ColumnElement[bool]:
    """Select the attempts that were not replaced by a later row for the same call."""
    return ~exists().where(_LATER.c.supersedes_id == Attempt.id)


class Appointment(Base):
    """A time agreed with the respondent, with a window and an owner."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    window_start: Mapped[datetime]
    window_end: Mapped[datetime]
    kept_at: Mapped[datetime | None]  #: a call was made for it, or a correction took it back

    case: Mapped[Case] = relationship()


class CallingRules(Base):
    """When, how often and in which mixture a campaign calls; see casework/calls/rules.py."""

    __tablename__ = "calling_rules"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    opens: Mapped[time]
    ends: Mapped[time]
    rest_from: Mapped[time | None]
    rest_until: Mapped[time | None]
    calls_of_a_case: Mapped[int]
    calls_a_day: Mapped[int]
    fresh_share: Mapped[int]
    slot_capacity: Mapped[int]
    rests: Mapped[dict[str, Any] | None]  #: minutes by disposition, where they are not the table's
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime]
