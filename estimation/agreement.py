"""How far two readings of the same persons agree, beyond what chance alone would give.

Cohen's kappa is (p_o - p_e) / (1 - p_e): p_o is the share of equal pairs, p_e the share that two
independent readers with the same margins would have. It is undefined where p_e = 1, because both
gave one answer throughout: such pairs show no disagreement and prove no agreement either.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

FEW = 20  # with fewer pairs a kappa moves by tenths when one pair changes


@dataclass(frozen=True, slots=True)
class Agreement:
    """What n pairs of readings show."""

    pairs: int
    equal: int
    share: float  #: p_o
    low: float  #: Clopper-Pearson limits of the share of equal pairs
    high: float
    kappa: float | None  #: None where it is undefined
    few: bool  #: fewer than 20 pairs


def agreement(
    first: Sequence[Hashable], second: Sequence[Hashable], *, level: float = 0.95
) -> Agreement:
    """Compare two readings, position by position.

    Parameters
    ----------
    first, second : (n,) labels
        The categories are the labels that occur; equal labels are equal readings.
    level
        Of the interval of the share of equal pairs.

    Raises ValueError for readings of different lengths or none, or a level outside (0, 1).
    """
    n = len(first)
    if not n or n != len(second):
        raise ValueError(f"need two readings of the same n > 0, got {n} and {len(second)}")
    if not 0 < level < 1:
        raise ValueError(f"the level must lie between 0 and 1, got {level}")
    names = {label: place for place, label in enumerate(dict.fromkeys([*first, *second]))}
    table = np.zeros((len(names), len(names)))
    np.add.at(table, ([names[a] for a in first], [names[b] for b in second]), 1)
    equal = int(np.trace(table))
    by_chance = float(table.sum(axis=1) @ table.sum(axis=0)) / n**2
    kappa = None if by_chance == 1 else (equal / n - by_chance) / (1 - by_chance)
    low, high = _limits(equal, n, (1 - level) / 2)
    return Agreement(n, equal, equal / n, low, high, kappa, n < FEW)


def _limits(x: int, n: int, risk: float) -> tuple[float, float]:
    low = float(betaincinv(x, n - x + 1, risk)) if x else 0.0
    high = float(betaincinv(x + 1, n - x, 1 - risk)) if x < n else 1.0
    return low, high
