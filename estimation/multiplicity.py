"""Many tests at once: which regions may be named, and which are worth a look.

Of the regions that just reach their target one in twenty fails a test at .05. Naming regions in
public therefore controls the chance of a single wrong name (Holm). A worklist for inspectors
controls the share of wrong entries on it (Benjamini-Hochberg). Every function takes the p-values
of one family, ``(D,)``, fixed before the draw: those of one publication. NaN is no test, is not
counted and stays NaN.

Sources: Holm (1979); Hochberg (1988); Hommel (1988); Benjamini and Hochberg (1995); Benjamini and
Yekutieli (2001). Adjusted p-values equal those of R's ``p.adjust``.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]


def name_failing(p_values: ArrayLike, risk: float) -> Flags:
    """Tell which regions may be named as failing, ``(D,)``.

    The chance that any region that did reach its target is named is at most *risk*, however the
    p-values depend on each other (Holm). Raises ValueError as :func:`adjust` does, or for a risk
    outside (0, 1).
    """
    return np.asarray(adjust(p_values, "holm") <= _checked_risk(risk))


def worklist(p_values: ArrayLike, q: float) -> Positions:
    """Return the positions of the regions to inspect first, the most suspicious first.

    Of the regions listed a share of at most *q* is expected to be there wrongly (Benjamini and
    Hochberg), for p-values that are independent or positively dependent. Raises ValueError as
    :func:`adjust` does, or for a q outside (0, 1).
    """
    listed = np.flatnonzero(adjust(p_values, "BH") <= _checked_risk(q))
    p = np.asarray(p_values, dtype=float)[listed]
    return listed[np.argsort(p, kind="stable")]


def adjust(p_values: ArrayLike, method: str) -> Floats:
    """Adjust p-values for their number, ``(D,)``.

    Parameters
    ----------
    p_values : (D,) numbers in [0, 1], or NaN for no test
    method : bonferroni, holm, hochberg or hommel for the chance of any error; BH or BY for the
        share of errors, BY under any dependence

    Raises ValueError for another shape, a p-value outside [0, 1] (naming its position), or an
    unknown method.
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1:
        raise ValueError(f"need p-values of shape (D,), got {p.shape}")
    bad = np.flatnonzero((p < 0) | (p > 1))
    if bad.size:
        raise ValueError(f"p-value number {bad[0]} must lie in [0, 1], got {p[bad[0]]:g}")
    if method not in METHODS:
        raise ValueError(f"no adjustment is called {method!r}; known are {', '.join(METHODS)}")
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested])]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(METHODS[method](p[order]), 1)
    return adjusted


def _bonferroni(p: Floats) -> Floats:
    return p * len(p)


def _holm(p: Floats) -> Floats:
    return _step_down(p * _downwards(p))


def _hochberg(p: Floats) -> Floats:
    return _step_up(p * _downwards(p))


def _benjamini_hochberg(p: Floats) -> Floats:
    return _step_up(p * len(p) / _upwards(p))


def _benjamini_yekutieli(p: Floats) -> Floats:
    return _benjamini_hochberg(p) * np.sum(1 / _upwards(p))


def _hommel(p: Floats) -> Floats:
    """Take the largest Simes p-value of the sets of tests that each test belongs to.

    For each m the m largest p-values are such a set with the first of them as the smallest; a
    smaller p-value replaces that first one.
    """
    D = len(p)
    largest = p.copy()
    for m in range(D, 1, -1):
        others = np.min(m * p[D - m + 1 :] / np.arange(2, m + 1))
        in_set = np.minimum(m * p, others)
        in_set[D - m + 1 :] = in_set[D - m]
        largest = np.maximum(largest, in_set)
    return largest


METHODS: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "BH": _benjamini_hochberg,
    "BY": _benjamini_yekutieli,
}


def _upwards(p: Floats) -> Floats:
    return np.arange(1.0, len(p) + 1)


def _downwards(p: Floats) -> Floats:
    return np.arange(len(p), 0.0, -1)


def _step_down(p: Floats) -> Floats:
    return np.maximum.accumulate(p)


def _step_up(p: Floats) -> Floats:
    return np.minimum.accumulate(p[::-1])[::-1]


def _checked_risk(risk: float) -> float:
    if not 0 < risk < 1:
        raise ValueError(f"the risk must lie between 0 and 1, got {risk}")
    return risk
