"""Estimators for stratified simple random samples without replacement, one phase.

Every function has the finite population correction. df = rows - strata.
Source: Cochran (1977), *Sampling Techniques*, 3rd ed., chapter 5; Sarndal, Swensson and Wretman
(1992), *Model Assisted Survey Sampling*. Equal to R survey's svytotal, svymean and svyratio.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation import Estimate

MIN_SAMPLED = 2  # a variance within a stratum needs two rows


def stratified_total(y: ArrayLike, stratum: ArrayLike, population: ArrayLike) -> Estimate:
    """Estimate the sum of *y* over the frame.

    Parameters
    ----------
    y : (n,) numbers, one for each sampled row
    stratum : (n,) whole numbers, the position of the row's stratum in *population*
    population : (H,) rows of each stratum in the frame

    Returns
    -------
    Estimate in the unit of y.

    Raises ValueError for shapes that differ, missing numbers, a stratum with a frame but fewer
    than two rows (unless it is a census), or more rows than the frame has.
    """
    values, where, N = _checked(y, stratum, population)
    n = np.bincount(where, minlength=len(N))
    sums = np.bincount(where, weights=values, minlength=len(N))
    mean = sums / np.maximum(n, 1)
    squares = np.bincount(where, weights=(values - mean[where]) ** 2, minlength=len(N))
    variance = N**2 * (1 - n / np.maximum(N, 1)) / np.maximum(n, 1) * squares / np.maximum(n - 1, 1)
    return Estimate(float(N @ mean), float(np.sqrt(variance.sum())), _df(n))


def stratified_ratio(
    y: ArrayLike, x: ArrayLike, stratum: ArrayLike, population: ArrayLike
) -> Estimate:
    """Estimate sum(y) / sum(x) over the frame, by linearisation.

    The mean of a domain is the ratio of ``y * d`` to ``d``, where d is 1 inside it and 0 outside;
    keep the rows outside. Raises ValueError as stratified_total does, and if sum(x) is 0.
    """
    numerator = stratified_total(y, stratum, population)
    denominator = stratified_total(x, stratum, population)
    if denominator.value == 0:
        raise ValueError("the denominator of the ratio sums to 0")
    ratio = numerator.value / denominator.value
    residual = (np.asarray(y, dtype=float) - ratio * np.asarray(x, dtype=float)) / denominator.value
    spread = stratified_total(residual, stratum, population)
    return Estimate(ratio, spread.standard_error, spread.df)


def stratified_mean(y: ArrayLike, stratum: ArrayLike, population: ArrayLike) -> Estimate:
    """Estimate the mean of *y* over the frame; arguments and errors as in stratified_total."""
    total = stratified_total(y, stratum, population)
    N = float(np.asarray(population, dtype=float).sum())
    return Estimate(total.value / N, total.standard_error / N, total.df)


def stratified_proportion(hits: ArrayLike, sampled: ArrayLike, population: ArrayLike) -> Estimate:
    """Estimate the share of the population that has a trait, from counts.

    Parameters
    ----------
    hits, sampled, population : (H,) whole numbers
        Rows with the trait, rows sampled, and rows in the frame, for each stratum.

    Returns
    -------
    Estimate of a share in [0, 1].

    Raises ValueError if shapes differ, or unless 0 <= hits <= sampled <= population and
    sampled >= 2 (or a census) in each stratum. Source: Cochran (1977), section 5.10.
    """
    x, n, N = (np.asarray(a, dtype=float) for a in (hits, sampled, population))
    if not x.ndim == 1 or not x.shape == n.shape == N.shape:
        raise ValueError(f"need equal 1-d shapes, got {x.shape}, {n.shape}, {N.shape}")
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("need 0 <= hits <= sampled in each stratum")
    _check_sizes(n, N)
    share, p = N / N.sum(), x / np.maximum(n, 1)
    variance = share**2 * (1 - n / np.maximum(N, 1)) * p * (1 - p) / np.maximum(n - 1, 1)
    return Estimate(float(share @ p), float(np.sqrt(variance.sum())), _df(n))


def _checked(
    y: ArrayLike, stratum: ArrayLike, population: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    values, where = np.asarray(y, dtype=float), np.asarray(stratum, dtype=np.int64)
    N = np.asarray(population, dtype=float)
    if values.ndim != 1 or values.shape != where.shape or N.ndim != 1:
        raise ValueError(f"need equal 1-d shapes, got {values.shape}, {where.shape}, {N.shape}")
    if not np.all(np.isfinite(values)) or not np.all(np.isfinite(N)):
        raise ValueError("need finite numbers, got a missing or infinite one")
    if where.size and not 0 <= where.min() <= where.max() < len(N):
        raise ValueError(f"need strata from 0 to {len(N) - 1}")
    _check_sizes(np.bincount(where, minlength=len(N)).astype(float), N)
    return values, where, N


def _check_sizes(n: NDArray[np.float64], N: NDArray[np.float64]) -> None:
    few = (n < MIN_SAMPLED) & (n < N)
    if np.any(n > N) or np.any(few) or not np.all(np.isfinite(N)):
        h = int(np.flatnonzero((n > N) | few | ~np.isfinite(N))[0])
        raise ValueError(
            f"need 2 <= sampled <= population or a census in each stratum, "
            f"got {n[h]:g} of {N[h]:g} in stratum number {h}"
        )


def _df(n: NDArray[np.float64] | NDArray[np.int64]) -> int:
    return int(n.sum() - np.count_nonzero(n))
