"""Variances of the totals of many domains from a stratified sample.

A row outside a domain counts as 0 inside its stratum and is kept: the number of rows that a
domain has is random too. Only the strata that a domain has rows in are looked at.

Source: Cochran (1977) chapter 5; Sarndal, Swensson and Wretman (1992). Single rows: as
R survey 4.5.
"""

from dataclasses import dataclass

import numpy as np

from estimation.classes import Counts, Floats
from estimation.estimates import OUTSIDE, Flags, add_up, found
from estimation.sample import Sample, SingleRow
from estimation.two_phase import divide


@dataclass(frozen=True, slots=True)
class Pairs:
    """The P pairs of a stratum and a domain that have rows."""

    of_row: Counts  #: (n,) -1 outside all domains
    stratum: Counts  #: (P,)
    domain: Counts  #: (P,)
    rows: Counts  #: (P,)
    domains: int

    def by_pair(self, values: Floats) -> Floats:
        """Add up a number of each row, ``(n,)``."""
        return add_up(self.of_row, values, len(self.stratum))

    def by_domain(self, values: Floats | Counts | Flags) -> Floats:
        """Add up a number of each pair, ``(P,)``."""
        return add_up(self.domain, values, self.domains)


def make_pairs(stratum: Counts, domain: Counts, domains: int) -> Pairs:
    """Number the pairs; *stratum* and *domain* are ``(n,)`` positions, -1 is outside."""
    inside = domain != OUTSIDE
    keys = stratum[inside] * domains + domain[inside]
    present, position, rows = np.unique(keys, return_inverse=True, return_counts=True)
    of_row = np.full(len(stratum), OUTSIDE, dtype=np.int64)
    of_row[inside] = position
    return Pairs(of_row, present // domains, present % domains, rows, domains)


def domain_variances(sample: Sample, z: Floats, pairs: Pairs) -> Floats:
    """Return the variance of the total of *z*, weighted values ``(n,)``, in each domain ``(D,)``.

    Raises ValueError that names the stratum for a single row, unless a treatment was declared.
    """
    if sample.residual is None:
        return _variances(sample, z, pairs)
    # What a calibration explains is taken off across domains, so rows outside count as well.
    everywhere = make_pairs(sample.stratum, np.zeros_like(sample.stratum), 1)
    variances = np.zeros(pairs.domains)
    for d in range(pairs.domains):
        inside = np.isin(pairs.of_row, np.flatnonzero(pairs.domain == d))
        residual = sample.residual(np.where(inside, z, 0))
        variances[d] = _variances(sample, residual, everywhere)[0]
    return variances


def _variances(sample: Sample, z: Floats, pairs: Pairs) -> Floats:
    h, n = pairs.stratum, sample.sampled[pairs.stratum]
    squares = _squares(z, pairs, n)
    variance = sample.unseen[h] * squares * n / np.maximum(n - 1, 1)
    single = sample.single()[h]
    if not single.any():
        return pairs.by_domain(variance)
    if sample.single_row is SingleRow.REFUSE:
        raise ValueError(
            f"stratum {sample.names[h[single][0]]!r} has a single row of several entries, "
            "which shows no spread: collapse it or declare a treatment"
        )
    return _treated(sample, z, pairs, squares, variance)


def _treated(sample: Sample, z: Floats, pairs: Pairs, squares: Floats, variance: Floats) -> Floats:
    h, n = pairs.stratum, sample.sampled[pairs.stratum]
    single = sample.single()[h]
    match sample.single_row:
        case SingleRow.ADJUST:
            mean = divide(pairs.by_domain(pairs.by_pair(z)), pairs.by_domain(n))[pairs.domain]
            variance = np.where(single, sample.unseen[h] * (pairs.by_pair(z) - mean) ** 2, variance)
        case SingleRow.POOL:
            variance = np.where(single, _pooled(sample, pairs, squares), variance)
        case SingleRow.AVERAGE:
            shown = pairs.by_domain(~single)
            share = divide(shown, pairs.by_domain(n > 0))
            return np.where(shown > 0, divide(pairs.by_domain(variance), share), np.nan)
        case _:
            pass  # CERTAINTY: a single row has no squares
    return pairs.by_domain(variance)


def _squares(z: Floats, pairs: Pairs, n: Counts) -> Floats:
    """Return the squares around the stratum's mean of each pair, rows outside counting as 0.

    The squares inside and those between inside and outside are added, so nothing cancels out.
    """
    mean = pairs.by_pair(z) / pairs.rows
    inside = pairs.of_row != OUTSIDE
    away = np.zeros_like(z)
    away[inside] = z[inside] - mean[pairs.of_row[inside]]
    return np.asarray(pairs.by_pair(away**2) + pairs.rows * mean**2 * (1 - pairs.rows / n))


def _pooled(sample: Sample, pairs: Pairs, squares: Floats) -> Floats:
    """Return the variance of each pair if its spread were that within the strata of its pool."""
    if sample.pool is None:
        raise ValueError("need the pool of each stratum to pool single rows")
    h, n = pairs.stratum, sample.sampled[pairs.stratum]
    weight = add_up(sample.stratum, sample.weight, len(sample.names))[h] / n
    key = sample.pool[h] * pairs.domains + pairs.domain
    pool = np.unique(key, return_inverse=True)[1]
    freedom = add_up(pool, n - 1, len(pool))[pool]
    for p in found((freedom == 0) & sample.single()[h]):
        raise ValueError(
            f"stratum {sample.names[h[p]]!r} has a single row and no stratum of its pool has two"
        )
    spread = divide(add_up(pool, squares / weight**2, len(pool))[pool], freedom)
    return np.asarray(sample.unseen[h] * weight**2 * n * spread)
