"""What the pages of estimates show: tables of regions, and one region's project in detail.

Every query asks whose region it is; what the actor may not see is NotFound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import defer, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope, must_see
from casework.campaigns.models import Campaign, CampaignProject, Stratum
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import covers, done_run, number_of_run
from casework.estimates.judged import Judged, judged
from casework.estimates.judging_models import Override, OverrideState
from casework.estimates.models import Completion, EstimateRow, EstimateRun, Level, RunState
from casework.estimates.rollup import RolledUp
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree, load_tree
from estimation.decision import Decision

#: Lower regions are listed from what weighs most.
_WORST = (Decision.NOT_MET, Decision.UNDETERMINED, Decision.MET, Decision.NO_TASK)


@dataclass(frozen=True, slots=True)
class Line:
    """One region in a table: its completion and, by project, decision and figure."""

    region: Region
    completion: Completion
    decisions: Mapping[Project, Decision]
    rows: Mapping[Project, EstimateRow]
    overrides: Mapping[Project, Override]  #: that two people confirmed
    level: int = 1  #: 2 where it stands under another line


@dataclass(frozen=True, slots=True)
class RegionTable:
    """A region with the lines of its next-lower regions, and why it is decided as it is."""

    run: EstimateRun
    tree: RegionTree
    projects: Sequence[Project]
    total: Line
    lines: Sequence[Line]
    chosen: Line  #: the region whose reasons are shown
    reasons: Sequence[tuple[Region, Project | None, Decision]]


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    """One region's project: its row, its strata, and the regions it is compared with."""

    run: EstimateRun
    tree: RegionTree
    row: EstimateRow
    siblings: Sequence[EstimateRow]
    strata: Sequence[EstimateRow]
    override: Override | None  #: that two people confirmed, or that waits for the second


def region_table(run_uid: str, code: str, *, actor: User, chosen: str | None = None) -> RegionTable:
    """Return the table of a region's next-lower regions, those of *chosen* among them.

    Parameters
    ----------
    chosen
        The line whose reasons are shown, and under which its own lower regions stand; the region
        itself by default.

    Raises
    ------
    NotFound
        If the run is not done or does not cover the region, or the actor may not see it.
    """
    run, tree = done_run(run_uid, actor=actor), load_tree()
    region = _visible(tree, code, actor)
    chosen = chosen or code
    codes = [code, *(child.code for child in _children(tree, code, chosen))]
    if chosen not in codes:
        raise NotFound(region=chosen)
    standing = judged(run)
    rolled = standing.rolled
    if code not in rolled:
        raise NotFound(region=code)
    rows = _rows_of(run, codes)
    lines = {
        code: _line(tree.by_code[code], standing, rows, under=chosen, of=region.code)
        for code in codes
        if code in rolled
    }
    return RegionTable(
        run=run,
        tree=tree,
        projects=_projects(run),
        total=lines[region.code],
        lines=[line for code, line in lines.items() if code != region.code],
        chosen=lines[chosen],
        reasons=_reasons(rolled[chosen], tree),
    )


def project_detail(run_uid: str, code: str, project: Project, *, actor: User) -> ProjectDetail:
    """Return the figures of one region and project, with strata and comparable regions.

    Raises
    ------
    NotFound
        If there is no such figure, or the actor may not see the region.
    """
    run, tree = done_run(run_uid, actor=actor), load_tree()
    region = _visible(tree, code, actor)
    row = db.session.scalar(
        _figures(run, project).where(
            EstimateRow.level == _level(region), EstimateRow.region_code == code
        )
    )
    if row is None:
        raise NotFound(region=code, project=project)
    return ProjectDetail(
        run=run,
        tree=tree,
        row=row,
        siblings=_siblings(run, project, region, tree, actor),
        strata=_strata(run, project, region),
        override=_override(run, project, code),
    )


def run_of_case(
    run_uid: str, stratum_id: int, *, actor: User
) -> tuple[EstimateRun, int, EstimateRow | None]:
    """Return a finished run, its number, and its figure of one stratum if it has one.

    Raises NotFound as done_run does.
    """
    found = db.session.execute(
        select(EstimateRun, number_of_run(), EstimateRow)
        .join(Campaign, Campaign.id == EstimateRun.campaign_id)
        .outerjoin(
            EstimateRow,
            (EstimateRow.run_id == EstimateRun.id) & (EstimateRow.stratum_id == stratum_id),
        )
        .where(EstimateRun.uid == run_uid, EstimateRun.state == RunState.DONE, covers(actor))
        .options(joinedload(EstimateRun.campaign))
    ).one_or_none()
    if found is None:
        raise NotFound(run=run_uid)
    run, number, row = found
    return run, number, row


