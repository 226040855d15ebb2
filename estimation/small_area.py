"""Shares of areas with too few answers, which borrow from areas like them.

Every estimate is a compromise: g * own + (1 - g) * model. It errs less on average, and more for the
one area that is unlike the others, which is pulled towards them. So what comes out is marked as
model-based, has no form that a decision takes, and is for display only.

Sources: the model of Fay and Herriot, fitted by restricted maximum likelihood as in R sae 1.3's
mseFH and equal to it; the beta-binomial composite and its place: docs/statistics.md; benchmarking:
Wang, Fuller and Qu (2008), Pfeffermann (2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.classes import coded
from estimation.intervals import Precision, korn_graubard_capped
from estimation.two_phase import divide, sum_by

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEW_ANSWERS = 30
TOO_WIDE = 0.30
FREE_STEPS = 30  # of Fisher scoring
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class ModelEstimates:
    """Estimates of D areas that rest on a model, every array ``(D,)``. Never a finding."""

    value: Floats
    error: Floats  #: root of the mean squared error, the model taken to be right
    own_weight: Floats  #: g, of the area's own answers; 0 without any, 1 for a census
    method: str
    model_based: Literal[True] = field(default=True, init=False)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A regression of areas whose effects have variance A."""

    coefficients: Floats  #: (k,)
    covariance: Floats  #: (k, k) of the coefficients
    area_variance: float  #: A
    step: float  #: of Fisher scoring, from A


def may_show(precision: Precision) -> Flags:
    """Tell which areas are too small for their own answers: few of them, or a wide interval.

    Few is under 30 rows; wide is a capped Korn-Graubard interval of more than .30 at 95 %. Returns
    ``(D,)``.
    """
    low, high = korn_graubard_capped(precision, 0.95)
    return np.asarray((precision.sampled < FEW_ANSWERS) | ~(high - low <= TOO_WIDE))


def smoothed_variances(
    hits: ArrayLike, rows: ArrayLike, frame_size: ArrayLike, group: Sequence[str]
) -> Floats:
    """Return sampling variances of the areas' own shares that are not 0 by luck.

    v = (1 - m/N) * p(1 - p)/m with p the share of the area's group (its city), counting two more
    rows, one of them a hit. Without rows v is infinite, in a census it is 0. Arguments, errors: as
    in beta_binomial.
    """
    x, m, N = _counts(hits, rows, frame_size, group)
    of_area = coded(group).positions()
    p = (sum_by(of_area, x) + 1)[of_area] / (sum_by(of_area, m) + 2)[of_area]
    spread = (1 - divide(m, N)) * p * (1 - p)
    return np.asarray(np.divide(spread, m, out=np.full(m.shape, np.inf), where=m > 0))


def fay_herriot(
    direct: ArrayLike, variance: ArrayLike, covariates: ArrayLike, *, tolerance: float = 1e-10
) -> ModelEstimates:
    """Combine direct estimates with a regression: direct = X b + effect of the area + error.

    Parameters
    ----------
    direct : (D,) estimates in any unit; not looked at where the variance is infinite
    variance : (D,) of the direct estimates, taken as known
        Infinite for an area without a sample, which gets the regression alone; 0 for a census,
        which keeps its own number and stays out of the fit. Use smoothed_variances for shares.
    covariates : (D, k), with a column of ones where there is to be a constant
    tolerance
        Relative change of the areas' variance at which its search ends (R sae: 1e-4).

    Raises ValueError for shapes that differ, numbers that are missing or variances below 0, for no
    more sampled areas than covariates, covariates that determine each other, or a search that
    does not end.
    """
    y, v, X = _regression(direct, variance, covariates)
    fitted = (v > 0) & np.isfinite(v)
    fit = _reml(y[fitted], v[fitted], X[fitted], tolerance)
    A, Q = fit.area_variance, fit.covariance
    inverse = np.divide(1.0, A + v, out=np.zeros_like(v), where=v > 0)
    own = np.where(v > 0, A * inverse, 1.0)
    rest = 1 - own
    value = own * np.where(own > 0, y, 0) + rest * (X @ fit.coefficients)
    leverage = np.einsum("dk,kl,dl->d", X, Q, X)
    of_variance = 2 / np.sum(1 / (A + v[fitted]) ** 2)
    error = A * rest + rest**2 * leverage + 2 * rest**2 * of_variance * inverse
    return ModelEstimates(value, np.sqrt(error), own, "fay_herriot")


