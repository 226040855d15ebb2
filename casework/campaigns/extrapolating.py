"""How likely a county is decided that extrapolates phone-yes answers from visits.

It borrows its unit's rate of them while it has fewer than 20 visits of its own, and "met" then has
to hold with the rate at the lower bound that the unit's visits allow. What is left to chance is how
many untrue cases the county finds itself, outside the borrowed classes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betainc, betaincinv, gammainc

from casework.campaigns.belief import Nodes
from estimation.decision import FEWEST_AUDITS
from sampling.plan import Answers

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

SIDE = 0.025  # of the limits that decide where rates are extrapolated
BOUND = 0.05  # of a borrowed rate
LIES = 3  # untrue phone-yes answers among a unit's visits that are told apart
HALVINGS = 12
UNLIKELY = 1e-3
BLUR = 0.3  # cases by which the bound of a borrowed rate varies from sample to sample
MOST_DRAWN = 0.999  # of a frame, so that nothing is divided by 0; a census is exact


@dataclass(frozen=True, slots=True)
class Chances:
    """How likely each decision is; both are arrays of one shape."""

    met: Floats
    not_met: Floats

    @property
    def decided(self) -> Floats:
        return self.met + self.not_met

    @property
    def undetermined(self) -> Floats:
        return 1 - self.decided


@dataclass(frozen=True, slots=True)
class Trial:
    """R designs of one county each: what is called, visited and borrowed there.

    ``visit_rates`` is (R, G); ``unit_visits`` is (R, G), the random visits of each class that the
    county's unit expects in all; ``alone`` tells counties that are a unit of their own, so that
    they have nobody to borrow from. A target that is NaN is none.
    """

    frame_size: Counts
    target: Floats
    sizes: Counts
    visit_rates: Floats
    unit_visits: Floats
    alone: Flags


def extrapolated(trial: Trial, nodes: Nodes, answers: Answers) -> Chances:
    """Return how likely each trial is to end in "met" and in "not met", ``(R,)``.

    ``nodes`` and ``answers`` are those of the R counties; targets are at most the frame.
    """
    mixed = nodes.mixed(answers)
    classes = nodes.classes(answers)
    met, not_met = np.zeros(len(trial.sizes)), np.zeros(len(trial.sizes))
    main = int(np.argmax(np.where(answers.yes, mixed[0].mean(axis=0), -1.0)))
    for likely, borrowed in _ways(trial, answers, mixed[0], main):
        h = np.flatnonzero(likely > UNLIKELY)
        if not h.size:
            continue
        county = _County(
            trial.frame_size[h].astype(float),
            trial.target[h],
            trial.sizes[h].astype(float),
            trial.visit_rates[h],
            borrowed[h],
            main,
        )
        shortfalls = list(_shortfalls(county, trial.unit_visits[h], mixed[0][h], mixed[1][h]))
        lowest, highest = _limits(county, mixed[0][h], mixed[1][h])
        for w, (weight, rate) in zip(nodes.weight, classes, strict=True):
            passed, failed = _decided(county, (weight[h], rate[h]), lowest, highest, shortfalls)
            met[h] += w * likely[h] * passed
            not_met[h] += w * likely[h] * failed
    return Chances(met, not_met)


@dataclass(frozen=True, slots=True)
class _County:
    frame_size: Floats
    target: Floats
    sizes: Floats
    visit_rates: Floats  #: (R, G)
    borrowed: Flags  #: (R, G) classes whose rate is the unit's
    main: int  #: the largest class of phone-yes answers

    @property
    def left(self) -> Floats:
        """The share of the frame that is not drawn."""
        return np.asarray(1 - np.minimum(self.sizes / self.frame_size, MOST_DRAWN))

    @property
    def apart(self) -> Flags:
        """The classes whose untrue answers are told apart: the main one, and all borrowed."""
        main = np.arange(self.visit_rates.shape[1]) == self.main
        partly = (self.visit_rates > 0) & (self.visit_rates < 1)
        return np.asarray(self.borrowed | (main & partly))

    def visits(self, weight: Floats) -> Floats:
        """Return the visits the county expects of each class, (R, G)."""
        return np.asarray(self.sizes[:, np.newaxis] * weight * self.visit_rates)

    def smooth_error(self, weight: Floats, rate: Floats) -> Floats:
        """Return the variance that its own visits leave by that of a case, as the cap counts it."""
        visits = self.visits(weight)
        partly = self._extrapolated & (self.visit_rates < 1)
        q = np.where(partly, (rate * visits + 1) / (visits + 2), rate)
        error = weight**2 * (1 - self.visit_rates) * q * (1 - q) / np.maximum(visits - 1, 1)
        share = (weight * q).sum(axis=1)
        return np.asarray(np.where(partly, error, 0).sum(axis=1) / (share * (1 - share)))

    def error(self, weight: Floats, rate: Floats, without: Flags) -> Floats:
        """Return the variance that its own visits leave, but for some classes."""
        visits = np.maximum(self.visits(weight), 1)
        error = weight**2 * (1 - self.visit_rates) * rate * (1 - rate) / visits
        return np.asarray(np.where(self._extrapolated & ~without, error, 0).sum(axis=1))

    @property
    def _extrapolated(self) -> Flags:
        return np.asarray(~self.borrowed & (self.visit_rates > 0))


def _ways(
    trial: Trial, answers: Answers, weight: Floats, main: int
) -> Iterator[tuple[Floats, Flags]]:
    """Yield the ways a county may be estimated: how likely each is, and what it borrows.

    The largest phone-yes class counts; a county with 20 visits of it stands on its own. Smaller
    ones that are not visited whole are always borrowed, as hardly a county has 20 visits of them.
    """
    partly = answers.yes & (trial.visit_rates < 1)
    shared = partly & ~trial.alone[:, np.newaxis]
    chance = weight[:, main] * trial.visit_rates[:, main]
    enough = 1 - bdtr(FEWEST_AUDITS - 1.0, trial.sizes, chance)
    own = np.array(np.where(partly[:, main], enough, 1.0), dtype=np.float64)
    lent = gammainc(FEWEST_AUDITS, np.maximum(trial.unit_visits[:, main], 1e-9))  # Poisson
    borrowing = np.array(np.where(trial.alone, 0.0, (1 - own) * lent), dtype=np.float64)
    others = np.asarray(shared & (np.arange(len(answers.yes)) != main))
    yield borrowing, shared
    yield own, others


def _shortfalls(
    county: _County, unit_visits: Floats, weight: Floats, rate: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Yield how far visits of phone-yes answers lower the share, and how likely that is.

    It depends on how many untrue answers the visits of the main class happen to find, mostly none:
    the rate is then at its bound if it is borrowed, and all are taken to be true if it is the
    county's own. The smaller classes are taken at their expectation.
    """
    main, lent = county.main, county.borrowed[:, county.main]
    small = county.borrowed & (np.arange(weight.shape[1]) != main)
    usual = _lower_bound(unit_visits * (1 - rate), unit_visits, small)
    others = np.where(small, weight * (1 - usual), 0).sum(axis=1)
    visits = np.where(lent, unit_visits[:, main], county.visits(weight)[:, main])
    expected = np.where(county.apart[:, main], visits * (1 - rate[:, main]), 0)
    left, chance = np.ones(len(visits)), np.exp(-expected)
    for found in range(LIES + 1):
        bound = _lower_bound(np.full(len(visits), float(found)), visits, lent)
        own = np.maximum(1 - found / np.maximum(visits, 1), 0)
        short = weight[:, main] * (1 - np.where(lent, bound, own))
        loss = others + np.where(county.apart[:, main], short, 0)
        yield (chance if found < LIES else left), loss
        left, chance = left - chance, chance * expected / (found + 1)


