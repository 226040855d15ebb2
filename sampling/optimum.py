"""The cheapest sizes with which many regions at once are as precise as asked for.

Every region d, from a single county to the province, wants its variance to stay under a bound:

    minimise sum_h c_h n_h   under   sum_h a_dh / n_h <= b_d for all d,   L_h <= n_h <= U_h.

For fixed prices of precision, one for each region, the best sizes are n_h = sqrt(sum_d price_d
a_dh / c_h), cut to the bounds. The prices are raised where a region is not precise enough yet and
lowered where it is more precise than asked for, until the sizes cost no more than the prices show
that they must.

Source: Chromy (1987); Bethel (1989). Equal to scipy's SLSQP; never above R SamplingStrata's bethel.
"""

import numpy as np
from numpy.typing import ArrayLike

from sampling.demands import Counts, Demands, Floats

ROUNDS = 20_000
CHECK_EVERY = 20
#: The sizes are at most this part dearer than the cheapest ones.
GAP = 1e-7
#: Half-widths are fitted to a budget between these factors, as finely as this.
NARROWEST, WIDEST, FINENESS = 0.01, 100.0, 5e-4
#: A bound counts as kept within this part of it.
SLACK = 1e-9


def fewest_cases(
    demands: Demands, lower: ArrayLike, upper: ArrayLike, *, cost: ArrayLike = 1.0
) -> Floats:
    """Return the cheapest real sizes that keep every demand, ``(H,)``.

    ``lower``, ``upper`` and ``cost`` are (H,) or one number, 0 < lower <= upper, cost > 0.

    Raises ValueError for other numbers, and, naming the regions with the half-width they can
    reach, where even the upper bounds are too few.
    """
    limits = _limits(demands, lower, upper, cost)
    _feasible(demands, limits[1])
    return _priced(demands, limits)[0]


def whole_cases(
    demands: Demands, lower: ArrayLike, upper: ArrayLike, *, cost: ArrayLike = 1.0
) -> Counts:
    """Round :func:`fewest_cases` up, then take back, dearest first, what nobody needs."""
    limits = _limits(demands, lower, upper, cost)
    _feasible(demands, limits[1])
    return _rounded(demands, _priced(demands, limits)[0], limits)


def within_budget(
    demands: Demands,
    budget: float,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    cost: ArrayLike = 1.0,
) -> tuple[Counts, float]:
    """Return the whole sizes a *budget* allows, and how many times wider the half-widths get.

    All half-widths are multiplied by one factor, the smallest that the budget can pay for; below 1
    they are narrower than asked for. Raises ValueError if the lower bounds alone cost more than
    the budget, or where even the upper bounds are too few for half-widths 100 times as wide.
    """
    limits = low, high, c = _limits(demands, lower, upper, cost)
    least = float(c @ np.ceil(low))
    if least > budget:
        raise ValueError(f"the minimum sizes cost {least:,g}, the budget is {budget:,g}")
    if float(c @ high) <= budget:
        return np.floor(high).astype(np.int64), 0.0
    narrow, wide, price = NARROWEST, WIDEST, None
    _feasible(demands.relaxed(wide), high)
    while wide / narrow > 1 + FINENESS:
        factor = float(np.sqrt(narrow * wide))
        tried = demands.relaxed(factor)
        if np.any(tried.variance(high) > tried.bound * (1 + SLACK)):
            narrow = factor
            continue
        n, price = _priced(tried, limits, price, gap=FINENESS)
        if float(c @ n) <= budget:
            wide = factor
        else:
            narrow = factor
    while True:  # whole sizes cost a little more
        relaxed = demands.relaxed(wide)
        n, price = _priced(relaxed, limits, price, gap=FINENESS)
        sizes = _rounded(relaxed, n, limits)
        if float(c @ sizes) <= budget:
            return sizes, wide
        wide *= 1 + FINENESS


