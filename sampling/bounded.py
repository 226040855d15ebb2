"""The best sizes within bounds, real and whole, where the variance is the sum of A**2 / n.

A is how much a stratum weighs: its entries times their standard deviation for Neyman's optimum,
and anything else that is wished for a compromise, such as a power of its size.
"""

from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Strata without weight stand behind all others, by this part of the largest weight.
NEXT_TO_NOTHING = 1e-30
#: The first case of a stratum is worth this many times more than its weight.
FIRST_CASE = 1e12


def best_sizes(
    weights: ArrayLike,
    total: float,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    cost: ArrayLike = 1.0,
) -> Floats:
    """Minimise the sum of A**2 / n under sum of cost * n = total and lower <= n <= upper.

    Parameters
    ----------
    weights : (H,) numbers A, 0 or more
    total : what is spent; cases, unless *cost* says otherwise
    lower, upper : (H,) or one number, 0 <= lower <= upper
    cost : (H,) or one number, above 0, of one case

    Returns
    -------
    ``(H,)`` real sizes: one multiple of A / sqrt(cost), cut to the bounds.

    Raises ValueError for other shapes or numbers, or a total that the bounds do not allow.
    Source: Neyman (1934); Cochran (1977) chapter 5; equal to R stratallo's ``opt``.
    """
    A, low, high, c = _checked(weights, lower, upper, cost)
    _affordable(total, float((c * low).sum()), float((c * high).sum()))
    ideal = A / np.sqrt(c)
    # What is spent grows with the multiple in straight pieces, which end where a stratum leaves
    # its lower or reaches its upper bound: find the piece with the total, and solve it.
    ends = np.unique(np.concatenate([[0.0], low / ideal, high / ideal]))
    spent = np.clip(np.outer(ends, ideal), low, high) @ c
    piece = min(max(int(np.searchsorted(spent, total)), 1), len(ends) - 1)
    multiple = np.interp(total, spent[piece - 1 : piece + 1], ends[piece - 1 : piece + 1])
    return np.asarray(np.clip(multiple * ideal, low, high))


def whole_sizes(weights: ArrayLike, total: int, lower: ArrayLike, upper: ArrayLike) -> Counts:
    """Minimise the sum of A**2 / n over whole sizes with this *total*, exactly.

    From k to k + 1 cases the variance of a stratum falls by A**2 / (k (k + 1)), less at every
    step, so the best steps of all strata make the optimum. The first case of a stratum goes before
    everything else; among equal steps the stratum named first wins.

    Parameters as in :func:`best_sizes`; bounds and total are whole. Returns ``(H,)`` counts.
    Raises ValueError as there. Source: Wright (2012, 2017).
    """
    A, low, high, _ = _checked(weights, lower, upper, 1.0)
    _affordable(total, float(low.sum()), float(high.sum()))
    sizes = _sure_steps(A, total, low, high)
    steps = [(-_worth(A[h], sizes[h]), h) for h in np.flatnonzero(sizes < high).tolist()]
    heapify(steps)
    for _ in range(total - int(sizes.sum())):
        h = steps[0][1]
        sizes[h] += 1
        heapreplace(steps, (-_worth(A[h], sizes[h]) if sizes[h] < high[h] else np.inf, h))
    return sizes


def sizes_for_money(
    weights: ArrayLike, budget: float, lower: ArrayLike, upper: ArrayLike, cost: ArrayLike
) -> Counts:
    """Return whole sizes that cost the *budget* at most, near the best real ones.

    :func:`best_sizes` are rounded down, and what is left of the budget buys the cases that are
    worth most for their cost, one a stratum, as long as it lasts. A budget that can take all takes
    all. Parameters as there; bounds are whole. Raises ValueError as there.
    """
    A, low, high, c = _checked(weights, lower, upper, cost)
    spend = min(budget, float(c @ high))
    wanted = best_sizes(A, spend, low, high, cost=c)
    sizes = np.maximum(np.floor(wanted + 1e-9), low)
    left = spend - float(c @ sizes) + 1e-6
    gain = A**2 / (np.maximum(sizes, 1) * (sizes + 1)) / c
    for h in np.argsort(-gain, kind="stable"):
        if sizes[h] < high[h] and c[h] <= left:
            sizes[h] += 1
            left -= float(c[h])
    return np.asarray(sizes, dtype=np.int64)


def _sure_steps(A: Floats, total: int, low: Floats, high: Floats) -> Counts:
    """Take all steps that are worth a threshold at once, so that few are left to take singly.

    A / sqrt(k (k + 1)) >= threshold holds up to k = (sqrt(1 + 4 (A / threshold)**2) - 1) / 2.
    """
    weighs = A > NEXT_TO_NOTHING

    def taken(threshold: float) -> Counts:
        k = np.floor((np.sqrt(1 + 4 * (A / threshold) ** 2) - 1) / 2)
        return np.asarray(np.clip(np.where(weighs, k + 1, 0), low, high), dtype=np.int64)

    much, little = float(A.max()), float(A.max()) / (2 * float(high.max()) + 2)
    for _ in range(60):
        middle = float(np.sqrt(much * little))
        if taken(middle).sum() > total:
            little = middle
        else:
            much = middle
    found = taken(much)
    return found if found.sum() <= total else low.astype(np.int64)


def _worth(weight: float, size: int) -> float:
    return weight / float(np.sqrt(size * (size + 1))) if size else weight * FIRST_CASE


def _affordable(total: float, least: float, most: float) -> None:
    slack = 1e-9 * max(abs(most), 1.0)
    if not least - slack <= total <= most + slack:
        raise ValueError(
            f"cannot spend {total:,g}: the minimum sizes need {least:,g}, "
            f"and all that may be taken is {most:,g}"
        )


def _checked(
    weights: ArrayLike, lower: ArrayLike, upper: ArrayLike, cost: ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    A = np.asarray(weights, dtype=float)
    if A.ndim != 1 or A.size == 0:
        raise ValueError(f"need one weight for each stratum, got the shape {A.shape}")
    try:
        low, high, c = (
            np.broadcast_to(np.asarray(v, float), A.shape) for v in (lower, upper, cost)
        )
    except ValueError:
        raise ValueError(f"bounds and costs must have the shape {A.shape} of the weights") from None
    for name, values, fine in (
        ("weight", A, np.isfinite(A) & (A >= 0)),
        ("lower bound", low, np.isfinite(low) & (low >= 0)),
        ("upper bound", high, np.isfinite(high) & (high >= low)),
        ("cost", c, np.isfinite(c) & (c > 0)),
    ):
        if not np.all(fine):
            h = int(np.flatnonzero(~fine)[0])
            raise ValueError(f"the {name} of stratum {h} cannot be {values[h]:g}")
    largest = float(A.max()) or 1.0
    return np.maximum(A / largest, NEXT_TO_NOTHING), low, high, c
