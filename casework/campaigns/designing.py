"""Making a design from what a coordinator terms: a budget, a rule of spreading it, floors.

Every rule works with the same floors and the same ways of visiting, so that rules can be compared
at one budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from casework.campaigns.belief import Assumptions
from casework.campaigns.deciding import Task, Way, decided, decisive_design
from casework.campaigns.errors import BudgetTooSmall, HalfWidthsMissing, HalfWidthsOutOfReach
from sampling.bounded import sizes_for_money
from sampling.demands import Demands, Level, precision_demands
from sampling.optimum import SLACK, reachable, whole_cases, within_budget
from sampling.plan import Design, cost_of_case, worth_of_case
from sampling.size import FEWEST, minimum_size
from sampling.visit_rates import Floors, best_rates, with_floors

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

POWER = 0.3  # Bankier's exponent
UNRESOLVED_VISITS = 0.5  # of every kind of unresolved, the standard way of visiting


class Method(StrEnum):
    DECISIONS = "decisions"  #: as many counties decided as the budget allows
    PRECISION = "precision"  #: half-widths of several levels at once, all wider by one factor
    NEYMAN = "neyman"  #: the whole as precise as possible
    POWER = "power"  #: between the counties' own precision and that of the whole
    PROPORTIONAL = "proportional"
    EQUAL = "equal"


class Visits(StrEnum):
    BEST = "best"  #: of those below, in each unit whichever decides more
    STANDARD = "standard"  #: the protocol's least of phone-yes, half of the unresolved
    PRECISE = "precise"  #: what tells most of a share for the money
    WHOLE = "whole"  #: everybody who is called


@dataclass(frozen=True, slots=True)
class Counties:
    """The H counties of a design, each a stratum; a stratum may have no target of its own."""

    names: Sequence[str]
    projects: Sequence[str]
    units: Sequence[str]
    frame_size: Counts
    target: Floats  #: persons, NaN where there is no task

    @property
    def pools(self) -> list[str]:
        """Project and unit of each county, which share the rates of phone classes."""
        return [f"{p}|{u}" for p, u in zip(self.projects, self.units, strict=True)]


@dataclass(frozen=True, slots=True)
class HalfWidths:
    """Half-widths that are wished for, on the scale of shares; None terms nothing."""

    county: float | None = None
    unit: float | None = None  #: of each project
    project: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coordinator decides about a design."""

    budget: float  #: yuan
    method: Method = Method.DECISIONS
    visits: Visits = Visits.BEST
    half_widths: HalfWidths = HalfWidths()  #: floors; with the precision method, what is shared out
    fewest: int = FEWEST  #: verdicts in each county


def make_design(counties: Counties, terms: Terms, assumptions: Assumptions) -> Design:
    """Make the design that is wished for.

    Raises BudgetTooSmall, with the numbers, where not even the cheapest way to work the floors can
    be paid for, HalfWidthsOutOfReach where a census would be too few, HalfWidthsMissing for the
    precision method without any.
    """
    task = task_of(counties)
    ways = ways_of_visiting(counties, terms, assumptions)
    affordable = [way for way in ways if _floor(way, assumptions) <= terms.budget]
    if not affordable:
        cheapest = min(ways, key=lambda way: _floor(way, assumptions))
        raise BudgetTooSmall(
            budget=terms.budget,
            cases=int(cheapest.lower.sum()),
            needed=_floor(cheapest, assumptions),
        )
    if terms.method is Method.DECISIONS:
        return decisive_design(task, ways, terms.budget, assumptions)
    designs = [_spread(counties, terms, assumptions, way) for way in affordable]
    return max(designs, key=lambda design: decided(design, task.target, assumptions))


def task_of(counties: Counties) -> Task:
    """Return the counties as positions, as the search for decisions takes them."""
    return Task(
        counties.frame_size,
        counties.target,
        unit=positions(counties.units),
        pool=positions(counties.pools),
    )


def positions(labels: Sequence[str]) -> Counts:
    """Number labels in the order in which they first occur."""
    number = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    return np.array([number[label] for label in labels], dtype=np.int64)


def ways_of_visiting(counties: Counties, terms: Terms, assumptions: Assumptions) -> list[Way]:
    """Return the visit rates to choose from, with the fewest cases that each needs.

    A unit's rates serve all its projects, and keep the protocol's floors with the fewest cases.
    """
    rates = {
        Visits.STANDARD: _standard_rates(assumptions),
        Visits.PRECISE: _precise_rates(assumptions),
        Visits.WHOLE: np.ones(len(assumptions.answers.names)),
    }
    chosen = rates if terms.visits is Visits.BEST else [terms.visits]
    return [_way(counties, terms, assumptions, rates[visits]) for visits in chosen]