def _lower_bound(untrue: Floats, visits: Floats, where: Flags) -> Floats:
    """Bound a rate from below, one side, by Clopper and Pearson; 0 but for those in *where*."""
    true, bound = visits[where] - untrue[where], np.zeros(visits.shape)
    inverse = betaincinv(np.maximum(true, 1e-6), np.maximum(untrue[where], 0) + 1, BOUND)
    bound[where] = np.where(true > 0, inverse, 0)
    return bound


def _limits(county: _County, weight: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Return the shares from which on, and up to which, the decision limits are clear."""
    N, T = county.frame_size, county.target
    error = county.left / np.maximum(county.sizes - 1, 1) + county.smooth_error(weight, rate)
    size = np.maximum(1 / error, 2)
    return _reaching((T - 1) / N, size), 1 - _reaching(1 - T / N, size)


def _reaching(line: Floats, size: Floats) -> Floats:
    """Return the share whose lower Clopper-Pearson limit is the *line*, for samples of *size*."""
    low, high = np.clip(line, 0, 1), np.ones_like(line)
    inside = np.clip(line, 1e-9, 1 - 1e-9)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = betainc(np.maximum(size * middle, 1e-9), size * (1 - middle) + 1, inside) <= SIDE
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return high


def _decided(
    county: _County,
    classes: tuple[Floats, Floats],
    lowest: Floats,
    highest: Floats,
    shortfalls: list[tuple[Floats, Floats]],
) -> tuple[Floats, Floats]:
    """Return the chances of "met" and "not met" at one true share."""
    weight, rate = classes
    n, borrowed, apart = county.sizes, county.borrowed, county.apart
    unseen = county.visit_rates == 0  # counts against "met", and as achieved against "not met"
    missing = np.where(apart, 0, weight * np.where(unseen, 1, 1 - rate)).sum(axis=1)
    found = np.where(borrowed | unseen, 0, weight * (1 - rate)).sum(axis=1)

    def at_most(share: Floats, line: Floats, error: Floats) -> Floats:
        """Return the chance that so few of the cases are found untrue."""
        p = np.clip(share, 1e-6, 1 - 1e-6)
        size = 1 / (county.left / n + error / (p * (1 - p)))
        # Where nothing is extrapolated they are whole numbers of the sample.
        x = np.clip(np.where(error == 0, np.floor(n * line + 1e-9) / n, line), 0, 1)
        below = betainc(np.maximum(size * (1 - x), 1e-9), size * x + 1, 1 - p)
        return np.asarray(np.where(line < 0, 0.0, np.where(line >= 1, 1.0, below)))

    error = county.error(weight, rate, apart)
    met = np.zeros(len(n))
    for likely, loss in shortfalls:
        for shift in (-BLUR / n, BLUR / n):
            met += likely / 2 * at_most(missing, 1 - lowest - loss + shift, error)
    just_short = np.nextafter(1 - highest, 0)
    return met, 1 - at_most(found, just_short, county.error(weight, rate, borrowed))
