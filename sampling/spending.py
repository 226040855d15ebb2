"""Spending a budget on choices: for every stratum one size, for every group one way of working.

A choice gains something and costs something. For a price of one unit of gain, every group takes
the way, and every stratum the size, with the largest gain less its cost; the price falls until the
budget is used. What is then left buys the single steps that gain most for their cost.

No other choices gain more for the money that choices best at a price spend (Lagrange), so the
optimum is better by at most what the rest of the budget is worth at that price. Gains need not be
concave: where a few cases more decide nothing, a stratum leaps over them.
"""

from dataclasses import dataclass

import numpy as np

from sampling.demands import Counts, Floats

HALVINGS = 60
STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen: O ways of working, H strata, S sizes of each.

    ``gain`` and ``cost`` are (O, H, S); a size that does not exist gains -inf. ``group`` is (H,),
    the position of the group whose strata share a way of working.
    """

    gain: Floats
    cost: Floats
    group: Counts


def spend(choices: Choices, budget: float) -> tuple[Counts, Counts]:
    """Choose within a budget; return the way of each group, (K,), and the size of each stratum.

    Sizes are positions among the S, ``(H,)``. Raises ValueError if the cheapest choices cost more
    than the budget, and for arrays that do not fit.
    """
    _check(choices)
    least = _cost(choices, *_chosen(choices, np.inf))
    if least > budget:
        raise ValueError(f"the minimum sizes cost {least:,.0f}, the budget is {budget:,.0f}")
    finite = choices.gain[np.isfinite(choices.gain)]
    step = float(np.ptp(finite)) or 1.0
    low, high = 1e-9 * step / float(choices.cost.max()), step / float(choices.cost.min()) * 1e3
    for _ in range(HALVINGS):
        price = float(np.sqrt(low * high))
        if _cost(choices, *_chosen(choices, price)) > budget:
            low = price
        else:
            high = price
    way, size = _chosen(choices, high)
    if _cost(choices, way, size) > budget:
        way, size = _chosen(choices, np.inf)
    return way, _filled(choices, way, size, budget)


def _chosen(choices: Choices, price: float) -> tuple[Counts, Counts]:
    """Return the ways and sizes that are best at a price of money; the cheapest if it is inf."""
    possible = np.isfinite(choices.gain)
    worth = -choices.cost if np.isinf(price) else choices.gain - price * choices.cost
    worth = np.where(possible, worth, -np.inf)
    best, size = worth.max(axis=2), worth.argmax(axis=2)
    groups = int(choices.group.max()) + 1
    way = np.array([np.bincount(choices.group, each, minlength=groups) for each in best])
    chosen = way.argmax(axis=0)
    return chosen, size[chosen[choices.group], np.arange(size.shape[1])]


def _cost(choices: Choices, way: Counts, size: Counts) -> float:
    return float(choices.cost[way[choices.group], np.arange(len(size)), size].sum())


def _filled(choices: Choices, way: Counts, size: Counts, budget: float) -> Counts:
    """Buy single steps, best gain for the cost first, with what is left."""
    strata = np.arange(len(size))
    gain, cost = choices.gain[way[choices.group], strata], choices.cost[way[choices.group], strata]
    size, left = size.copy(), budget - _cost(choices, way, size)
    for _ in range(STEPS):
        more = cost - cost[strata, size][:, np.newaxis]
        better = gain - gain[strata, size][:, np.newaxis]
        fits = (more > 0) & (more <= left) & (better > 0)
        if not fits.any():
            break
        rate = np.divide(better, more, out=np.full_like(more, -np.inf), where=fits)
        h, s = np.unravel_index(int(rate.argmax()), rate.shape)
        left -= float(more[h, s])
        size[h] = s
    return size


def _check(choices: Choices) -> None:
    gain, cost = choices.gain, choices.cost
    if gain.shape != cost.shape or (*gain.shape[:1], *choices.group.shape) != gain.shape[:-1]:
        raise ValueError(
            f"need gains and costs (O, H, S) and groups (H,), got {gain.shape}, {cost.shape} and "
            f"{choices.group.shape}"
        )
    if np.any(np.isnan(gain)) or not np.all(cost > 0):
        raise ValueError("gains must be numbers, and costs above 0")
    none = ~np.isfinite(gain).any(axis=2)
    if np.any(none):
        raise ValueError(f"stratum {int(np.argwhere(none)[0][1])} has no size to choose")
