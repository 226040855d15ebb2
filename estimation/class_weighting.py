"""Weighting for nonresponse: the resolved cases of a class stand for its unresolved ones.

Within a class the resolved are taken for a simple random sample of its cases (missing at random).
Response is then a second phase, stratified by class, and the variance is that of two phases:

    p = sum w a y / sum w a,  w = N/n of the stratum, a = n_c/r_c of the class,  u = (y-p)/sum w a
    V1 = sum over strata of N**2 (1 - f)/n * S**2,  S**2 = [sum a u**2 - sum of pairs/(n - 1)]/n,
         where a pair in one class counts n_c(n_c-1)/(r_c(r_c-1)), any other a * a
    V2 = sum over classes of n_c**2 (1 - r_c/n_c) s**2/r_c,  s**2 the variance of w u

Visiting some of the unresolved assumes less and is to be preferred (estimation.two_phase).

Source: Sarndal, Swensson and Wretman (1992) chapter 9. For one stratum equal to R survey's twophase
with response as phase 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from estimation.classes import Coded, Strata, coded
from estimation.intervals import Precision
from estimation.response_classes import (
    Counts,
    Flags,
    Floats,
    ResponseClasses,
    Responses,
    checked,
)
from estimation.two_phase import LARGEST_VARIANCE, divide, sum_by


@dataclass(frozen=True, slots=True)
class WeightedShares:
    """Estimates of D domains; NaN where a stratum has entries and no resolved case.

    Flags: ``no_frame``; ``assumes_mar`` some cases are unresolved; ``pooled_class``,
    ``thin_class`` a class across strata, or against the rule; ``single_row`` one resolved case in
    a stratum or class shows no spread and gets the largest; ``no_sample:S``, ``no_resolved:S``.
    """

    domain: tuple[str, ...]
    completed: Floats  #: persons
    completed_se: Floats
    precision: Precision  #: of the shares of the frame, for estimation.intervals
    flags: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Design:
    """The frame and the sample by stratum, ``(H,)``."""

    frame_size: Floats
    sampled: Floats
    resolved: Floats
    domain: Counts
    domains: int

    def by_domain(self, values: Floats) -> Floats:
        return sum_by(self.domain, values, self.domains)


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The resolved cases, ``(r,)``, and what they stand for."""

    stratum: Counts
    domain: Counts
    group: Counts  #: the class
    achieved: Floats
    entries: Floats  #: w, for each case of the stratum
    cases: Floats  #: a, for each resolved case of the class


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs of a part, stratum or domain, and a class that have resolved cases, ``(P,)``."""

    part: Counts
    group: Counts
    of_row: Counts  #: (r,)

    def add(self, values: Floats) -> Floats:
        """Add up a number of each resolved case by pair."""
        return sum_by(self.of_row, values, len(self.part))


def weighted_shares(
    strata: Strata,
    responses: Responses,
    classes: ResponseClasses,
    *,
    domain_of_stratum: Sequence[str],
) -> WeightedShares:
    """Estimate the share of each domain from resolved cases weighted within their classes.

    Parameters
    ----------
    strata : H strata
    responses : n cases
    classes : of the same cases
    domain_of_stratum : (H,) labels
        The results are in the order in which the domains first occur.

    Raises ValueError for columns of different length, truth values that are none, a stratum that
    does not exist, or one with more cases than entries, which it names.
    """
    where, seen, y = checked(strata, responses)
    if classes.of_case.shape != where.shape:
        raise ValueError(f"need a class for each of the {len(where)} cases")
    if len(domain_of_stratum) != len(strata.names):
        raise ValueError(f"need a domain for each of the {len(strata.names)} strata")
    domain = coded(domain_of_stratum)
    design = _design(strata, where, seen, domain)
    rows = _resolved(design, classes, where[seen], classes.of_case[seen], y[seen])
    precision = _precision(design, classes, rows)
    N = design.by_domain(design.frame_size)
    return WeightedShares(
        domain=tuple(domain.words),
        completed=np.where(N == 0, 0.0, precision.share * N),
        completed_se=np.where(N == 0, 0.0, np.sqrt(precision.variance) * N),
        precision=precision,
        flags=_flags(strata, design, classes, where),
    )


def _design(strata: Strata, where: Counts, seen: Flags, domain: Coded) -> _Design:
    H = len(strata.names)
    return _Design(
        frame_size=np.asarray(strata.frame_size, dtype=float),
        sampled=np.bincount(where, minlength=H).astype(float),
        resolved=np.bincount(where[seen], minlength=H).astype(float),
        domain=domain.positions(),
        domains=len(domain.words),
    )


def _resolved(
    design: _Design, classes: ResponseClasses, stratum: Counts, group: Counts, y: Flags
) -> _Resolved:
    return _Resolved(
        stratum=stratum,
        domain=design.domain[stratum],
        group=group,
        achieved=y.astype(float),
        entries=divide(design.frame_size, design.sampled)[stratum],
        cases=classes.weight[group],
    )


def _precision(design: _Design, classes: ResponseClasses, rows: _Resolved) -> Precision:
    weight = rows.entries * rows.cases
    size = sum_by(rows.domain, weight, design.domains)
    share = divide(sum_by(rows.domain, weight * rows.achieved, design.domains), size)
    u = divide(rows.achieved - share[rows.domain], size[rows.domain])
    first = design.by_domain(_first_phase(design, classes, rows, u, size))
    second = _second_phase(design, classes, rows, u, size)
    silent = (design.frame_size > 0) & (design.resolved == 0)
    blank = (design.by_domain(silent.astype(float)) > 0) | (size == 0)
    in_domain = _pairs(rows.domain, rows.group, classes)
    spare = np.maximum(in_domain.add(np.ones(len(u))) - 1, 0)
    return Precision(
        share=np.where(blank, np.nan, share),
        variance=np.where(blank, np.nan, first + second),
        sampled=design.by_domain(design.resolved),
        df=sum_by(in_domain.part, spare, design.domains),
        planned=_planned(design, classes, rows, size),
    )


def _pairs(part: Counts, group: Counts, classes: ResponseClasses) -> _Pairs:
    C = max(len(classes.cases), 1)
    present, of_row = np.unique(part * C + group, return_inverse=True)
    return _Pairs(present // C, present % C, of_row.reshape(-1))


def _first_phase(
    design: _Design, classes: ResponseClasses, rows: _Resolved, u: Floats, size: Floats
) -> Floats:
    """Return the variance of having called n of N, ``(H,)``.

    One resolved case shows no spread; it gets the largest a yes-or-no value can have.
    """
    N, n, H = design.frame_size, design.sampled, len(design.sampled)
    pairs = _pairs(rows.stratum, rows.group, classes)
    a = classes.weight[pairs.group]
    n_c, r_c = classes.cases[pairs.group], classes.resolved[pairs.group]
    once, square = pairs.add(u), pairs.add(u**2)
    together = divide(n_c * (n_c - 1), r_c * (r_c - 1)) * (once**2 - square) - (a * once) ** 2
    both = sum_by(pairs.part, together, H) + sum_by(pairs.part, a * once, H) ** 2
    spread = divide(sum_by(pairs.part, a * square, H) - divide(both, n - 1), n)
    largest = divide(LARGEST_VARIANCE * divide(N, N - 1), size[design.domain] ** 2)
    spread = np.where(design.resolved == 1, largest, np.maximum(spread, 0))
    return N**2 * (1 - divide(n, N)) * divide(spread, n)


def _second_phase(
    design: _Design, classes: ResponseClasses, rows: _Resolved, u: Floats, size: Floats
) -> Floats:
    """Return the variance of having resolved r_c of the n_c of each class, ``(D,)``."""
    pairs = _pairs(rows.domain, rows.group, classes)
    n, r = classes.cases[pairs.group], classes.resolved[pairs.group]
    z = rows.entries * u
    spread = divide(pairs.add(z**2) - divide(pairs.add(z) ** 2, r), r - 1)
    largest = LARGEST_VARIANCE * pairs.add(divide(rows.entries, size[rows.domain]) ** 2)
    spread = np.where(r == 1, largest, np.maximum(spread, 0))
    return sum_by(pairs.part, n**2 * (1 - divide(r, n)) * divide(spread, r), design.domains)


def _planned(design: _Design, classes: ResponseClasses, rows: _Resolved, size: Floats) -> Floats:
    """Return the size of the simple random sample that the design is worth, rates smoothed."""
    N, n = design.frame_size, design.sampled
    W = divide(N, design.by_domain(N)[design.domain])
    first = design.by_domain(W**2 * (1 - divide(n, N)) / np.maximum(n - 1, 1))
    pairs = _pairs(rows.domain, rows.group, classes)
    r, x = pairs.add(np.ones(len(rows.group))), pairs.add(rows.achieved)
    rate = (x + 1) / (r + 2)
    part = divide(pairs.add(rows.entries * rows.cases), size[pairs.part])
    unseen = 1 - divide(classes.resolved, classes.cases)[pairs.group]
    error = part**2 * unseen * rate * (1 - rate) / np.maximum(r - 1, 1)
    share = sum_by(pairs.part, part * rate, design.domains)
    total = first + divide(sum_by(pairs.part, error, design.domains), share * (1 - share))
    endless = np.full(design.domains, np.inf)
    return np.asarray(np.divide(1.0, total, out=endless, where=total > 0))


def _flags(
    strata: Strata, design: _Design, classes: ResponseClasses, where: Counts
) -> tuple[tuple[str, ...], ...]:
    N, n, r, D = design.frame_size, design.sampled, design.resolved, design.domains
    of_case = design.domain[where]

    def any_case(mark: Flags) -> Flags:
        return np.asarray(np.bincount(of_case[mark[classes.of_case]], minlength=D) > 0)

    def any_stratum(mark: Flags) -> Flags:
        return np.asarray(design.by_domain(mark.astype(float)) > 0)

    alone = (classes.resolved == 1) & (classes.cases > 1)
    marks = {
        "no_frame": design.by_domain(N) == 0,
        "assumes_mar": any_stratum(r < n),
        "pooled_class": any_case(classes.pooled),
        "thin_class": any_case(classes.thin),
        "single_row": any_stratum((r == 1) & (N > 1)) | any_case(alone),
    }
    silent = [int(h) for h in np.flatnonzero((N > 0) & (r == 0))]
    words = [[code for code, mark in marks.items() if mark[d]] for d in range(D)]
    for h in silent:
        code = "no_resolved" if n[h] else "no_sample"
        words[design.domain[h]].append(f"{code}:{strata.names[h]}")
    return tuple(tuple(word) for word in words)
