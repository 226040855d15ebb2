"""Two phases: phone answers of many rows, put right by visits to a random part of them.

Phase 1 is a simple random sample without replacement of n of the N entries of each stratum, phase 2
one of m_g of the n_g rows of each group; on site is the truth y. With a prediction p of every row
and its error e = y - p on the visited,

    T = sum of p over the n rows + sum over groups of n_g * (mean of e),      Y = N/n * T,
    v2 = sum n_g**2 (1 - m_g/n_g) s_eg**2 / m_g,                             V2 = (N/n)**2 * v2,
    V1 = N**2 (1 - n/N) / n * [Q - (T**2 - v2) / n] / (n - 1),

where Q adds up p**2 and the errors y**2 - p**2 as T does p and e, and so estimates the sum of y**2.
Y and V1 + V2 are unbiased for a p that is fixed beforehand. The estimators differ in p alone: any
constant leaves the class estimator (double sampling for stratification), the answer itself is the
difference estimator, and a + power * answer the tuned one (regression, PPI++). Answers that are
constant within the groups make all three the same, so with yes, no and the kinds of unresolved as
groups there is nothing to tune; the others gain where groups are coarser than answers, or with a
score.

Source: Sarndal, Swensson and Wretman (1992) chapter 9; Cochran (1977) section 12.2; Angelopoulos,
Duchi and Zrnic (2023), *PPI++*. Class estimator: equal to R survey's twophase in each stratum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from estimation.answers import FEWEST, Answers, AnswerTable, tabulate_answers
from estimation.classes import Counts, Floats, Strata
from estimation.estimates import Estimates, marks, student_limits
from estimation.two_phase import divide

ROUNDING = 1e-24  # of the squares of equal answers, what their spread may be by rounding


@dataclass(frozen=True, slots=True)
class TwoPhaseEstimates:
    """Totals of D domains with the variance of each phase, every array ``(D,)``."""

    domain: tuple[str, ...]
    frame_size: Floats
    total: Floats
    phase_1: Floats  #: variance of the total from having called n of N
    phase_2: Floats  #: from having visited m_g of n_g
    df: Counts  #: visits less groups, less one for a power that was tuned
    rows: Counts  #: of phase 1
    visits: Counts
    power: Floats  #: what the answers were multiplied by

    def totals(self) -> Estimates:
        """Return the totals with the standard error of both phases."""
        return self._by(np.ones_like(self.total))

    def means(self) -> Estimates:
        """Return the totals by entry of the frame."""
        return self._by(self.frame_size)

    def _by(self, size: Floats) -> Estimates:
        none = self.frame_size == 0
        error = np.sqrt(np.maximum(self.phase_1, 0) + self.phase_2)
        flags = {
            "no_frame": none,
            "no_df": ~none & (self.df < 1),
            "negative_phase_1": self.phase_1 < 0,
        }
        return Estimates(
            self.domain,
            np.where(none, np.nan, divide(self.total, size)),
            np.where(none, np.nan, divide(error, size)),
            self.df,
            self.rows,
            marks(flags, len(self.domain)),
        )


def class_estimates(
    strata: Strata, answers: Answers, domain_of_stratum: Sequence[str]
) -> TwoPhaseEstimates:
    """Estimate totals from the visits, group by group; the answers themselves count for nothing.

    Parameters
    ----------
    strata
        The frame with H strata.
    answers
        The rows of both phases.
    domain_of_stratum : (H,) labels
        The results are in the order in which the domains first occur.

    Raises ValueError for shapes that differ and missing numbers, and naming a stratum with fewer
    than two rows or a group with fewer than two visits, unless it is complete, or a stratum with
    more rows than entries.
    """
    table = tabulate_answers(strata, answers, domain_of_stratum)
    power = np.zeros(len(table.domains))
    return _estimates(table, _regression(table, power), power, np.zeros_like(power))


def difference_estimates(
    strata: Strata, answers: Answers, domain_of_stratum: Sequence[str]
) -> TwoPhaseEstimates:
    """Estimate totals of what the phone said, put right by what the visits found wrong with it.

    Arguments and errors as in :func:`class_estimates`.
    """
    table = tabulate_answers(strata, answers, domain_of_stratum)
    D = len(table.domains)
    return _estimates(table, table.phone, np.ones(D), np.zeros(D))


def tuned_estimates(
    strata: Strata, answers: Answers, domain_of_stratum: Sequence[str]
) -> TwoPhaseEstimates:
    """Estimate totals with the answers at the power that makes V2 smallest, one for each domain.

    The power is estimated from the visits, which biases the total by the order of 1 / visits; V2
    is raised for the parameter. Where the visits show no two different answers the power is 0.
    Arguments and errors as in :func:`class_estimates`.
    """
    table = tabulate_answers(strata, answers, domain_of_stratum)
    y, f = _centred(table, table.on_site), _centred(table, table.phone)

    def spread(a: Floats, b: Floats) -> Floats:
        squares = _weight(table) * table.of_visited(a * b)
        by_stratum = divide(table.frame_size, table.called) ** 2 * table.of_pairs(squares)
        return table.of_domain(by_stratum)

    shown = spread(f, f) > ROUNDING * spread(table.phone, table.phone)
    power = np.where(shown, divide(spread(y, f), spread(f, f)), 0)
    return _estimates(table, _regression(table, power), power, shown.astype(float))


def _regression(table: AnswerTable, power: Floats) -> Floats:
    """Return the answers times the power of their domain, plus what is then wrong on average."""
    p = power[table.domain][table.stratum] * table.phone
    return p + _mean_of_visited(table, table.on_site - p)[table.stratum]


def _mean_of_visited(table: AnswerTable, values: Floats) -> Floats:
    visits = table.of_rows(table.seen.astype(float))
    return divide(table.of_rows(np.where(table.seen, values, 0)), visits)


def _estimates(table: AnswerTable, p: Floats, power: Floats, spent: Floats) -> TwoPhaseEstimates:
    """Estimate with the predictions *p*, ``(n,)``, on which *spent* parameters were, ``(D,)``."""
    N, n = table.frame_size, table.called
    # Numbers far from 0 would cancel out in V1; moving y and p together changes nothing else.
    middle = _mean_of_visited(table, table.on_site)
    y, p = table.on_site - middle[table.stratum], p - middle[table.stratum]
    df = table.of_domain(table.of_pairs(table.visited_in_pair - 1))
    raised = np.where(df > spent, divide(df, df - spent), 1)
    v2 = table.of_pairs(_weight(table) * table.of_visited(_centred(table, y - p) ** 2))
    v2 = v2 * raised[table.domain]

    def corrected(prediction: Floats, truth: Floats) -> Floats:
        mean_error = table.of_visited(truth - prediction) / table.visited_in_pair
        return table.of_rows(prediction) + table.of_pairs(table.called_in_pair * mean_error)

    T, Q = corrected(p, y), corrected(p**2, y**2)
    v1 = (1 - divide(n, N)) * divide(divide(Q - divide(T**2 - v2, n), n - 1), n)
    return TwoPhaseEstimates(
        domain=table.domains,
        frame_size=table.of_domain(N),
        total=table.of_domain(N * (divide(T, n) + middle)),
        phase_1=table.of_domain(N**2 * v1),
        phase_2=table.of_domain(divide(N, n) ** 2 * v2),
        df=(df - spent).astype(np.int64),
        rows=table.of_domain(n).astype(np.int64),
        visits=table.of_domain(table.of_pairs(table.visited_in_pair)).astype(np.int64),
        power=power,
    )


def _centred(table: AnswerTable, values: Floats) -> Floats:
    """Return the distance of the visited rows from the mean of those in their pair."""
    mean = table.of_visited(values) / table.visited_in_pair
    return np.where(table.seen, values - mean[table.pair], 0)


def _weight(table: AnswerTable) -> Floats:
    """Return n_g**2 (1 - m_g/n_g) / (m_g (m_g - 1)), ``(P,)``; 0 for what was visited whole."""
    n, m = table.called_in_pair, table.visited_in_pair
    return np.asarray(n * (n - m) / (m * np.maximum(m - 1, 1)))


@dataclass(frozen=True, slots=True)
class PpiMean:
    """A mean of independent draws and its standard error."""

    value: float
    standard_error: float
    power: float

    def limits(self, level: float) -> tuple[float, float]:
        """Bound the mean by the normal distribution."""
        low, high = student_limits(self.value, self.standard_error, np.inf, level)
        return float(low), float(high)


def ppi_mean(
    truth: ArrayLike, answer: ArrayLike, other_answers: ArrayLike, *, power: float | None = None
) -> PpiMean:
    """Estimate the mean of the truth from independent draws, to compare with other software.

    Knows no frame, strata or finite population correction: not for the figures of a campaign.

    Parameters
    ----------
    truth, answer : (n,) numbers, of the rows that have both
    other_answers : (N,) numbers, of rows without a truth
    power
        What the answers are multiplied by; None is the one with the smallest variance, from 0 to 1.

    Raises ValueError for shapes that differ, missing numbers, or fewer than two rows of a kind.
    Source: Angelopoulos, Duchi and Zrnic (2023); equal to ppi-python 0.2.3, whose conventions it
    has (variances divide by n, the one that the power is tuned with by n - 1).
    """
    y, f, u = (np.asarray(a, dtype=float) for a in (truth, answer, other_answers))
    if y.ndim != 1 or y.shape != f.shape or u.ndim != 1 or min(y.size, u.size) < FEWEST:
        raise ValueError(
            f"need two rows or more, and equal numbers, got {y.shape}, {f.shape} and {u.shape}"
        )
    if not all(np.all(np.isfinite(a)) for a in (y, f, u)):
        raise ValueError("need finite numbers, got a missing or infinite one")
    if power is None:
        spread = (1 + y.size / u.size) * np.var(np.concatenate([f, u]), ddof=1)
        slope = np.mean((y - y.mean()) * (f - f.mean())) / spread if spread > 0 else 0.0
        power = float(np.clip(slope, 0, 1))
    value = power * u.mean() + np.mean(y - power * f)
    variance = power**2 * np.var(u) / u.size + np.var(y - power * f) / y.size
    return PpiMean(float(value), float(np.sqrt(variance)), power)
