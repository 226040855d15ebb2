"""Rates of the phone classes from random visits, the second phase of the sample.

Assumes that phase 1 is a simple random sample of each stratum, that visits marked random are a
simple random sample of their class, and that on site is the truth.

The rate of a class is estimated within a *part*: the strata that a domain has in one pool. With
every stratum a pool of its own that is the stratum; with the units as pools, a unit's estimate
combines its strata, and a county with few visits borrows its unit's rate for the rest of its class:
what its own visits found stands.

Source: Neyman (1938); Cochran (1977) section 12.2; Sarndal, Swensson and Wretman (1992) chapter 9.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from estimation.classes import ClassTable, Counts, Floats, Kind
from estimation.nonresponse import Fill

BORROW_BELOW = 20  # visits of a phone-yes class, under which a part borrows from its pool
ONE_SIDED = 0.05
DOUBT = 0.20  # one-sided risk at which own visits speak against a borrowed rate
LARGEST_VARIANCE = 0.25  # of a yes-or-no value, where a single row shows none

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Design:
    """Frame sizes and the place of each stratum, ``(H,)``; positions count from 0."""

    frame_size: Floats
    domain: Counts
    pool: Counts
    part: Counts  #: the pairs of pool and domain that occur, in order
    domain_of_part: Counts  #: ``(P,)``
    pool_of_part: Counts  #: ``(P,)``


@dataclass(frozen=True, slots=True)
class Audit:
    """What the rates rest on, by part and class, ``(P, G)``."""

    estimated: Flags  #: from random visits to a part of the class
    borrowed: Flags  #: of these, from the visits of the whole pool
    as_phoned: Flags  #: no visits, the answer stands
    dropped: Flags  #: no visits and no answer: weighted inside the stratum
    visits: Floats  #: behind an estimated rate
    achieved: Floats  #: of these
    rate: Floats
    variance: Floats  #: of the rate; of the whole class if the rate is borrowed
    smooth_rate: Floats  #: with two more visits, one of them achieved
    smooth_variance: Floats


@dataclass(frozen=True, slots=True)
class ClassRates:
    """The rate of each class in each stratum, ``(H, G)``, and what it rests on."""

    kept: Floats  #: rows the estimate of the stratum rests on
    rate: Floats
    pair_rate: Floats  #: share of the pairs of two rows in which both are achieved
    audit: Audit


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows behind a rate, ``(P, G)``; weights are those of phase 1."""

    rows: Floats
    visits: Floats
    achieved: Floats
    weighted_rows: Floats
    rate: Floats
    square: Floats  #: sum of (weight * (y - rate))**2 over the visited


