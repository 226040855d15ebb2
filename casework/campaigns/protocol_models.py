"""What makes the seed of a draw: two committed secrets and a public value; and how one is given up.

The order of events is the protocol's: freeze, name the value, commit, record the value, reveal.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.db import Base, new_uid
from casework.sealing import SealedText


class PublicValue(Base):
    """A value that nobody controls, named with its day before anybody can know it."""

    __tablename__ = "public_value"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    name: Mapped[str]  #: what people look it up by, such as a lottery and the number of its draw
    known_on: Mapped[date]  #: the day in Shanghai on which it comes out
    named_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    named_at: Mapped[datetime]
    value: Mapped[str] = mapped_column(default="")  #: once there, the database keeps it so
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime | None]


class DrawSecret(Base):
    """What one party puts into the seed: first its commitment, later the secret itself."""

    __tablename__ = "draw_secret"
    __table_args__ = (
        UniqueConstraint("campaign_id", "party"),
        UniqueConstraint("campaign_id", "holder_id"),
        UniqueConstraint("campaign_id", "commitment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    party: Mapped[Role]
    holder_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    commitment: Mapped[str]  #: hex SHA-256 of secret and salt
    committed_at: Mapped[datetime]
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    revealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revealed_at: Mapped[datetime | None]  #: once there, the database keeps the row so

    holder: Mapped[User] = relationship(foreign_keys=[holder_id])
    secret = SealedText()
    salt = SealedText()


class RedrawApproval(Base):
    """One of the two consents to give a draw up. It stays listed for ever."""

    __tablename__ = "redraw_approval"
    __table_args__ = (UniqueConstraint("campaign_id", "user_id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    party: Mapped[Role] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    approved_at: Mapped[datetime]

    user: Mapped[User] = relationship()
