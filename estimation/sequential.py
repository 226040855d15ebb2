"""Has a cell done its task, however often one looks? Tests that let calling stop early.

The evidence for a decision is an e-value: the probability of the verdicts averaged over the truths
that agree with the decision, divided by their largest probability under a truth that does not. If
the decision is wrong, the evidence ever reaches 1/alpha with a probability of at most alpha
(Ville's inequality), so one may look after every replicate and stop at the first one that decides.
Rows count in the order of the draw: a look is valid only when all rows up to it are worked.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln

from estimation.decision import CELL_ALPHA
from estimation.likelihood import (
    Counts,
    Floats,
    likeliest_total,
    log_factorials,
    overlap,
    possible_totals,
    whole_numbers,
)

# Beta-binomial weights of the truths, mean .95: they decide how soon, not how surely.
PRIOR = (19.0, 1.0)
ROUNDING = 1e-9  # evidence of exactly 1/alpha decides, on every machine


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The results that decide a cell, for J looks; every array is ``(J,)``."""

    rows: Counts  #: rows worked at the look
    met_from: Counts  #: met if at least so many are achieved; rows + 1 if no result suffices
    not_met_to: Counts  #: not met if no more are achieved or unresolved; -1 if no result suffices


@dataclass(frozen=True, slots=True)
class Prospects:
    """What to expect of a sequential test for one truth: probabilities, and the mean rows used."""

    met: float
    not_met: float
    rows: float


def evidence_met(x: ArrayLike, n: ArrayLike, N: int, target: int) -> Floats:
    """Return the log e-values for "at least *target* of the N are achieved", after each look.

    Parameters
    ----------
    x, n : (J,) whole numbers, 0 <= x <= n <= N
        Achieved among the rows worked, in draw order, up to each look. Unresolved rows do not
        count as achieved here.
    N, target : rows in the frame, and the number of them that must be achieved

    Returns
    -------
    ``(J,)`` logarithms; infinite where the target is surely reached, minus infinity where it
    surely is not. The decision is met where one is log(1/alpha) or more.

    Raises ValueError for other shapes or numbers. Source: the mixture method without replacement,
    Waudby-Smith and Ramdas (2020), with the ratio of Wasserman, Ramdas and Balakrishnan (2020) for
    a null hypothesis of many truths.
    """
    return _evidence(_met(N, target), x, n)


def evidence_not_met(x: ArrayLike, n: ArrayLike, N: int, target: int) -> Floats:
    """Return the log e-values for "fewer than *target* of the N are achieved", after each look.

    As `evidence_met`, but here unresolved rows count as achieved.
    """
    return _evidence(_not_met(N, target), x, n)


def boundaries(N: int, target: int, rows: ArrayLike, alpha: float = CELL_ALPHA) -> Boundaries:
    """Tabulate which results decide a cell at looks after so many *rows*, ``(J,)`` and rising.

    Raises ValueError unless 0 < rows <= N, target >= 0 and 0 < alpha < 1. Each of the two errors
    has a probability of at most alpha, over all looks together.
    """
    looks = whole_numbers("rows", rows)
    if looks.size and (looks[0] < 1 or looks[-1] > N or np.any(np.diff(looks) < 1)):
        raise ValueError(f"rows must rise from 1 or more to {N} or less, got {looks.tolist()}")
    bar = log_bar(alpha)
    met, not_met = _met(N, target), _not_met(N, target)
    met_from = _fewest(met.log_evidence, looks, bar)
    failed_from = _fewest(lambda failed, n: not_met.log_evidence(n - failed, n), looks, bar)
    return Boundaries(looks, met_from, looks - failed_from)


def prospects(plan: Boundaries, N: int, achieved: int) -> Prospects:
    """Compute how a test with these boundaries ends if *achieved* of the N are, all rows resolved.

    Exact: the probability of every number achieved is carried from row to row. Raises ValueError
    unless 0 <= achieved <= N and the looks fit into N.
    """
    if not 0 <= achieved <= N or (plan.rows.size and plan.rows[-1] > N):
        raise ValueError(f"need 0 <= achieved <= {N} and looks within {N} rows, got {achieved}")
    looks = {int(n): j for j, n in enumerate(plan.rows)}
    last = max(looks, default=0)
    x = np.arange(last + 1)
    p = np.zeros(last + 1)
    p[0], met, not_met, used = 1.0, 0.0, 0.0, 0.0
    for n in range(1, last + 1):
        used += float(p.sum())
        hit = p * np.clip((achieved - x) / (N - n + 1), 0, 1)
        p -= hit
        p[1:] += hit[:-1]
        if (j := looks.get(n)) is not None:
            above, below = x >= plan.met_from[j], x <= plan.not_met_to[j]
            met, not_met = met + float(p[above].sum()), not_met + float(p[below].sum())
            p[above | below] = 0
    return Prospects(met, not_met, used)


