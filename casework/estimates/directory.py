"""Campaigns and their runs, as far as the actor may see them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.campaigns.models import Campaign, CampaignUnit
from casework.db import db
from casework.errors import NotFound
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunState
from casework.ledgers.projects import Project
from casework.regions.models import Region


@dataclass(frozen=True, slots=True)
class CampaignRuns:
    """A campaign with its runs, the newest first."""

    campaign: Campaign
    runs: Sequence[EstimateRun]


def campaigns_with_runs(actor: User) -> list[CampaignRuns]:
    """Return every campaign in the actor's region, the newest first."""
    campaigns = db.session.scalars(
        select(Campaign).where(covers(actor)).order_by(Campaign.opened_at.desc())
    ).all()
    runs = db.session.scalars(
        select(EstimateRun)
        .where(EstimateRun.campaign_id.in_([campaign.id for campaign in campaigns]))
        .order_by(EstimateRun.id.desc())
        .options(joinedload(EstimateRun.requested_by))
    ).all()
    return [
        CampaignRuns(campaign, [run for run in runs if run.campaign_id == campaign.id])
        for campaign in campaigns
    ]


def find_campaign(uid: str, *, actor: User) -> Campaign:
    """Return one campaign. Raises NotFound outside the actor's region."""
    campaign = db.session.scalar(select(Campaign).where(Campaign.uid == uid, covers(actor)))
    if campaign is None:
        raise NotFound(campaign=uid)
    return campaign


def find_run(uid: str, *, actor: User) -> EstimateRun:
    """Return one run, whatever its state. Raises NotFound outside the actor's region."""
    run = db.session.scalar(
        select(EstimateRun)
        .join(Campaign, Campaign.id == EstimateRun.campaign_id)
        .where(EstimateRun.uid == uid, covers(actor))
        .options(joinedload(EstimateRun.campaign), joinedload(EstimateRun.requested_by))
    )
    if run is None:
        raise NotFound(run=uid)
    return run


def run_number(run: EstimateRun) -> int:
    """Return which run of its campaign it is, counted from 1."""
    until = select(func.count(EstimateRun.id)).where(
        EstimateRun.campaign_id == run.campaign_id, EstimateRun.id <= run.id
    )
    return db.session.scalar(until) or 0


def number_of_run() -> ScalarSelect[int]:
    """Return the same as a column of a query for runs."""
    other = aliased(EstimateRun)
    return (
        select(func.count(other.id))
        .where(other.campaign_id == EstimateRun.campaign_id, other.id <= EstimateRun.id)
        .correlate(EstimateRun)
        .scalar_subquery()
    )


def numbered(run: EstimateRun) -> tuple[int, list[tuple[int, EstimateRun]]]:
    """Return the number of a run, and its campaign's other finished runs, the newest first."""
    all_ = db.session.scalars(
        select(EstimateRun)
        .where(EstimateRun.campaign_id == run.campaign_id)
        .order_by(EstimateRun.id)
    ).all()
    numbers = {each.id: number for number, each in enumerate(all_, start=1)}
    others = [each for each in all_ if each.state is RunState.DONE and each.id != run.id]
    return numbers[run.id], [(numbers[each.id], each) for each in reversed(others)]


def done_run(uid: str, *, actor: User) -> EstimateRun:
    """Return a run that has figures. Raises NotFound for any other."""
    run = find_run(uid, actor=actor)
    if run.state is not RunState.DONE:
        raise NotFound(run=uid)
    return run


def latest_figures(campaign_id: int) -> tuple[str, AbstractSet[tuple[str, Project]]]:
    """Return the latest finished run of a campaign, "" for none, and of what it has figures.

    That is a set of regions with their projects.
    """
    done = select(EstimateRun.id, EstimateRun.uid).where(
        EstimateRun.campaign_id == campaign_id, EstimateRun.state == RunState.DONE
    )
    run = db.session.execute(done.order_by(EstimateRun.id.desc()).limit(1)).one_or_none()
    if run is None:
        return "", frozenset()
    figures = select(EstimateRow.region_code, EstimateRow.project).where(
        EstimateRow.run_id == run.id, EstimateRow.level != Level.STRATUM
    )
    return run.uid, {(code, project) for code, project in db.session.execute(figures)}


def covers(actor: User) -> ColumnElement[bool]:
    """Return the condition that a campaign reaches into the actor's region and is open to it."""
    above = (  # a county is reached with its unit
        select(Region.unit_code).where(Region.code == actor.region_code).scalar_subquery()
    )
    reaches = (
        select(CampaignUnit)
        .where(
            CampaignUnit.campaign_id == Campaign.id,
            or_(in_scope(actor, CampaignUnit.region_code), CampaignUnit.region_code == above),
        )
        .exists()
    )
    return and_(reaches, open_to(actor))


def open_to(actor: User) -> ColumnElement[bool]:
    """Return the condition that *actor* may see what became of a campaign's sample.

    The province works with it; every region below waits for the day of the results, by the
    database's own clock, so that nobody learns early who was drawn.
    """
    return true() if actor.sees_all_regions else Campaign.results_from <= func.current_date()
