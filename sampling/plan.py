"""What a design is expected to cost and how precise it is expected to be.

A design says how many entries of each stratum are called and which share of each phone class is
visited. People come out on the telephone by what is true of them, so the expected shares of the
classes, and how much of each class is true, follow from the expected share of true entries.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.demands import Counts, Floats

Flags = NDArray[np.bool_]

#: A stratum with fewer visits of an answer that counts as done borrows its unit's rate of it.
BORROW_BELOW = 20
NO = "not_achieved"  # the phone class of those who say that the claim is untrue


@dataclass(frozen=True, slots=True)
class Answers:
    """How people come out on the telephone: G classes, by what is true of the entry.

    The chances among true entries, untrue ones and those an office made up are (G,) each, or (H, G)
    where strata differ, and add up to 1. The class ``not_achieved`` is the answer that says no;
    whoever is neither in it nor in one that counts as done did not answer.
    """

    names: tuple[str, ...]
    yes: Flags  #: (G,) answers that count as done
    true: Floats
    untrue: Floats
    made_up: Floats

    def __post_init__(self) -> None:
        for name in ("true", "untrue", "made_up"):
            chances = getattr(self, name)
            if chances.shape[-1] != len(self.names) or np.any(chances < 0):
                raise ValueError(f"need a chance from 0 of each of {self.names} if {name}")
            if not np.allclose(chances.sum(axis=-1), 1):
                raise ValueError(f"the chances if {name} must add up to 1")

    @property
    def no(self) -> Flags:
        return np.array([name == NO for name in self.names])

    def of(self, h: Counts) -> "Answers":
        """Return the answers of some strata, in any order."""
        rows = (r[h] if r.ndim > 1 else r for r in (self.true, self.untrue, self.made_up))
        return Answers(self.names, self.yes, *rows)

    def with_response(self, response: Floats) -> "Answers":
        """Return the same where this share of the true entries answers, ``(H,)``.

        The others answer more or less often by the same factor, at most always. NaN leaves a
        stratum as it is. Raises ValueError outside 0 to 1.
        """
        _from_0_to_1("response", response)
        answered = self.yes | self.no
        usual = self.true[..., answered].sum(axis=-1)
        factor = (np.where(np.isnan(response), usual, response) / usual)[:, np.newaxis]

        def scaled(chances: Floats) -> Floats:
            share = chances[..., answered].sum(axis=-1, keepdims=True)
            wanted = np.minimum(share * factor, 1)
            return np.asarray(
                np.where(answered, chances * wanted / share, chances * (1 - wanted) / (1 - share))
            )

        return Answers(
            self.names, self.yes, scaled(self.true), scaled(self.untrue), scaled(self.made_up)
        )

    def with_truth(self, truth: Floats) -> "Answers":
        """Return the same where this share of the untrue who answer says so, ``(H,)``.

        The others say what true entries say. NaN leaves a stratum as it is. Raises ValueError
        outside 0 to 1.
        """
        _from_0_to_1("phone truth", truth)
        answered, honest = self.yes | self.no, truth[:, np.newaxis]
        claimed = np.where(self.yes, self.true, 0)
        claimed = claimed / claimed.sum(axis=-1, keepdims=True)
        said = np.where(self.no, honest, claimed * (1 - honest))

        def told(chances: Floats) -> Floats:
            share = chances[..., answered].sum(axis=-1, keepdims=True)
            changed = answered & np.isfinite(honest)
            return np.asarray(np.where(changed, share * said, chances))

        true = np.broadcast_to(self.true, said.shape)
        return Answers(self.names, self.yes, true, told(self.untrue), told(self.made_up))

    def expected(self, share: Floats, *, made_up: bool = False) -> tuple[Floats, Floats]:
        """Return the share of each class among the cases, and the true part of it, (H, G)."""
        p = share[:, np.newaxis]
        true = p * self.true
        weight = true + (1 - p) * (self.made_up if made_up else self.untrue)
        return weight, np.divide(true, weight, out=np.zeros_like(weight), where=weight > 0)


@dataclass(frozen=True, slots=True)
class Costs:
    """Money and time: of an attempt to call, of a visit, and what a person manages in a day."""

    attempt: float  #: yuan
    visit: float  #: yuan
    attempts: Floats  #: (G,) until a case of the class is finished
    attempts_a_day: float  #: of one operator
    visits_a_day: float  #: of one inspector

    def __post_init__(self) -> None:
        amounts = (self.attempt, self.visit, self.attempts_a_day, self.visits_a_day)
        if min(amounts) <= 0 or np.any(self.attempts <= 0):
            raise ValueError("every cost and every day's work must be above 0")


@dataclass(frozen=True, slots=True)
class Design:
    """H strata with what is done in them; strata of one pool share the rates of phone classes."""

    frame_size: Counts
    sizes: Counts  #: (H,) called
    visit_rates: Floats  #: (H, G) visited at random, of each class
    pool: Counts  #: (H,) position of the project and unit


@dataclass(frozen=True, slots=True)
class Workload:
    """What has to be done, in expectation."""

    cases: int
    attempts: float
    visits: float
    money: float  #: yuan
    operator_days: float
    inspector_days: float


def cost_of_case(answers: Answers, share: Floats, visit_rates: Floats, costs: Costs) -> Floats:
    """Return the expected cost in yuan of one case of each stratum, ``(H,)``, visits included."""
    weight, _ = answers.expected(share)
    return np.asarray(
        (weight * (costs.attempt * costs.attempts + costs.visit * visit_rates)).sum(axis=1)
    )


def worth_of_case(answers: Answers, share: Floats, visit_rates: Floats) -> Floats:
    """Return what a case tells of its stratum, 1 if its truth were known, ``(H,)``.

    A visited share nu of a class adds W (1 / nu - 1) q (1 - q) to the variance p (1 - p) of a case.
    Classes that nobody visits are left out, as if they were like the others.
    """
    weight, rate = answers.expected(share)
    seen = visit_rates > 0
    left = np.where(seen, weight, 0)
    more = np.divide(1, visit_rates, out=np.ones_like(visit_rates), where=seen) - 1
    spread = share * (1 - share)
    second = (left * more * rate * (1 - rate)).sum(axis=1)
    return np.asarray(
        np.divide(spread, spread + second, out=np.ones_like(spread), where=spread > 0)
        * left.sum(axis=1)
    )


def workload(design: Design, answers: Answers, share: Floats, costs: Costs) -> Workload:
    """Add up the calls, visits, money and days that a design needs."""
    weight, _ = answers.expected(share)
    rows = design.sizes[:, np.newaxis] * weight
    attempts, visits = (
        float((rows * costs.attempts).sum()),
        float((rows * design.visit_rates).sum()),
    )
    return Workload(
        cases=int(design.sizes.sum()),
        attempts=attempts,
        visits=visits,
        money=attempts * costs.attempt + visits * costs.visit,
        operator_days=attempts / costs.attempts_a_day,
        inspector_days=visits / costs.visits_a_day,
    )


def half_widths(
    design: Design, answers: Answers, share: Floats, region: Counts, *, z: float = 1.96
) -> Floats:
    """Return the expected half-width of the share of each region, ``(D,)``.

    ``region`` is (H,), the position of each stratum's region, from 0. The variance is that of both
    phases; a region within a pool borrows the pool's rate of an answer that counts as done while
    it has fewer than 20 visits of it. NaN where a stratum with entries gets no case.

    Source: Cochran (1977) section 12.2; Sarndal, Swensson and Wretman (1992) chapter 9.
    """
    N, n = design.frame_size.astype(float), design.sizes.astype(float)
    weight, rate = answers.expected(share)
    first = N**2 * (1 - n / N) * share * (1 - share) / np.maximum(n - 1, 1)
    parts, part = np.unique(np.stack([region, design.pool]), axis=1, return_inverse=True)
    part = part.reshape(-1)
    own = _rate_variance(design, weight, rate, part)
    shared = _rate_variance(design, weight, rate, design.pool)[parts[1]]
    few = _sums(n[:, np.newaxis] * weight * design.visit_rates, part) < BORROW_BELOW
    variance = np.where(few & answers.yes, np.minimum(own, shared), own)
    second = (_sums(N[:, np.newaxis] * weight, part) ** 2 * variance).sum(axis=1)
    total = np.bincount(region, first) + np.bincount(parts[0], second)
    blank = np.bincount(region, (n == 0) & (N > 0)) > 0
    half = z * np.sqrt(total) / np.bincount(region, N)
    return np.asarray(np.where(blank, np.nan, half))


def expected_visits(design: Design, weight: Floats) -> Floats:
    """Return the random visits that the pool of each stratum expects of each class, (H, G)."""
    visits = design.sizes[:, np.newaxis] * weight * design.visit_rates
    return np.asarray(_sums(visits, design.pool)[design.pool])


def _rate_variance(design: Design, weight: Floats, rate: Floats, cut: Counts) -> Floats:
    """Return the variance of the rates of the classes in each part, 0 where nobody is visited."""
    rows = design.sizes[:, np.newaxis] * weight
    called, visited = _sums(rows, cut), _sums(rows * design.visit_rates, cut)
    true = np.divide(_sums(rows * rate, cut), called, out=np.zeros_like(called), where=called > 0)
    unseen = 1 - np.divide(visited, called, out=np.ones_like(called), where=called > 0)
    error = unseen * true * (1 - true) / np.maximum(visited - 1, 1)
    return np.asarray(np.where(visited > 0, error, 0))


def _sums(values: Floats, cut: Counts) -> Floats:
    total = np.zeros((int(cut.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(total, cut, values)
    return total


def _from_0_to_1(name: str, values: Floats) -> None:
    wrong = (values < 0) | (values > 1)
    if np.any(wrong):
        h = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"the {name} of stratum {h} must lie between 0 and 1, got {values[h]:g}")
