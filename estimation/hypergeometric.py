"""Exact inference for one simple random sample without replacement from a finite population.

X successes among n sampled of N, K of which are successes: everything here is a sum of
hypergeometric probabilities, of many samples at once, taken over the tail that x lies in.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

TIE = 1e-9  # share of a risk by which a probability may pass it: the error of its computation
NEGLIGIBLE = 2.0**-60  # of a tail: a term that changes nothing any more, nor do those after it
TERMS = np.arange(32.0)  # added at a time


def upper_tail(x: ArrayLike, n: ArrayLike, N: ArrayLike, K: ArrayLike) -> Floats:
    """Return P(X >= x) when K of the N are successes; K outside 0..N is impossible, not checked.

    The arguments are whole numbers or arrays of them, of shapes that broadcast.
    """
    hits, sampled, size, successes = (np.asarray(a, dtype=float) for a in (x, n, N, K))
    over = hits * size > sampled * successes
    # At or under the mean the rest is shorter: more than n - x failures.
    start = np.where(over, hits, sampled - hits + 1)
    tail = _tail(start, sampled, size, np.where(over, successes, size - successes))
    return np.asarray(np.where(over, tail, 1 - tail))


def pass_probability(x: ArrayLike, n: ArrayLike, N: ArrayLike, target: ArrayLike) -> Floats:
    """Return P(X >= x) when one success is missing to the target; small means surely reached.

    The arguments are as in upper_tail. A target of 0 is always reached, one above N never.
    """
    size, persons = np.asarray(N, dtype=float), np.asarray(target, dtype=float)
    p = upper_tail(x, n, size, np.clip(persons - 1, 0, size))
    return np.asarray(np.where(persons <= 0, 0.0, np.where(persons > size, 1.0, p)))


def fail_probability(x: ArrayLike, n: ArrayLike, N: ArrayLike, target: ArrayLike) -> Floats:
    """Return P(X <= x) when the target is just reached; small means surely missed.

    The arguments are as in upper_tail. A target above N is always missed.
    """
    size, persons = np.asarray(N, dtype=float), np.asarray(target, dtype=float)
    # Failures among the sampled are hypergeometric too, which mirrors the tail.
    failures = np.asarray(n, dtype=float) - np.asarray(x, dtype=float)
    p = upper_tail(failures, n, size, np.clip(size - persons, 0, size))
    return np.asarray(np.where(persons < 0, 1.0, np.where(persons > size, 0.0, p)))


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

    Raises ValueError for other shapes, levels or numbers, naming the sample by its place. Source:
    docs/statistics.md; equal to the inversion of R's ``phyper``.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must lie between 0 and 1, got {level}")
    hits, sampled, population = _samples(x, n, N)
    tail, taken_off = (1 - level) / 2, 0.5 if mid_p else 0.0
    # The upper limit of the successes is the lower limit of the failures seen from the other end.
    both = np.concatenate([hits, sampled - hits]).astype(float)
    sizes, populations = np.tile(sampled, 2), np.tile(population, 2)
    low, missed = np.split(_lower_limits(both, sizes, populations, tail, taken_off), 2)
    return low.astype(np.int64), (population - missed).astype(np.int64)


def _samples(x: ArrayLike, n: ArrayLike, N: ArrayLike) -> tuple[Floats, Floats, Floats]:
    hits, sampled, population = (np.atleast_1d(np.asarray(a)) for a in (x, n, N))
    if not hits.shape == sampled.shape == population.shape or hits.ndim != 1:
        raise ValueError(
            f"need equal 1-d shapes, got {hits.shape}, {sampled.shape}, {population.shape}"
        )
    fine = (hits >= 0) & (hits <= sampled) & (sampled <= population)
    fine &= (hits % 1 == 0) & (sampled % 1 == 0) & (population % 1 == 0)
    for d in np.flatnonzero(~fine):
        raise ValueError(
            "need whole numbers 0 <= x <= n <= N, "
            f"got {hits[d]:g} of {sampled[d]:g} of {population[d]:g} in sample number {d}"
        )
    return hits, sampled, population


def _lower_limits(x: Floats, n: Floats, N: Floats, tail: float, taken_off: float) -> Floats:
    """Halve the range that the smallest K lies in, for all samples together."""
    low, high = x, N - (n - x)
    while np.any(low < high):
        K = np.floor((low + high) / 2)
        p = upper_tail(x, n, N, K) - taken_off * probability(x, n, N, K)
        enough = (p > tail * (1 + TIE)) | (low == high)
        low, high = np.where(enough, low, K + 1), np.where(enough, K, high)
    return low


def _tail(x: Floats, n: Floats, N: Floats, K: Floats) -> Floats:
    """Return P(X >= x) for x over the mean, from where each term is smaller than the one before.

    Each term follows from the last by a ratio, which is 0 after the largest possible value.
    """
    total = last = probability(x, n, N, K)
    while np.any(last > NEGLIGIBLE * total):
        at = x[..., np.newaxis] + TERMS
        ratio = _column(K) - at
        ratio *= _column(n) - at
        ratio /= (at + 1) * (_column(N - K - n + 1) + at)
        terms = last[..., np.newaxis] * np.cumprod(ratio, axis=-1)
        total = total + terms.sum(axis=-1)
        x, last = x + len(TERMS), terms[..., -1]
    return total


def _column(values: Floats) -> Floats:
    return values[..., np.newaxis]


def probability(x: ArrayLike, n: ArrayLike, N: ArrayLike, K: ArrayLike) -> Floats:
    """Return P(X = x), 0 for what cannot be. The arguments are as in upper_tail."""
    x, n, N, K = (np.asarray(a, dtype=float) for a in (x, n, N, K))
    possible = (x >= np.maximum(0, n + K - N)) & (x <= np.minimum(n, K))
    at = np.where(possible, x, np.maximum(0, n + K - N))
    ways = log_choose(K, at) + log_choose(N - K, n - at) - log_choose(N, n)
    return np.asarray(np.where(possible, np.exp(ways), 0.0))


def log_choose(n: ArrayLike, k: ArrayLike) -> Floats:
    """Return the logarithm of n over k, for 0 <= k <= n."""
    n, k = np.asarray(n, dtype=float), np.asarray(k, dtype=float)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
