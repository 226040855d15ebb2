"""The leaves of the roll-up: what each region x project's sample leaves open about its total.

A leaf is worth a simple random sample without replacement: *rows* of its entries, *achieved* of
them. For one stratum whose rows are known that is its sample. For everything else it is the sample
of equal precision: m with (m - 1) / (1 - m / N) = n*, the capped effective size of the interval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.intervals import capped_size
from estimation.survey import Runs, Survey
from estimation.totals import domain_totals
from estimation.two_phase import divide, sum_by

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEVEL = 0.95  # whose t quantiles price the degrees of freedom


@dataclass(frozen=True, slots=True)
class Leaves:
    """L leaves, every array ``(L,)``.

    A leaf without rows is known by the other leaves of its project alone; a leaf whose rows are
    all its entries is known for certain.
    """

    region: Counts  #: position in the tree
    project: Counts  #: position among the targets
    frame_size: Floats
    rows: Floats
    achieved: Floats

    @classmethod
    def of(
        cls,
        region: ArrayLike,
        project: ArrayLike,
        frame_size: ArrayLike,
        rows: ArrayLike,
        achieved: ArrayLike,
    ) -> "Leaves":
        """Check the numbers; raises ValueError naming the leaf that is impossible."""
        where, what = (np.asarray(a, dtype=np.int64) for a in (region, project))
        N, n, x = (np.asarray(a, dtype=float) for a in (frame_size, rows, achieved))
        if where.ndim != 1 or not where.shape == what.shape == N.shape == n.shape == x.shape:
            shapes = where.shape, what.shape, N.shape, n.shape, x.shape
            raise ValueError(f"need equal shapes (L,), got {shapes}")
        fine = (x >= 0) & (x <= n) & (n <= N) & np.isfinite(N) & (where >= 0) & (what >= 0)
        if not fine.all():
            i = int(np.flatnonzero(~fine)[0])
            raise ValueError(
                "need a place and 0 <= achieved <= rows <= frame size, got "
                f"{x[i]:g}, {n[i]:g}, {N[i]:g} in leaf number {i}"
            )
        return cls(where, what, N, n, x)


@dataclass(frozen=True, slots=True)
class SharedRates:
    """P audit rates that leaves have in common, and how much of each leaf hangs on them.

    A rate speaks for those rows of its borrowers that nobody visited.
    """

    visits: Floats  #: (P,)
    achieved: Floats  #: (P,) of the visits
    alike: Counts  #: (P,) number of the group of rates that are alike
    lent: Floats  #: (L, P) share of the leaf's frame

    @classmethod
    def of(
        cls, visits: ArrayLike, achieved: ArrayLike, alike: ArrayLike, lent: ArrayLike
    ) -> "SharedRates":
        """Check the numbers; raises ValueError naming the rate that is impossible."""
        m, y = (np.asarray(a, dtype=float) for a in (visits, achieved))
        group, part = np.asarray(alike, dtype=np.int64), np.asarray(lent, dtype=float)
        if m.ndim != 1 or not m.shape == y.shape == group.shape == part.shape[1:]:
            shapes = m.shape, y.shape, group.shape, part.shape
            raise ValueError(f"need shapes (P,) three times and (L, P), got {shapes}")
        fine = (y >= 0) & (y <= m) & (m > 0) & np.isfinite(m)
        fine &= ((part >= 0) & (part <= 1)).all(axis=0)
        if not fine.all():
            p = int(np.flatnonzero(~fine)[0])
            raise ValueError(
                "need 0 <= achieved <= visits, visits, and shares of leaves in [0, 1], got "
                f"{y[p]:g}, {m[p]:g} in rate number {p}"
            )
        return cls(m, y, group, part)


def leaves_of(
    surveys: Sequence[tuple[Survey, Runs]], region: Mapping[str, int]
) -> tuple[Leaves, SharedRates]:
    """Take the domains of one survey for each project as leaves, with the rates they borrow.

    *region* gives the position of each domain in the tree. The estimates are the weighted ones; a
    domain without a number is a leaf without rows. Raises KeyError for a domain without a place.
    """
    where = [[region[domain] for domain in survey.domains] for survey, _ in surveys]
    project = np.repeat(np.arange(len(surveys)), [len(places) for places in where])
    worth = [_worth(survey, runs) for survey, runs in surveys]
    leaves = Leaves.of(np.concatenate(where), project, *np.concatenate(worth, axis=1))
    return leaves, _joined([_borrowed(survey, runs) for survey, runs in surveys])


def _worth(survey: Survey, runs: Runs) -> Floats:
    """Return frame size, rows and achieved of each domain, borrowed rates taken for known."""
    audit = runs.rates.audit
    known = replace(
        audit,
        variance=np.where(audit.borrowed, 0, audit.variance),
        smooth_variance=np.where(audit.borrowed, 0, audit.smooth_variance),
    )
    totals = domain_totals(replace(runs.rates, audit=known), survey.design, len(survey.domains))
    precision, N = totals.precision(), totals.frame_size
    error = 1 / capped_size(precision, LEVEL)
    rows = divide(1 + error, error + divide(np.ones_like(N), N))
    rows = np.where(totals.cell, totals.rows, np.minimum(rows, N))
    share = np.clip(precision.share, 0, 1)
    there = ~np.isnan(totals.completed) & (N > 0)
    return np.stack([N, np.where(there, rows, 0), np.where(there, rows * share, 0)])


def _borrowed(survey: Survey, runs: Runs) -> SharedRates:
    """Return the borrowed rates: one for each pool and class, alike where the class is the same."""
    design, audit, kept = survey.design, runs.rates.audit, runs.rates.kept
    part, group = np.nonzero(audit.borrowed)
    weight = divide(design.frame_size, kept.sum(axis=1))
    unvisited = survey.table.rows - survey.table.visited
    entries = sum_by(design.part, weight[:, np.newaxis] * unvisited)[part, group]
    pairs = np.stack([design.pool_of_part[part], group])
    rates, first, column = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
    domain = design.domain_of_part[part]
    lent = np.zeros((len(survey.domains), len(first)))
    np.add.at(lent, (domain, column.reshape(-1)), entries / runs.weighted.frame_size[domain])
    a, b = part[first], group[first]
    return SharedRates.of(audit.visits[a, b], audit.achieved[a, b], rates[1], np.minimum(lent, 1))


def _joined(rates: Sequence[SharedRates]) -> SharedRates:
    """Put the rates of several projects beside each other; across projects none are alike."""
    from scipy.linalg import block_diag  # slow to import, and only this needs it

    groups = [int(r.alike.max(initial=-1)) + 1 for r in rates]
    before = np.cumsum(groups) - groups
    return SharedRates(
        visits=np.concatenate([r.visits for r in rates]),
        achieved=np.concatenate([r.achieved for r in rates]),
        alike=np.concatenate([r.alike + b for r, b in zip(rates, before, strict=True)]),
        lent=block_diag(*(r.lent for r in rates)),
    )
