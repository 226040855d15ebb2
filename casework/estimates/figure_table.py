"""All figures of one project under a region: the table that puts the verdicts apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.scope import must_see
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import done_run
from casework.estimates.judging_models import Override, OverrideState
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree, load_tree
from estimation.decision import Decision


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure in a table of a project, with its decision as it stands."""

    region: Region
    row: EstimateRow
    decision: Decision
    overridden: bool


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A region's project with all regions below it, in the order of the tree."""

    run: EstimateRun
    tree: RegionTree
    projects: Sequence[Project]  #: that have figures
    lines: Sequence[FigureLine]


def figure_table(run_uid: str, code: str, project: Project | None, *, actor: User) -> FigureTable:
    """Return every figure of a project in a region and below, the first project by default.

    Raises NotFound if the actor may not see the region.
    """
    run, tree = done_run(run_uid, actor=actor), load_tree()
    if code not in tree.by_code:
        raise NotFound(region=code)
    region = tree.by_code[code]
    must_see(actor, region)
    inside = {code, *(r.code for r in tree.by_code.values() if _under(r, region))}
    known = db.session.scalars(
        select(EstimateRow.project).where(EstimateRow.run_id == run.id).distinct()
    )
    projects = sorted(known, key=list(Project).index)
    chosen = project if project in projects else (projects[0] if projects else None)
    rows = db.session.scalars(
        select(EstimateRow).where(
            EstimateRow.run_id == run.id,
            EstimateRow.level != Level.STRATUM,
            EstimateRow.project == chosen,
            EstimateRow.region_code.in_(inside),
        )
    )
    held = {
        each.region_code: Decision(each.decision)
        for each in db.session.scalars(
            select(Override).where(
                Override.run_id == run.id,
                Override.project == chosen,
                Override.state == OverrideState.CONFIRMED,
            )
        )
    }
    order = {code: i for i, code in enumerate(_in_order(tree))}
    lines = [
        FigureLine(
            tree.by_code[row.region_code],
            row,
            held.get(row.region_code, Decision(row.decision)),
            row.region_code in held,
        )
        for row in sorted(rows, key=lambda row: order[row.region_code])
    ]
    return FigureTable(run, tree, projects, lines)


def _under(region: Region, above: Region) -> bool:
    return above.code in {PROVINCE, region.unit_code}


def _in_order(tree: RegionTree) -> list[str]:
    """Return the province, then each unit with its counties after it."""
    codes = [PROVINCE]
    for unit in tree.units:
        codes.append(unit.code)
        codes.extend(child.code for child in tree.children_of(unit.code))
    return list(dict.fromkeys([*codes, *tree.by_code]))
