"""ALPHA: evidence that learns from the rows drawn so far, in the order of the draw.

An alternative to the mixture of `estimation/sequential.py`, often a few rows faster, but it needs
the verdict of every row in draw order and not only counts.
"""

import numpy as np
from numpy.typing import ArrayLike

from estimation.likelihood import Floats

_BELOW_ONE = 1 - np.finfo(float).eps
_ABOVE_ONE = 1 + np.finfo(float).eps


def alpha_evidence(
    draws: ArrayLike, N: int, most: int, *, expected: float, weight: float = 100.0
) -> Floats:
    """Return the log martingale against "at most *most* of the N are achieved", after each draw.

    Whatever is expected, the evidence reaches log(1/alpha) with a probability of at most alpha if
    that hypothesis holds. For "met" most is T - 1 and a draw is 1 if achieved; for "not met" most
    is N - T and a draw is 1 if not achieved.

    Parameters
    ----------
    draws : (..., n) zeros and ones in draw order; leading axes are independent samples
    N, most : whole persons; the hypothesis is compared in whole numbers, since a share that is
        off by a rounding error rejects true hypotheses at a census
    expected : share of ones guessed beforehand, above most / N and up to 1
    weight : rows that the guess counts for

    Returns
    -------
    ``(..., n)`` logarithms: infinite once more than *most* ones were drawn, minus infinity once so
    many zeros were that the rest cannot reach it.

    Raises ValueError for other numbers. Source: Stark (2023), ALPHA, with the truncated shrinkage
    estimate of the share; the half distance between guess and hypothesis is its constant c.
    """
    x = np.asarray(draws)
    n = x.shape[-1] if x.ndim else 0
    if n > N or not np.all((x == 0) | (x == 1)):
        raise ValueError(f"draws must be at most {N} zeros and ones")
    if not 0 <= most < N or not most / N < expected <= 1 or weight <= 0:
        raise ValueError(
            f"need 0 <= most < N, most / N < expected <= 1 and a weight above 0, "
            f"got {most} of {N}, {expected} and {weight}"
        )
    before = np.arange(n)
    ones = np.cumsum(x, axis=-1, dtype=np.int64)
    left, rest = most - (ones - x), N - before
    open_ = (left > 0) & (left < rest)  # else the hypothesis leaves nothing to bet on
    mean = np.where(open_, left / rest, 0.5)
    learnt = (weight * expected + ones - x) / (weight + before)
    apart = (expected - most / N) / 2 / np.sqrt(weight + before)
    share = np.minimum(_BELOW_ONE, np.maximum(learnt, mean * _ABOVE_ONE + apart))
    gain = np.where(x == 1, share / mean, (1 - share) / (1 - mean))
    evidence = np.cumsum(np.where(open_, np.log(gain), 0.0), axis=-1)
    evidence[before + 1 - ones > N - most] = -np.inf
    evidence[ones > most] = np.inf
    return np.asarray(evidence)