def _visible(tree: RegionTree, code: str, actor: User) -> Region:
    if code not in tree.by_code:
        raise NotFound(region=code)
    region = tree.by_code[code]
    must_see(actor, region)
    return region


def _children(tree: RegionTree, code: str, chosen: str) -> list[Region]:
    children: list[Region] = []
    for child in tree.children_of(code):
        children.append(child)
        if child.code == chosen:
            children.extend(tree.children_of(child.code))
    return children


def _level(region: Region) -> Level:
    if region.code == PROVINCE:
        return Level.PROVINCE
    return Level.UNIT if region.is_unit else Level.PLACE


def _figures(run: EstimateRun, project: Project) -> Select[EstimateRow]:
    return (
        select(EstimateRow)
        .where(EstimateRow.run_id == run.id, EstimateRow.project == project)
        .options(joinedload(EstimateRow.region))
    )


def _rows_of(run: EstimateRun, codes: Sequence[str]) -> dict[tuple[str, Project], EstimateRow]:
    rows = db.session.scalars(
        select(EstimateRow)
        .where(
            EstimateRow.run_id == run.id,
            EstimateRow.level != Level.STRATUM,
            EstimateRow.region_code.in_(codes),
        )
        .options(defer(EstimateRow.classes))
    )
    return {(row.region_code, row.project): row for row in rows}


def _line(
    region: Region,
    standing: Judged,
    rows: Mapping[tuple[str, Project], EstimateRow],
    *,
    under: str,
    of: str,
) -> Line:
    rolled = standing.rolled[region.code]
    return Line(
        region=region,
        completion=rolled.completion,
        decisions={line.project: line.decision for line in rolled.reasons if line.project},
        rows={project: row for (code, project), row in rows.items() if code == region.code},
        overrides={p: o for (code, p), o in standing.overrides.items() if code == region.code},
        level=2 if region.unit_code == under != region.code and under != of else 1,
    )


def _reasons(rolled: RolledUp, tree: RegionTree) -> list[tuple[Region, Project | None, Decision]]:
    lines = [(tree.by_code[r.region], r.project, r.decision) for r in rolled.reasons]
    own = [line for line in lines if line[1] is not None]
    lower = [line for line in lines if line[1] is None]
    return [*own, *sorted(lower, key=lambda line: _WORST.index(line[2]))]


def _projects(run: EstimateRun) -> list[Project]:
    found = db.session.scalars(
        select(CampaignProject.project).where(CampaignProject.campaign_id == run.campaign_id)
    )
    return sorted(found, key=list(Project).index)


def _override(run: EstimateRun, project: Project, code: str) -> Override | None:
    return db.session.scalar(
        select(Override)
        .where(
            Override.run_id == run.id,
            Override.project == project,
            Override.region_code == code,
            Override.state.in_((OverrideState.PROPOSED, OverrideState.CONFIRMED)),
        )
        .options(joinedload(Override.proposed_by), joinedload(Override.settled_by))
    )


def _siblings(
    run: EstimateRun, project: Project, region: Region, tree: RegionTree, actor: User
) -> list[EstimateRow]:
    """Return the regions of a forest plot: the lower ones, or those beside a lowest one."""
    around = region.code
    if not tree.children_of(around) and region.unit_code and not region.is_unit:
        around = region.unit_code
    codes = [child.code for child in tree.children_of(around)] or [region.code]
    levels = Level.UNIT if around == PROVINCE else Level.PLACE
    if codes == [region.code]:
        levels = Level.UNIT
    rows = db.session.scalars(
        _figures(run, project)
        .where(EstimateRow.level == levels, EstimateRow.region_code.in_(codes))
        .where(in_scope(actor, EstimateRow.region_code))
        .options(defer(EstimateRow.classes))
    ).all()
    return sorted(rows, key=lambda row: codes.index(row.region_code))


def _strata(run: EstimateRun, project: Project, region: Region) -> list[EstimateRow]:
    if region.code == PROVINCE:
        return []
    inside = Stratum.unit_code if region.is_unit else Stratum.region_code
    return list(
        db.session.scalars(
            _figures(run, project)
            .join(Stratum, Stratum.id == EstimateRow.stratum_id)
            .where(EstimateRow.level == Level.STRATUM, inside == region.code)
            .options(joinedload(EstimateRow.stratum))
            .order_by(Stratum.key)
        )
    )
