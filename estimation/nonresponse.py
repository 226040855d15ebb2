"""What is assumed of the people nobody reached, from nothing at all to weighting.

Three grades stand beside each other. *Certified* assumes nothing of anyone who was not seen on
site or did not answer. *Two-phase* extrapolates random visits to the rest of their class and
assumes nothing of classes without visits. *Weighted* takes those to be like the rest of their
stratum (missing at random).
"""

from dataclasses import replace
from enum import Enum

import numpy as np

from estimation.classes import ClassTable, Kind


class Fill(Enum):
    """What the unknown rows are taken to be."""

    AGAINST = 0.0
    FOR = 1.0


def manski_bounds(achieved: int, resolved: int, sampled: int) -> tuple[float, float]:
    """Bound the share in a sample without any assumption about the unresolved.

    Raises ValueError unless 0 <= achieved <= resolved <= sampled and sampled > 0.
    Source: Manski's worst-case bounds, METHOD B2.2 (C).
    """
    if not 0 <= achieved <= resolved <= sampled or sampled == 0:
        raise ValueError(
            f"need 0 <= achieved <= resolved <= sampled, got {achieved}, {resolved}, {sampled}"
        )
    return achieved / sampled, (achieved + sampled - resolved) / sampled


def fill_pending_visits(table: ClassTable, fill: Fill) -> ClassTable:
    """Take visits that were chosen and brought no verdict as all failed or all achieved."""
    pending = table.chosen - table.visited
    return replace(table, visited=table.chosen, achieved=table.achieved + fill.value * pending)


def fill_unresolved(table: ClassTable, fill: Fill) -> ClassTable:
    """Take every unresolved case and lead without a verdict on site as failed or as achieved."""
    table = fill_pending_visits(table, fill)
    open_ = np.isin(table.kinds, (Kind.UNRESOLVED, Kind.LEAD))
    unseen = np.where(open_, table.rows - table.visited, 0)
    return replace(
        table,
        chosen=table.chosen + unseen,
        visited=table.visited + unseen,
        achieved=table.achieved + fill.value * unseen,
    )
