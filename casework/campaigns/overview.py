"""What the coordinator's pages show of a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from casework.accounts.models import User
from casework.campaigns.kinds import called_projects
from casework.campaigns.models import (
    Campaign,
    DeskOutcome,
    Frame,
    Replicate,
    Stratum,
    Target,
)
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.projects import Project
from casework.regions.models import Region


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit and project: its task, its part of the frame and of the sample."""

    unit: Region
    project: Project
    target: int | None  #: None where there is no task
    frame_size: int
    sample_size: int
    strata: int

    @property
    def task_share(self) -> float | None:
        """The pass line on the scale of proportions, T / N."""
        if self.target is None or not self.frame_size:
            return None
        return self.target / self.frame_size


@dataclass(frozen=True, slots=True)
class Overview:
    campaign: Campaign
    frame: Frame | None
    lines: Sequence[UnitLine]
    replicates: Sequence[Replicate]
    desk: dict[str, DeskOutcome]

    @property
    def projects(self) -> list[Project]:
        chosen = {row.project for row in self.campaign.projects}
        return [project for project in Project if project in chosen]

    @property
    def called(self) -> list[Project]:
        """The projects that are verified from a sample."""
        return called_projects(self.campaign)

    @property
    def with_targets(self) -> set[Project]:
        """The projects whose targets are loaded; only then does a missing one mean no task."""
        return {line.project for line in self.lines if line.target is not None}

    @property
    def sampled(self) -> int:
        return sum(line.sample_size for line in self.lines)

    @property
    def next_replicate(self) -> Replicate | None:
        """The first replicate that is not released; replicates open in their order."""
        waiting = [replicate for replicate in self.replicates if replicate.released_at is None]
        return waiting[0] if waiting else None


def campaigns_of(actor: User) -> list[Campaign]:
    """Every campaign, newest first. Sample sizes are secret, so only the province sees them."""
    if not actor.sees_all_regions:
        return []
    return list(db.session.scalars(select(Campaign).order_by(Campaign.id.desc())))


def find_campaign(campaign_id: int, *, actor: User) -> Campaign:
    """Return one campaign. Raises NotFound, also for whoever may not see its sample."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    return campaign


def overview(campaign_id: int, *, actor: User) -> Overview:
    """Return what the page of one campaign shows."""
    campaign = find_campaign(campaign_id, actor=actor)
    return Overview(
        campaign=campaign,
        frame=db.session.scalar(select(Frame).where(Frame.campaign_id == campaign_id)),
        lines=_lines(campaign),
        replicates=campaign.replicates,
        desk={
            row.region_code: row
            for row in db.session.scalars(
                select(DeskOutcome).where(DeskOutcome.campaign_id == campaign_id)
            )
        },
    )


def strata_of(campaign_id: int, project: Project, *, actor: User) -> list[Stratum]:
    """Return the strata of one project, in the order of their keys."""
    find_campaign(campaign_id, actor=actor)
    return list(
        db.session.scalars(
            select(Stratum)
            .where(Stratum.campaign_id == campaign_id, Stratum.project == project)
            .order_by(Stratum.key)
        )
    )


def _lines(campaign: Campaign) -> list[UnitLine]:
    units = sorted((unit.region for unit in campaign.units), key=lambda unit: unit.unit_order or 0)
    targets = {
        (target.project, target.region_code): target.persons
        for target in db.session.scalars(select(Target).where(Target.campaign_id == campaign.id))
    }
    sums = {
        (project, unit): (size, sampled, strata)
        for project, unit, size, sampled, strata in db.session.execute(
            select(
                Stratum.project,
                Stratum.unit_code,
                func.sum(Stratum.frame_size),
                func.sum(Stratum.sample_size),
                func.count(),
            )
            .where(Stratum.campaign_id == campaign.id)
            .group_by(Stratum.project, Stratum.unit_code)
        )
    }
    return [
        UnitLine(
            unit,
            row.project,
            targets.get((row.project, unit.code)),
            *sums.get((row.project, unit.code), (0, 0, 0)),
        )
        for row in campaign.projects
        for unit in units
    ]
