"""How far the calls of a campaign are: against the plan, by hour, and what comes next."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.board import OPEN
from casework.calls.clock import day_in, hour_of, local_hour
from casework.calls.dispositions import all_dispositions
from casework.calls.forecasts import UnitForecast, unit_forecasts
from casework.calls.models import Attempt, stands
from casework.calls.schedule import day_of
from casework.calls.supervision_models import ReleaseRequest
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case, CaseEvent
from casework.cases.phone_result import Ending
from casework.db import db
from casework.errors import NotFound

LOOK_BACK = timedelta(days=14)  #: of the picture of hours
_SPOKE = [
    code
    for code, found in all_dispositions().items()
    if found.reached_person or found.ending is Ending.REFUSED
]


@dataclass(frozen=True, slots=True)
class PlanDay:
    """One day of fieldwork: cases that should be done by its end, and that are."""

    day: date
    plan: int
    done: int | None  #: None for a day to come


@dataclass(frozen=True, slots=True)
class Hour:
    """Calls that began in one hour of one weekday, and in how many a person spoke."""

    weekday: int  #: 1 is Monday
    hour: int
    calls: int
    reached: int

    @property
    def share(self) -> float:
        return self.reached / self.calls


@dataclass(frozen=True, slots=True)
class NextReplicate:
    """The replicate that waits to be opened next."""

    number: int
    entries: int
    by_rule: bool  #: the campaign's rule says which is next, so nobody asks for one
    asked_by: str  #: "" if nobody asked
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    campaign: Campaign
    days: tuple[PlanDay, ...]
    hours: tuple[Hour, ...]
    units: tuple[UnitForecast, ...]
    total: UnitForecast | None
    replicate: NextReplicate | None


def called_campaigns(*, actor: User) -> list[Campaign]:
    """Return the campaigns that were ever called: those that are calling first, then the newest.

    How large a sample is, is secret: who does not see the whole province has none.
    """
    if not actor.sees_all_regions:
        return []
    called = (CampaignState.CALLING, CampaignState.VISITING, CampaignState.CLOSED)
    return list(
        db.session.scalars(
            select(Campaign)
            .where(Campaign.state.in_(called))
            .order_by(Campaign.state != CampaignState.CALLING, Campaign.id.desc())
        )
    )


def progress(campaign_id: int, *, actor: User, at: datetime) -> Progress:
    """Return how far the calls of a campaign are. Raises NotFound."""
    session = db.session()
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    replicate = next_replicate(session, campaign_id)
    units = unit_forecasts(session, campaign_id, replicate.number if replicate else 0, actor=actor)
    return Progress(
        campaign=campaign,
        days=_days(session, campaign, at),
        hours=_hours(session, campaign_id, at),
        units=units[1:],
        total=units[0] if units else None,
        replicate=replicate,
    )


def _days(session: Session, campaign: Campaign, at: datetime) -> tuple[PlanDay, ...]:
    """Return the days from the first release to the end; the plan is the same each day."""
    began, cases = session.execute(
        select(func.min(Replicate.released_at), func.sum(Replicate.entries)).where(
            Replicate.campaign_id == campaign.id, Replicate.released_at.is_not(None)
        )
    ).one()
    if began is None:
        return ()
    first, last = day_of(began), max(campaign.fieldwork_ends_on, day_of(began))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    # A correction may open a case again that was finished before, or finish it another time.
    finished = (
        select(func.max(CaseEvent.at).label("at"))
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            Case.campaign_id == campaign.id,
            Case.state.not_in(OPEN),
            CaseEvent.action == CaseAction.FINISH_CALLS,
        )
        .group_by(CaseEvent.case_id)
        .subquery()
    )
    day = day_in(session, finished.c.at)
    done_on = dict(session.execute(select(day, func.count()).group_by(day)).all())
    done = accumulate(done_on.get(day.isoformat(), 0) for day in days)
    return tuple(
        PlanDay(day, round(cases * n / len(days)), so_far if day <= day_of(at) else None)
        for n, (day, so_far) in enumerate(zip(days, done, strict=True), start=1)
    )


def _hours(session: Session, campaign_id: int, at: datetime) -> tuple[Hour, ...]:
    hour = hour_of(session, Attempt.dialled_at)
    spoke = func.sum(case((Attempt.disposition.in_(_SPOKE), 1), else_=0))
    rows = session.execute(
        select(hour, func.count(), spoke)
        .join(Case, Case.id == Attempt.case_id)
        .where(
            Case.campaign_id == campaign_id,
            Attempt.disposition != "",
            stands(),
            Attempt.dialled_at >= at - LOOK_BACK,
        )
        .group_by(hour)
    )
    calls: Counter[tuple[int, int]] = Counter()
    reached: Counter[tuple[int, int]] = Counter()
    for found, made, spoken in rows:
        local = local_hour(found)
        calls[local.isoweekday(), local.hour] += made
        reached[local.isoweekday(), local.hour] += spoken
    return tuple(Hour(*place, calls[place], reached[place]) for place in sorted(calls))


def next_replicate(session: Session, campaign_id: int) -> NextReplicate | None:
    """Return the first replicate that is not open, with who asked for it; None if all are."""
    row = session.execute(
        select(Replicate, User.name, ReleaseRequest.asked_at)
        .outerjoin(
            ReleaseRequest,
            (ReleaseRequest.campaign_id == Replicate.campaign_id)
            & (ReleaseRequest.replicate == Replicate.number),
        )
        .outerjoin(User, User.id == ReleaseRequest.asked_by_id)
        .where(Replicate.campaign_id == campaign_id, Replicate.released_at.is_(None))
        .order_by(Replicate.part, Replicate.number)
        .limit(1)
    ).first()
    if row is None:
        return None
    replicate, name, asked_at = row
    by_rule = replicate.unit_code is not None
    return NextReplicate(replicate.number, replicate.entries, by_rule, name or "", asked_at)
