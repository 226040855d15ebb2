"""Which share of each phone class to visit: the second phase of the sample.

Visiting a class at the rate nu leaves W (1 / nu - 1) q (1 - q) of variance for each case called,
where W is the class's share of the cases and q the share of it that is true. Classes that are
large, unsure and cheap to visit are worth more visits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ASSURANCE = 0.95  # that so many cases are chosen as the floors ask for


@dataclass(frozen=True, slots=True)
class Floors:
    """The least that is visited of each class, whatever is cheapest."""

    yes_share: float = 0.20  #: of the answers that count as done
    yes_rows: int = 20  #: of them, or all
    other_rows: int = 5  #: of every other class, or all


def best_rates(
    weight: ArrayLike, rate: ArrayLike, *, call_cost: float, visit_cost: ArrayLike
) -> Floats:
    """Return the rates at which calls and visits together tell most for their cost.

    nu_g = sqrt(S_g**2 c_call / (c_g (S**2 - sum of W_g S_g**2))), at most 1, where S_g**2 is
    q_g (1 - q_g) and S**2 = p (1 - p) the variance of all cases.

    Parameters
    ----------
    weight, rate : (..., G)
        Share W of each phone class among the cases, adding up to 1, and share q of it that is true.
    call_cost : above 0, of calling one case to the end
    visit_cost : above 0, (G,) or one number, of one visit

    Raises ValueError for other shapes or numbers. Source: Rao (1973).
    """
    W, q = np.asarray(weight, dtype=float), np.asarray(rate, dtype=float)
    cost = np.asarray(visit_cost, dtype=float)
    if W.shape != q.shape or W.ndim == 0 or not np.allclose(W.sum(axis=-1), 1):
        raise ValueError(
            f"need weights that add up to 1 and as many rates, got {W.shape}, {q.shape}"
        )
    if np.any(W < 0) or np.any((q < 0) | (q > 1)) or call_cost <= 0 or np.any(cost <= 0):
        raise ValueError("need weights from 0, rates from 0 to 1 and costs above 0")
    within = q * (1 - q)
    p = (W * q).sum(axis=-1, keepdims=True)
    between = np.maximum(p * (1 - p) - (W * within).sum(axis=-1, keepdims=True), 0)
    # Where the classes do not differ a call tells nothing, and all the truth is found on site.
    ratio = np.divide(
        within * call_cost, cost * between, out=np.full(W.shape, np.inf), where=between > 0
    )
    return np.asarray(np.minimum(np.sqrt(np.where(within > 0, ratio, 0)), 1))


def with_floors(
    rates: ArrayLike, rows: ArrayLike, yes: ArrayLike, floors: Floors | None = None
) -> Floats:
    """Raise rates to the floors, for classes with this many cases.

    Parameters
    ----------
    rates, rows : (..., G)
        The rates that are wanted, and the cases expected in each class of each unit.
    yes : (G,) flags of the answers that count as done

    A class gets its floor of rows with a chance of 95 %, as each case is chosen by its own sealed
    number; a class no larger than its floor is visited whole. Raises ValueError for rates outside
    0 to 1 or negative rows.
    """
    floors = floors or Floors()
    wanted, n = np.broadcast_arrays(np.asarray(rates, float), np.asarray(rows, float))
    if np.any((wanted < 0) | (wanted > 1)) or np.any(n < 0):
        raise ValueError("need rates from 0 to 1, and 0 rows or more")
    said_yes = np.asarray(yes, dtype=bool)
    least = np.where(said_yes, floors.yes_rows, floors.other_rows)
    share = np.where(said_yes, floors.yes_share, 0.0)
    return np.asarray(np.maximum(np.maximum(wanted, share), sure_rate(least, n)))


def sure_rate(least: ArrayLike, rows: ArrayLike) -> Floats:
    """Return the smallest rate, in whole percent, that chooses *least* of *rows* cases surely.

    Both are broadcast; the number chosen is binomial, and surely means with a chance of 95 %.
    """
    wanted, n = np.broadcast_arrays(np.asarray(least, float), np.rint(np.asarray(rows, float)))
    few, many = np.zeros(n.shape, dtype=np.int64), np.full(n.shape, 100)
    while np.any(few < many):
        middle = (few + many) // 2
        fewer = bdtr(np.maximum(wanted - 1, 0), n.astype(np.int64), middle / 100)
        enough = (1 - fewer >= ASSURANCE) | (wanted <= 0)
        many, few = np.where(enough, middle, many), np.where(enough, few, middle + 1)
        few = np.minimum(few, many)
    return np.asarray(np.where((n <= wanted) & (wanted > 0), 1.0, many / 100))
