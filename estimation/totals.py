"""Completed persons of each domain, with the variance of both phases.

Y = sum over strata of N/n * sum over classes of n_g * q_g, and v = V1 + V2: V1 is
the error of having called n of N, V2 that of having visited some of each class.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimation.classes import Floats
from estimation.intervals import Precision
from estimation.nonresponse import Fill
from estimation.two_phase import LARGEST_VARIANCE, ClassRates, Design, divide, over_classes, sum_by


@dataclass(frozen=True, slots=True)
class Totals:
    """Estimates of D domains, every array ``(D,)``; missing where a stratum has no rows to use."""

    frame_size: Floats
    rows: Floats  #: the estimate rests on
    completed: Floats
    variance: Floats  #: of completed
    df: Floats
    planned: Floats  #: effective size promised by the design, infinite for a census
    cell: NDArray[np.bool_]  #: one stratum whose rows are all known: exact inference applies
    hits: Floats  #: achieved among the rows of a cell

    def precision(self) -> Precision:
        """Return the shares of the frame with their variances, for the interval methods."""
        return Precision(
            divide(self.completed, self.frame_size),
            divide(self.variance, self.frame_size**2),
            self.rows,
            self.df,
            self.planned,
        )


@dataclass(frozen=True, slots=True)
class _Strata:
    """What each stratum adds to its domain, ``(H,)``."""

    rows: Floats
    achieved: Floats
    completed: Floats
    variance: Floats  #: V1


def domain_totals(
    rates: ClassRates, design: Design, domains: int, *, fill: Fill | None = None
) -> Totals:
    """Expand the rates of the classes to the *domains*, in order.

    A stratum with entries but no rows to use leaves its domain without a number, or is taken to
    be *fill* as a whole.
    """
    strata = _expand(rates, design, fill)
    audit, N = rates.audit, design.frame_size

    def add(values: Floats) -> Floats:
        return sum_by(design.domain, values, domains)

    def add_parts(values: Floats) -> Floats:
        return sum_by(design.domain_of_part, values, domains)

    size = sum_by(design.part, divide(N, strata.rows)[:, np.newaxis] * rates.kept)
    visits = over_classes(np.where(audit.estimated, audit.visits - 1, 0))
    extrapolated = add_parts(over_classes(audit.estimated.astype(float))) > 0
    return Totals(
        frame_size=add(N),
        rows=add(strata.rows),
        completed=add(strata.completed),
        variance=add(strata.variance) + add_parts(over_classes(size**2 * audit.variance)),
        df=add(_degrees(rates, design)) + add_parts(visits),
        planned=_planned(rates, design, strata, domains),
        cell=(add((N > 0).astype(float)) == 1) & ~extrapolated,
        hits=np.rint(add(strata.achieved)),
    )


def _degrees(rates: ClassRates, design: Design) -> Floats:
    """Return the degrees of freedom of the classes that no rate was estimated for, ``(H,)``.

    What stands as phoned is one sample; a class that is known whole is one of its own.
    """
    audit, part = rates.audit, design.part
    known = np.where(audit.estimated.take(part, axis=0), 0, rates.kept)
    as_phoned = audit.as_phoned.take(part, axis=0)
    answers = over_classes(np.where(as_phoned, known, 0))
    seen = over_classes(np.where(as_phoned, 0, np.maximum(known - 1, 0)))
    return np.maximum(answers - 1, 0) + seen


def _expand(rates: ClassRates, design: Design, fill: Fill | None) -> _Strata:
    """Estimate each stratum and its phase 1 variance, N**2 (1 - f) s**2 / n.

    s**2 is estimated without bias from sums over rows and over pairs of rows. A single row shows
    no spread; it gets the largest a yes-or-no value can have.
    """
    N, n = design.frame_size, over_classes(rates.kept)
    sums = rates.kept * rates.rate
    first = over_classes(sums)
    within = over_classes(rates.kept * np.maximum(rates.kept - 1, 0) * rates.pair_rate)
    pairs = within + first**2 - over_classes(sums**2)
    spread = divide(np.maximum(first - divide(pairs, n - 1), 0), n)
    spread = np.where(n == 1, LARGEST_VARIANCE * divide(N, N - 1), spread)
    left = 1 - divide(n, N)
    completed = N * divide(first, n)
    if fill is None:
        completed = np.where((N > 0) & (n == 0), np.nan, completed)
    else:
        completed = np.where(n == 0, N * fill.value, completed)
    return _Strata(n, first, completed, N**2 * left * divide(spread, n))


def _planned(rates: ClassRates, design: Design, strata: _Strata, domains: int) -> Floats:
    """Return the size of the simple random sample that the design is worth, rates smoothed.

    With one phase this is 1 / sum(W**2 (1 - f) / (n - 1)), whatever the shares are.
    """
    audit, N, n = rates.audit, design.frame_size, strata.rows
    total = sum_by(design.domain, N, domains)
    left = np.where(n > 0, 1 - divide(n, N), 0)
    phase_1 = (
        sum_by(design.domain, N**2 * left / np.maximum(n - 1, 1), domains)
        / np.maximum(total, 1) ** 2
    )
    weighted = divide(N, n)[:, np.newaxis] * rates.kept
    estimated = audit.estimated.take(design.part, axis=0)
    smooth = np.where(estimated, audit.smooth_rate.take(design.part, axis=0), rates.rate)
    share = divide(sum_by(design.domain, over_classes(weighted * smooth), domains), total)
    size = sum_by(design.part, weighted)
    second = over_classes(size**2 * audit.smooth_variance)
    phase_2 = divide(sum_by(design.domain_of_part, second, domains), total**2)
    spread = share * (1 - share)
    error = phase_1 + divide(phase_2, np.maximum(spread, 0))
    return np.asarray(np.divide(1.0, error, out=np.full(domains, np.inf), where=error > 0))