def beta_binomial(
    hits: ArrayLike, rows: ArrayLike, frame_size: ArrayLike, group: Sequence[str]
) -> ModelEstimates:
    """Combine the answers of each area with those of its group, for shares of a finite frame.

    The share of an area is taken to be drawn from a beta distribution with the mean of its group
    (its city) and a precision s that all groups have in common; s = 1/r - 1, where r comes from
    the spread of the areas within their groups (moments). The unseen rows of an area are achieved
    at (x + s mu)/(m + s); the seen ones are known. The error takes mu and s for known, so it is too
    small where areas are few.

    Parameters
    ----------
    hits, rows, frame_size : (D,) whole numbers, 0 <= x <= m <= N and N > 0
    group : (D,) labels; a group without answers takes the mean of all

    Raises ValueError for other shapes or numbers, and if nobody answered anywhere.
    """
    x, m, N = _counts(hits, rows, frame_size, group)
    if not m.any():
        raise ValueError("need answers from at least one area")
    of_area = coded(group).positions()
    answers = sum_by(of_area, m)
    mean = np.where(answers > 0, divide(sum_by(of_area, x), answers), x.sum() / m.sum())
    correlation = _correlation(x, m, of_area)
    # With s = (1 - r)/r: own weight m/(m + s) = m r/(m r + 1 - r), which also holds at r = 0.
    scale = m * correlation + 1 - correlation
    own = divide(m * correlation, scale)
    rate = own * divide(x, m) + (1 - own) * mean[of_area]
    unseen = N - m
    # Variance of a beta-binomial count of the unseen rows, with s + m = scale/r.
    spread = unseen * rate * (1 - rate) * divide(scale + unseen * correlation, scale + correlation)
    return ModelEstimates(
        (x + unseen * rate) / N, np.sqrt(spread) / N, (m + unseen * own) / N, "beta_binomial"
    )


def benchmark(
    estimates: ModelEstimates,
    frame_size: ArrayLike,
    total: float,
    *,
    how: Literal["ratio", "additive"] = "ratio",
) -> ModelEstimates:
    """Move shares of areas so that their persons add up to a direct estimate of all of them.

    ``ratio`` multiplies each share by one factor, ``additive`` adds one number to each; a share
    that would leave [0, 1] stops there and the others make up for it. Areas that are known (a
    census) stay as they are. The shift counts as error: beside the best predictor, that of any
    other grows by the squared difference.

    *estimates* are shares of D areas, *frame_size* their entries, ``(D,)``, and *total* the persons
    of all areas together. Raises ValueError for shapes that differ, shares outside [0, 1], a total
    outside 0..entries or out of the areas' reach, or an unknown *how*.
    """
    N = np.asarray(frame_size, dtype=float)
    _check_benchmark(estimates, N, total, how)
    value, free = estimates.value.copy(), estimates.own_weight < 1
    bound = 1.0 if total > N @ value else 0.0
    while free.any():
        persons, left = N[free] @ estimates.value[free], total - N[~free] @ value[~free]
        if how == "additive":
            value[free] = estimates.value[free] + (left - persons) / N[free].sum()
        else:
            value[free] = estimates.value[free] * divide(np.asarray(left), persons)
        over = free & ((value > 1) | (value < 0))
        if not over.any():
            break
        value[over] = bound
        free &= ~over
    if not np.isclose(N @ value, total, rtol=1e-9, atol=1e-9):
        raise ValueError(f"the areas cannot reach {total:g} persons, only {N @ value:g}")
    error = np.hypot(estimates.error, value - estimates.value)
    return replace(estimates, value=value, error=error, method=f"{estimates.method}_{how}")


def _check_benchmark(estimates: ModelEstimates, N: Floats, total: float, how: str) -> None:
    if how not in ("ratio", "additive"):
        raise ValueError(f"benchmarks are by ratio or additive, not {how!r}")
    if N.shape != estimates.value.shape or not np.all(np.isfinite(N) & (N > 0)):
        raise ValueError(f"need a frame size above 0 for each of {len(estimates.value)} areas")
    if not np.all((estimates.value >= 0) & (estimates.value <= 1)):
        raise ValueError("only shares in [0, 1] can be benchmarked")
    if not 0 <= total <= N.sum():
        raise ValueError(f"the total must lie between 0 and {N.sum():g} persons, got {total}")


