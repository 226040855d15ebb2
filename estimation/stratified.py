"""Totals, means, ratios and proportions of many domains, one phase.

Assumes a simple random sample without replacement of each stratum, every row of which is known.
Degrees of freedom are the rows of a domain less the strata that it has rows in, as R survey counts
them (``degf(subset(...))``).

Source: Cochran (1977), *Sampling Techniques*, 3rd ed., chapter 5; Sarndal, Swensson and Wretman
(1992), *Model Assisted Survey Sampling*. Equal to R survey's svytotal,
svymean, svyratio and svyby.
"""

import numpy as np
from numpy.typing import ArrayLike

from estimation.classes import Counts, Floats
from estimation.estimates import Domains, Estimates, add_up, found, marks, whole
from estimation.intervals import Precision
from estimation.sample import Sample
from estimation.two_phase import divide
from estimation.variance import domain_variances, make_pairs


def totals(sample: Sample, y: ArrayLike, domains: Domains | None = None) -> Estimates:
    """Estimate the sum of *y* over the entries of each domain.

    Parameters
    ----------
    sample
    y : (n,) numbers
    domains
        None is the whole frame as one domain.

    Raises ValueError for shapes that differ, missing numbers, or a stratum with a single row
    (named; see :mod:`estimation.collapse`).
    """
    z = sample.weight * sample.numbers("y", y)
    cut = domains or whole(len(z))
    where = cut.positions(len(z))
    return _estimates(sample, cut, _by_domain(where, z, cut), z)


def ratios(sample: Sample, y: ArrayLike, x: ArrayLike, domains: Domains | None = None) -> Estimates:
    """Estimate sum(y) / sum(x) over each domain, by linearisation.

    Arguments and errors as in :func:`totals`; a domain whose *x* adds up to 0 is flagged.
    """
    top, bottom = sample.numbers("y", y), sample.numbers("x", x)
    cut = domains or whole(len(top))
    where = cut.positions(len(top))
    Y, X = (_by_domain(where, sample.weight * values, cut) for values in (top, bottom))
    ratio, scale = divide(Y, X), divide(np.ones_like(X), X)
    # Rows outside all domains take the numbers of the last one here and are left out later.
    z = sample.weight * (top - ratio[where] * bottom) * scale[where]
    return _estimates(sample, cut, np.where(X == 0, np.nan, ratio), z)


def means(sample: Sample, y: ArrayLike, domains: Domains | None = None) -> Estimates:
    """Estimate the mean of *y* over each domain; arguments and errors as in :func:`totals`."""
    return ratios(sample, y, np.ones(len(sample.stratum)), domains)


def proportions(sample: Sample, achieved: ArrayLike, domains: Domains | None = None) -> Estimates:
    """Estimate the share of the entries of each domain that is achieved.

    *achieved* is 0 or 1 for each row; arguments and errors as in :func:`totals`. For intervals see
    :func:`share_precision`.
    """
    y = sample.numbers("achieved", achieved)
    for i in found((y != 0) & (y != 1)):
        raise ValueError(
            f"need zeros and ones, got {y[i]:g} in stratum {sample.names[sample.stratum[i]]!r}"
        )
    return means(sample, y, domains)


def share_precision(sample: Sample, shares: Estimates, domains: Domains | None = None) -> Precision:
    """Return what the intervals of :mod:`estimation.intervals` need to know of *shares*.

    The size that the design promises is 1 / sum(W**2 (1 - f) / (n - 1)), with the estimated share
    W of the domain's entries in a stratum and the n rows that it has there. *domains* as given to
    :func:`proportions`. Domains that could not be estimated keep NaN.
    """
    cut = domains or whole(len(sample.stratum))
    pairs = make_pairs(sample.stratum, cut.positions(len(sample.stratum)), len(cut.names))
    size = pairs.by_pair(sample.weight)
    share = divide(size, pairs.by_domain(size)[pairs.domain])
    error = share**2 * sample.unseen[pairs.stratum] / np.maximum(pairs.rows - 1, 1)
    promised = pairs.by_domain(error)
    return Precision(
        shares.value,
        shares.standard_error**2,
        shares.rows.astype(float),
        shares.df.astype(float),
        np.divide(1.0, promised, out=np.full(len(promised), np.inf), where=promised > 0),
    )


def _by_domain(where: Counts, values: Floats, cut: Domains) -> Floats:
    return add_up(where, values, len(cut.names))


def _estimates(sample: Sample, cut: Domains, value: Floats, z: Floats) -> Estimates:
    """Put the variance of the total of *z* beside the value of each domain."""
    D = len(cut.names)
    pairs = make_pairs(sample.stratum, cut.positions(len(z)), D)
    rows = pairs.by_domain(pairs.rows).astype(np.int64)
    df = rows - pairs.by_domain(pairs.rows > 0).astype(np.int64)
    none = (rows == 0) | np.isnan(value)
    error = np.sqrt(domain_variances(sample, z, pairs))
    single = pairs.by_domain(sample.single()[pairs.stratum]) > 0
    flags = {
        "no_rows": rows == 0,
        "no_denominator": (rows > 0) & np.isnan(value),
        "no_df": ~none & (df == 0),
        "single_row": single,
    }
    return Estimates(
        domain=tuple(cut.names),
        value=np.where(none, np.nan, value),
        standard_error=np.where(none, np.nan, error),
        df=df,
        rows=rows,
        flags=marks(flags, D),
    )
