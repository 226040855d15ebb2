"""Which replicate is opened next where the campaign fixed the rule "widest interval first".

The first replicate is one of all units. The others are of single units: each time the next one of
the unit whose interval is widest in the latest estimate, units that are undetermined before those
that are decided. The rule only looks when every open case is finished, so that nobody can open
more because of how the first calls of a replicate turned out.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.campaigns.models import Campaign, ReleaseReason, ReleaseRule, Replicate
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.release import open_replicate
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunState

UNDETERMINED = "undetermined"


class NothingProposed(CaseworkError):
    """The rule names no replicate now; nothing was opened."""


class Obstacle(StrEnum):
    """Why the rule names no replicate."""

    ALL_OPEN = "all_open"
    UNFINISHED = "unfinished"  #: open cases are still being worked
    NO_ESTIMATE = "no_estimate"  #: nobody estimated since the latest replicate was opened


@dataclass(frozen=True, slots=True)
class Proposal:
    """The replicate that the rule names, and why; or what stands in its way."""

    replicate: Replicate | None
    half_width: float | None = None  #: of the unit's widest project, None before the first
    undetermined: bool = False
    obstacle: Obstacle | None = None
    unfinished: int = 0


def proposed(campaign_id: int, *, actor: User) -> Proposal | None:
    """Return what the rule of a campaign says, None where it is opened by hand."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    if campaign.release_rule is not ReleaseRule.WIDEST_FIRST:
        return None
    return _proposal(db.session(), campaign)


def release_proposed(campaign_id: int, *, actor: User, at: datetime) -> int:
    """Open the replicate that the rule names; return how many cases it made.

    Raises NothingProposed, with what stands in its way.
    """
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id, with_for_update=True)
        if campaign is None or campaign.release_rule is not ReleaseRule.WIDEST_FIRST:
            raise NotFound(campaign=campaign_id)
        found = _proposal(session, campaign)
        if found.replicate is None:
            raise NothingProposed(obstacle=found.obstacle)
        reason = ReleaseReason.PLANNED if found.half_width is None else ReleaseReason.WIDEST
        return open_replicate(session, campaign, found.replicate, reason, actor=actor, at=at)


def _proposal(session: Session, campaign: Campaign) -> Proposal:
    of_campaign = select(Replicate).where(Replicate.campaign_id == campaign.id)
    replicates = session.scalars(of_campaign.order_by(Replicate.part, Replicate.number)).all()
    waiting = [replicate for replicate in replicates if replicate.released_at is None]
    if not waiting:
        return Proposal(None, obstacle=Obstacle.ALL_OPEN)
    if waiting[0].unit_code is None:
        return Proposal(waiting[0])
    unfinished = _unfinished(session, campaign.id)
    if unfinished:
        return Proposal(None, obstacle=Obstacle.UNFINISHED, unfinished=unfinished)
    opened = max(replicate.released_at for replicate in replicates if replicate.released_at)
    widths = _widths(session, campaign.id, since=opened)
    if not widths:
        return Proposal(None, obstacle=Obstacle.NO_ESTIMATE)
    # Of equals the one that comes first in the order of parts and units.
    best = max(waiting, key=lambda replicate: widths.get(replicate.unit_code or "", (False, 0.0)))
    undetermined, half_width = widths.get(best.unit_code or "", (False, 0.0))
    return Proposal(best, half_width, undetermined)


def _unfinished(session: Session, campaign_id: int) -> int:
    working = (CaseState.READY, CaseState.HELD, CaseState.ESCALATED)
    count = select(func.count()).where(Case.campaign_id == campaign_id, Case.state.in_(working))
    return session.scalar(count) or 0


def _widths(
    session: Session, campaign_id: int, *, since: datetime
) -> dict[str, tuple[bool, float]]:
    """Return of each unit whether it is undetermined, and half of its widest interval."""
    latest = session.scalar(
        select(EstimateRun.id)
        .where(
            EstimateRun.campaign_id == campaign_id,
            EstimateRun.state == RunState.DONE,
            EstimateRun.requested_at >= since,
        )
        .order_by(EstimateRun.id.desc())
        .limit(1)
    )
    widths: dict[str, tuple[bool, float]] = {}
    rows = select(EstimateRow).where(
        EstimateRow.run_id == latest,
        EstimateRow.level == Level.UNIT,
        EstimateRow.share_low.is_not(None),
    )
    for row in session.scalars(rows):
        half = ((row.share_high or 0.0) - (row.share_low or 0.0)) / 2
        found = (row.decision == UNDETERMINED, half)
        widths[row.region_code] = max(found, widths.get(row.region_code, (False, 0.0)))
    return widths
