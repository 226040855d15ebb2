"""Intervals that hold at every look at once, for cells whose calling may stop early.

An ordinary interval covers at a size fixed beforehand; at a size chosen by looking it does not.
The limits here hold simultaneously after every row, and each look narrows the one before.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from estimation.likelihood import (
    Counts,
    Floats,
    log_likelihood,
    possible_totals,
    whole_numbers,
)
from estimation.sequential import log_bar

_BLOCK = 1 << 20  # numbers held at a time


def prior_posterior_limits(
    x: ArrayLike, n: ArrayLike, N: int, level: float = 0.95
) -> tuple[Counts, Counts]:
    """Bound the number achieved among the N at every look, from the counts alone.

    A number K stays inside while its prior probability is under 1/(1 - level) of its posterior
    one, with all numbers equally likely before.

    Parameters
    ----------
    x, n : (J,) whole numbers, 0 <= x <= n <= N
        Achieved among the rows worked, in draw order, at each look; both never fall.

    Returns
    -------
    Two ``(J,)`` arrays of counts.

    Raises ValueError for other shapes or numbers. Source: Waudby-Smith and Ramdas (2020).
    """
    hits, rows = whole_numbers("x", x), whole_numbers("n", n)
    if hits.shape != rows.shape:
        raise ValueError(f"need equal 1-d shapes, got {hits.shape} and {rows.shape}")
    failed = rows - hits
    if np.any(hits < 0) or np.any(failed < 0) or np.any(rows > N):
        raise ValueError(f"need 0 <= x <= n <= {N}")
    if np.any(np.diff(hits) < 0) or np.any(np.diff(failed) < 0):
        raise ValueError("the looks must be in the order of calling")
    bar = log_bar(1 - level)
    ends = [_inside(int(a), int(b), N, bar) for a, b in zip(hits, rows, strict=True)]
    low, high = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    return np.maximum.accumulate(low), np.minimum.accumulate(high)


def betting_limits(draws: ArrayLike, N: int, level: float = 0.95) -> tuple[Counts, Counts]:
    """Bound the number achieved among the N after every draw, by hedged betting.

    Against every number K a gambler bets on more and another on less; K is out once one of them
    has multiplied half the stake by 1/(1 - level).

    Parameters
    ----------
    draws : (n,) zeros and ones in draw order, n <= N

    Returns
    -------
    Two ``(n,)`` arrays of counts.

    Raises ValueError for other draws. Source: Waudby-Smith and Ramdas (2024), hedged capital with
    predictable plug-in bets, without replacement; equal to the authors' code on its grid.
    """
    x = np.asarray(draws)
    low, high = np.full(len(x), N), np.zeros(len(x), dtype=np.int64)
    for totals in np.array_split(np.arange(N + 1), (N + 1) * max(len(x), 1) // _BLOCK + 1):
        inside = betting_capital(x, N, totals, 1 - level) <= log_bar(1 - level)
        low = np.minimum(low, np.where(inside, totals[:, None], N).min(axis=0))
        high = np.maximum(high, np.where(inside, totals[:, None], 0).max(axis=0))
    return np.maximum.accumulate(low), np.minimum.accumulate(high)


def betting_capital(draws: ArrayLike, N: int, totals: ArrayLike, alpha: float) -> Floats:
    """Return the log capital of the better of the two gamblers, for each total and draw.

    Parameters
    ----------
    draws : (n,) zeros and ones in draw order, n <= N
    totals : (G,) numbers achieved among the N that are bet against
    alpha : the risk that the bets are tuned for

    Returns
    -------
    ``(G, n)`` logarithms of a fortune that starts at half; infinite where the total is impossible.
    """
    x, total = np.asarray(draws), np.asarray(totals)[:, None]
    if x.ndim != 1 or len(x) > N or not np.all((x == 0) | (x == 1)):
        raise ValueError(f"draws must be at most {N} zeros and ones")
    ones, drawn = np.cumsum(x), np.arange(1, len(x) + 1)
    mean = (total - (ones - x)) / (N - drawn + 1)
    open_ = (mean > 0) & (mean < 1)
    safe = np.where(open_, mean, 0.5)
    bets = _bets(x, alpha)
    more = 1 + np.minimum(bets, 0.5 / safe) * (x - safe)
    less = 1 - np.minimum(bets, 0.5 / (1 - safe)) * (x - safe)
    fortunes = [np.cumsum(np.where(open_, np.log(f), 0.0), axis=1) for f in (more, less)]
    impossible = (total < ones) | (total > N - (drawn - ones))
    return np.where(impossible, np.inf, np.maximum(*fortunes) + np.log(0.5))


def _bets(x: NDArray[np.int64], alpha: float) -> Floats:
    """Return what is staked on each draw, from the spread of the draws before it."""
    drawn = np.arange(1, len(x) + 1)
    mean = (0.5 + np.cumsum(x)) / (drawn + 1)
    spread = (0.25 + np.cumsum((x - mean) ** 2)) / (drawn + 1)
    before = np.concatenate([[0.25], spread[:-1]])
    return np.asarray(np.sqrt(-2 * np.log(alpha) / (drawn * np.log(drawn + 1) * before)))


def _inside(x: int, n: int, N: int, bar: float) -> tuple[int, int]:
    totals = possible_totals(x, n, N)
    average = float(betaln(x + 1, n - x + 1))
    kept = np.flatnonzero(average - log_likelihood(x, n, N, totals) < bar)
    return totals.start + int(kept[0]), totals.start + int(kept[-1])