def _standard_rates(assumptions: Assumptions) -> Floats:
    rates = np.full(len(assumptions.answers.names), UNRESOLVED_VISITS)
    rates[assumptions.answers.yes] = Floors().yes_share
    rates[assumptions.answers.no] = 1.0  # whoever says no is a lead
    return rates


def _precise_rates(assumptions: Assumptions) -> Floats:
    """Return the best rates for the phone classes as they are over all counties."""
    answers, costs = assumptions.answers, assumptions.costs
    weight, rate = assumptions.belief.nodes().mixed(answers)
    true = (weight * rate).mean(axis=0)
    share = weight.mean(axis=0)
    rates = best_rates(
        share,
        np.divide(true, share, out=np.zeros_like(share), where=share > 0),
        call_cost=costs.attempt * float(share @ costs.attempts),
        visit_cost=costs.visit,
    )
    return np.where(answers.no, 1.0, rates)


def _way(counties: Counties, terms: Terms, assumptions: Assumptions, rates: Floats) -> Way:
    answers, share = assumptions.answers, assumptions.belief.expected()
    N = counties.frame_size
    weight, _ = assumptions.belief.nodes().mixed(answers)
    verdicts = (weight * np.where(answers.yes | answers.no, 1, rates)).sum(axis=1)
    lower = minimum_size(N, response=np.minimum(verdicts, 1), fewest=terms.fewest)
    pool, unit = positions(counties.pools), positions(counties.units)
    rows = np.zeros((int(pool.max()) + 1, len(rates)))
    np.add.at(rows, pool, lower[:, np.newaxis] * weight)
    raised = with_floors(rates, rows, answers.yes)[pool]
    of_unit = np.zeros((int(unit.max()) + 1, len(rates)))
    np.maximum.at(of_unit, unit, raised)
    demands = _demands(counties, terms.half_widths, assumptions, of_unit[unit])
    if demands is not None and terms.method is not Method.PRECISION:
        _within_reach(demands, N)
        cost = cost_of_case(answers, share, of_unit[unit], assumptions.costs)
        lower = np.maximum(lower, whole_cases(demands, lower, N, cost=cost))
    return Way(of_unit[unit], lower)


def _floor(way: Way, assumptions: Assumptions) -> float:
    """Return what the fewest cases cost with their visits, in yuan."""
    share = assumptions.belief.expected()
    cost = cost_of_case(assumptions.answers, share, way.rates, assumptions.costs)
    return float(cost @ way.lower)


def _within_reach(demands: Demands, most: Counts) -> None:
    factor = reachable(demands, most)
    short = int((factor > 1 + SLACK).sum())
    if short:
        worst = int(np.argmax(factor))
        raise HalfWidthsOutOfReach(
            regions=short, region=demands.names[worst], factor=float(factor[worst])
        )


def _demands(
    counties: Counties, wished: HalfWidths, assumptions: Assumptions, rates: Floats
) -> Demands | None:
    share = assumptions.belief.expected()
    levels = [
        Level([f"{prefix}{label}" for label in labels], width)
        for prefix, labels, width in (
            ("", counties.names, wished.county),
            ("unit ", counties.pools, wished.unit),
            ("project ", counties.projects, wished.project),
        )
        if width is not None
    ]
    worth = worth_of_case(assumptions.answers, share, rates)
    return precision_demands(counties.frame_size, share, worth, levels) if levels else None


def _spread(counties: Counties, terms: Terms, assumptions: Assumptions, way: Way) -> Design:
    N, share = counties.frame_size, assumptions.belief.expected()
    cost = cost_of_case(assumptions.answers, share, way.rates, assumptions.costs)
    if terms.method is Method.PRECISION:
        demands = _demands(counties, terms.half_widths, assumptions, way.rates)
        if demands is None:
            raise HalfWidthsMissing
        sizes, _ = within_budget(demands, terms.budget, way.lower, N, cost=cost)
    else:
        weights = _weights(terms.method, N, share, cost)
        sizes = sizes_for_money(weights, terms.budget, way.lower, N, cost)
    return Design(N, sizes, way.rates, positions(counties.pools))


def _weights(method: Method, N: Counts, share: Floats, cost: Floats) -> Floats:
    """Return what sizes are spread by; the cost is taken out where sizes, not money, should be."""
    spread = np.sqrt(share * (1 - share))
    weights = {
        Method.NEYMAN: N * spread,
        Method.POWER: N**POWER * spread,
        Method.PROPORTIONAL: N * np.sqrt(cost),
        Method.EQUAL: np.sqrt(cost),
    }
    return np.asarray(weights[method], dtype=float)
