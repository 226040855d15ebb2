"""Sample sizes of the strata: equal, proportional, given, Neyman's optimum or a power of the size.

Each function takes ``population``, stratum -> entries in the frame, and ``minimum``, the fewest
entries to draw from a stratum; a stratum smaller than that is taken whole. Sizes for a precision
of many regions at once are in :mod:`sampling.optimum`.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sampling.bounded import best_sizes, sizes_for_money, whole_sizes

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Bankier's exponent where nothing else is asked for: between equal (0) and proportional (1).
EXPONENT = 0.3


def equal(population: Mapping[str, int], total: int, *, minimum: int = 0) -> dict[str, int]:
    """Spread *total* evenly; what a small stratum cannot take goes to the others.

    Raises ValueError if *total* is above the frame or below the sum of the minimum sizes.
    """
    return _spread(population, np.ones(len(population)), total, minimum)


def proportional(population: Mapping[str, int], total: int, *, minimum: int = 0) -> dict[str, int]:
    """Spread *total* in proportion to the strata, rounded by the largest remainders.

    Raises ValueError if *total* is above the frame or below the sum of the minimum sizes.
    Source: Cochran (1977), *Sampling Techniques*, 3rd ed., chapter 5.
    """
    weights = np.array(list(population.values()), dtype=float)
    return _spread(population, weights, total, minimum)


def given(
    population: Mapping[str, int], sizes: Mapping[str, int], *, minimum: int = 0
) -> dict[str, int]:
    """Take the wanted *sizes*, raised to the minimum and capped at the stratum.

    A stratum without a wanted size gets the minimum. Raises ValueError for a stratum that the
    frame does not have, or a negative number.
    """
    _check(population, minimum)
    for stratum, n in sizes.items():
        if stratum not in population:
            raise ValueError(f"stratum {stratum!r} is not in the frame")
        if n < 0:
            raise ValueError(f"the size of stratum {stratum!r} must be 0 or more, got {n}")
    return {s: min(max(sizes.get(s, 0), minimum), N) for s, N in population.items()}


def neyman(
    population: Mapping[str, int],
    deviation: Mapping[str, float],
    total: int,
    *,
    minimum: int = 0,
) -> dict[str, int]:
    """Spread *total* so that the total of all strata is estimated as precisely as possible.

    ``deviation`` is the standard deviation inside each stratum, for a share the root of p (1 - p).
    The whole sizes are the exact optimum. Raises ValueError if *total* is above the frame or below
    the minimum sizes, for a stratum without a deviation, or one that is negative.

    Source: Neyman (1934); whole numbers by Wright (2012, 2017).
    """
    spread = _values("deviation", deviation, population)
    weights = np.array(list(population.values())) * spread
    return _whole(population, weights, total, minimum)


def neyman_within_budget(
    population: Mapping[str, int],
    deviation: Mapping[str, float],
    cost: Mapping[str, float],
    budget: float,
    *,
    minimum: int = 0,
) -> dict[str, int]:
    """Do as :func:`neyman` with money: sizes in proportion to N S / sqrt(cost), cut to the bounds.

    Whole numbers as :func:`sampling.bounded.sizes_for_money`. Raises ValueError as :func:`neyman`,
    for a cost that is not above 0, or a budget below that of the minimum sizes.

    Source: Neyman (1934); Cochran (1977) chapter 5.
    """
    lower, upper = _bounds(population, minimum)
    price = _values("cost", cost, population)
    if not np.all(price > 0):
        stratum = list(population)[int(np.argmin(price))]
        raise ValueError(f"the cost of stratum {stratum!r} must be above 0, got {price.min():g}")
    weights = upper * _values("deviation", deviation, population)
    return _named(population, sizes_for_money(weights, budget, lower, upper, price))


def power(
    population: Mapping[str, int],
    total: int,
    *,
    exponent: float = EXPONENT,
    deviation: Mapping[str, float] | None = None,
    minimum: int = 0,
) -> dict[str, int]:
    """Spread *total* between the regions' own precision and that of their sum.

    The whole sizes minimise the sum of (S N**exponent)**2 / n: with exponent 0 every stratum
    becomes equally precise, with 1 the sum as precise as possible. Without ``deviation`` all S are
    alike. Raises ValueError as :func:`neyman`, and unless 0 <= exponent <= 1.

    Source: Bankier (1988); whole numbers by Wright (2012, 2017).
    """
    if not 0 <= exponent <= 1:
        raise ValueError(f"the exponent lies between 0 and 1, got {exponent}")
    spread = 1.0 if deviation is None else _values("deviation", deviation, population)
    weights = np.array(list(population.values()), dtype=float) ** exponent * spread
    return _whole(population, weights, total, minimum)


def _values(name: str, values: Mapping[str, float], population: Mapping[str, int]) -> Floats:
    for stratum in population:
        if stratum not in values:
            raise ValueError(f"stratum {stratum!r} has no {name}")
        if not 0 <= values[stratum] < np.inf:
            raise ValueError(f"the {name} of stratum {stratum!r} cannot be {values[stratum]}")
    return np.array([values[stratum] for stratum in population], dtype=float)


def _check(population: Mapping[str, int], minimum: int) -> None:
    if minimum < 0:
        raise ValueError(f"the minimum must be 0 or more, got {minimum}")
    for stratum, N in population.items():
        if N < 0:
            raise ValueError(f"stratum {stratum!r} must have 0 entries or more, got {N}")


def _bounds(population: Mapping[str, int], minimum: int) -> tuple[Counts, Counts]:
    _check(population, minimum)
    upper = np.array(list(population.values()), dtype=np.int64)
    return np.minimum(upper, minimum), upper


def _fitting(population: Mapping[str, int], total: int, minimum: int) -> tuple[Counts, Counts]:
    """Return the bounds. Raises ValueError if they do not allow the total."""
    lower, upper = _bounds(population, minimum)
    if not lower.sum() <= total <= upper.sum():
        raise ValueError(
            f"cannot spread {total}: a minimum of {minimum} in each stratum needs {lower.sum()}, "
            f"and the frame has {upper.sum()}"
        )
    return lower, upper


def _whole(
    population: Mapping[str, int], weights: Floats, total: int, minimum: int
) -> dict[str, int]:
    lower, upper = _fitting(population, total, minimum)
    return _named(population, whole_sizes(weights, total, lower, upper)) if population else {}


def _spread(
    population: Mapping[str, int], weights: Floats, total: int, minimum: int
) -> dict[str, int]:
    lower, upper = _fitting(population, total, minimum)
    if not population:
        return {}
    wanted = best_sizes(weights, total, lower, upper)
    sizes = np.floor(wanted + 1e-9).astype(np.int64)
    # Largest remainders first; among equals the stratum named first.
    order = np.argsort(-(wanted - sizes), kind="stable")
    room = order[sizes[order] < upper[order]]
    sizes[room[: total - sizes.sum()]] += 1
    return _named(population, sizes)


def _named(population: Mapping[str, int], sizes: Counts) -> dict[str, int]:
    return {stratum: int(n) for stratum, n in zip(population, sizes, strict=True)}