def make_design(frame_size: Floats, domain: Counts, pool: Counts) -> Design:
    """Number the parts. All arguments ``(H,)``; positions of domains and pools count from 0."""
    domains = int(domain.max(initial=0)) + 1
    # By pool first: where every stratum is a pool of its own, the parts are the strata in order.
    pairs, part = np.unique(pool * domains + domain, return_inverse=True)
    return Design(frame_size, domain, pool, part, pairs % domains, pairs // domains)


def class_rates(
    table: ClassTable, design: Design, *, fill: Fill | None = None, trusting: bool = True
) -> ClassRates:
    """Estimate the rate of every class.

    Classes whose rows are all visited are known; classes with visits are estimated from them;
    phone answers without visits stand as phoned; what is unresolved and not visited is weighted
    away inside its stratum, or taken to be *fill*. So are phone-yes answers without visits unless
    *trusting*.
    """
    rows, visits = sum_by(design.part, table.rows), sum_by(design.part, table.visited)
    full = visits == rows
    borrowed = ~full & _borrows(table, design, visits)
    estimated = ~full & ((visits > 0) | borrowed)
    silent = ~full & ~estimated
    open_ = (table.kinds == Kind.UNRESOLVED) | (table.kinds == Kind.LEAD)
    dropped = silent & open_ & (fill is None)
    kept = np.where(dropped.take(design.part, axis=0), 0, table.rows)
    weight = divide(design.frame_size, over_classes(kept))
    group = _group(table, design, weight, borrowed)
    smooth = (group.achieved + 1) / (group.visits + 2)
    both = (group.rate, _rate_variance(group)), (smooth, _smooth_variance(group, smooth))
    found, smoothed = (_of_class(table, design, weight, borrowed, *rate) for rate in both)
    audit = Audit(
        estimated=estimated,
        borrowed=borrowed,
        as_phoned=silent & ~open_,
        dropped=dropped,
        visits=np.where(estimated, group.visits, 0),
        achieved=np.where(estimated, group.achieved, 0),
        rate=group.rate,
        variance=np.where(estimated, found, 0),
        smooth_rate=smooth,
        smooth_variance=np.where(estimated, smoothed, 0),
    )
    filled = 0.0 if fill is None else fill.value
    answers = np.where(table.kinds == Kind.NO, 0.0, filled)
    answers[table.kinds == Kind.YES] = 1.0 if trusting else filled
    return _rates_of_strata(table, design, audit, kept, answers)


def stressed(rates: ClassRates, table: ClassTable, design: Design) -> ClassRates:
    """Put borrowed rates of phone-yes classes at their lower one-sided 95 % bound.

    A dishonest county hides behind honest neighbours: what holds at this bound holds for it too.
    The bound is Clopper and Pearson's.
    """
    audit = rates.audit
    low = audit.borrowed & (table.kinds == Kind.YES)
    # Visits count by their weights, or a large stratum of bad answers would be outvoted.
    x = np.where(low & (audit.rate > 0), audit.visits * audit.rate, 0)
    quantile = betaincinv(np.where(x > 0, x, 1), audit.visits - x + 1, ONE_SIDED)
    return _put_at(rates, design, low, np.where(x > 0, quantile, 0))


def relieved(rates: ClassRates, table: ClassTable, design: Design) -> ClassRates:
    """Put borrowed rates at the upper one-sided 95 % bound of the part's own visits, 1 if none.

    An honest county must not be condemned for dishonest neighbours: what fails at this bound
    fails on its own evidence. The bound is Clopper and Pearson's.
    """
    return _put_at(rates, design, rates.audit.borrowed, _own_upper(table, design, ONE_SIDED))


def contradicted(rates: ClassRates, table: ClassTable, design: Design) -> Flags:
    """Tell which parts have visits that speak against a borrowed phone-yes rate, ``(P,)``.

    They do if the upper one-sided 80 % bound of the part's own visits is below the pool's rate: a
    dishonest county among honest neighbours is known by its first wrong answers.
    """
    borrowed = rates.audit.borrowed & (table.kinds == Kind.YES)
    below = _own_upper(table, design, DOUBT) < rates.audit.rate
    return np.asarray((borrowed & below).any(axis=1))


def _own_upper(table: ClassTable, design: Design, risk: float) -> Floats:
    """Bound the rates of parts from above by their own visits, ``(P, G)``; 1 without any."""
    visits, achieved = (sum_by(design.part, c) for c in (table.visited, table.achieved))
    missed = visits - achieved
    quantile = betaincinv(achieved + 1, np.maximum(missed, 1), 1 - risk)
    return np.where(missed > 0, quantile, 1)


def _put_at(rates: ClassRates, design: Design, where: Flags, value: Floats) -> ClassRates:
    """Take the rates of some parts and classes, ``(P, G)``, for known."""
    audit = rates.audit
    changed = replace(
        audit,
        rate=np.where(where, value, audit.rate),
        variance=np.where(where, 0, audit.variance),
        smooth_rate=np.where(where, value, audit.smooth_rate),
        smooth_variance=np.where(where, 0, audit.smooth_variance),
    )
    here, there = where.take(design.part, axis=0), value.take(design.part, axis=0)
    return ClassRates(
        rates.kept,
        np.where(here, there, rates.rate),
        np.where(here, there**2, rates.pair_rate),
        changed,
    )


def sum_by(position: Counts, values: Floats, length: int | None = None) -> Floats:
    """Add up the rows of *values*, ``(H,)`` or ``(H, G)``, that share a position."""
    size = length or (int(position.max()) + 1 if position.size else 0)
    if values.ndim == 1:
        return np.asarray(np.bincount(position, weights=values, minlength=size), dtype=float)
    if np.array_equal(position, np.arange(size)):
        return values.astype(float)
    G = values.shape[1]
    place = position[:, np.newaxis] * G + np.arange(G)
    flat = np.bincount(place.ravel(), weights=values.ravel(), minlength=size * G)
    return np.asarray(flat.reshape(size, G), dtype=float)


def over_classes(values: Floats) -> Floats:
    """Add up the classes, from ``(H, G)`` to ``(H,)``."""
    return np.asarray(values @ np.ones(values.shape[1]))


def divide(a: Floats, b: Floats) -> Floats:
    """Divide finite numbers, with 0 where the divisor is 0."""
    return np.asarray(a / np.where(b == 0, np.inf, b))


def _borrows(table: ClassTable, design: Design, visits: Floats) -> Flags:
    """Tell which parts take a class's rate from their pool. Leads are nobody's sample."""
    of_pool = sum_by(design.pool, table.visited)[design.pool_of_part]
    few = np.where(table.kinds == Kind.YES, BORROW_BELOW, 1)
    return np.asarray((visits < few) & (of_pool > visits) & (table.kinds != Kind.LEAD))


def _group(table: ClassTable, design: Design, weight: Floats, borrowed: Flags) -> _Group:
    own = _sums(table, weight, design.part)
    if not borrowed.any():
        return _Group(*own)
    pool = _sums(table, weight, design.pool)
    here = design.pool_of_part
    return _Group(*(np.where(borrowed, b[here], a) for a, b in zip(own, pool, strict=True)))


def _sums(table: ClassTable, weight: Floats, cut: Counts) -> tuple[Floats, ...]:
    w = weight[:, np.newaxis]
    rate = divide(sum_by(cut, w * table.achieved), sum_by(cut, w * table.visited))
    q, missed = rate[cut], table.visited - table.achieved
    square = sum_by(cut, w**2 * (table.achieved * (1 - q) ** 2 + missed * q**2))
    counts = (sum_by(cut, c) for c in (table.rows, table.visited, table.achieved))
    return (*counts, sum_by(cut, w * table.rows), rate, square)


def _rate_variance(group: _Group) -> Floats:
    """Return the variance of the rates as means of a simple random sample of their class.

    A single visit shows no spread; it gets the largest a yes-or-no value can have.
    """
    n, m = group.rows, group.visits
    spread = divide(group.square, m - 1)
    error = n**2 * (1 - divide(m, n)) * divide(spread, m * group.weighted_rows**2)
    return np.where(m == 1, LARGEST_VARIANCE, error)


def _smooth_variance(group: _Group, rate: Floats) -> Floats:
    """Return the same variance with the spread that the smoothed *rate* has."""
    unseen = 1 - divide(group.visits, group.rows)
    return unseen * rate * (1 - rate) / np.maximum(group.visits - 1, 1)


def _of_class(
    table: ClassTable,
    design: Design,
    weight: Floats,
    borrowed: Flags,
    rate: Floats,
    variance: Floats,
) -> Floats:
    """Turn the variance of a borrowed rate into that of the class it is lent to.

    The rate speaks for the rows that nobody visited. It may be off for all of them together, and
    each of them is a yes or a no of its own.
    """
    if not borrowed.any():
        return variance
    rest, w = table.rows - table.visited, weight[:, np.newaxis]
    size, open_, rows = (sum_by(design.part, c) for c in (w * table.rows, w * rest, rest))
    left = divide(open_**2 * variance + rows * rate * (1 - rate), size**2)
    return np.where(borrowed, left, variance)


def _rates_of_strata(
    table: ClassTable, design: Design, audit: Audit, kept: Floats, answers: Floats
) -> ClassRates:
    n, m, y = table.rows, table.visited, table.achieved
    estimated = audit.estimated.take(design.part, axis=0)
    known = np.where((m == n) & (n > 0), divide(y, n), answers)
    rate = np.where(estimated, audit.rate.take(design.part, axis=0), known)
    borrowed = audit.borrowed.take(design.part, axis=0)
    rate = np.where(borrowed, divide(y + (n - m) * rate, n), rate)
    # Pairs are counted where a class stands on its own visits; elsewhere the rate is near enough.
    alone = np.bincount(design.part)[design.part][:, np.newaxis] == 1
    counted = (m > 1) & (~estimated | (alone & ~borrowed))
    pairs = np.where(counted, divide(y * (y - 1), m * (m - 1)), rate**2)
    return ClassRates(kept, rate, pairs, audit)
