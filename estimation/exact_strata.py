"""Exact inference about the total of several strata: no variance, nothing assumed.

A simple random sample without replacement of each stratum, every sampled row known. A total T of
successes may be divided among the strata in many ways; the p-value of "T or more" is the largest
over all divisions of the chance of samples like these or poorer. Three answers to "poorer":

* Wendell and Schmee order the samples by the estimated total. Exact and short, but every division
  and every poorer sample is visited: a few strata with small totals; the rest is refused.
* Stark's combines the hypergeometric p-values of the strata by Fisher's chi-squared, for which the
  worst division is found by taking the smallest losses first. Any size; wider.
* Wright's adds up simultaneous limits of the strata (Sidak). Bounds only, very wide.

Sources: Wendell and Schmee (1996), JASA 91:825-830; Stark's notebook on their method and his
(github.com/pbstark/Strat); Wright (1991). Equal to the figures printed there.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc

from estimation.hypergeometric import exact_limits, log_choose, probability

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

MOST_PRODUCTS = 100_000_000  # about two seconds
MOST_LISTED = 2_000_000  # divisions, or samples, held in memory
AT_ONCE = 2_000_000  # products
ROUNDING = 1e-12  # of an estimated total; a tie counts as poorer


@dataclass(frozen=True, slots=True)
class StratumSamples:
    """Achieved among the sampled of each stratum, ``(H,)`` whole numbers."""

    achieved: Counts
    sampled: Counts
    frame_size: Counts

    @classmethod
    def of(cls, achieved: ArrayLike, sampled: ArrayLike, frame_size: ArrayLike) -> Self:
        """Check the counts; raises ValueError naming the stratum that is impossible."""
        x, n, N = (np.asarray(a, dtype=float) for a in (achieved, sampled, frame_size))
        if x.ndim != 1 or not x.shape == n.shape == N.shape or not x.size:
            raise ValueError(f"need equal shapes (H,), got {x.shape}, {n.shape}, {N.shape}")
        fine = (x >= 0) & (x <= n) & (n <= N) & np.isfinite(N)
        fine &= (np.floor(x) == x) & (np.floor(n) == n) & (np.floor(N) == N)
        if not fine.all():
            h = int(np.flatnonzero(~fine)[0])
            raise ValueError(
                "need whole numbers 0 <= achieved <= sampled <= frame size in each stratum, "
                f"got {x[h]:g}, {n[h]:g}, {N[h]:g} in stratum number {h}"
            )
        return cls(*(a.astype(np.int64) for a in (x, n, N)))

    def mirrored(self) -> Self:
        """Return the samples with achieved and failed exchanged."""
        return type(self)(self.sampled - self.achieved, self.sampled, self.frame_size)

    def possible(self) -> tuple[int, int]:
        """Return the smallest and the largest total that the samples allow."""
        low = int(self.achieved.sum())
        return low, int((self.frame_size - self.sampled).sum()) + low


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The p-value of "this total or more", and its division that the samples contradict least.

    There is no such division, ``(H,)``, where the samples rule the total out.
    """

    p_value: float
    division: tuple[int, ...] | None


def fisher_test(samples: StratumSamples, total: int) -> Contradiction:
    """Test "the total is *total* or more" by Stark's method; small means surely fewer.

    Strata that were not sampled, or sampled whole, have no p-value to combine and are left out.
    """
    low, high = samples.possible()
    if total <= low:
        return Contradiction(1.0, tuple(samples.achieved.tolist()))
    if total > high:
        return Contradiction(0.0, None)
    stratum, losses = _losses(samples)
    more = total - low
    division = samples.achieved + np.bincount(stratum[:more], minlength=len(samples.sampled))
    p = _combined(samples, losses[:more].sum())
    return Contradiction(float(p), tuple(division.tolist()))


def fisher_upper_bound(samples: StratumSamples, risk: float) -> int:
    """Return the largest total that Stark's method does not rule out at *risk*."""
    losses = _losses(samples)[1]
    p = _combined(samples, np.cumsum(losses))
    return samples.possible()[0] + int(np.count_nonzero(p > _checked(risk)))


