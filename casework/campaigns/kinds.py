"""What each kind of campaign may cover, and what a follow-up wave takes from those it follows."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.campaigns.errors import (
    AuthenticityIsNewEmployment,
    NotDrawnYet,
    NotInTheEarlierCampaign,
    PlaceOutsideUnits,
    SpotIsEverywhere,
)
from casework.campaigns.models import (
    Campaign,
    CampaignKind,
    Coordination,
    Draw,
    Frame,
    FrameEntry,
    SampleEntry,
)
from casework.ledgers.projects import CALLED, Project
from casework.regions.models import Region


def called_projects(campaign: Campaign) -> list[Project]:
    """Return the projects whose people are called, in their order.

    New employment is judged at the desk; only a check of authenticity calls its people.
    """
    chosen = {row.project for row in campaign.projects}
    if campaign.kind is CampaignKind.AUTHENTICITY:
        return sorted(chosen)
    return [project for project in CALLED if project in chosen]


def check_kind(
    session: Session,
    kind: CampaignKind,
    *,
    projects: Collection[Project],
    units: Collection[str],
    places: Collection[str],
    follows: int | None,
) -> None:
    """Refuse what does not fit the kind.

    Raises AuthenticityIsNewEmployment, SpotIsEverywhere, PlaceOutsideUnits, NotDrawnYet or
    NotInTheEarlierCampaign.
    """
    if (kind is CampaignKind.AUTHENTICITY) != (set(projects) == {Project.NEW_EMPLOYMENT}):
        raise AuthenticityIsNewEmployment
    if kind is CampaignKind.SPOT_CHECK and not places and not _leave_out_a_unit(session, units):
        raise SpotIsEverywhere
    inside = set(session.scalars(select(Region.code).where(Region.unit_code.in_(units))))
    if outside := sorted(set(places) - inside):
        raise PlaceOutsideUnits(region=outside[0])
    if kind is not CampaignKind.FOLLOW_UP:
        return
    earlier = session.get(Campaign, follows) if follows else None
    drawn = earlier and session.scalar(select(Draw.id).where(Draw.campaign_id == earlier.id))
    if earlier is None or drawn is None:
        raise NotDrawnYet
    extra = {*projects} - {row.project for row in earlier.projects}
    beyond = {*units} - {row.region_code for row in earlier.units}
    if extra or beyond:
        raise NotInTheEarlierCampaign(name=earlier.name)


def _leave_out_a_unit(session: Session, units: Collection[str]) -> bool:
    return bool(
        session.scalar(
            select(Region.code)
            .where(Region.unit_order.is_not(None), Region.code.not_in(units))
            .limit(1)
        )
    )


def earlier_sample(campaign: Campaign, session: Session) -> tuple[set[str], set[str]]:
    """Return the entries that the campaigns it follows selected, and those of their frames."""
    if campaign.coordination is Coordination.AFRESH:
        return set(), set()
    chain = _followed(campaign, session)
    selected = select(SampleEntry.entry_uid).where(SampleEntry.campaign_id.in_(chain))
    known = (
        select(FrameEntry.entry_uid)
        .join(Frame, Frame.id == FrameEntry.frame_id)
        .where(Frame.campaign_id.in_(chain))
    )
    return set(session.scalars(selected)), set(session.scalars(known))


def _followed(campaign: Campaign, session: Session) -> list[int]:
    """Return the campaigns it follows: the last one to overlap with, all of them to stay apart."""
    chain: list[int] = []
    here = campaign.follows_id
    while here is not None:
        chain.append(here)
        apart = campaign.coordination is Coordination.APART
        here = session.get_one(Campaign, here).follows_id if apart else None
    return chain
