"""How many workers an enterprise confirmed on site."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.db import Base, new_uid
from casework.sealing import SealedText


class HeadCount(Base):
    """One count of one enterprise. A correction is a new row; the latest counts."""

    __tablename__ = "head_count"
    __table_args__ = (Index("ix_head_count_enterprise", "campaign_id", "unit_code", "enterprise"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    unit_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    enterprise: Mapped[str]  #: as the stratum is named
    inspector_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    total: Mapped[int]  #: workers whom the cut concerns
    resettled: Mapped[dict[str, Any]]  #: outcome code of the channel to persons
    waived: Mapped[int]  #: gave up resettlement freely, with a signed statement
    unsettled: Mapped[dict[str, Any]]  #: reason code to persons
    confirmed: Mapped[bool]  #: the enterprise signed it, so that it counts as a census
    found_at: Mapped[datetime]  #: by the inspector's device
    received_at: Mapped[datetime]
    skew_seconds: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The signatures as they came, as images; their digests stand in the audit trail.
    inspector_signature: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    clerk_signature: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    inspector: Mapped[User] = relationship()

    note = SealedText()

    @property
    def settled(self) -> int:
        """Persons resettled by any channel."""
        return sum(self.resettled.values())