def wright_upper_bound(samples: StratumSamples, risk: float) -> int:
    """Return the sum of upper limits that hold in all strata together (Sidak)."""
    tail = 1 - (1 - _checked(risk)) ** (1 / len(samples.sampled))
    limits = exact_limits(samples.achieved, samples.sampled, samples.frame_size, 1 - 2 * tail)
    return int(limits[1].sum())


def wendell_schmee_test(samples: StratumSamples, total: int) -> Contradiction:
    """Test "the total is *total* or more" by Wendell and Schmee's method.

    Raises ValueError for a stratum without a sample, and where the divisions of the total times
    the poorer samples are more than MOST_PRODUCTS, with both numbers.
    """
    if total <= samples.achieved.sum():
        return Contradiction(1.0, tuple(samples.achieved.tolist()))
    if total > samples.frame_size.sum():
        return Contradiction(0.0, None)
    poorer, last = _poorer(samples)
    ways = _number_of_divisions(samples.frame_size, total)
    most = min(MOST_PRODUCTS // len(last), MOST_LISTED)
    _refuse_above(most, ways, f"divisions of {total}, with {len(last):,} samples each")
    divisions = _divisions(samples.frame_size, total)
    p = _chances(samples, divisions, poorer, last)
    worst = int(np.argmax(p))
    return Contradiction(float(p[worst]), tuple(divisions[worst].tolist()))


def wendell_schmee_upper_bound(samples: StratumSamples, risk: float) -> int:
    """Return the largest total that Wendell and Schmee's method does not rule out at *risk*.

    Raises ValueError as their test does.
    """
    _checked(risk)
    low, high = samples.possible()
    step = 1
    while low + step <= high and wendell_schmee_test(samples, low + step).p_value > risk:
        low, step = low + step, 2 * step
    high = min(low + step - 1, high)
    while low < high:
        middle = (low + high + 1) // 2
        if wendell_schmee_test(samples, middle).p_value > risk:
            low = middle
        else:
            high = middle - 1
    return low


def p_values(samples: StratumSamples, target: int) -> tuple[float, float]:
    """Return Stark's p-values of "missed" and of "reached".

    The first is small where the target is surely met, the second where it is surely not met.
    """
    missing = int(samples.frame_size.sum()) - target + 1
    return fisher_test(samples.mirrored(), missing).p_value, fisher_test(samples, target).p_value


def _losses(samples: StratumSamples) -> tuple[Counts, Floats]:
    """Return what each further success costs log P, smallest cost first, and its stratum.

    log P(X <= x) is concave in the successes of a stratum, so that the costs of one stratum come
    in their order. Even where they did not, their sum would bound the largest p-value from above.
    """
    each = [np.diff(_log_tail(*counts)) for counts in _rows(samples)]
    stratum = np.repeat(np.arange(len(each)), [len(e) for e in each])
    losses = np.concatenate(each)
    order = np.argsort(-losses, kind="stable")
    return stratum[order], losses[order]


def _rows(samples: StratumSamples) -> list[tuple[int, int, int]]:
    columns = samples.achieved, samples.sampled, samples.frame_size
    return [(int(x), int(n), int(N)) for x, n, N in zip(*columns, strict=True)]


def _log_tail(x: int, n: int, N: int) -> Floats:
    """Return log P(X <= x) for every number of successes that x of n allows, ``(N - n + 1,)``.

    One more success after j of them lowers P by the chance that it is the sampled one that counts:
    C(j, x) C(N-j-1, n-x-1) / C(N, n).
    """
    if x == n:
        return np.zeros(N - n + 1)
    j = np.arange(x, N - n + x + 1, dtype=float)
    drop = log_choose(j, x) + log_choose(N - j - 1, n - x - 1) - log_choose(N, n)
    return np.minimum(np.logaddexp.accumulate(drop[::-1])[::-1], 0)


def _combined(samples: StratumSamples, log_p: ArrayLike) -> Floats:
    """Return Fisher's combination: the upper tail of chi-squared with 2 df a stratum."""
    part = (samples.sampled > 0) & (samples.sampled < samples.frame_size)
    strata = int(np.count_nonzero(part)) or 1
    return np.asarray(gammaincc(strata, -np.asarray(log_p)), dtype=np.float64)


def _poorer(samples: StratumSamples) -> tuple[Counts, Counts]:
    """List the samples with no larger estimated total: all strata but one, the most in the last."""
    if not samples.sampled.all():
        h = int(np.flatnonzero(samples.sampled == 0)[0])
        raise ValueError(f"need a sample in each stratum, got none in stratum number {h}")
    weight = samples.frame_size / samples.sampled
    left = np.array([weight @ samples.achieved * (1 + ROUNDING)])
    lists = np.zeros((1, 0), dtype=np.int64)
    for n, w in zip(samples.sampled[:-1], weight[:-1], strict=True):
        most = np.minimum(np.floor(left / w), n).astype(np.int64)
        _refuse_above(MOST_LISTED, (most + 1).sum(), "samples or more")
        lists, value = _extended(lists, np.zeros_like(most), most)
        left = np.repeat(left, most + 1) - w * value
    return lists, np.minimum(np.floor(left / weight[-1]), samples.sampled[-1]).astype(np.int64)


def _number_of_divisions(frame_size: Counts, total: int) -> float:
    ways = np.zeros(total + 1)
    ways[0] = 1
    for N in frame_size:
        sums = np.cumsum(ways)
        ways = sums - np.concatenate([np.zeros(N + 1), sums])[: total + 1]
    return float(ways[total])


def _divisions(frame_size: Counts, total: int) -> Counts:
    """List the ways to divide *total* among the strata, ``(A, H)``."""
    lists, left = np.zeros((1, 0), dtype=np.int64), np.array([total])
    for h, N in enumerate(frame_size):
        room = frame_size[h + 1 :].sum()
        first, last = np.maximum(left - room, 0), np.minimum(left, N)
        lists, value = _extended(lists, first, last)
        left = np.repeat(left, last - first + 1) - value
    return lists


def _extended(lists: Counts, first: Counts, last: Counts) -> tuple[Counts, Counts]:
    """Extend each list by every number from its first to its last; return those numbers too."""
    several = last - first + 1
    start = np.repeat(np.cumsum(several) - several, several)
    value = np.arange(several.sum()) - start + np.repeat(first, several)
    return np.column_stack([np.repeat(lists, several, axis=0), value]), value


def _chances(samples: StratumSamples, divisions: Counts, poorer: Counts, last: Counts) -> Floats:
    """Return the probability of the poorer samples under each division, ``(A,)``."""
    tables = [
        probability(np.arange(n + 1.0), n, N, np.arange(divisions[:, h].max() + 1.0)[:, np.newaxis])
        for h, (n, N) in enumerate(zip(samples.sampled, samples.frame_size, strict=True))
    ]
    tables[-1] = np.cumsum(tables[-1], axis=1)
    size = max(AT_ONCE // len(last), 1)
    chances = []
    for some in np.split(divisions, range(size, len(divisions), size)):
        product = tables[-1][some[:, -1][:, np.newaxis], last]
        for h in range(poorer.shape[1]):
            product = product * tables[h][some[:, h][:, np.newaxis], poorer[:, h]]
        chances.append(product.sum(axis=1))
    return np.concatenate(chances)


def _refuse_above(most: int, number: float, what: str) -> None:
    if number > most:
        raise ValueError(
            f"Wendell and Schmee's method would not finish: {number:,.0f} {what}, where it takes "
            f"{most:,} at most; use Stark's"
        )


def _checked(risk: float) -> float:
    if not 0 < risk < 1:
        raise ValueError(f"the risk must lie between 0 and 1, got {risk}")
    return risk