def _reml(y: Floats, v: Floats, X: Floats, tolerance: float) -> _Fit:
    """Find the variance of the areas by Fisher scoring of the restricted likelihood.

    Steps may creep, or swing between 0 and a number for ever. So one that leaves the bracket given
    by the signs of the earlier ones, and any after the first few, goes to the bracket's middle.
    """
    areas, k = X.shape
    if areas <= k or np.linalg.matrix_rank(X) < k:
        raise ValueError(
            f"need more sampled areas than covariates, none of which follows from the others; "
            f"got {areas} areas and {k} covariates"
        )
    A, low, high = float(np.median(v)), -1.0, np.inf  # 0 has to be looked at, too
    for i in range(MOST_STEPS):
        step = _regress(y, v, X, A).step
        low, high = (A, high) if step > 0 else (low, A)
        following = max(A + step, 0.0)
        if abs(following - A) <= tolerance * A or high - low <= tolerance * A:
            return _regress(y, v, X, following)
        if not low < following < high or (i >= FREE_STEPS and np.isfinite(high)):
            following = 0.0 if low < 0 else (low + high) / 2
        A = following
    raise ValueError("the search for the variance between the areas does not end")


def _regress(y: Floats, v: Floats, X: Floats, A: float) -> _Fit:
    """Fit the regression for a given A; score and information by k x k traces of P."""
    w = 1 / (A + v)
    Q = np.asarray(np.linalg.inv(X.T @ (w[:, np.newaxis] * X)), dtype=np.float64)
    b = Q @ (X.T @ (w * y))
    squares, cubes = (Q @ (X.T @ (w[:, np.newaxis] ** power * X)) for power in (2, 3))
    score = (np.sum((w * (y - X @ b)) ** 2) - np.sum(w) + np.trace(squares)) / 2
    information = (np.sum(w**2) - 2 * np.trace(cubes) + np.trace(squares @ squares)) / 2
    return _Fit(b, Q, A, float(score / information))


def _correlation(x: Floats, m: Floats, of_area: NDArray[np.int64]) -> float:
    """Estimate r, the correlation of two rows of an area, from areas within their groups.

    The mean of m (p - group's p)**2 is p(1-p) [b + r b (m - 1)] with b = 1 - m/(group's m); both
    sides are added up over all areas.
    """
    answers = sum_by(of_area, m)
    p = divide(sum_by(of_area, x), answers)[of_area]
    rest = 1 - divide(m, answers[of_area])
    spread = m * (divide(x, m) - p) ** 2
    alone, together = p * (1 - p) * rest, p * (1 - p) * rest * np.maximum(m - 1, 0)
    excess = spread.sum() - alone[m > 0].sum()
    return float(np.clip(divide(excess, together.sum()), 0, 1))


def _counts(
    hits: ArrayLike, rows: ArrayLike, frame_size: ArrayLike, group: Sequence[str]
) -> tuple[Floats, Floats, Floats]:
    x, m, N = (np.asarray(a, dtype=float) for a in (hits, rows, frame_size))
    if not x.shape == m.shape == N.shape == (len(group),) or not len(group):
        raise ValueError(
            f"need equal 1-d shapes, got {x.shape}, {m.shape}, {N.shape}, {len(group)}"
        )
    whole = (np.floor(x) == x) & (np.floor(m) == m) & (np.floor(N) == N)
    wrong = np.flatnonzero(~((x >= 0) & (x <= m) & (m <= N) & (N > 0) & np.isfinite(N) & whole))
    if wrong.size:
        d = int(wrong[0])
        raise ValueError(
            f"need whole numbers 0 <= hits <= rows <= entries and entries > 0, "
            f"got {x[d]:g}, {m[d]:g}, {N[d]:g} in area number {d}"
        )
    return x, m, N


def _regression(
    direct: ArrayLike, variance: ArrayLike, covariates: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    y, v, X = (np.asarray(a, dtype=float) for a in (direct, variance, covariates))
    if y.ndim != 1 or v.shape != y.shape or X.ndim != 2 or X.shape[0] != y.shape[0]:  # noqa: PLR2004
        raise ValueError(f"need (D,), (D,) and (D, k), got {y.shape}, {v.shape} and {X.shape}")
    wrong = ~(v >= 0) | (np.isfinite(v) & ~np.isfinite(y)) | ~np.isfinite(X).all(axis=1)
    if wrong.any():
        d = int(np.argmax(wrong))
        raise ValueError(
            f"need a number, a variance of 0 or more and covariates of every area, "
            f"got {y[d]}, {v[d]} and {X[d].tolist()} in area number {d}"
        )
    return y, v, X
