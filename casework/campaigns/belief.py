"""What is believed of the counties' shares of true entries before anybody is called."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from sampling.plan import Answers, Costs

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

HONEST_NODES = 5


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of the share of true entries of H counties.

    Honest counties scatter around ``mean`` with a standard deviation ``spread`` on the logit
    scale. A county is false with the chance ``false``; then any share between the two
    ``false_shares`` is as likely as another, and its untrue entries are made up.
    """

    mean: Floats  #: (H,)
    spread: float = 0.45
    false: float = 0.08
    false_shares: tuple[float, float] = (0.70, 0.88)

    def __post_init__(self) -> None:
        low, high = self.false_shares
        if np.any((self.mean <= 0) | (self.mean >= 1)) or self.spread < 0:
            raise ValueError("need mean shares between 0 and 1, and a spread of 0 or more")
        if not (0 <= self.false <= 1 and 0 <= low <= high <= 1):
            raise ValueError("need a chance of false counties and their shares between 0 and 1")

    def nodes(self) -> "Nodes":
        """Stand in for the distribution by a few shares: five of honest counties, two of false."""
        z, w = np.polynomial.hermite_e.hermegauss(HONEST_NODES)
        honest = expit(logit(self.mean)[:, np.newaxis] + self.spread * z)
        low, high = self.false_shares
        middle, reach = (low + high) / 2, (high - low) / (2 * np.sqrt(3))
        false = np.broadcast_to([middle - reach, middle + reach], (len(self.mean), 2))
        return Nodes(
            share=np.concatenate([honest, false], axis=1),
            weight=np.concatenate([w / w.sum() * (1 - self.false), np.full(2, self.false / 2)]),
            made_up=np.array([False] * HONEST_NODES + [True] * 2),
        )

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Flags]:
        """Draw a share for each county, and tell which are false."""
        H = len(self.mean)
        honest = expit(logit(self.mean) + self.spread * rng.standard_normal(H))
        false = rng.random(H) < self.false
        return np.where(false, rng.uniform(*self.false_shares, H), honest), false

    def expected(self) -> Floats:
        """Return the expected share of each county, ``(H,)``."""
        nodes = self.nodes()
        return np.asarray(nodes.share @ nodes.weight)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What planning takes for granted until the calls show better."""

    belief: Belief
    answers: Answers
    costs: Costs


@dataclass(frozen=True, slots=True)
class Nodes:
    """Shares (H, Q) with weights (Q,) that add up to 1, and which of them are of false counties."""

    share: Floats
    weight: Floats
    made_up: Flags

    def of(self, h: Counts) -> "Nodes":
        return Nodes(self.share[h], self.weight, self.made_up)

    def classes(self, answers: Answers) -> list[tuple[Floats, Floats]]:
        """Return the weights and true parts of the phone classes at each share, Q times (H, G)."""
        return [
            answers.expected(share, made_up=bool(made_up))
            for share, made_up in zip(self.share.T, self.made_up, strict=True)
        ]

    def mixed(self, answers: Answers) -> tuple[Floats, Floats]:
        """Return the same over all shares together, (H, G)."""
        parts = list(zip(self.weight, self.classes(answers), strict=True))
        weight = sum((w * c[0] for w, c in parts), np.zeros(()))
        true = sum((w * c[0] * c[1] for w, c in parts), np.zeros(()))
        return weight, np.divide(true, weight, out=np.zeros_like(weight), where=weight > 0)
