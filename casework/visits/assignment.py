"""Giving visits to inspectors: trips by place, at random, never in the inspector's own region."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import CampaignState
from casework.cases.models import Case
from casework.db import new_uid, transaction
from casework.errors import CaseworkError
from casework.ledgers.models import LedgerEntry
from casework.regions.models import Region
from casework.visits.lead_entry import subject_index
from casework.visits.models import Lead, LeadResult, LeadSubject, Trip, Visit, VisitState
from casework.visits.sharing import Leg, Stop, Traveller, share_out
from casework.visits.trip_codes import give_code, new_code

PER_DAY = 12  #: visits of one inspector, unless the coordinator says otherwise
MOST_PER_DAY = 50


class NoInspector(CaseworkError):
    """There is no inspector, so no visit can be assigned."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What assigning did: numbers of visits and trips."""

    assigned: int
    left: int  #: every inspector belongs to the unit of these places
    trips: int = 0
    leads: int = 0  #: from outside, that travel along
    repeated: int = 0  #: places whose inspector was there the last time


def assign_visits(  # noqa: PLR0913 - limits and chance are arguments
    campaign_id: int,
    *,
    actor: User,
    at: datetime,
    on_date: date,
    seed: str,
    per_day: int = PER_DAY,
    code: Callable[[], str] = new_code,
) -> Assignment:
    """Give every visit that nobody has yet to an inspector, on trips from *on_date* on.

    The visits of an office or an enterprise, and the leads that are in hand about it, go on one
    trip; ``share_out`` says to whom and when. *seed* breaks ties, and with it the assignment can be
    made again. An inspector of a reporting unit never gets a place of that unit.

    Raises NotFound, NotAllowedNow before the visits are chosen, NoInspector.
    """
    with transaction() as session:
        campaign_in_state(session, campaign_id, CampaignState.VISITING)
        visits = _unassigned(session, campaign_id, actor)
        leads = _leads_in_hand(session, campaign_id, actor)
        shared = share_out(
            _stops(visits, leads),
            _travellers(session, campaign_id),
            first_day=on_date,
            per_day=max(1, min(per_day, MOST_PER_DAY)),
            seed=seed,
        )
        _make_trips(session, campaign_id, shared.legs, code=code, at=at)
        done = Assignment(
            assigned=sum(len(leg.visits) for leg in shared.legs),
            left=shared.left,
            trips=len(shared.legs),
            leads=sum(len(leg.leads) for leg in shared.legs),
            repeated=shared.repeated,
        )
        trail.record(
            session,
            AuditAction.VISIT_ASSIGN,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={
                "assigned": done.assigned,
                "left": done.left,
                "trips": done.trips,
                "leads": done.leads,
                "seed": seed,
                "on": on_date.isoformat(),
                "per_day": per_day,
            },
        )
    return done


def _unassigned(
    session: Session, campaign_id: int, actor: User
) -> Sequence[tuple[int, Region, str]]:
    """Return the visits that nobody has, each with its place and its enterprise."""
    rows = session.execute(
        select(Visit.id, Region, LedgerEntry.enterprise)
        .join(Case, Visit.case_id == Case.id)
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .join(Region, Visit.place_code == Region.code)
        .where(
            Case.campaign_id == campaign_id,
            Visit.state == VisitState.PLANNED,
            in_scope(actor, Visit.place_code),
        )
        .order_by(Visit.id)
    )
    return [(number, place, enterprise) for number, place, enterprise in rows]


def _leads_in_hand(
    session: Session, campaign_id: int, actor: User
) -> Sequence[tuple[Lead, Region]]:
    """Return the leads from outside that somebody deals with and no trip takes along yet."""
    rows = session.execute(
        select(Lead, Region)
        .join(Region, Lead.region_code == Region.code)
        .where(
            Lead.campaign_id == campaign_id,
            Lead.case_id.is_(None),
            Lead.result == LeadResult.OPEN,
            Lead.merged_into_id.is_(None),
            Lead.owner_id.is_not(None),
            Lead.trip_id.is_(None),
            Region.unit_code.is_not(None),
            in_scope(actor, Lead.region_code),
        )
        .order_by(Lead.id)
    )
    return [(lead, place) for lead, place in rows]


