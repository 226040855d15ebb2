"""Planning the sizes of one project: what a coordinator wishes, and what would come of it.

Where precision is aimed at, each unit gets the cases that its half-width needs at the expected
response, spread over its strata in proportion. Where decisions are aimed at, each county gets the
cases, and each unit the way of visiting, with which :mod:`casework.campaigns.deciding` decides most
for the budget. Either way no stratum is below the minimum, and very small ones are taken whole.
What the work costs and how many counties will be decided follows from :mod:`sampling.plan` and
:mod:`casework.campaigns.planning`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casework.campaigns.belief import Assumptions, Belief
from casework.campaigns.cells import Cells
from casework.campaigns.deciding import Task, Way, decisive_design
from casework.campaigns.errors import BudgetTooSmall
from casework.campaigns.planning import Outlook, outlook
from casework.campaigns.wishes import Aim, Wishes
from sampling.allocation import proportional
from sampling.plan import Answers, Costs, Design, half_widths, workload
from sampling.size import CENSUS_UP_TO, size_for_half_width
from sampling.visit_rates import with_floors

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

CLASSES = ("achieved", "not_achieved", "no_answer")
YES = np.array([True, False, False])
#: Attempts until a case of each class is finished, and what a person manages in a day.
ATTEMPTS = np.array([2.0, 2.0, 5.0])
ATTEMPTS_A_DAY, VISITS_A_DAY = 76.7, 4.2
ROUNDS, CLOSE = 6, 1.01  # in which sizes are fitted to the half-width, and how well


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """What is planned in one stratum."""

    region: str
    enterprise: str  #: empty where the stratum is a place
    target: float | None  #: of the place; None where it has none
    frame_size: int
    sample_size: int
    half_width: float  #: of the share, expected
    undetermined: float | None  #: how likely it stays so; None without a target


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What is planned in one unit."""

    code: str
    target: int | None
    frame_size: int
    sample_size: int
    half_width: float  #: of the share, expected
    whole: bool  #: everybody who is called is visited, too
    counties: tuple[CountyPlan, ...]

    @property
    def task_share(self) -> float | None:
        return None if self.target is None else self.target / self.frame_size

    @property
    def judged(self) -> int:
        """How many of the counties have a target."""
        return sum(county.undetermined is not None for county in self.counties)

    @property
    def undetermined(self) -> float:
        """How many of these are expected to stay undetermined."""
        return sum(county.undetermined or 0.0 for county in self.counties)


@dataclass(frozen=True, slots=True)
class Planned:
    """A design for the wishes, and what is expected of it."""

    wishes: Wishes
    cells: Cells
    design: Design
    outlook: Outlook
    units: tuple[UnitPlan, ...]

    @property
    def sizes(self) -> dict[str, int]:
        return dict(zip(self.cells.keys, self.design.sizes.tolist(), strict=True))

    @property
    def over_budget(self) -> float:
        """Yuan by which the work costs more than the budget, 0 if it does not."""
        return max(0.0, self.outlook.work.money - self.wishes.budget)

    @property
    def undetermined_share(self) -> float | None:
        """The share of the counties with a target expected to stay undetermined."""
        judged = self.outlook.judged
        return self.outlook.undetermined / judged if judged else None


def planned(cells: Cells, wishes: Wishes) -> Planned:
    """Return the design that the wishes ask for, and its outlook.

    Raises BudgetTooSmall where decisions are aimed at with a budget below the minimum; with
    precision in mind such a plan is shown, and refused only when it is saved.
    """
    assumptions = assumptions_of(cells, wishes)
    make = _decisive if wishes.method == Aim.DECISIONS else _precise
    return _expected(cells, wishes, make(cells, wishes, assumptions))


def with_sizes(cells: Cells, wishes: Wishes, sizes: Counts) -> Planned:
    """Return what is expected of sizes that are given, ``(H,)``, with the wished visits."""
    return _expected(cells, wishes, _design(cells, wishes, sizes))


def _expected(cells: Cells, wishes: Wishes, design: Design) -> Planned:
    project = np.zeros(len(design.sizes), dtype=np.int64)
    result = outlook(design, cells.target, project, assumptions_of(cells, wishes))
    return Planned(wishes, cells, design, result, _units(cells, design, result))


def check_budget(cells: Cells, wishes: Wishes) -> None:
    """Raise BudgetTooSmall if the budget does not even pay for the minimum of every stratum."""
    least = _design(cells, wishes, _least(cells, wishes))
    assumptions = assumptions_of(cells, wishes)
    money = workload(least, assumptions.answers, assumptions.belief.expected(), assumptions.costs)
    if money.money > wishes.budget:
        raise BudgetTooSmall(budget=wishes.budget, needed=money.money, cases=money.cases)


def assumptions_of(cells: Cells, wishes: Wishes) -> Assumptions:
    """Turn the wishes into what planning takes for granted."""
    r, lies = wishes.response, wishes.lies
    untrue = np.array([r * lies, r * (1 - lies), 1 - r])
    return Assumptions(
        Belief(np.full(len(cells.keys), wishes.share)),
        Answers(CLASSES, YES, np.array([r, 0.0, 1 - r]), untrue, untrue),
        Costs(wishes.attempt_cost, wishes.visit_cost, ATTEMPTS, ATTEMPTS_A_DAY, VISITS_A_DAY),
    )