def _limits(
    demands: Demands, lower: ArrayLike, upper: ArrayLike, cost: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    H = demands.region.shape[1]
    low, high, c = (np.broadcast_to(np.asarray(v, float), (H,)) for v in (lower, upper, cost))
    for name, v, fine in (
        ("lower bound", low, low > 0),
        ("upper bound", high, np.isfinite(high) & (high >= low)),
        ("cost", c, np.isfinite(c) & (c > 0)),
    ):
        if not np.all(fine):
            h = int(np.flatnonzero(~fine)[0])
            raise ValueError(f"the {name} of stratum {h} cannot be {v[h]:g}")
    return low, high, c


def reachable(demands: Demands, upper: ArrayLike) -> Floats:
    """Return how many times wider than asked for each half-width is at the best, ``(D,)``.

    ``upper`` is (H,) or one number, the most cases of a stratum. Above 1 a demand cannot be kept.
    """
    best = demands.variance(np.broadcast_to(np.asarray(upper, float), demands.region.shape[1:]))
    spare = np.maximum(best - demands.correction, 0)
    return np.asarray(np.sqrt(spare / demands.allowed))


def _feasible(demands: Demands, high: Floats) -> None:
    reach = reachable(demands, high)
    short = np.flatnonzero(reach > 1 + SLACK)
    if not short.size:
        return
    worst = short[np.argsort(-reach[short], kind="stable")][:3]
    named = ", ".join(
        f"{demands.names[d]!r} ({reach[d]:.2f} times the half-width asked for)" for d in worst
    )
    more = f" and {short.size - worst.size} more regions" if short.size > worst.size else ""
    raise ValueError(
        "even with every entry that may be called these cannot be as precise as asked for, but at "
        f"best: {named}{more}"
    )


def _priced(
    demands: Demands,
    limits: tuple[Floats, Floats, Floats],
    price: Floats | None = None,
    *,
    gap: float = GAP,
) -> tuple[Floats, Floats]:
    """Adjust the prices until the sizes, made feasible, cost what the prices show they must.

    Returns the sizes and the prices, from which a similar problem may start.
    """
    low, high, c = limits
    finite = np.isfinite(demands.bound)
    bound = np.where(finite, demands.bound, 1.0)
    if price is None:
        price = np.where(finite, float(c @ low) / bound, 0.0)
    n = enough = high
    for number in range(ROUNDS):
        load = (price[demands.region] * demands.load).sum(axis=0)
        n = np.clip(np.sqrt(load / c), low, high)
        used = demands.variance(n)
        if number % CHECK_EVERY == 0:
            enough = _enlarged(demands, n, used / bound, high)
            proven = float(c @ n + price @ (used - bound * finite))
            if float(c @ enough) - proven <= gap * float(c @ enough):
                break
        # A price that once is next to nothing must be able to come back.
        price = np.maximum(price * (used / bound), 1e-12 / bound) * finite
    return enough, price


def _enlarged(demands: Demands, n: Floats, ratio: Floats, high: Floats) -> Floats:
    """Enlarge the strata of regions that are short by the part they are short of, if they can be.

    Strata at their upper bound cannot, so what they lack is asked of the others once more.
    """
    for _ in range(50):
        short = np.where(np.isfinite(demands.bound), np.maximum(ratio, 1.0), 1.0)
        n = np.minimum(n * short[demands.region].max(axis=0), high)
        ratio = demands.variance(n) / demands.bound
        if np.all(ratio <= 1 + SLACK):
            break
    return n


def _rounded(demands: Demands, n: Floats, limits: tuple[Floats, Floats, Floats]) -> Counts:
    low, high, c = limits
    least = np.ceil(low - SLACK)
    whole = np.minimum(np.maximum(np.ceil(n - 1e-6), least), np.floor(high + SLACK))
    used, bound = demands.variance(whole), demands.bound * (1 + SLACK)
    for h in np.argsort(-c * (whole - n), kind="stable"):
        if whole[h] - 1 < least[h]:
            continue
        more = demands.load[:, h] * (1 / (whole[h] - 1) - 1 / whole[h])
        where = demands.region[:, h]
        if np.all(used[where] + more <= bound[where]):
            whole[h] -= 1
            np.add.at(used, where, more)
    return np.asarray(whole, dtype=np.int64)
