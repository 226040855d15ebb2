"""Whether regions are wholly complete: the three-valued rule, and the probability behind it.

A region is wholly complete if each project with a task meets its own target and each next-lower
region with a task is wholly complete. The rule speaks of decisions: one child not met makes it not
complete, otherwise one undetermined makes it undetermined. The probability says how far an
undetermined region is from either; it is for display and never decides.

True totals of all leaves (region x project) are drawn together from what their samples leave open
and added up the tree, so that a county that falls short lowers its unit and the province in the
same draw. The rates of a project are taken to be alike but not equal
(:mod:`estimation.exchangeable_rates`); a borrowed audit rate moves all its borrowers at once.
Formulas, assumptions and sources: docs/statistics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.decision import Decision
from estimation.exchangeable_rates import RatePosterior
from estimation.rollup_leaves import Leaves, SharedRates

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Steps = list[tuple[int, int]]

#: From the worst: a region is what the worst of its lines is.
ORDER = (Decision.NOT_MET, Decision.UNDETERMINED, Decision.MET, Decision.NO_TASK)
AT_ONCE = 1_000_000  # totals drawn at a time
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Tree:
    """R regions with J projects."""

    parent: Counts  #: (R,) position of the next-higher region, -1 for none
    target: Floats  #: (R, J) persons, NaN where there is no task

    @classmethod
    def of(cls, parent: ArrayLike, target: ArrayLike) -> "Tree":
        """Check the tree; raises ValueError naming a region that is impossible."""
        over, persons = np.asarray(parent, dtype=np.int64), np.asarray(target, dtype=float)
        if over.ndim != 1 or persons.shape != (len(over), persons.size // max(len(over), 1)):
            raise ValueError(f"need shapes (R,) and (R, J), got {over.shape} and {persons.shape}")
        bad = (persons < 0) | np.isinf(persons)
        if bad.any():
            r, j = np.argwhere(bad)[0]
            raise ValueError(f"region number {r} has the target {persons[r, j]:g}")
        _upwards(over)
        return cls(over, persons)


@dataclass(frozen=True, slots=True)
class Chances:
    """Probabilities by simulation and their Monte Carlo standard errors; NaN without any task."""

    complete: Floats  #: (R,) that the region is wholly complete
    complete_error: Floats
    met: Floats  #: (R, J) that its own target is met
    met_error: Floats
    draws: int


def roll_up(decisions: Sequence[Sequence[Decision]], parent: ArrayLike) -> tuple[Decision, ...]:
    """Apply the three-valued rule to R regions with J decisions of their own each.

    "met" stands for wholly complete, "no task" for nothing to complete. ``parent`` is as in Tree.
    Raises ValueError for shapes that differ or a parent that is impossible.
    """
    over = np.asarray(parent, dtype=np.int64)
    if len({len(row) for row in decisions}) > 1 or len(decisions) != len(over):
        raise ValueError(f"need as many decisions for each of the {len(over)} regions")
    worst = [min((ORDER.index(word) for word in row), default=len(ORDER) - 1) for row in decisions]
    for child, above in _upwards(over):
        worst[above] = min(worst[above], worst[child])
    return tuple(ORDER[i] for i in worst)


def simulate_rollup(
    leaves: Leaves,
    tree: Tree,
    *,
    rng: np.random.Generator,
    shared: SharedRates | None = None,
    draws: int = DRAWS,
) -> Chances:
    """Draw the true totals of all leaves together and count how often each region is complete.

    A region's total of a project is the sum of its own leaves and of those of all regions under
    it. A target without any leaf is not met: leave out, as no task, what is not estimated.

    Raises ValueError for a leaf outside the tree, rates of other leaves, or no draws.
    """
    if draws < 1:
        raise ValueError(f"need draws, got {draws}")
    _check_places(leaves, tree, shared)
    steps, task = _upwards(tree.parent), ~np.isnan(tree.target)
    met, complete = np.zeros(task.shape), np.zeros(len(task))
    own = RatePosterior.of(leaves.achieved, leaves.rows, leaves.project)
    lent = RatePosterior.of(shared.achieved, shared.visits, shared.alike) if shared else None
    for size in _batches(draws, len(leaves.region)):
        shift = _shifts(shared, lent.draw(size, rng)) if shared and lent else np.zeros((size, 1))
        totals = _totals(leaves, own.draw(size, rng), shift, rng)
        sums = _summed(totals, leaves, tree, steps)
        reached = (sums >= tree.target[:, :, np.newaxis]) | ~task[:, :, np.newaxis]
        whole = np.asarray(reached.all(axis=1))
        for child, above in steps:
            whole[above] &= whole[child]
        met += reached.sum(axis=2)
        complete += whole.sum(axis=1)
    concerned = np.asarray(task.any(axis=1))
    for child, above in steps:
        concerned[above] |= concerned[child]
    return Chances(*_chances(complete, concerned, draws), *_chances(met, task, draws), draws)


def _check_places(leaves: Leaves, tree: Tree, shared: SharedRates | None) -> None:
    R, J = tree.target.shape
    outside = (leaves.region >= R) | (leaves.project >= J)
    if outside.any():
        place = int(np.flatnonzero(outside)[0])
        raise ValueError(f"leaf number {place} is outside the {R} regions and {J} projects")
    if shared and len(shared.lent) != len(leaves.region):
        raise ValueError(f"need rates lent to {len(leaves.region)} leaves, got {len(shared.lent)}")


def _upwards(parent: Counts) -> Steps:
    """Return each child with its parent, the deepest first."""
    R = len(parent)
    if np.any((parent < -1) | (parent >= R)):
        r = int(np.flatnonzero((parent < -1) | (parent >= R))[0])
        raise ValueError(f"region number {r} has the parent {parent[r]}, of {R} regions")
    depth, at = np.zeros(R, dtype=np.int64), parent.copy()
    for _ in range(R):
        inside = at >= 0
        depth[inside] += 1
        at[inside] = parent[at[inside]]
    if np.any(at >= 0):
        raise ValueError(f"region number {np.flatnonzero(at >= 0)[0]} lies under itself")
    return [(int(r), int(parent[r])) for r in np.argsort(-depth, kind="stable") if parent[r] >= 0]


def _batches(draws: int, leaves: int) -> list[int]:
    most = max(AT_ONCE // max(leaves, 1), 1)
    return [most] * (draws // most) + [draws % most] * (draws % most > 0)


def _shifts(shared: SharedRates, rates: Floats) -> Floats:
    """Return by how much the shared rates move the shares of the leaves, ``(draws, L)``."""
    return np.asarray((rates - shared.achieved / shared.visits) @ shared.lent.T, dtype=np.float64)


def _totals(leaves: Leaves, rates: Floats, shift: Floats, rng: np.random.Generator) -> Floats:
    """Draw true totals, ``(draws, L)``: the sampled rows stand, the rest is binomial."""
    unseen = np.rint(leaves.frame_size - leaves.rows).astype(np.int64)
    seen = np.clip(leaves.achieved + shift * leaves.rows, 0, leaves.rows)
    rest = rng.binomial(unseen, np.clip(rates + shift, 0, 1))
    return np.asarray(np.minimum(np.rint(seen + rest), leaves.frame_size), dtype=np.float64)


def _summed(totals: Floats, leaves: Leaves, tree: Tree, steps: Steps) -> Floats:
    """Add the totals of the leaves, ``(draws, L)``, up to the regions, ``(R, J, draws)``."""
    R, J = tree.target.shape
    sums = np.zeros((R * J, len(totals)))
    np.add.at(sums, leaves.region * J + leaves.project, totals.T)
    sums = sums.reshape(R, J, -1)
    for child, above in steps:
        sums[above] += sums[child]
    return sums


def _chances(count: Floats, known: NDArray[np.bool_], draws: int) -> tuple[Floats, Floats]:
    """Return probabilities with errors that are not 0 where all draws agree."""
    near = (count + 1) / (draws + 2)
    error = np.sqrt(near * (1 - near) / draws)
    return np.where(known, count / draws, np.nan), np.where(known, error, np.nan)
