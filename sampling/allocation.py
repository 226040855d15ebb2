"""Sample sizes of the strata: equal, proportional or given, each within its stratum's bounds.

Each function takes ``population``, stratum -> entries in the frame, and ``minimum``, the fewest
entries to draw from a stratum; a stratum smaller than that is taken whole.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


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


def _check(population: Mapping[str, int], minimum: int) -> None:
    if minimum < 0:
        raise ValueError(f"the minimum must be 0 or more, got {minimum}")
    for stratum, N in population.items():
        if N < 0:
            raise ValueError(f"stratum {stratum!r} must have 0 entries or more, got {N}")


def _spread(
    population: Mapping[str, int], weights: NDArray[np.float64], total: int, minimum: int
) -> dict[str, int]:
    _check(population, minimum)
    upper = np.array(list(population.values()), dtype=np.int64)
    lower = np.minimum(upper, minimum)
    if not lower.sum() <= total <= upper.sum():
        raise ValueError(
            f"cannot spread {total}: a minimum of {minimum} in each stratum needs {lower.sum()}, "
            f"and the frame has {upper.sum()}"
        )
    wanted = _boxed(weights, lower, upper, total)
    sizes = np.floor(wanted + 1e-9).astype(np.int64)
    # Largest remainders first; among equals the stratum named first.
    order = np.argsort(-(wanted - sizes), kind="stable")
    room = order[sizes[order] < upper[order]]
    sizes[room[: total - sizes.sum()]] += 1
    return {stratum: int(n) for stratum, n in zip(population, sizes, strict=True)}


def _boxed(
    weights: NDArray[np.float64], lower: NDArray[np.int64], upper: NDArray[np.int64], total: int
) -> NDArray[np.float64]:
    """Find the multiple of the weights that, cut to the bounds, sums to the total."""
    if not upper.sum():
        return np.zeros(len(upper))
    low, high = 0.0, float(upper.max() / weights[weights > 0].min())
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * weights, lower, upper).sum() < total:
            low = middle
        else:
            high = middle
    return np.clip(high * weights, lower, upper)
