"""How strongly the data speak for each answer: the decision rule as p-values.

A p-value here is the smallest risk at which the rule of :mod:`estimation.decision` would still
decide, and all of them are on one scale: the rule decides at :data:`RISK` or less. In a cell it is
the exact hypergeometric probability. Elsewhere it is twice the one-sided level at which the capped
Korn-Graubard limit touches the target, because such limits decide at half the risk a side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, stdtrit

from estimation.classes import Cases, Floats, Strata
from estimation.decision import (
    CELL_ALPHA,
    ROUNDING,
    TWO_SIDED_LEVEL,
    cell_counts,
    conditions,
    testable,
)
from estimation.hypergeometric import fail_probability, pass_probability
from estimation.intervals import Precision, capped_size
from estimation.survey import Runs, Survey, make_survey, run
from estimation.totals import Totals
from estimation.two_phase import Flags, divide

RISK = CELL_ALPHA
ONE_SIDED = (1 - TWO_SIDED_LEVEL) / 2
LEAST = 1e-100  # a level under which no difference is made
HALVINGS = 48  # of the logarithm of a level, to a relative 1e-12


@dataclass(frozen=True, slots=True)
class PValues:
    """P-values of each domain, ``(D,)``; NaN where there is no task, 0 where it is proven.

    The two-phase decision is "met" where ``met`` is at most .05, "not met" where ``not_met`` is.
    """

    domain: tuple[str, ...]
    met: Floats  #: of what was seen, if the target were just missed
    not_met: Floats  #: of what was seen, if the target were just reached


def domain_p_values(
    strata: Strata,
    cases: Cases,
    *,
    domain_of_stratum: Sequence[str],
    targets: Mapping[str, int],
    pool_of_stratum: Sequence[str] | None = None,
    phone_accepted: bool = False,
) -> PValues:
    """Return the p-values behind the decisions of :func:`estimation.domains.estimate_domains`.

    Arguments, order of the domains and errors are the same.
    """
    survey = make_survey(strata, cases, domain_of_stratum, pool_of_stratum, targets)
    runs = run(survey, phone_accepted=phone_accepted)
    return p_values(survey, runs, phone_accepted=phone_accepted)


def p_values(survey: Survey, runs: Runs, *, phone_accepted: bool) -> PValues:
    """Weigh the two-phase decision of every domain.

    Where several things must hold together the weakest counts (intersection-union test, Berger
    1982); a condition that does not hold gives 1, a proof 0. Where both answers would be decided,
    which only assumptions can bring about, neither is.
    """
    target, (low, high) = survey.target, runs.two_phase
    given = conditions(survey, runs, phone_accepted=phone_accepted)
    borrowed = np.where(given.pooled, p_reached(runs.stressed, target), 0)
    met = _weakest(given.surely_met, given.heard & given.enough, p_reached(low, target), borrowed)
    alone = p_missed(runs.relieved, target)
    not_met = _weakest(given.surely_missed, given.heard, p_missed(high, target), alone)
    blank = np.where(np.isnan(target), np.nan, 1)
    undecided = np.isnan(target) | ((met <= RISK) & (not_met <= RISK))
    return PValues(
        survey.domains, np.where(undecided, blank, met), np.where(undecided, blank, not_met)
    )


def p_reached(totals: Totals, target: Floats) -> Floats:
    """Return the p-values of "the target is missed", ``(D,)``; 1 where there is no number."""
    line = divide(target - 1 + ROUNDING, totals.frame_size)
    p = _p_above(totals.precision(), line)
    p = np.where(totals.frame_size > 0, p, target > 0)
    cells = testable(totals, target)
    p[cells] = pass_probability(*cell_counts(totals, target, cells))
    return p


def p_missed(totals: Totals, target: Floats) -> Floats:
    """Return the p-values of "the target is reached", ``(D,)``; 1 where there is no number."""
    precision = totals.precision()
    failed = Precision(
        1 - precision.share, precision.variance, precision.sampled, precision.df, precision.planned
    )
    line = 1 - divide(target - ROUNDING, totals.frame_size)
    p = np.where(totals.frame_size > 0, _p_above(failed, line), target <= 0)
    cells = testable(totals, target)
    p[cells] = fail_probability(*cell_counts(totals, target, cells))
    return p


def _weakest(proven: Flags, allowed: Flags, *p: Floats) -> Floats:
    return np.where(proven, 0.0, np.where(allowed, np.maximum.reduce(p), 1.0))


def _p_above(precision: Precision, line: Floats) -> Floats:
    """Return twice the one-sided level at which the lower limit of the shares is at *line*."""
    share, size = precision.share, capped_size(precision, TWO_SIDED_LEVEL)
    known = np.isfinite(size)
    p = np.where(known, 1.0, 1.0 * ~(share > line))
    inner = known & (share > 0) & (line >= 0) & (line < 1)
    p[inner] = np.minimum(2 * _level(precision, size, line, inner), 1)
    p[line < 0] = 0
    return p


def _level(precision: Precision, size: Floats, line: Floats, where: Flags) -> Floats:
    """Return the level at which the capped Korn-Graubard limit is at *line*, for some domains.

    P(Beta(x*, n* - x* + 1) < line) is that level if n* is its effective size. At the level of the
    decision n* is *size*. At a lower level a small number of degrees of freedom costs more, which
    is solved for by halving. Where it would pay instead (more of them than rows), nothing changes.
    """
    share, df, rows, n, at = (
        a[where] for a in (precision.share, precision.df, precision.sampled, size, line)
    )
    high = betainc(n * share, n * (1 - share) + 1, at)
    n = n / _penalty(rows, df, np.full_like(n, ONE_SIDED))
    solve = (high < ONE_SIDED) & (df < rows - 1)
    share, df, rows, n, at = (a[solve] for a in (share, df, rows, n, at))
    low, top = np.log(np.maximum(high[solve], LEAST)), np.full(len(n), np.log(ONE_SIDED))
    for _ in range(HALVINGS):
        middle = (low + top) / 2
        level = np.exp(middle)
        m = n * _penalty(rows, df, level)
        above = betainc(m * share, m * (1 - share) + 1, at) > level
        low, top = np.where(above, middle, low), np.where(above, top, middle)
    high[solve] = np.exp(low)
    return np.asarray(high, dtype=np.float64)


def _penalty(rows: Floats, df: Floats, level: Floats) -> Floats:
    """Return (t_{n-1} / t_df)**2, by which the effective size shrinks at a one-sided level."""
    of_rows, of_df = (stdtrit(np.maximum(f, 1), level) for f in (rows - 1, df))
    return np.asarray((of_rows / of_df) ** 2, dtype=np.float64)
