"""The probability of verdicts in the order in which they came, for every truth that is possible.

One cell: n rows were drawn without replacement from N, x of them are achieved. If K of the N are
achieved, their order has the probability

    P(sequence | K) = K!/(K-x)! * (N-K)!/(N-K-(n-x))! * (N-n)!/N!

which depends on x and n alone, so it may be computed without the order.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def possible_totals(x: int, n: int, N: int) -> range:
    """Return the numbers of achieved among the N that x achieved of n leave possible."""
    return range(x, N - (n - x) + 1)


def overlap(first: range, second: range) -> range:
    """Return the whole numbers that lie in both."""
    return range(max(first.start, second.start), min(first.stop, second.stop))


def log_likelihood(x: int, n: int, N: int, totals: range) -> Floats:
    """Return log P(sequence | K) for each K of *totals*, all of them possible."""
    f = log_factorials(N)
    low, high, failed = totals.start, totals.stop, n - x
    # N - K runs down while K runs up, hence the reversed parts of the same table.
    achieved = f[low:high] - f[low - x : high - x]
    left = f[N - high + 1 : N - low + 1] - f[N - high + 1 - failed : N - low + 1 - failed]
    return np.asarray(achieved + left[::-1] + (f[N - n] - f[N]))


def likeliest_total(x: int, n: int, N: int, totals: range) -> int:
    """Return the K of *totals*, all of them possible, that makes the sequence most probable.

    The likelihood rises up to K = floor(x (N + 1) / n) and falls from there, so the best of an
    interval is that number or the end next to it. Whole numbers only: a null hypothesis that is
    off by a rounding error rejects true nulls at a census.
    """
    summit = x * (N + 1) // n if n else totals.start
    return min(max(summit, totals.start), totals.stop - 1)


@lru_cache(maxsize=64)
def log_factorials(N: int) -> Floats:
    """Return log k! for k = 0..N."""
    return np.asarray(gammaln(np.arange(N + 1) + 1.0), dtype=np.float64)


def whole_numbers(name: str, values: ArrayLike) -> Counts:
    """Return *values* as a list of whole numbers, or raise a ValueError that says *name*."""
    numbers = np.atleast_1d(np.asarray(values, dtype=float))
    if numbers.ndim != 1 or not np.all(np.isfinite(numbers)) or np.any(numbers % 1):
        raise ValueError(f"{name} must be a list of whole numbers, got {numbers}")
    return numbers.astype(np.int64)
