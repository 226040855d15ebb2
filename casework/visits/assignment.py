"""Giving visits to inspectors: by place, at random, never in the inspector's own region."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import CampaignState
from casework.cases.models import Case
from casework.db import transaction
from casework.errors import CaseworkError
from casework.regions.models import Region
from casework.visits.models import Visit, VisitState


class NoInspector(CaseworkError):
    """There is no inspector, so no visit can be assigned."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What assigning did: numbers of visits."""

    assigned: int
    left: int  #: every inspector belongs to the unit of these places


def assign_visits(
    campaign_id: int, *, actor: User, at: datetime, on_date: date, seed: str
) -> Assignment:
    """Give every visit that nobody has yet to an inspector, to be made on *on_date*.

    A place goes whole to one inspector, the largest places first, each to whoever has the fewest
    visits by then; *seed* breaks ties, and with it the assignment can be made again. An inspector
    of a reporting unit never gets a place of that unit; one of the province may go anywhere.

    Raises NotFound, NotAllowedNow before the visits are chosen, NoInspector.
    """
    with transaction() as session:
        campaign_in_state(session, campaign_id, CampaignState.VISITING)
        visits = _unassigned(session, campaign_id, actor)
        inspectors = _inspectors(session)
        given = _share_out(visits, inspectors, _load(session, campaign_id), seed)
        for visit, inspector in given:
            visit.inspector_id = inspector.id
            visit.state = VisitState.ASSIGNED
            visit.visit_on, visit.assigned_at = on_date, at
        facts = {"assigned": len(given), "left": len(visits) - len(given), "seed": seed}
        trail.record(
            session,
            AuditAction.VISIT_ASSIGN,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts=facts | {"on": on_date.isoformat()},
        )
    return Assignment(assigned=len(given), left=len(visits) - len(given))


def _unassigned(session: Session, campaign_id: int, actor: User) -> list[tuple[Visit, Region]]:
    rows = session.execute(
        select(Visit, Region)
        .join(Case, Visit.case_id == Case.id)
        .join(Region, Visit.place_code == Region.code)
        .where(
            Case.campaign_id == campaign_id,
            Visit.state == VisitState.PLANNED,
            in_scope(actor, Visit.place_code),
        )
        .order_by(Visit.id)
    )
    return list(rows)


def _inspectors(session: Session) -> list[tuple[User, str | None]]:
    """Return the inspectors, each with the reporting unit it belongs to (the province: None)."""
    rows = session.execute(
        select(User, Region.unit_code)
        .join(Region, User.region_code == Region.code)
        .where(User.role == Role.INSPECTOR, User.active)
        .order_by(User.id)
    )
    inspectors: list[tuple[User, str | None]] = list(rows)
    if not inspectors:
        raise NoInspector
    return inspectors


def _load(session: Session, campaign_id: int) -> dict[int, int]:
    """Return how many open visits of the campaign each inspector has."""
    load: dict[int, int] = defaultdict(int)
    holders = session.scalars(
        select(Visit.inspector_id)
        .join(Case)
        .where(Case.campaign_id == campaign_id, Visit.state == VisitState.ASSIGNED)
    )
    for inspector_id in holders:
        load[inspector_id or 0] += 1
    return load


def _share_out(
    visits: Sequence[tuple[Visit, Region]],
    inspectors: Sequence[tuple[User, str | None]],
    load: dict[int, int],
    seed: str,
) -> list[tuple[Visit, User]]:
    places: dict[str, list[Visit]] = defaultdict(list)
    units: dict[str, str | None] = {}
    for visit, place in visits:
        places[place.code].append(visit)
        units[place.code] = place.unit_code
    given: list[tuple[Visit, User]] = []
    for code in sorted(places, key=lambda code: (-len(places[code]), _lot(seed, code))):
        able = [
            user for user, own_unit in inspectors if own_unit is None or own_unit != units[code]
        ]
        if not able:
            continue
        taker = min(able, key=lambda user: (load[user.id], _lot(seed, f"{code}|{user.id}")))
        load[taker.id] += len(places[code])
        given += [(visit, taker) for visit in places[code]]
    return given


def _lot(seed: str, name: str) -> str:
    return sha256(f"{seed}\x1f{name}".encode()).hexdigest()
