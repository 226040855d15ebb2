"""Completed persons of a domain from the rates of its classes, with the variance of both phases.

Y is the sum over strata of N/n times the sum over classes of rows times rate; V1 is the error of
having called n of N, V2 that of having visited some of each class. As in estimation/totals.py.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import inf, nan

from estimation.plain.rates import WIDEST, Audit, Survey, over


@dataclass
class Total:
    """A domain's completed persons, nan without an estimate, and what an interval needs."""

    size: int
    rows: float
    completed: float
    variance: float
    df: float
    planned: float  # the size of the simple random sample that the design is worth
    exact: bool  # one stratum whose rows are all known
    hits: int  # among the rows of such a one

    @property
    def share(self) -> float:
        return over(self.completed, self.size)


def total(strata: Survey, audits: list[Audit], fill: float | None = None) -> Total:
    """Expand the rates of one domain to its frame, with the variance of both phases."""
    size, used = sum(s.size for s in strata), sum(s.kept for s in strata)
    hits, completed, variance, phase_1, share = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in strata:
        N, n, cells = s.size, s.kept, s.cells.values()
        first = sum(c.kept * c.rate for c in cells)
        pairs = sum(c.kept * max(c.kept - 1, 0) * c.pairs - (c.kept * c.rate) ** 2 for c in cells)
        spread = over(max(first - over(pairs + first**2, n - 1), 0), n)
        spread = WIDEST * over(N, N - 1) if n == 1 else spread
        nothing = (nan if N else 0.0) if fill is None else N * fill
        completed += N * first / n if n else nothing
        variance += N**2 * (1 - over(n, N)) * over(spread, n)
        phase_1 += N**2 * (1 - over(n, N)) / max(n - 1, 1) if n else 0
        hits += first
    second, phase_2, df = 0.0, 0.0, _phone_df(strata, audits)
    for audit in audits:
        persons = sum(s.weight * c.kept for s, c in audit.cells)
        df += audit.visits - 1 if audit.estimated else 0
        second += persons**2 * audit.variance
        phase_2 += persons**2 * audit.smooth_variance
        for s, c in audit.cells:
            share += s.weight * c.kept * (audit.smooth_rate if audit.estimated else c.rate)
    share = over(share, size)
    error = phase_1 / max(size, 1) ** 2 + over(over(phase_2, size**2), max(share * (1 - share), 0))
    exact = sum(s.size > 0 for s in strata) == 1 and not any(a.estimated for a in audits)
    planned = 1 / error if error > 0 else inf
    return Total(size, used, completed, variance + second, df, planned, exact, round(hits))


def _phone_df(strata: Survey, audits: list[Audit]) -> float:
    """Count the degrees of freedom of classes that no rate was estimated for."""
    answers, seen = defaultdict[int, float](float), 0.0
    for audit in audits:
        for s, c in audit.cells if not audit.estimated else []:
            if audit.as_phoned:
                answers[id(s)] += c.kept
            else:
                seen += max(c.kept - 1, 0)
    return seen + sum(max(answers[id(s)] - 1, 0) for s in strata)
