"""Sizes and visits that decide as many counties as a budget allows.

Calls are worth nothing where they decide nothing: a county whose target is far below its ledger is
decided by a few dozen cases, one whose target equals its ledger by none. So each county gets the
size, and each unit the way of visiting, with which the budget is expected to decide most counties,
above the floors that keep every figure worth showing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casework.campaigns.belief import Assumptions, Nodes
from casework.campaigns.extrapolating import Trial
from casework.campaigns.planning import decision_chances, trial_of
from sampling.plan import Answers, Design, cost_of_case, expected_visits
from sampling.size import size_to_prove
from sampling.spending import Choices, spend

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

GRID = 24  # sizes that are looked at in one county
LARGEST = 1000  # of them; what is beyond it no province can pay for
ROUNDS = 3  # the visits of a unit serve all its counties, so what is best changes what is best


@dataclass(frozen=True, slots=True)
class Task:
    """The counties to decide about, all arrays (H,).

    ``unit`` is the position of the reporting unit, whose visit rates are one for all projects;
    ``pool`` that of project and unit.
    """

    frame_size: Counts
    target: Floats  #: persons, NaN where there is no task
    unit: Counts
    pool: Counts


@dataclass(frozen=True, slots=True)
class Way:
    """A way of visiting: rates (H, G), one for all counties of a unit, and what it needs."""

    rates: Floats
    lower: Counts  #: (H,) fewest cases to call


def decisive_design(
    task: Task, ways: Sequence[Way], budget: float, assumptions: Assumptions
) -> Design:
    """Return the design that is expected to decide most counties for a budget in yuan.

    Raises ValueError without a way of visiting, or if the cheapest way to work the lower sizes
    costs more than the budget.
    """
    if not ways:
        raise ValueError("no way of visiting to choose from")
    share, answers = assumptions.belief.expected(), assumptions.answers
    price = np.array([cost_of_case(answers, share, way.rates, assumptions.costs) for way in ways])
    search = _Search(task, assumptions.belief.nodes(), answers)
    sizes = np.array([search.candidates(way) for way in ways])
    cost = price[:, :, np.newaxis] * sizes
    gain = np.zeros(sizes.shape)
    tried: list[Design] = []
    spent, h = np.full(len(share), budget / len(share)), np.arange(len(share))
    for round_ in range(ROUNDS):
        for o, way in enumerate(ways):
            # Where everybody is visited nothing is borrowed, so the gains stay.
            if round_ == 0 or np.any(way.rates < 1):
                gain[o] = search.gain(way, sizes[o], spent / price[o])
        of_unit, chosen = spend(Choices(gain, cost, task.unit), budget)
        taken = of_unit[task.unit]
        rates = np.array([way.rates for way in ways])[taken, h]
        tried.append(Design(task.frame_size, sizes[taken, h, chosen], rates, task.pool))
        spent = cost[taken, h, chosen]
    return max(tried, key=lambda design: decided(design, task.target, assumptions))


def decided(design: Design, target: Floats, assumptions: Assumptions) -> float:
    """Return how many counties a design is expected to decide."""
    nodes, answers = assumptions.belief.nodes(), assumptions.answers
    weight, _ = nodes.mixed(answers)
    trial = trial_of(design, target, expected_visits(design, weight))
    return float(decision_chances(trial, nodes, answers).decided.sum())


@dataclass(frozen=True, slots=True)
class _Search:
    task: Task
    nodes: Nodes
    answers: Answers

    def candidates(self, way: Way) -> Counts:
        """Return sizes worth looking at, (H, S).

        Where everybody is visited one failure more can be borne only from certain sizes on;
        anywhere else sizes make no such steps.
        """
        N, lower = self.task.frame_size, np.minimum(way.lower, self.task.frame_size)
        most = np.minimum(N, np.maximum(LARGEST, lower))
        if np.all(way.rates >= 1):
            T = np.where(np.isfinite(self.task.target), self.task.target, N)
            proving = [size_to_prove(N, np.minimum(T, N), failures=c) for c in range(GRID - 1)]
            grid = np.concatenate([lower[:, np.newaxis], np.array(proving).T], axis=1)
        else:
            steps = np.linspace(0, 1, GRID)
            grid = np.rint(lower[:, np.newaxis] * (most / lower)[:, np.newaxis] ** steps)
        return np.asarray(np.clip(grid, lower[:, np.newaxis], most[:, np.newaxis]), dtype=np.int64)

    def gain(self, way: Way, sizes: Counts, usual: Floats) -> Floats:
        """Return how likely each size decides, if the counties of the unit have *usual* sizes."""
        (H, S), N = sizes.shape, self.task.frame_size
        around = np.rint(np.clip(usual, np.minimum(way.lower, N), N)).astype(np.int64)
        design = Design(N, around, way.rates, self.task.pool)
        weight, _ = self.nodes.mixed(self.answers)
        one = trial_of(design, self.task.target, expected_visits(design, weight))
        h = np.repeat(np.arange(H), S)
        chances = decision_chances(
            Trial(
                one.frame_size[h],
                one.target[h],
                sizes.ravel(),
                way.rates[h],
                one.unit_visits[h],
                one.alone[h],
            ),
            self.nodes.of(h),
            self.answers.of(h),
        )
        return np.asarray(chances.decided.reshape(H, S))
