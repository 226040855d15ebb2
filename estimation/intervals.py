"""Confidence intervals for shares, selectable by name.

Two families. Intervals of a *cell* invert the hypergeometric distribution and hold for one simple
random sample whose rows are all known. Intervals of a *share* work from an estimate and its
variance, through the size of the simple random sample that would be as precise. *Capped* methods
never trust a variance that came out smaller than the design promises: with shares near 1 it
often is, and intervals that follow it cover as little as 0 to 63 % (docs/statistics.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, logit, stdtrit

ADDED_FAILURE = 0.7  # chosen for the smallest coverage over several strata

Floats = NDArray[np.float64]
Limits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Precision:
    """What an interval needs to know of D estimated shares; every array is ``(D,)``."""

    share: Floats
    variance: Floats
    sampled: Floats  #: rows the estimate rests on
    df: Floats
    planned: Floats  #: effective size the design promises beforehand; infinite for a census


@dataclass(frozen=True, slots=True)
class Method:
    """An interval by name: its source, and its function unless it inverts counts."""

    source: str
    limits: Callable[[Precision, float], Limits] | None = None
    aggregate: str = ""  #: the method used where a cell's method does not apply
    mid_p: bool = False


def wald(precision: Precision, level: float) -> Limits:
    """Share plus and minus t standard errors; may leave [0, 1], has no width if v = 0."""
    half = -_t(precision.df, level) * np.sqrt(precision.variance)
    return precision.share - half, precision.share + half


def wald_logit(precision: Precision, level: float) -> Limits:
    """Wald on the logit scale; capped Korn-Graubard where the share is 0 or 1."""
    p = precision.share
    inner = (p > 0) & (p < 1)
    safe = np.where(inner, p, 0.5)
    half = -_t(precision.df, level) * np.sqrt(precision.variance) / (safe * (1 - safe))
    return _where(
        inner,
        (expit(logit(safe) - half), expit(logit(safe) + half)),
        korn_graubard_capped(precision, level),
    )


def arcsine(precision: Precision, level: float) -> Limits:
    """Wald on the arcsine scale; capped Korn-Graubard where the share is 0 or 1."""
    p = precision.share
    inner = (p > 0) & (p < 1)
    safe = np.where(inner, p, 0.5)
    half = -_t(precision.df, level) * np.sqrt(precision.variance / (safe * (1 - safe))) / 2
    middle = np.arcsin(np.sqrt(safe))
    ends = (
        np.sin(np.clip(middle - half, 0, np.pi / 2)) ** 2,
        np.sin(np.clip(middle + half, 0, np.pi / 2)) ** 2,
    )
    return _where(inner, ends, korn_graubard_capped(precision, level))


def wilson(precision: Precision, level: float) -> Limits:
    """Score interval on the effective size; the planned size where v = 0."""
    return _wilson(precision, _effective(precision, level), level)


def korn_graubard(precision: Precision, level: float) -> Limits:
    """Clopper-Pearson on the effective size (R's ``beta``); the planned size where v = 0."""
    return _clopper_pearson(precision.share, _effective(precision, level), level)


def jeffreys(precision: Precision, level: float) -> Limits:
    """Beta(x + 1/2, n - x + 1/2) on the effective size; the planned size where v = 0."""
    return _jeffreys(precision.share, _effective(precision, level), level)


def wilson_capped(precision: Precision, level: float) -> Limits:
    """Score interval on the capped effective size."""
    return _wilson(precision, capped_size(precision, level), level)


def korn_graubard_capped(precision: Precision, level: float) -> Limits:
    """Clopper-Pearson on the capped effective size: conservative, used for decisions."""
    return _clopper_pearson(precision.share, capped_size(precision, level), level)


def jeffreys_capped(precision: Precision, level: float) -> Limits:
    """Jeffreys interval on the capped effective size: the default of aggregates."""
    return _jeffreys(precision.share, capped_size(precision, level), level)


def added_row(precision: Precision, level: float) -> Limits:
    """Beta limits of the survey with one more row, which failed by 0.7, at either end.

    The row weighs what the design promises a row to weigh. For a simple random sample Clopper and
    Pearson add a row that failed wholly to the lower end and Jeffreys one that failed by half; 0.7
    lies near the mid-p value. The row also keeps a variance that came out too small by chance from
    being believed, so that no cap is needed.
    """
    known = np.isfinite(precision.planned)
    p = precision.share
    low = np.where(p > 0, _with_added_row(p, precision, level), 0.0)
    high = np.where(p < 1, 1 - _with_added_row(1 - p, precision, level), 1.0)
    return _where(known, (low, high), (p, p))


INTERVALS = {
    "hypergeometric_mid_p": Method(
        "Inversion of the hypergeometric distribution, mid-p (docs/statistics.md)",
        aggregate="jeffreys_capped",
        mid_p=True,
    ),
    "hypergeometric_exact": Method(
        "Inversion of the hypergeometric distribution, as with R's phyper",
        aggregate="korn_graubard_capped",
    ),
    "jeffreys_capped": Method(
        "Jeffreys; cap: Franco, Little, Louis and Slud (2019)", jeffreys_capped
    ),
    "korn_graubard_capped": Method(
        "Korn and Graubard; cap: Franco, Little, Louis and Slud (2019)", korn_graubard_capped
    ),
    "added_row": Method("Added event: Fay and Feuer (1997); docs/statistics.md", added_row),
    "wilson_capped": Method("Wilson; cap: Franco, Little, Louis and Slud (2019)", wilson_capped),
    "korn_graubard": Method("Korn and Graubard; R survey svyciprop(method='beta')", korn_graubard),
    "jeffreys": Method("Jeffreys on p(1-p)/v (docs/statistics.md)", jeffreys),
    "wilson": Method("R survey 4.5 svyciprop(method='wilson')", wilson),
    "logit": Method("R survey svyciprop(method='xlogit')", wald_logit),
    "arcsine": Method("R survey svyciprop(method='asin')", arcsine),
    "wald": Method("R survey svyciprop(method='mean')", wald),
}
DEFAULT = "hypergeometric_mid_p"
DECISIVE = "hypergeometric_exact"


def interval_method(name: str | None) -> Method:
    """Look up an interval; None is the default. Raises ValueError listing the known names."""
    try:
        return INTERVALS[name or DEFAULT]
    except KeyError:
        known = ", ".join(INTERVALS)
        raise ValueError(f"no interval is called {name!r}; known are {known}") from None


def share_limits(name: str, precision: Precision, level: float) -> Limits:
    """Bound shares that are not single fully known cells by the method called *name*.

    Raises ValueError unless 0 < level < 1, or for an unknown name.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must lie between 0 and 1, got {level}")
    method = interval_method(name)
    limits = method.limits or INTERVALS[method.aggregate].limits
    if limits is None:
        raise ValueError(f"{name!r} has no method for an aggregate")
    return limits(precision, level)


def capped_size(precision: Precision, level: float) -> Floats:
    """n* = min(p(1-p)/v, planned) * (t_{n-1} / t_df)**2."""
    return np.minimum(_variance_size(precision), precision.planned) * _penalty(precision, level)


def _effective(precision: Precision, level: float) -> Floats:
    size = _variance_size(precision)
    return np.where(np.isfinite(size), size, precision.planned) * _penalty(precision, level)


def _variance_size(precision: Precision) -> Floats:
    p, v = precision.share, precision.variance
    known = (v > 0) & (p > 0) & (p < 1)
    return np.divide(p * (1 - p), v, out=np.full_like(p, np.inf), where=known)


def _penalty(precision: Precision, level: float) -> Floats:
    return np.asarray((_t(precision.sampled - 1, level) / _t(precision.df, level)) ** 2)


def _t(df: Floats, level: float) -> Floats:
    """Return the lower quantile of Student's t; one degree of freedom is the fewest."""
    distinct, place = np.unique(np.maximum(df, 1), return_inverse=True)
    return np.asarray(stdtrit(distinct, (1 - level) / 2)[place])


def _with_added_row(p: Floats, precision: Precision, level: float) -> Floats:
    """Return the lower quantile of the Beta distribution with the mean and variance of all rows.

    For a simple random sample of n rows, x of them successes, that distribution is
    Beta(x + 1 - ADDED_FAILURE, n - x + ADDED_FAILURE).
    """
    known = np.isfinite(precision.planned)
    w = np.where(known, 1 / np.where(known, precision.planned, 1), 1.0)
    e, q = ADDED_FAILURE, 1 - p
    failing = (q + e * w) / (1 + w)
    spread = e + q * (1 - 2 * e) + w * e * (1 - e)
    variance = (precision.variance + w**2 * spread) / (1 + w) ** 3
    size = failing * (1 - failing) / variance * _penalty(precision, level)
    return np.asarray(betaincinv(size * (1 - failing), size * failing, (1 - level) / 2))


def _wilson(precision: Precision, n: Floats, level: float) -> Limits:
    p, z2 = precision.share, _t(precision.sampled - 1, level) ** 2
    size = np.where(np.isfinite(n), n, 1)
    middle = (p + z2 / (2 * size)) / (1 + z2 / size)
    half = np.sqrt(z2 / size * (p * (1 - p) + z2 / (4 * size))) / (1 + z2 / size)
    return _where(np.isfinite(n), (middle - half, middle + half), (p, p))


def _clopper_pearson(p: Floats, n: Floats, level: float) -> Limits:
    return _beta_limits(p, n, level, 0.0, 1.0)


def _jeffreys(p: Floats, n: Floats, level: float) -> Limits:
    return _beta_limits(p, n, level, 0.5, 0.5)


def _beta_limits(p: Floats, n: Floats, level: float, own: float, other: float) -> Limits:
    """Quantiles of Beta(x + own, n - x + other) and of its mirror image, ends fixed at 0 and 1."""
    exact = ~np.isfinite(n)
    size = np.where(exact, 1.0, n)

    def lower(share: Floats) -> Floats:
        quantile = betaincinv(size * share + own, size * (1 - share) + other, (1 - level) / 2)
        return np.where(share > 0, quantile, 0.0)

    return np.where(exact, p, lower(p)), np.where(exact, p, 1 - lower(1 - p))


def _where(condition: NDArray[np.bool_], yes: Limits, no: Limits) -> Limits:
    return np.where(condition, yes[0], no[0]), np.where(condition, yes[1], no[1])