def log_bar(alpha: float) -> float:
    """Return the log evidence that decides at the risk *alpha*."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha}")
    return float(-np.log(alpha)) - ROUNDING


class _Test:
    """Evidence that the number achieved lies in one part of 0..N and not in the other.

    In the ratio of probabilities the factor (N - n)!/N! of all truths is left out, and K! (N - K)!
    of the prior weights against that of the sequence.
    """

    def __init__(self, N: int, claimed: range, rivals: range) -> None:
        self.N, self.claimed, self.rivals = N, claimed, rivals
        f, K, (a, b) = log_factorials(N), np.arange(claimed.start, claimed.stop), PRIOR
        weights = betaln(K + a, N - K + b)
        self.log_weights = weights - _log_sum(weights - f[K] - f[N - K])

    def log_evidence(self, x: int, n: int) -> float:
        N, failed, f = self.N, n - x, log_factorials(self.N)
        possible = possible_totals(x, n, N)
        rivals, claimed = overlap(self.rivals, possible), overlap(self.claimed, possible)
        if not rivals:
            return np.inf  # proven: no other truth is left
        if not claimed:
            return -np.inf
        low, high, first = claimed.start, claimed.stop, self.claimed.start
        # N - K runs down while K runs up, hence the reversed part of the table.
        ways = f[low - x : high - x] + f[N - high + 1 - failed : N - low + 1 - failed][::-1]
        average = _log_sum(self.log_weights[low - first : high - first] - ways)
        k = likeliest_total(x, n, N, rivals)
        return average - float(f[k] + f[N - k] - f[k - x] - f[N - k - failed])


def _met(N: int, target: int) -> _Test:
    reached, missed = _parts(N, target)
    return _Test(N, claimed=reached, rivals=missed)


def _not_met(N: int, target: int) -> _Test:
    reached, missed = _parts(N, target)
    return _Test(N, claimed=missed, rivals=reached)


def _parts(N: int, target: int) -> tuple[range, range]:
    if N < 1 or target < 0:
        raise ValueError(f"need N >= 1 and target >= 0, got N={N} and target={target}")
    return range(target, N + 1), range(min(target, N + 1))


def _evidence(test: _Test, x: ArrayLike, n: ArrayLike) -> Floats:
    hits, rows = whole_numbers("x", x), whole_numbers("n", n)
    if hits.shape != rows.shape:
        raise ValueError(f"need equal 1-d shapes, got {hits.shape} and {rows.shape}")
    if np.any(hits < 0) or np.any(hits > rows) or np.any(rows > test.N):
        raise ValueError(f"need 0 <= x <= n <= {test.N}")
    return np.array([test.log_evidence(int(a), int(b)) for a, b in zip(hits, rows, strict=True)])


def _fewest(evidence: Callable[[int, int], float], looks: Counts, bar: float) -> Counts:
    """Find the fewest rows in favour that decide, at each look; n + 1 if not even all n do.

    A row in favour raises the evidence and a row against lowers it, so from one look to the next
    the number stays or rises, by no more than the rows in between.
    """
    fewest, least, before = [], 0, -1
    for n in (int(rows) for rows in looks):

        def in_favour(favourable: int, n: int = n) -> float:
            return evidence(favourable, n)

        least = bisect_left(range(n + 1), bar, lo=least, hi=least + n - before, key=in_favour)
        before = n
        fewest.append(least)
    return np.array(fewest, dtype=np.int64)


def _log_sum(logs: Floats) -> float:
    """Return log(sum(exp(logs))), minus infinity for nothing."""
    if not logs.size:
        return -np.inf
    top = float(logs.max())
    return top + float(np.log(np.exp(logs - top).sum()))
