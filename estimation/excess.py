"""Exact tests of "more often than expected": one person beside colleagues, one hour beside a day.

Everything here is the distribution of a sum of independent counts, folded together term by term,
so that no normal approximation is needed for the small numbers of one person.
"""

from collections.abc import Iterable
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

Floats = NDArray[np.float64]


def more_often_than_others(
    hits: ArrayLike, tries: ArrayLike, other_hits: ArrayLike, other_tries: ArrayLike
) -> float:
    """Return P(as many hits as seen or more) if own and others' rates are equal in every stratum.

    Given the hits of a stratum in all, those of one person among them are hypergeometric; their
    sum over the strata is the exact conditional test of a common odds ratio of 1 (for one stratum
    Fisher's exact test, one side).

    Parameters
    ----------
    hits, tries, other_hits, other_tries : (S,) whole numbers
        Of the person, and of everybody else, by stratum.

    Raises ValueError for shapes that differ, or for hits outside 0..tries; it names the position.
    """
    x, n = _counts("hits", hits, tries)
    others, m = _counts("other_hits", other_hits, other_tries)
    if x.shape != others.shape:
        raise ValueError(f"need as many strata of others, got {x.shape} and {others.shape}")
    strata = (
        _hypergeometric(int(drawn), int(drawn + rest), int(own + beside))
        for own, drawn, beside, rest in zip(x, n, others, m, strict=True)
    )
    return _at_least(int(x.sum()), strata)


def more_than_expected(hits: ArrayLike, tries: ArrayLike, probability: ArrayLike) -> float:
    """Return P(as many hits as seen or more) of independent binomials with known probabilities.

    Parameters
    ----------
    hits, tries : (D,) whole numbers
    probability : (D,) numbers in [0, 1]

    Raises ValueError for shapes that differ, hits outside 0..tries, or a probability outside
    [0, 1]; it names the position.
    """
    x, n = _counts("hits", hits, tries)
    p = np.asarray(probability, dtype=float)
    if p.shape != x.shape or np.any(~((p >= 0) & (p <= 1))):
        raise ValueError(f"need {len(x)} probabilities in [0, 1], got {p}")
    days = (_binomial(int(size), float(chance)) for size, chance in zip(n, p, strict=True))
    return _at_least(int(x.sum()), days)


def _counts(name: str, hits: ArrayLike, tries: ArrayLike) -> tuple[Floats, Floats]:
    x, n = np.asarray(hits, dtype=float), np.asarray(tries, dtype=float)
    if x.ndim != 1 or x.shape != n.shape or not x.size:
        raise ValueError(f"need {name} and tries of one shape (S,), got {x.shape} and {n.shape}")
    wrong = np.flatnonzero(~((x >= 0) & (x <= n) & (x == np.floor(x)) & (n == np.floor(n))))
    if wrong.size:
        s = int(wrong[0])
        raise ValueError(f"{name} must be whole and lie in 0..{n[s]:g}, got {x[s]:g} at {s}")
    return x, n


def _at_least(seen: int, parts: Iterable[Floats]) -> float:
    folded = reduce(np.convolve, parts)
    return float(min(folded[seen:].sum(), 1.0))


def _hypergeometric(drawn: int, size: int, successes: int) -> Floats:
    """Return P(X = 0), … P(X = drawn)."""
    x = np.arange(drawn + 1.0)
    log_p = (
        _log_choose(successes, x)
        + _log_choose(size - successes, drawn - x)
        - _log_choose(size, np.array([float(drawn)]))
    )
    return np.asarray(np.exp(log_p))


def _binomial(size: int, chance: float) -> Floats:
    x = np.arange(size + 1.0)
    log_p = _log_choose(size, x) + xlogy(x, chance) + xlog1py(size - x, -chance)
    return np.asarray(np.exp(log_p))


def _log_choose(n: float, k: Floats) -> Floats:
    """Return the logarithm of n over k; impossible choices have none."""
    possible = (k >= 0) & (k <= n)
    inside = np.where(possible, k, 0.0)
    log = gammaln(n + 1) - gammaln(inside + 1) - gammaln(n - inside + 1)
    return np.where(possible, log, -np.inf)
