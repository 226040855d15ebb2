"""What inspectors report about leads that travel along on their trips."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.sealing import SealedText
from casework.visits.models import Lead, LeadResult


class LeadConflict(StrEnum):
    """What had happened to the lead while the inspector was without a network."""

    SETTLED = "settled"  #: somebody else stated its result
    MERGED = "merged"  #: it was made part of another lead
    GIVEN_OVER = "given_over"  #: its trip was given to somebody else


class LeadReport(Base):
    """One report, kept as it came; it is the result of the lead unless *why* says otherwise."""

    __tablename__ = "lead_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    result: Mapped[LeadResult]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    found_at: Mapped[datetime]  #: by the inspector's device
    received_at: Mapped[datetime]
    skew_seconds: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    why: Mapped[LeadConflict | None]  #: it does not count by itself
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    noted_at: Mapped[datetime | None]

    lead: Mapped[Lead] = relationship()
    inspector: Mapped[User] = relationship(foreign_keys=[inspector_id])

    words = SealedText()
