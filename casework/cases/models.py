"""A case, its place in the schedule of calls, and the history of its states."""

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Row,
    UniqueConstraint,
    bindparam,
    case,
    insert,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

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
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)  #: grows with every claim; an old one is refused
    phone_class: Mapped[PhoneClass | None]
    phone_outcome: Mapped[str] = mapped_column(default="")  #: code of verification_outcomes.csv
    #: What was said on the phone that calls for a look on site: an outcome, a disposition, or a
    #: question and its answer such as A1:2. Empty if nothing was.
    lead_cause: Mapped[str] = mapped_column(default="")
    site_outcome: Mapped[str] = mapped_column(default="")  #: the same, established on site
    #: The same, settled by people where phone and site disagree; it counts before both.
    settled_outcome: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    # These are only read: a change of a case need not look through all that hangs on them.
    campaign: Mapped[Campaign] = relationship(viewonly=True)
    entry: Mapped[LedgerEntry] = relationship(viewonly=True)
    stratum: Mapped[Stratum] = relationship(viewonly=True)
    region: Mapped[Region] = relationship(viewonly=True)
    holder: Mapped[User | None] = relationship(viewonly=True)
    schedule: Mapped["CaseSchedule"] = relationship(viewonly=True)
    events: Mapped[list["CaseEvent"]] = relationship(viewonly=True, order_by="CaseEvent.id")

    # Of two people who save the same version of a case, the second gets StaleDataError.
    __mapper_args__ = {"version_id_col": version}

    def apply(self, action: CaseAction, *, actor: User | None, at: datetime) -> None:
        """Take *action* and remember it. Only here and in ``hand_out`` is ``state`` written.

        *actor* is None where the system itself acts, as when a lease expires.
        """
        before, self.state = self.state, next_state(self.state, action)
        self.holder_id = actor.id if actor and self.state is CaseState.HELD else None
        if self.state is CaseState.READY:
            self.schedule.standing = Standing.RESTING
        elif before is CaseState.READY:
            self.schedule.standing = Standing.OUT
        if self.state is not CaseState.HELD:
            self.lease_until = None
        event = {"case_id": self.id, "actor_id": actor and actor.id, "action": action}
        _session_of(self).connection().execute(_ADD_EVENT, event | {"state": self.state, "at": at})

    def put_back(self, action: CaseAction, *, actor: User | None, at: datetime) -> None:
        """Take the case off the screen by *action*, due as it was."""
        if self.state is CaseState.HELD:
            self.apply(action, actor=actor, at=at)
        else:
            self.holder_id = self.lease_until = None
            self.schedule.standing = Standing.RESTING

    def reopen(self, *, actor: User, at: datetime) -> None:
        """Hold the case by a new claim to record a call anew; what the phone established is void.

        The outcome of that call is recorded in the same unit of work.
        """
        self.apply(CaseAction.CLAIM, actor=actor, at=at)
        self.fence += 1
        self.phone_class, self.phone_outcome, self.lead_cause = None, "", ""

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


class Standing(StrEnum):
    """Where a case stands in the queue of calls."""

    DUE = "due"
    RESTING = "resting"  #: until due_at
    OUT = "out"  #: held, with a supervisor, or off the phone


class Tier(IntEnum):
    """Why a case is called, in the order in which due cases are handed out.

    Recalls and fresh cases take turns by the campaign's share of fresh ones.
    """

    PUSHED = 1  #: by a supervisor
    HARD_APPOINTMENT = 2  #: a time agreed with the respondent
    SOFT_APPOINTMENT = 3  #: a time that somebody else named, or named loosely
    RECALL = 4
    FRESH = 5
    CALLED_BACK = 6  #: only of a claim: the person called us
    SAME_CALL = 7  #: only of a claim: the person was interviewed for another project just now


AGREED = (Tier.HARD_APPOINTMENT, Tier.SOFT_APPOINTMENT)
ORDINARY_PRIORITY = 50
_DUE = text("standing = 'due'")
_RESTING = text("standing = 'resting'")


def _due_index(name: str, *columns: str) -> Index:
    return Index(name, *columns, postgresql_where=_DUE, sqlite_where=_DUE)


