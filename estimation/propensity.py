"""How likely a case was to be resolved, from what is known of every case beforehand.

Logistic regression of "has a verdict" on covariates of all cases. The probabilities only sort the
cases into classes of like propensity; the weights come from the classes (response_classes), not
from 1/p, which a wrong model or one tiny p would throw off.

Source: classes of the fitted propensity: Little (1986). Equal to R's glm(family = binomial).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

QUINTILES = 5
RIDGE = 1.0  # prior precision of a coefficient, in standard deviations of its covariate
FARTHEST = 15.0  # log odds; beyond it covariates separate the cases
STEPS = 50
SETTLED = 1e-10  # change of the log odds


@dataclass(frozen=True, slots=True)
class Propensity:
    """A fitted response propensity."""

    probability: Floats  #: (n,) of each case to be resolved
    coefficients: Floats  #: (1 + k,) log odds: the constant, then one for each covariate
    separated: bool  #: covariates told the resolved from the others, so a ridge held the fit


def indicators(labels: Sequence[str]) -> Floats:
    """Return a column of 0 and 1 for each label but the first in sorting order, ``(n, L - 1)``."""
    present, position = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    return np.asarray(position[:, np.newaxis] == np.arange(1, len(present)), dtype=np.float64)


def response_propensity(covariates: ArrayLike, resolved: ArrayLike) -> Propensity:
    """Fit the probability of being resolved, by iteratively reweighted least squares.

    If a covariate (nearly) separates the resolved from the others, its coefficient has no finite
    value; then a ridge on the standardised covariates keeps the probabilities off 0 and 1.

    Parameters
    ----------
    covariates : (n, k) numbers known of every case, without a constant; see indicators for labels
    resolved : (n,) truth values

    Raises ValueError for shapes that differ, missing numbers (naming the case), a covariate that is
    constant or follows from the others, and if all or none of the cases are resolved.
    """
    X, seen = _checked(covariates, resolved)
    middle, scale = X.mean(axis=0), X.std(axis=0)
    Z = np.column_stack([np.ones(len(X)), (X - middle) / np.where(scale > 0, scale, 1)])
    if np.any(scale == 0) or np.linalg.matrix_rank(Z) < Z.shape[1]:
        raise ValueError("each covariate must vary and must not follow from the others")
    b = _fit(Z, seen, ridge=0.0)
    separated = b is None
    if b is None:
        b = _fit(Z, seen, ridge=RIDGE)
    if b is None:
        raise ValueError("the response propensity has no finite fit")
    slopes = b[1:] / scale
    return Propensity(
        expit(Z @ b), np.array([b[0] - slopes @ middle, *slopes]), separated=separated
    )


def propensity_classes(probability: ArrayLike, classes: int = QUINTILES) -> Counts:
    """Cut the cases into classes of like propensity, equally large but for ties, ``(n,)``.

    Cases of one probability share a class. Raises ValueError for probabilities outside [0, 1] or
    missing, for no cases, and for fewer than one class.
    """
    p = np.asarray(probability, dtype=float)
    if p.ndim != 1 or p.size == 0 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"need at least one probability between 0 and 1, got shape {p.shape}")
    if classes < 1:
        raise ValueError(f"need at least one class, got {classes}")
    edges = np.quantile(p, np.arange(1, classes) / classes)
    return np.searchsorted(edges, p, side="left").astype(np.int64)


def _fit(Z: Floats, seen: Floats, *, ridge: float) -> Floats | None:
    """Return the coefficients, or None if they run away."""
    penalty = ridge * np.eye(Z.shape[1])
    penalty[0, 0] = 0  # the constant is free
    b = np.zeros(Z.shape[1])
    for _ in range(STEPS):
        p = expit(Z @ b)
        slope = Z.T @ (seen - p) - penalty @ b
        information = Z.T @ ((p * (1 - p))[:, np.newaxis] * Z) + penalty
        step = np.linalg.solve(information, slope)
        b = b + step
        odds = np.abs(Z @ b)
        if not ridge and odds.max() > FARTHEST:
            return None
        if np.abs(Z @ step).max() <= SETTLED:
            return b
    return None


def _checked(covariates: ArrayLike, resolved: ArrayLike) -> tuple[Floats, Floats]:
    X, seen = np.asarray(covariates, dtype=float), np.asarray(resolved)
    if X.ndim != 2 or seen.shape != X.shape[:1] or X.shape[1] == 0:  # noqa: PLR2004
        raise ValueError(f"need (n, k) covariates of n cases, got {X.shape} and {seen.shape}")
    if seen.dtype != np.bool_:
        raise ValueError(f"need truth values for resolved, got {seen.dtype}")
    wrong = np.flatnonzero(~np.isfinite(X).all(axis=1))
    if wrong.size:
        raise ValueError(f"need finite covariates, got {X[wrong[0]].tolist()} of case {wrong[0]}")
    if seen.all() or not seen.any():
        raise ValueError("a propensity needs cases with and without a verdict")
    return X, seen.astype(float)
