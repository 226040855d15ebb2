"""A case and the history of its states."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.models import User
from casework.campaigns.models import Campaign, Stratum
from casework.cases.lifecycle import CaseAction, CaseState, next_state
from casework.db import Base, new_uid
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.regions.models import Region


class PhoneClass(StrEnum):
    """What the phone established; each kind of unresolved is a class of its own."""

    ACHIEVED = "achieved"
    DEEMED = "deemed"
    NOT_ACHIEVED = "not_achieved"
    DEAD_NUMBER = "dead_number"
    WRONG_PERSON = "wrong_person"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    AWAY = "away"


RESOLVED = frozenset({PhoneClass.ACHIEVED, PhoneClass.DEEMED, PhoneClass.NOT_ACHIEVED})


class Case(Base):
    """One sampled person being worked until the result is final."""

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("campaign_id", "entry_uid"),
        UniqueConstraint("campaign_id", "code"),
        Index("ix_case_due", "state", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(default=new_uid, unique=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    code: Mapped[str]  #: what people say and write, such as P1-004417
    entry_uid: Mapped[str] = mapped_column(ForeignKey("ledger_entry.uid"))
    stratum_id: Mapped[int] = mapped_column(ForeignKey("stratum.id"), index=True)
    project: Mapped[Project]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    replicate: Mapped[int]
    state: Mapped[CaseState] = mapped_column(default=CaseState.READY)
    due_at: Mapped[datetime]  #: not to be called before this
    has_appointment: Mapped[bool] = mapped_column(default=False)  #: due_at is an agreed time
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)  #: grows with every claim; an old one is refused
    phone_class: Mapped[PhoneClass | None]
    phone_outcome: Mapped[str] = mapped_column(default="")  #: code of verification_outcomes.csv
    site_outcome: Mapped[str] = mapped_column(default="")  #: the same, established on site
    version: Mapped[int] = mapped_column()

    campaign: Mapped[Campaign] = relationship()
    entry: Mapped[LedgerEntry] = relationship()
    stratum: Mapped[Stratum] = relationship()
    region: Mapped[Region] = relationship()
    holder: Mapped[User | None] = relationship()
    events: Mapped[list["CaseEvent"]] = relationship(order_by="CaseEvent.id")

    # Of two people who save the same version of a case, the second gets StaleDataError.
    __mapper_args__ = {"version_id_col": version}

    def apply(self, action: CaseAction, *, actor: User | None, at: datetime) -> None:
        """Take *action* and remember it. The only place that writes ``state``.

        *actor* is None where the system itself acts, as when a lease expires.
        """
        self.state = next_state(self.state, action)
        self.holder_id = actor.id if actor and self.state is CaseState.HELD else None
        self.events.append(
            CaseEvent(actor_id=actor and actor.id, action=action, state=self.state, at=at)
        )


class CaseEvent(Base):
    """One change of state. Rows are added, never edited or removed."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[CaseAction]
    state: Mapped[CaseState]  #: the state it led to
    at: Mapped[datetime]
