"""Where calling could stop: the first fully worked replicate that decides each cell.

Replicates count in the order of the draw and only when every row of them is worked; looking
earlier would let the people who are quick to answer speak for the rest. An unresolved row is taken
against each decision: as not achieved in the test for "met", as achieved in the test for "not met".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from estimation.decision import CELL_ALPHA, Decision
from estimation.likelihood import Counts
from estimation.sequential import evidence_met, evidence_not_met, log_bar


@dataclass(frozen=True, slots=True)
class Replicates:
    """What was drawn and what calling brought; ``(C, R)`` whole numbers, in draw order.

    A replicate without any verdict is not released yet. Cells with fewer replicates than R have
    zeros in the rest.
    """

    rows: ArrayLike  #: rows that the draw put into the replicate
    achieved: ArrayLike
    not_achieved: ArrayLike
    unresolved: ArrayLike


@dataclass(frozen=True, slots=True)
class Stop:
    """Where one cell was decided, and what that spared."""

    cell: str
    decision: Decision
    replicate: int  #: the one that decided, from 1; 0 if none did or none was needed
    rows: int  #: worked until the decision; all that were worked if there is none
    worked: int  #: worked in all, more than *rows* where calling went on after the decision
    planned: int

    @property
    def decided(self) -> bool:
        return self.decision in (Decision.MET, Decision.NOT_MET)

    @property
    def saved(self) -> int:
        """Return the rows of the planned sample that nobody had to call."""
        return self.planned - self.worked if self.decided else 0


@dataclass(frozen=True, slots=True)
class StoppingReport:
    """Every cell in the order given, and totals over them."""

    cells: tuple[Stop, ...]

    @property
    def planned(self) -> int:
        return sum(cell.planned for cell in self.cells)

    @property
    def worked(self) -> int:
        return sum(cell.worked for cell in self.cells)

    @property
    def saved(self) -> int:
        return sum(cell.saved for cell in self.cells)

    @property
    def decisions(self) -> dict[Decision, int]:
        """Return how many cells had each decision."""
        found = Counter(cell.decision for cell in self.cells)
        return {decision: found[decision] for decision in Decision}


def stopping_report(
    cells: Sequence[str],
    frame_size: ArrayLike,
    target: ArrayLike,
    replicates: Replicates,
    *,
    alpha: float = CELL_ALPHA,
) -> StoppingReport:
    """Decide each cell at its first replicate that allows it, at the risk *alpha* a side.

    Parameters
    ----------
    cells : names of C cells
    frame_size, target : (C,) whole persons; a target of NaN is no task
    replicates : the counts of each cell and replicate

    Raises ValueError, naming the cell and the replicate, for one that is begun but not fully
    worked or was worked before its turn, and for shapes or numbers that cannot be. Source:
    docs/statistics.md.
    """
    log_bar(alpha)
    counts = _counts(cells, replicates)
    size, wanted = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (frame_size, target))
    if not size.shape == wanted.shape == (len(cells),):
        raise ValueError(f"need {len(cells)} sizes and targets, got {size.shape}, {wanted.shape}")
    return StoppingReport(
        tuple(
            _stop(cell, float(size[c]), float(wanted[c]), counts[:, c], alpha)
            for c, cell in enumerate(cells)
        )
    )


def _counts(cells: Sequence[str], replicates: Replicates) -> Counts:
    """Return the (4, C, R) counts: rows, achieved, not achieved, unresolved."""
    named = (
        replicates.rows,
        replicates.achieved,
        replicates.not_achieved,
        replicates.unresolved,
    )
    arrays = [np.asarray(values, dtype=float) for values in named]
    if {a.shape for a in arrays} != {(len(cells), arrays[0].shape[-1])}:
        raise ValueError(f"need equal (C, R) shapes, got {[a.shape for a in arrays]}")
    counts = np.stack(arrays)
    wrong = ~np.isfinite(counts) | (counts < 0) | (counts % 1 != 0)
    if wrong.any():
        cell = cells[int(np.argwhere(wrong)[0][1])]
        raise ValueError(f"cell {cell!r}: counts must be whole numbers from 0")
    return counts.astype(np.int64)


def _stop(cell: str, size: float, target: float, counts: Counts, alpha: float) -> Stop:
    rows, achieved, _, unresolved = counts[:, : _worked(cell, counts)]
    planned, worked = int(counts[0].sum()), int(rows.sum())
    if size % 1 or size < max(planned, 1):
        fewest = max(planned, 1)
        raise ValueError(f"cell {cell!r}: need a frame of {fewest} or more entries, got {size:g}")
    if np.isnan(target):
        return Stop(cell, Decision.NO_TASK, 0, worked, worked, planned)
    if target % 1 or not 0 <= target < np.inf:
        raise ValueError(f"cell {cell!r}: the target must be a whole number, got {target}")

    def up_to(values: Counts) -> Counts:
        return np.concatenate([[0], np.cumsum(values)])  # the first look is before any call

    N, T, n = int(size), int(target), up_to(rows)
    met = evidence_met(up_to(achieved), n, N, T) >= log_bar(alpha)
    not_met = evidence_not_met(up_to(achieved + unresolved), n, N, T) >= log_bar(alpha)
    if not np.any(met | not_met):
        return Stop(cell, Decision.UNDETERMINED, 0, worked, worked, planned)
    first = int(np.argmax(met | not_met))
    decision = Decision.MET if met[first] else Decision.NOT_MET
    return Stop(cell, decision, first, int(n[first]), worked, planned)


def _worked(cell: str, counts: Counts) -> int:
    """Return the number of replicates worked; they are the first ones, and worked to the end."""
    rows, verdicts = counts[0], counts[1:].sum(axis=0)
    begun = verdicts > 0
    for r in np.flatnonzero(begun & (verdicts != rows)):
        raise ValueError(
            f"cell {cell!r}, replicate {r + 1}: {verdicts[r]} of {rows[r]} rows are worked, "
            "a look needs them all"
        )
    worked = int(begun.sum())
    if not begun[:worked].all():
        late = int(np.argmin(begun)) + 1
        raise ValueError(f"cell {cell!r}: replicate {late} is not worked, but a later one is")
    return worked
