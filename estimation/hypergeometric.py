"""Exact inference for one simple random sample without replacement from a finite population.

X successes among n sampled of N, K of which are successes: everything here is a sum of
hypergeometric probabilities, taken over the shorter tail from a table of log-factorials.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def upper_tail(x: int, n: int, N: int, K: int) -> float:
    """Return P(X >= x) when K of the N are successes; K outside 0..N is impossible, not checked."""
    low, high = max(0, n + K - N), min(n, K)
    if x <= low:
        return 1.0
    if x > high:
        return 0.0
    if high - x <= x - 1 - low:
        return float(_probabilities(x, high, n, N, K).sum())
    return 1.0 - float(_probabilities(low, x - 1, n, N, K).sum())


def pass_probability(x: int, n: int, N: int, target: int) -> float:
    """Return P(X >= x) when one success is missing to the target; small means surely reached."""
    if not 0 < target <= N:
        return 0.0 if target <= 0 else 1.0
    return upper_tail(x, n, N, target - 1)


def fail_probability(x: int, n: int, N: int, target: int) -> float:
    """Return P(X <= x) when the target is just reached; small means surely missed."""
    if not 0 <= target <= N:
        return 1.0 if target < 0 else 0.0
    # Failures among the sampled are hypergeometric too, which mirrors the tail.
    return upper_tail(n - x, n, N, N - target)


def exact_limits(
    x: ArrayLike, n: ArrayLike, N: ArrayLike, level: float, *, mid_p: bool = False
) -> tuple[Counts, Counts]:
    """Bound the number of successes in the population, for many samples at once.

    The lower limit is the smallest K with P(X >= x | K) > (1 - level) / 2, the upper limit the
    largest K with P(X <= x | K) > (1 - level) / 2. With *mid_p* half of P(X = x | K) is taken off
    both tails: shorter, and right on average instead of in every case.

    Parameters
    ----------
    x, n, N : (D,) whole numbers, 0 <= x <= n <= N
    level : in (0, 1)

    Returns
    -------
    Two ``(D,)`` arrays of counts; for a census both are x.

    Raises ValueError for other shapes or numbers. Source: docs/statistics.md; equal to the
    inversion of R's ``phyper``.
    """
    hits, sampled, population = (np.atleast_1d(np.asarray(a)) for a in (x, n, N))
    if not hits.shape == sampled.shape == population.shape or hits.ndim != 1:
        raise ValueError(
            f"need equal 1-d shapes, got {hits.shape}, {sampled.shape}, {population.shape}"
        )
    if np.any(hits < 0) or np.any(hits > sampled) or np.any(sampled > population):
        raise ValueError("need 0 <= x <= n <= N")
    tail = (1 - level) / 2
    cells = [(int(a), int(b), int(c)) for a, b, c in zip(hits, sampled, population, strict=True)]
    low = [_lower_limit(a, b, c, tail, 0.5 if mid_p else 0.0) for a, b, c in cells]
    # The upper limit of the successes is the lower limit of the failures seen from the other end.
    high = [c - _lower_limit(b - a, b, c, tail, 0.5 if mid_p else 0.0) for a, b, c in cells]
    return np.array(low, dtype=np.int64), np.array(high, dtype=np.int64)


@lru_cache(maxsize=1 << 14)
def _lower_limit(x: int, n: int, N: int, tail: float, taken_off: float) -> int:
    low, high = x, N - (n - x)
    while low < high:
        K = (low + high) // 2
        p = upper_tail(x, n, N, K)
        if taken_off and p > tail:
            p -= taken_off * float(_probabilities(x, x, n, N, K).sum())
        if p > tail:
            high = K
        else:
            low = K + 1
    return low


def _probabilities(first: int, last: int, n: int, N: int, K: int) -> Floats:
    """Return P(X = x) for x from first to last, all of them possible values of X."""
    if first < max(0, n + K - N) or last > min(n, K):
        return np.zeros(1)
    f = _log_factorials(1 << max(N, 1).bit_length())
    x = np.arange(first, last + 1)
    fixed = f[K] + f[N - K] - f[N] + f[n] + f[N - n]
    return np.asarray(np.exp(fixed - f[x] - f[K - x] - f[n - x] - f[N - K - n + x]))


@lru_cache(maxsize=4)
def _log_factorials(size: int) -> Floats:
    return np.asarray(gammaln(np.arange(size + 1) + 1.0), dtype=np.float64)
