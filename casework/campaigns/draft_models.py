"""What a coordinator tried out before the draw: saved drafts of sizes, and their rehearsals."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.ledgers.projects import Project


class SizeDraft(Base):
    """One saved state of the planning page: what was asked for, and what came of it."""

    __tablename__ = "size_draft"
    __table_args__ = (UniqueConstraint("campaign_id", "project", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    project: Mapped[Project]
    number: Mapped[int]
    wishes: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any]]  #: the totals, and the size and half-width of every unit
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    saved_at: Mapped[datetime]

    saved_by: Mapped[User] = relationship()


class Rehearsal(Base):
    """A design tried out many times on a fictitious truth. The row is the request."""

    __tablename__ = "rehearsal"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    project: Mapped[Project]
    wishes: Mapped[dict[str, Any]]
    rounds: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)  #: empty until it is finished
    failure: Mapped[str] = mapped_column(default="")
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
