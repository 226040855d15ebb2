"""Reading trips, giving one to somebody else by hand, and the letter of introduction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.regions.models import Region
from casework.visits.models import Lead, Trip, TripChange, Visit, VisitState
from casework.visits.trip_codes import give_code, new_code

PAGE = 50
MOST_REASON = 500


class OwnRegion(CaseworkError):
    """An inspector is never sent into the own reporting unit."""


class ReasonNeeded(CaseworkError):
    """Giving a trip to somebody else needs a reason of at most 500 characters."""


@dataclass(frozen=True, slots=True)
class TripLine:
    trip: Trip
    visits: int
    done: int
    leads: int
    changes: int  #: how often it was given to somebody else


@dataclass(frozen=True, slots=True)
class TripPage:
    rows: Sequence[TripLine]
    total: int
    number: int  #: of the page, from 1
    last: int
    late: int  #: trips whose day is over and that are not done
    late_visits: int  #: what is not done of them


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter of introduction says. It names no person but the inspector."""

    trip: Trip
    campaign: Campaign
    visits: int
    code: str


def trip_page(
    campaign: Campaign, *, actor: User, today: date, number: int = 1, only_late: bool = False
) -> TripPage:
    """Return a page of the trips in the region of *actor*, the latest day first.

    Parameters
    ----------
    only_late
        Leave out all but those whose day is over and that are not done.
    """
    every = (Trip.campaign_id == campaign.id, in_scope(actor, Trip.place_code))
    open_visits = (Visit.trip_id == Trip.id, Visit.state != VisitState.DONE)
    is_late = (Trip.visit_on < today, select(Visit.id).where(*open_visits).exists())
    late, late_visits = db.session.execute(
        select(func.count(Trip.id.distinct()), func.count(Visit.id))
        .join(Visit, Visit.trip_id == Trip.id)
        .where(*every, Trip.visit_on < today, Visit.state != VisitState.DONE)
    ).one()
    where = (*every, *is_late) if only_late else every
    total = db.session.scalar(select(func.count(Trip.id)).where(*where)) or 0
    last = max(1, -(-total // PAGE))
    number = min(max(number, 1), last)
    visits = select(func.count(Visit.id)).where(Visit.trip_id == Trip.id)
    rows = db.session.execute(
        select(
            Trip,
            visits.scalar_subquery(),
            visits.where(Visit.state == VisitState.DONE).scalar_subquery(),
            select(func.count(Lead.id)).where(Lead.trip_id == Trip.id).scalar_subquery(),
            select(func.count(TripChange.id))
            .where(TripChange.trip_id == Trip.id)
            .scalar_subquery(),
        )
        .where(*where)
        .order_by(Trip.visit_on.desc(), Trip.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
        .options(joinedload(Trip.inspector))
    )
    lines = [TripLine(*row) for row in rows]
    return TripPage(lines, total, number, last, late, late_visits)


def trip_changes(uid: str, *, actor: User) -> Sequence[tuple[TripChange, str, str]]:
    """Return how a trip changed hands, with the names of both. Raises NotFound."""
    trip = _trip(db.session(), uid, actor)
    before, after = select(User.id, User.name).subquery(), select(User.id, User.name).subquery()
    rows = db.session.execute(
        select(TripChange, before.c.name, after.c.name)
        .join(before, before.c.id == TripChange.from_id)
        .join(after, after.c.id == TripChange.to_id)
        .where(TripChange.trip_id == trip.id)
        .order_by(TripChange.id)
    )
    return [(change, old, new) for change, old, new in rows]


def able_inspectors(uid: str, *, actor: User) -> list[User]:
    """Return who else may make a trip: the inspectors of other units. Raises NotFound."""
    trip = _trip(db.session(), uid, actor)
    return [
        user
        for user, unit in _inspectors(db.session())
        if user.id != trip.inspector_id and (unit is None or unit != trip.place.unit_code)
    ]


def other_trips(trip: Trip) -> Mapping[int, Sequence[Trip]]:
    """Return what trips each inspector has on the day of *trip* already."""
    found: dict[int, list[Trip]] = {}
    same_day = select(Trip).where(Trip.visit_on == trip.visit_on, Trip.id != trip.id)
    for other in db.session.scalars(same_day.order_by(Trip.id)):
        found.setdefault(other.inspector_id, []).append(other)
    return found


def trip_of(uid: str, *, actor: User) -> Trip:
    """Return one trip. Raises NotFound."""
    return _trip(db.session(), uid, actor)


def give_trip(  # noqa: PLR0913 - the version seen and the new code
    uid: str,
    inspector_id: int,
    reason: str,
    *,
    version: int,
    actor: User,
    at: datetime,
    code: Callable[[], str] = new_code,
) -> None:
    """Give what is not done of a trip to another inspector; the letter gets a new code.

    Raises NotFound, OwnRegion, ReasonNeeded, NotAllowedNow if nothing is left to do,
    StaleDataError if somebody else changed the trip since *version*.
    """
    said = reason.strip()
    if not said or len(said) > MOST_REASON:
        raise ReasonNeeded
    with transaction() as session:
        trip = _trip(session, uid, actor)
        if trip.version != version:
            raise StaleDataError(f"trip {trip.id} is at version {trip.version}")
        before = trip.inspector_id
        taker = _taker(session, trip, inspector_id)
        _hand_over(session, trip, taker)
        give_code(trip, code())
        change = TripChange(
            uid=new_uid(),
            trip_id=trip.id,
            from_id=before,
            to_id=taker.id,
            changed_by_id=actor.id,
            changed_at=at,
        )
        change.reason = said
        session.add(change)
        trail.record(
            session,
            AuditAction.TRIP_GIVE,
            actor_id=actor.id,
            at=at,
            subject=f"trip:{trip.id}",
            facts={"from": before, "to": taker.id},
        )


def letter_of(uid: str, *, actor: User, at: datetime) -> Letter:
    """Return what the letter of introduction says; that it was printed is kept. Raises NotFound."""
    with transaction() as session:
        trip = _trip(session, uid, actor)
        trail.record(
            session,
            AuditAction.LETTER_PRINT,
            actor_id=actor.id,
            at=at,
            subject=f"trip:{trip.id}",
        )
    visits = db.session.scalar(select(func.count(Visit.id)).where(Visit.trip_id == trip.id))
    campaign = db.session.get_one(Campaign, trip.campaign_id)
    return Letter(trip, campaign, visits or 0, trip.code)


def _trip(session: Session, uid: str, actor: User) -> Trip:
    trip = session.scalar(select(Trip).where(Trip.uid == uid, in_scope(actor, Trip.place_code)))
    if trip is None or not actor.sees_all_regions:
        raise NotFound(trip=uid)
    return trip


def _inspectors(session: Session) -> list[tuple[User, str | None]]:
    rows = session.execute(
        select(User, Region.unit_code)
        .join(Region, User.region_code == Region.code)
        .where(User.role == Role.INSPECTOR, User.active)
        .order_by(User.name, User.id)
    )
    return [(user, unit) for user, unit in rows]


def _taker(session: Session, trip: Trip, inspector_id: int) -> User:
    for user, unit in _inspectors(session):
        if user.id == inspector_id:
            if unit is not None and unit == trip.place.unit_code:
                raise OwnRegion
            return user
    raise NotFound(inspector=inspector_id)


def _hand_over(session: Session, trip: Trip, taker: User) -> None:
    open_visits = session.scalars(
        select(Visit).where(Visit.trip_id == trip.id, Visit.state != VisitState.DONE)
    ).all()
    leads = session.scalar(select(func.count(Lead.id)).where(Lead.trip_id == trip.id))
    if taker.id == trip.inspector_id or not (open_visits or leads):
        raise NotAllowedNow(trip=trip.uid)
    for visit in open_visits:
        visit.inspector_id = taker.id
    trip.inspector_id = taker.id
