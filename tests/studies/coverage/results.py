"""What a study measures and how it is told: coverage, goals, tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEVEL = 0.95
ROUNDING = 1e-9  # a limit that equals the truth but for rounding holds it

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is simulated."""

    replications: int  #: of each setting
    every: int = 1  #: only each so many-th setting


@dataclass(frozen=True, slots=True)
class Coverage:
    """How an interval did in one setting, as shares of the replications."""

    covered: float
    above: float  #: the lower end lay above the truth: the miss that flatters a county
    below: float
    width: float  #: mean


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the bound it must keep."""

    what: str
    figure: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        low = -np.inf if self.at_least is None else self.at_least
        high = np.inf if self.at_most is None else self.at_most
        return bool(low <= self.figure <= high)

    def __str__(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        return f"{'met' if self.met else 'MISSED'}: {self.what} {self.figure:.4f} ({sign} {bound})"


@dataclass(frozen=True, slots=True)
class Table:
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """One study: what was set, what came out, and the points behind its plot."""

    name: str
    title: str
    settings: str
    tables: tuple[Table, ...]
    goals: tuple[Goal, ...]
    by_method: Mapping[str, Sequence[Coverage]]


def generator(part: int, setting: int) -> np.random.Generator:
    """Return the random numbers of one setting; they depend on nothing else."""
    return np.random.default_rng([SEED, part, setting])


SEED = 20171130


def measure(limits: tuple[Any, Any], truth: Any, weights: Any = None) -> Coverage:
    """Compare intervals with the truth; *weights* are their probabilities, alike if None."""
    low, high = limits
    above, below = low > truth + ROUNDING, high < truth - ROUNDING

    def mean(values: Any) -> float:
        return float(np.average(values, weights=weights))

    return Coverage(mean(~above & ~below), mean(above), mean(below), mean(high - low))


def mean_coverage(points: Sequence[Coverage]) -> float:
    return float(np.mean([point.covered for point in points]))


def least_coverage(points: Sequence[Coverage]) -> float:
    return min(point.covered for point in points)


def by_method(settings: Sequence[Mapping[str, Coverage]]) -> dict[str, list[Coverage]]:
    """Turn what each setting found into what each method did over the settings."""
    return {method: [found[method] for found in settings] for method in settings[0]}


def coverage_table(methods: Mapping[str, Sequence[Coverage]]) -> Table:
    header = ("interval", "mean", "smallest", "largest low miss", "mean width")
    rows = [
        (
            f"`{method}`",
            f"{mean_coverage(points):.3f}",
            f"{least_coverage(points):.3f}",
            f"{max(point.above for point in points):.3f}",
            f"{np.mean([point.width for point in points]):.4f}",
        )
        for method, points in methods.items()
    ]
    return Table(header, rows)