def _least(cells: Cells, wishes: Wishes) -> Counts:
    """Return the fewest cases of each stratum; the certain and the very small are taken whole."""
    N = cells.frame_size
    whole = cells.certain | (N <= CENSUS_UP_TO)
    return np.where(whole, N, np.minimum(N, wishes.minimum))


def _precise(cells: Cells, wishes: Wishes, assumptions: Assumptions) -> Design:
    """Enlarge the units until visits and calls together give the half-width, or nobody is left."""
    units = np.array(cells.units)
    names = list(dict.fromkeys(cells.units))
    N = np.array([cells.frame_size[units == unit].sum() for unit in names])
    verdicts = size_for_half_width(N, wishes.half_width, share=wishes.share)
    wanted = np.minimum(np.ceil(verdicts / wishes.response), N)
    share = assumptions.belief.expected()
    design = _with_cases(cells, wishes, names, wanted)
    for _ in range(ROUNDS):
        half = half_widths(design, assumptions.answers, share, design.pool)
        factor = (half / wishes.half_width) ** 2
        if np.all((factor <= CLOSE) | (wanted >= N)):
            break
        wanted = np.minimum(np.where(factor > CLOSE, np.ceil(wanted * factor), wanted), N)
        design = _with_cases(cells, wishes, names, wanted)
    return design


def _decisive(cells: Cells, wishes: Wishes, assumptions: Assumptions) -> Design:
    """Give each county what decides most, visiting as wished or whoever is called."""
    check_budget(cells, wishes)
    least = _least(cells, wishes)
    wished = _design(cells, wishes, least)
    ways = [Way(wished.visit_rates, least), Way(np.ones_like(wished.visit_rates), least)]
    task = Task(cells.frame_size, cells.target, unit=wished.pool, pool=wished.pool)
    return decisive_design(task, ways, wishes.budget, assumptions)


def _with_cases(cells: Cells, wishes: Wishes, units: Sequence[str], wanted: Floats) -> Design:
    cases = dict(zip(units, wanted.astype(int).tolist(), strict=True))
    return _design(cells, wishes, _sizes(cells, wishes, cases))


def _sizes(cells: Cells, wishes: Wishes, wanted: Mapping[str, int]) -> Counts:
    """Spread the cases of each unit over its strata, in proportion above the least of each."""
    least = _least(cells, wishes)
    sizes = least.copy()
    units = np.array(cells.units)
    for unit, cases in wanted.items():
        inside = np.flatnonzero(units == unit)
        open_ = inside[least[inside] < cells.frame_size[inside]]
        left = cases - int(least[inside].sum()) + int(least[open_].sum())
        if left > least[open_].sum():
            room = {str(h): int(cells.frame_size[h]) for h in open_}
            spread = proportional(room, min(left, sum(room.values())), minimum=wishes.minimum)
            sizes[open_] = list(spread.values())
    return sizes


def _design(cells: Cells, wishes: Wishes, sizes: Counts) -> Design:
    """Add the visits: all who denied, and of the others the wished shares above the floors."""
    names = {unit: position for position, unit in enumerate(dict.fromkeys(cells.units))}
    pool = np.array([names[unit] for unit in cells.units])
    answers = assumptions_of(cells, wishes).answers
    weight, _ = answers.expected(np.full(len(sizes), wishes.share))
    rows = np.zeros((len(names), len(CLASSES)))
    np.add.at(rows, pool, sizes[:, np.newaxis] * weight)
    rates = with_floors(np.array([wishes.yes_visits, 1.0, wishes.unreached_visits]), rows, YES)
    return Design(cells.frame_size, sizes, rates[pool], pool)


def _units(cells: Cells, design: Design, result: Outlook) -> tuple[UnitPlan, ...]:
    units = np.array(cells.units)
    found = []
    for position, unit in enumerate(dict.fromkeys(cells.units)):
        inside = units == unit
        found.append(
            UnitPlan(
                code=unit,
                target=cells.unit_targets.get(unit),
                frame_size=int(cells.frame_size[inside].sum()),
                sample_size=int(design.sizes[inside].sum()),
                half_width=float(result.unit_half_width[position]),
                whole=bool(np.all(design.visit_rates[inside] >= 1)),
                counties=tuple(
                    _county(cells, design, result, int(h)) for h in np.flatnonzero(inside)
                ),
            )
        )
    return tuple(found)


def _county(cells: Cells, design: Design, result: Outlook, h: int) -> CountyPlan:
    target = None if np.isnan(cells.target[h]) else float(cells.target[h])
    return CountyPlan(
        region=cells.regions[h],
        enterprise=cells.enterprises[h],
        target=target,
        frame_size=int(cells.frame_size[h]),
        sample_size=int(design.sizes[h]),
        half_width=float(result.half_width[h]),
        undetermined=None if target is None else float(result.chances.undetermined[h]),
    )
