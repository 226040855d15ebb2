"""ALPHA: evidence that learns from the rows drawn so far, in the order of the draw.

An alternative to the mixture of `estimation/sequential.py`, often a few rows faster, but it needs
the verdict of every row in draw order and not only counts.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.likelihood import Floats

_BELOW_ONE = 1 - np.finfo(float).eps
_ABOVE_ONE = 1 + np.finfo(float).eps


def alpha_evidence(
    draws: ArrayLike, N: int, most: int, *, expected: float, weight: float = 100.0
) -> Floats:
    """Return the log martingale against "at most *most* of the N are achieved", after each draw.

    It reaches log(1/alpha) with a probability of at most alpha if that hypothesis holds. For "met"
    most is T - 1 and a draw is 1 if achieved; for "not met" N - T, and 1 if not achieved.

    Parameters
    ----------
    draws : (..., n) zeros and ones in draw order; leading axes are independent samples
    N, most : whole numbers, since a share off by a rounding error rejects truths at a census
    expected : share of ones guessed beforehand, above most / N and up to 1
    weight : rows that the guess counts for

    Returns
    -------
    ``(..., n)`` logarithms: infinite once more than *most* ones came, minus infinity once fewer
    than *most* are possible.

    Raises ValueError for other numbers. Source: Stark (2023), ALPHA, with the truncated shrinkage
    estimate of the share; the half distance between guess and hypothesis is its constant c.
    """
    x = _zeros_and_ones(draws, N)
    if not 0 <= most < N or not most / N < expected <= 1 or weight <= 0:
        raise ValueError(
            f"need 0 <= most < N, most / N < expected <= 1 and a weight above 0, "
            f"got {most} of {N}, {expected} and {weight}"
        )
    drawn, ones = np.arange(1, x.shape[-1] + 1), np.cumsum(x, axis=-1, dtype=np.int64)
    left, rest = most - (ones - x), N - (drawn - 1)
    open_ = (left > 0) & (left < rest)  # else the hypothesis leaves nothing to bet on
    mean = np.where(open_, left / rest, 0.5)
    learnt = (weight * expected + ones - x) / (weight + drawn - 1)
    share = _truncated(learnt, mean, (expected - most / N) / 2 / np.sqrt(weight + drawn - 1))
    gain = np.where(x == 1, share / mean, (1 - share) / (1 - mean))
    evidence = np.cumsum(np.where(open_, np.log(gain), 0.0), axis=-1)
    evidence[drawn - ones > N - most] = -np.inf
    evidence[ones > most] = np.inf
    return np.asarray(evidence)


def _zeros_and_ones(draws: ArrayLike, N: int) -> NDArray[np.int64]:
    x = np.atleast_1d(np.asarray(draws))
    if x.shape[-1] > N or not np.all((x == 0) | (x == 1)):
        raise ValueError(f"draws must be at most {N} zeros and ones")
    return x


def _truncated(share: Floats, mean: Floats, apart: Floats) -> Floats:
    """Keep the guessed share under 1 and *apart* from the mean under the hypothesis."""
    return np.minimum(_BELOW_ONE, np.maximum(share, mean * _ABOVE_ONE + apart))