def _stops(
    visits: Sequence[tuple[int, Region, str]], leads: Sequence[tuple[Lead, Region]]
) -> list[Stop]:
    """Put together what one office or enterprise is visited for."""
    units: dict[str, str | None] = {}
    of_visits: dict[tuple[str, str], list[int]] = defaultdict(list)
    of_leads: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, place, enterprise in visits:
        units[place.code] = place.unit_code
        of_visits[place.code, enterprise].append(number)
    known = {
        (place, subject_index(LeadSubject.ENTERPRISE, name)): name for place, name in of_visits
    }
    for lead, place in leads:
        units[place.code] = place.unit_code
        name = known.get((place.code, lead.subject_index), "")
        of_leads[place.code, name].append(lead.id)
    return [
        Stop(
            place,
            units[place],
            name,
            of_visits.get((place, name), []),
            of_leads.get((place, name), []),
        )
        for place, name in sorted({*of_visits, *of_leads})
    ]


def _travellers(session: Session, campaign_id: int) -> list[Traveller]:
    """Return the inspectors with what they have to do already."""
    rows = session.execute(
        select(User.id, Region.unit_code)
        .join(Region, User.region_code == Region.code)
        .where(User.role == Role.INSPECTOR, User.active)
        .order_by(User.id)
    )
    travellers = {number: Traveller(number, unit) for number, unit in rows}
    if not travellers:
        raise NoInspector
    trips = session.execute(
        select(
            Trip.inspector_id,
            Trip.place_code,
            Trip.visit_on,
            Region.unit_code,
            func.count(Visit.id),
        )
        .join(Region, Region.code == Trip.place_code)
        .outerjoin(Visit, Visit.trip_id == Trip.id)
        .group_by(Trip.id, Trip.inspector_id, Trip.place_code, Trip.visit_on, Region.unit_code)
        .order_by(Trip.visit_on, Trip.id)
    )
    for number, place, on, unit, made in trips:
        if (traveller := travellers.get(number)) is not None:
            traveller.last_place = place
            traveller.days[on] = (unit, traveller.days.get(on, (unit, 0))[1] + made)
    for number, load in _load(session, campaign_id).items():
        if number in travellers:
            travellers[number].load = load
    return [*travellers.values()]


def _load(session: Session, campaign_id: int) -> Mapping[int, int]:
    """Return how many open visits of the campaign each inspector has."""
    rows = session.execute(
        select(Visit.inspector_id, func.count())
        .join(Case)
        .where(
            Case.campaign_id == campaign_id,
            Visit.state == VisitState.ASSIGNED,
            Visit.inspector_id.is_not(None),
        )
        .group_by(Visit.inspector_id)
    )
    return {number: load for number, load in rows if number is not None}


def _make_trips(
    session: Session,
    campaign_id: int,
    legs: Sequence[Leg],
    *,
    code: Callable[[], str],
    at: datetime,
) -> None:
    for leg in legs:
        trip = Trip(
            uid=new_uid(),
            campaign_id=campaign_id,
            place_code=leg.stop.place,
            enterprise=leg.stop.enterprise,
            inspector_id=leg.traveller,
            visit_on=leg.on,
            made_at=at,
        )
        give_code(trip, code())
        session.add(trip)
        session.flush()
        for visit in session.scalars(select(Visit).where(Visit.id.in_(leg.visits))):
            visit.inspector_id, visit.trip_id = leg.traveller, trip.id
            visit.state, visit.visit_on, visit.assigned_at = VisitState.ASSIGNED, leg.on, at
        for lead in session.scalars(select(Lead).where(Lead.id.in_(leg.leads))):
            lead.trip_id = trip.id
