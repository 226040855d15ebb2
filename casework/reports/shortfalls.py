"""What keeps a region from being wholly complete, down to the counties that cause it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from casework.db import db
from casework.estimates.judged import judged
from casework.estimates.judging_models import Override
from casework.estimates.models import EstimateRow, EstimateRun
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.regions.tree import RegionTree
from estimation.decision import Decision


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A project of a region that is not met, or about which nothing can be said yet."""

    region: Region
    project: Project
    decision: Decision
    row: EstimateRow | None  #: None for what is judged at the desk
    override: Override | None  #: if two people decided so


def shortfalls(run: EstimateRun, code: str, tree: RegionTree) -> Sequence[Shortfall]:
    """Return what keeps the region *code* from being complete; those not met come first."""
    standing = judged(run)
    lines = standing.lines(code)
    concerned = EstimateRow.region_code.in_({line.region for line in lines})
    rows = {
        (row.region_code, row.project): row
        for row in db.session.scalars(
            select(EstimateRow).where(
                EstimateRow.run_id == run.id, EstimateRow.stratum_id.is_(None), concerned
            )
        )
    }
    return [
        Shortfall(
            tree.by_code[line.region],
            line.project,
            line.decision,
            rows.get((line.region, line.project)),
            standing.overrides.get((line.region, line.project)),
        )
        for line in lines
        if line.project is not None
    ]
