"""Anytime-valid evidence about a sum over strata, such as a city's total over its counties.

The e-value is the product of what each stratum's verdicts are worth on average, divided by their
largest joint probability over all ways to spread a total that contradicts the decision. Valid
however the strata differ and in whatever order they are called, but it needs more rows than one
simple random sample of the same frame.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln

from estimation.likelihood import (
    Counts,
    likeliest_total,
    log_likelihood,
    possible_totals,
    whole_numbers,
)
from estimation.sequential import PRIOR


def stratified_evidence_met(
    hits: ArrayLike, rows: ArrayLike, population: ArrayLike, target: int
) -> float:
    """Return the log e-value for "at least *target* of all are achieved".

    Parameters
    ----------
    hits, rows, population : (H,) whole numbers, 0 <= hits <= rows <= population
        Achieved among the rows worked, in draw order; unresolved rows do not count as achieved.

    Met where it is log(1/alpha) or more, at every look. Raises ValueError for other numbers.
    Source: docs/statistics.md; for the family of tests Spertus, Sridhar and Stark (2024).
    """
    x, n, N = _counts(hits, rows, population)
    return _evidence(x, n, N, target - 1, PRIOR)


def stratified_evidence_not_met(
    hits: ArrayLike, rows: ArrayLike, population: ArrayLike, target: int
) -> float:
    """Return the log e-value for "fewer than *target* of all are achieved".

    As `stratified_evidence_met`, but here unresolved rows count as achieved.
    """
    x, n, N = _counts(hits, rows, population)
    # The same question about those not achieved: at most sum(N) - target if the target is reached.
    return _evidence(n - x, n, N, int(N.sum()) - target, PRIOR[::-1])


def _evidence(x: Counts, n: Counts, N: Counts, most: int, prior: tuple[float, float]) -> float:
    """Return the evidence against "at most *most* of all have the trait x counts"."""
    if x.sum() > most:
        return np.inf
    a, b = prior
    average = float((betaln(x + a, n - x + b) - betaln(a, b)).sum())
    return average - _largest(x, n, N, most)


def _largest(x: Counts, n: Counts, N: Counts, most: int) -> float:
    """Return the largest joint log-likelihood over all strata totals that sum to *most* or less.

    Each stratum's log-likelihood is concave. So start where each is largest and, while the sum is
    too large, take one from the stratum that loses least: that is exact, and as losses grow within
    a stratum it means taking the smallest losses of all.
    """
    best, losses, excess = 0.0, [np.zeros(0)], -most
    for hits, rows, size in zip(x.tolist(), n.tolist(), N.tolist(), strict=True):
        summit = likeliest_total(hits, rows, size, possible_totals(hits, rows, size))
        rising = log_likelihood(hits, rows, size, range(hits, summit + 1))
        best += float(rising[-1])
        losses.append(np.diff(rising)[::-1])
        excess += summit
    return best - float(np.sort(np.concatenate(losses))[: max(excess, 0)].sum())


def _counts(hits: ArrayLike, rows: ArrayLike, population: ArrayLike) -> tuple[Counts, ...]:
    named = {"hits": hits, "rows": rows, "population": population}
    x, n, N = (whole_numbers(name, values) for name, values in named.items())
    if not x.shape == n.shape == N.shape or not x.size:
        raise ValueError(f"need equal 1-d shapes, got {x.shape}, {n.shape}, {N.shape}")
    for h in np.flatnonzero(~((x >= 0) & (x <= n) & (n <= N))):
        raise ValueError(f"stratum {h}: need 0 <= hits <= rows <= population")
    return x, n, N
