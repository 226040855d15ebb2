"""Rates of many places that are alike but not equal, drawn from what is known of them together.

Each rate is Beta(m s, (1 - m) s); the mean m and the size s are unknown, with m uniform and the
square root of 1/s uniform in (0, 1). Taking every rate on its own (Jeffreys) would put half a
failure into each place, and what is small in one is far too much in the sum of a hundred; a single
fitted m and s would be too sure of itself where the places differ little (docs/statistics.md).

Source of the prior: Gelman et al., *Bayesian Data Analysis*, 3rd ed., chapter 5.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

MEANS, SPREADS = 31, 21  # points of the grid
FURTHEST = 14.0  # logit of a mean
CLOSER = 2  # times that the grid is drawn in
NEGLIGIBLE = 10.0  # in log probability, under the best point


@dataclass(frozen=True, slots=True)
class Hyperposterior:
    """A grid over mean and size of the rates, every array ``(M,)``; probabilities sum to 1."""

    mean: Floats
    size: Floats
    probability: Floats


@dataclass(frozen=True, slots=True)
class RatePosterior:
    """What is known of K rates in groups that are alike; every array ``(K,)``."""

    achieved: Floats
    rows: Floats
    groups: tuple[Counts, ...]  #: positions
    priors: tuple[Hyperposterior, ...]  #: of the groups

    @classmethod
    def of(cls, achieved: Floats, rows: Floats, group: Counts) -> Self:
        """Weigh the data of each group; ``achieved`` of ``rows`` need not be whole numbers."""
        groups = tuple(np.flatnonzero(group == g) for g in np.unique(group))
        priors = tuple(hyperposterior(achieved[some], rows[some]) for some in groups)
        return cls(achieved, rows, groups, priors)

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draw all rates together, ``(draws, K)``."""
        rate = np.empty((draws, len(self.rows)))
        for some, prior in zip(self.groups, self.priors, strict=True):
            at = rng.choice(len(prior.mean), size=(draws, 1), p=prior.probability)
            a, b = prior.mean[at] * prior.size[at], (1 - prior.mean[at]) * prior.size[at]
            x, n = self.achieved[some], self.rows[some]
            rate[:, some] = rng.beta(x + a, n - x + b)
        return rate


def hyperposterior(achieved: Floats, rows: Floats) -> Hyperposterior:
    """Weigh means and sizes by the data of K rates that are alike, ``(K,)``.

    A grid over all that is possible is drawn closer around what is probable, a few times over.
    """
    logits, spreads = _middles(-FURTHEST, FURTHEST, MEANS), _middles(0, 1, SPREADS)
    log_p = _log_posterior(achieved, rows, logits, spreads)
    for _ in range(CLOSER):
        probable = log_p > log_p.max() - NEGLIGIBLE
        logits = _middles(*_around(logits, probable.any(axis=1), (-np.inf, np.inf)), MEANS)
        spreads = _middles(*_around(spreads, probable.any(axis=0), (0.0, 1.0)), SPREADS)
        log_p = _log_posterior(achieved, rows, logits, spreads)
    p = np.exp(log_p - log_p.max()).ravel()
    mean, size = np.meshgrid(expit(logits), spreads**-2.0, indexing="ij")
    return Hyperposterior(mean.ravel(), size.ravel(), p / p.sum())


def _log_posterior(achieved: Floats, rows: Floats, logits: Floats, spreads: Floats) -> Floats:
    """Return the log density on the grid, ``(MEANS, SPREADS)``, up to a constant."""
    yes, no = expit(logits)[:, np.newaxis], expit(-logits)[:, np.newaxis]
    size = spreads**-2.0
    a, b = yes * size, no * size
    log_p = np.log(yes * no) - len(rows) * betaln(a, b)
    for x, n in zip(achieved.tolist(), rows.tolist(), strict=True):
        log_p += betaln(a + x, b + n - x)
    return np.asarray(log_p, dtype=np.float64)


def _middles(low: float, high: float, points: int) -> Floats:
    edges = np.linspace(low, high, points + 1)
    return np.asarray((edges[1:] + edges[:-1]) / 2)


def _around(
    points: Floats, probable: NDArray[np.bool_], bounds: tuple[float, float]
) -> tuple[float, float]:
    step = points[1] - points[0]
    inside = points[probable]
    return max(inside[0] - step, bounds[0]), min(inside[-1] + step, bounds[1])
