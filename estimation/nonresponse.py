"""What is assumed of the people nobody reached, from nothing at all to weighting.

Three grades stand beside each other. *Certified* assumes nothing of anyone who was not seen on
site or did not answer. *Two-phase* extrapolates random visits to the rest of their class and
assumes nothing of classes without visits. *Weighted* takes those to be like the rest of their
stratum (missing at random). The certified runs against and for are Manski's bounds.
"""

from dataclasses import replace
from enum import Enum

import numpy as np

from estimation.classes import ClassTable, Floats, Kind


class Fill(Enum):
    """What the unknown rows are taken to be."""

    AGAINST = 0.0
    FOR = 1.0


def fill_pending_visits(table: ClassTable, fill: Fill) -> ClassTable:
    """Take visits that were chosen and brought no verdict as all failed or all achieved."""
    pending = table.chosen - table.visited
    return replace(table, visited=table.chosen, achieved=table.achieved + fill.value * pending)


def fill_unresolved(table: ClassTable, fill: Fill) -> ClassTable:
    """Take every unresolved case and lead without a verdict on site as failed or as achieved."""
    table = fill_pending_visits(table, fill)
    rows = unreached(table)
    return fill_rows(table, rows, fill.value * rows)


def unreached(table: ClassTable) -> Floats:
    """Count the unresolved cases and leads without a verdict on site, ``(H, G)``."""
    open_ = np.isin(table.kinds, (Kind.UNRESOLVED, Kind.LEAD))
    return np.where(open_, table.rows - table.visited, 0)


def fill_rows(table: ClassTable, rows: Floats, achieved: Floats) -> ClassTable:
    """Take *rows* without a verdict for visited and *achieved* of them for achieved, ``(H, G)``."""
    visited = table.visited + rows
    return replace(
        table,
        chosen=np.maximum(table.chosen, visited),
        visited=visited,
        achieved=table.achieved + achieved,
    )