class CaseSchedule(Base):
    """When and to whom a case may be handed out: one narrow row for each case.

    The indexes hold the due rows alone, in the order in which they are handed out, so that a claim
    costs the same however many cases there are.
    """

    __tablename__ = "case_schedule"
    __table_args__ = (
        _due_index("ix_case_schedule_agreed", "tier", "window_end", "turn"),
        *(
            _due_index(
                f"ix_case_schedule_{part}", "tier", "skill", tried, "priority", "due_at", "turn"
            )
            for part, tried in (
                ("daytime", "tried_daytime"),
                ("evening", "tried_evening"),
                ("weekend", "tried_weekend"),
            )
        ),
        Index(
            "ix_case_schedule_resting",
            "due_at",
            postgresql_where=_RESTING,
            sqlite_where=_RESTING,
        ),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    standing: Mapped[Standing]
    tier: Mapped[int]  #: a Tier
    skill: Mapped[str] = mapped_column(default="")  #: a Skill that the call needs, or ""
    priority: Mapped[int] = mapped_column(default=ORDINARY_PRIORITY)  #: the smaller, the sooner
    due_at: Mapped[datetime]  #: not to be called before this
    window_end: Mapped[datetime | None]  #: of the time agreed on
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  #: who has first claim
    owned_until: Mapped[datetime | None]
    not_for_id: Mapped[int | None] = mapped_column(  #: whose interview a re-call would repeat
        ForeignKey("user.id")
    )
    tried: Mapped[int] = mapped_column(default=0)  #: calls that count against the limits
    tried_on: Mapped[date | None]  #: the last day of calls, in Asia/Shanghai
    tried_that_day: Mapped[int] = mapped_column(default=0)
    tried_daytime: Mapped[int] = mapped_column(default=0)  #: of a working day
    tried_evening: Mapped[int] = mapped_column(default=0)  #: of a working day
    tried_weekend: Mapped[int] = mapped_column(default=0)
    no_call: Mapped[bool] = mapped_column(default=False)  #: the person asked never to be called
    #: Random, and spread evenly over every region, so that none comes before another.
    turn: Mapped[int] = mapped_column(BigInteger)
    claimed_as: Mapped[int | None]  #: the Tier of the latest claim, which is its reason
    #: Of the last closed call that is no re-call, so that a list of cases need not look for it:
    last_code: Mapped[str | None]  #: its disposition
    last_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    last_began_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(viewonly=True)

    @property
    def has_appointment(self) -> bool:
        return self.tier in AGREED

    def remember_call(self, code: str, operator_id: int, began_at: datetime) -> None:
        """Keep how the last call ended that is no re-call."""
        self.last_code, self.last_by_id, self.last_began_at = code, operator_id, began_at


class CaseEvent(Base):
    """One change of state. Rows are added, never edited or removed."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[CaseAction]
    state: Mapped[CaseState]  #: the state it led to
    at: Mapped[datetime]


def _session_of(row: Case) -> Session:
    session = object_session(row)
    assert session is not None  # noqa: S101 - nothing happens to a case that is not stored
    return session


_ADD_EVENT = insert(CaseEvent).inline()  # nobody asks for its id
_READY, _CLAIM = CaseState.READY, CaseAction.CLAIM
_HAND_OUT = (
    update(Case)
    .where(Case.id == bindparam("case"))
    .values(
        state=case((Case.state == _READY, next_state(_READY, _CLAIM)), else_=Case.state),
        holder_id=bindparam("holder"),
        lease_until=bindparam("until"),
        fence=Case.fence + 1,
        version=Case.version + 1,
    )
    .returning(Case.code, Case.project, Case.entry_uid, Case.fence, Case.state)
)


def hand_out(
    connection: Connection, case_id: int, *, actor: User, at: datetime, until: datetime
) -> Row[str, Project, str, int, CaseState]:
    """Put a case that nobody holds on *actor*'s screen under a new fence, and remember it.

    A case that the phone is done with is handed out for a re-call: its state and what the phone
    established stay as they are. A plain statement, since every claim passes here: nothing of the
    case has to be read first. Returns its code, project, entry, fence and state.
    """
    given = {"case": case_id, "holder": actor.id, "until": until}
    row = connection.execute(_HAND_OUT, given).one()
    if row.state is CaseState.HELD:
        event = {"actor_id": actor.id, "action": _CLAIM, "state": row.state, "at": at}
        connection.execute(_ADD_EVENT, event | {"case_id": case_id})
    return row
