"""The call floor at one moment, and what its cases yield. Reading only.

Whatever the number of cases, the floor takes a fixed number of queries: the board asks for it
every few seconds.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.accounts.skills import Skill
from casework.calls.handed_over import LISTED, Escalated, list_escalated
from casework.calls.messages import Answered, answers_to, unread_messages
from casework.calls.models import Appointment, Attempt
from casework.calls.operators import OperatorRow, operator_rows
from casework.calls.recall_models import Recall
from casework.calls.supervision_models import ReleaseRequest
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.lifecycle import CaseState
from casework.cases.models import (
    AGREED,
    RESOLVED,
    Case,
    CaseSchedule,
    Standing,
    Tier,
)
from casework.db import db
from casework.ledgers.projects import Project

SOON = timedelta(minutes=30)  #: appointments are shown from this long before their time
_TIERS = (Tier.PUSHED, *AGREED, Tier.RECALL, Tier.FRESH)
OPEN = frozenset({CaseState.READY, CaseState.HELD, CaseState.ESCALATED})


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The waiting cases of one tier."""

    tier: Tier
    due: int
    later: int
    overdue: int  #: agreed times that passed without a call
    oldest: datetime | None  #: since when the first of them is due


@dataclass(frozen=True, slots=True)
class AgreedCase:
    """A time agreed on that is near or past."""

    case_id: int
    code: str
    start: datetime
    end: datetime
    owner: str
    note: str
    hard: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor at one moment."""

    queue: tuple[QueueRow, ...]
    held: int
    refusals: int  #: waiting cases that need somebody who wins over refusals
    operators: tuple[OperatorRow, ...]
    escalated: tuple[Escalated, ...]
    handed_over: int  #: of which ``escalated`` shows the first
    agreed: tuple[AgreedCase, ...]
    contradictions: int  #: of two interviews, to be settled
    requests: int  #: replicates asked for and not opened yet
    unread: Mapping[int, int]  #: messages that an operator has not read, by operator
    answers: tuple[Answered, ...]  #: of operators to the supervisor who looks, not read yet

    @property
    def due(self) -> int:
        return sum(row.due for row in self.queue)

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.queue)


@dataclass(slots=True)
class Yield:
    """What the cases of a place have come to."""

    region_code: str
    cases: int = 0
    finished: int = 0  #: the phone is done with them
    resolved: int = 0  #: with a verdict

    @property
    def unfinished(self) -> int:
        return self.cases - self.finished

    @property
    def share(self) -> float | None:
        """The verdicts among the finished cases; None if there is none."""
        return self.resolved / self.finished if self.finished else None


def floor(*, actor: User, at: datetime) -> Floor:
    """Return what *actor* may see of the campaigns that are calling."""
    session = db.session()
    calling = session.scalars(
        select(Campaign.id).where(Campaign.state == CampaignState.CALLING)
    ).all()
    seen = and_(Case.campaign_id.in_(calling), in_scope(actor, Case.region_code))
    waiting = and_(
        CaseSchedule.campaign_id.in_(calling),
        in_scope(actor, CaseSchedule.region_code),
        CaseSchedule.standing != Standing.OUT,
    )
    queue, refusals = _queue(session, waiting, at)
    operators = operator_rows(session, actor, at)
    escalated, handed_over = list_escalated(session, seen)
    return Floor(
        queue=queue,
        held=sum(1 for row in operators if row.lease_until),
        refusals=refusals,
        operators=operators,
        escalated=escalated,
        handed_over=handed_over,
        agreed=_agreed(session, waiting, at),
        contradictions=_contradictions(session, seen),
        requests=_requests(session, calling),
        unread=unread_messages(session),
        answers=answers_to(session, actor),
    )


def yields(*, actor: User) -> tuple[dict[Project, Counter[CaseState]], tuple[Yield, ...]]:
    """Return the states of the cases by project, and the yield of every place, by its code."""
    session = db.session()
    counted = (
        select(Case.region_code, Case.project, Case.state, Case.phone_class, func.count())
        .join(Campaign, Campaign.id == Case.campaign_id)
        .where(Campaign.state == CampaignState.CALLING, in_scope(actor, Case.region_code))
        .group_by(Case.region_code, Case.project, Case.state, Case.phone_class)
    )
    states: dict[Project, Counter[CaseState]] = defaultdict(Counter)
    places: dict[str, Yield] = {}
    for region_code, project, state, phone_class, cases in session.execute(counted):
        states[project][state] += cases
        place = places.setdefault(region_code, Yield(region_code))
        place.cases += cases
        if state not in OPEN:
            place.finished += cases
            place.resolved += cases if phone_class in RESOLVED else 0
    return dict(states), tuple(places[code] for code in sorted(places))


def _queue(
    session: Session, waiting: ColumnElement[bool], at: datetime
) -> tuple[tuple[QueueRow, ...], int]:
    due = CaseSchedule.due_at <= at
    rows = session.execute(
        select(
            CaseSchedule.tier,
            CaseSchedule.skill,
            func.sum(case((due, 1), else_=0)),
            func.sum(case((due, 0), else_=1)),
            func.sum(case((CaseSchedule.window_end < at, 1), else_=0)),
            func.min(CaseSchedule.due_at),
        )
        # Interviews to be repeated are done with; they have a page of their own.
        .where(waiting, CaseSchedule.no_call.is_(False), CaseSchedule.not_for_id.is_(None))
        .group_by(CaseSchedule.tier, CaseSchedule.skill)
    ).all()
    refusals = sum(now + later for _t, skill, now, later, *_ in rows if skill == Skill.REFUSAL)
    return tuple(_row(tier, [row for row in rows if row[0] == tier]) for tier in _TIERS), refusals


def _row(tier: Tier, rows: Sequence[tuple[int, str, int, int, int, datetime]]) -> QueueRow:
    return QueueRow(
        tier,
        due=sum(row[2] for row in rows),
        later=sum(row[3] for row in rows),
        overdue=sum(row[4] for row in rows) if tier in AGREED else 0,
        oldest=min((row[5] for row in rows if row[2]), default=None),
    )


def _agreed(session: Session, waiting: ColumnElement[bool], at: datetime) -> tuple[AgreedCase, ...]:
    """Return the times agreed on that are near or past, the one first that ends first."""
    owner = aliased(User)
    rows = session.execute(
        select(Case.id, Case.code, CaseSchedule.tier, Appointment, Attempt, owner.name)
        .join(CaseSchedule, CaseSchedule.case_id == Case.id)
        .join(Appointment, Appointment.case_id == Case.id)
        .join(Attempt, Attempt.id == Appointment.attempt_id)
        .join(owner, owner.id == Appointment.owner_id)
        .where(
            waiting,
            CaseSchedule.tier.in_(AGREED),
            CaseSchedule.due_at <= at + SOON,
            Appointment.kept_at.is_(None),
            Appointment.window_end == CaseSchedule.window_end,
        )
        .order_by(Appointment.window_end, Case.id)
        .limit(LISTED)
    )
    return tuple(
        AgreedCase(
            case_id,
            code,
            appointment.window_start,
            appointment.window_end,
            name,
            attempt.note,
            hard=tier == Tier.HARD_APPOINTMENT,
            overdue=appointment.window_end < at,
        )
        for case_id, code, tier, appointment, attempt, name in rows
    )


def _contradictions(session: Session, seen: ColumnElement[bool]) -> int:
    counted = (
        select(func.count())
        .select_from(Recall)
        .join(Case, Case.id == Recall.case_id)
        .where(seen, Recall.contradicts, Recall.settled_at.is_(None))
    )
    return session.scalar(counted) or 0


def _requests(session: Session, calling: Sequence[int]) -> int:
    counted = (
        select(func.count())
        .select_from(ReleaseRequest)
        .join(
            Replicate,
            and_(
                Replicate.campaign_id == ReleaseRequest.campaign_id,
                Replicate.number == ReleaseRequest.replicate,
            ),
        )
        .where(ReleaseRequest.campaign_id.in_(calling), Replicate.released_at.is_(None))
    )
    return session.scalar(counted) or 0
