"""Reports that do not count by themselves when they come: kept for a decision."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.sealing import SealedJson, SealedText
from casework.visits.models import Signer, Visit


class Conflict(StrEnum):
    """What had happened to the visit between the opening of its page and the report from it."""

    WITHDRAWN = "withdrawn"  #: it was taken back or cancelled
    REASSIGNED = "reassigned"  #: it was given to somebody else
    FOUND_BY_OTHER = "found_by_other"  #: somebody else has recorded a finding
    CLOSED = "closed"  #: the campaign was over
    FOUND_TWICE = "found_twice"  #: the same inspector had reported it from another page or device


class KeptState(StrEnum):
    WAITING = "waiting"  #: for the coordinator
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class KeptFinding(Base):
    """A report that counts only if a coordinator accepts it."""

    __tablename__ = "kept_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    why: Mapped[Conflict]
    found_at: Mapped[datetime]  #: by the inspector's device
    received_at: Mapped[datetime]
    skew_seconds: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    report_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[KeptState] = mapped_column(default=KeptState.WAITING, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("finding.id"))  #: accepted as

    visit: Mapped[Visit] = relationship()
    inspector: Mapped[User] = relationship(foreign_keys=[inspector_id])
    images: Mapped[list["KeptImage"]] = relationship(order_by="KeptImage.id")

    report = SealedJson()
    reason = SealedText()  #: why it was dismissed


class KeptImage(Base):
    """A photo or signature of a kept report; a finding gets copies if the report is accepted."""

    __tablename__ = "kept_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("kept_finding.id"), index=True)
    signer: Mapped[Signer | None]  #: of a signature; a photo has none
    digest: Mapped[str]  #: SHA-256 of the original
    original_sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
