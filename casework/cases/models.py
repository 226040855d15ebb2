"""A case and the history of its states."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

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
    #: What was said on the phone that calls for a look on site: an outcome, a disposition, or a
    #: question and its answer such as A1:2. Empty if nothing was.
    lead_cause: Mapped[str] = mapped_column(default="")
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
        if self.state is not CaseState.HELD:
            self.lease_until = None
        event = CaseEvent(actor_id=actor and actor.id, action=action, state=self.state, at=at)
        session = object_session(self)
        if session is None or self.id is None:
            self.events.append(event)
        else:  # appending would first read the whole history
            event.case_id = self.id
            session.add(event)

    def finish_calls(
        self,
        phone_class: PhoneClass,
        outcome: str,
        *,
        actor: User | None,
        at: datetime,
        lead_cause: str = "",
    ) -> None:
        """Take the case off the phone with what the phone established."""
        self.apply(CaseAction.FINISH_CALLS, actor=actor, at=at)
        self.phone_class, self.phone_outcome = phone_class, outcome
        self.lead_cause = lead_cause
        self.has_appointment = False


class CaseEvent(Base):
    """One change of state. Rows are added, never edited or removed."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[CaseAction]
    state: Mapped[CaseState]  #: the state it led to
    at: Mapped[datetime]
