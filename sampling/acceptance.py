"""Acceptance sampling: how many entries of a ledger to check, and how many errors to forgive.

A plan (n, c) checks n of the N entries, drawn at random, and accepts the ledger if at most c of
them are wrong. Probabilities are exact: hypergeometric for a ledger of N, binomial where N is much
larger than any check.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, gammaln

Floats = NDArray[np.float64]

RULE_SHARE = 0.03  # of a ledger that the official rule checks
RULE_ACCURACY = 0.90  # of the checked entries that must be right
_ROUNDING = 1e-9  # 0.07 * 100 is more than 7, and a probability of exactly 1/10 is not 0.1
_STEP = 32  # sizes looked at together; the next one is seldom further off


@dataclass(frozen=True, slots=True)
class Plan:
    """Check *n* entries of a ledger of *N* and accept it if at most *c* are wrong."""

    n: int
    c: int
    N: int | None = None  #: None if much larger than n

    def __post_init__(self) -> None:
        most = self.n if self.N is None else self.N
        if not (0 <= self.c <= self.n and 1 <= self.n <= most):
            raise ValueError(f"need 0 <= c <= n and 1 <= n <= N, got {self}")


@dataclass(frozen=True, slots=True)
class Quality:
    """The two shares of errors a plan tells apart, and the risks of telling them wrongly."""

    good: float  #: a ledger as good as this should be accepted
    bad: float  #: a ledger as bad as this should be rejected
    producer_risk: float = 0.05  #: of rejecting a good ledger
    consumer_risk: float = 0.10  #: of accepting a bad one

    def __post_init__(self) -> None:
        if not 0 <= self.good < self.bad <= 1:
            raise ValueError(f"need 0 <= good < bad <= 1, got {self.good} and {self.bad}")
        if not (0 < self.producer_risk < 1 and 0 < self.consumer_risk < 1):
            raise ValueError(f"risks must lie between 0 and 1, got {self}")


@dataclass(frozen=True, slots=True)
class Risks:
    """What a plan really risks."""

    producer: float  #: probability that a good ledger is rejected
    consumer: float  #: probability that a bad ledger is accepted


def acceptance_probability(n: ArrayLike, c: ArrayLike, N: ArrayLike, wrong: ArrayLike) -> Floats:
    """Return the probability that at most c of n entries are wrong, *wrong* of the N being so.

    All four are whole numbers from 0 and are broadcast against each other: many ledgers, or a
    whole operating-characteristic curve, at once. Raises ValueError unless n, wrong <= N.
    Source: the hypergeometric distribution; equal to R's AcceptanceSampling.
    """
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (n, c, N, wrong)))
    if not all(np.all(np.isfinite(a) & (a >= 0) & (a % 1 == 0)) for a in arrays):
        raise ValueError("n, c, N and wrong must be whole numbers from 0")
    checked, forgiven, size, errors = (a.astype(np.int64)[..., None] for a in arrays)
    if np.any(checked > size) or np.any(errors > size):
        raise ValueError("need n <= N and wrong <= N")
    fewest, most = np.maximum(0, checked - (size - errors)), np.minimum(errors, checked)
    found = np.arange(min(forgiven.max(initial=0), most.max(initial=0)) + 1)
    counted = (found >= fewest) & (found <= np.minimum(most, forgiven))
    k = np.where(counted, found, fewest)
    f = _log_factorials(int(size.max(initial=0)))
    ways = f[errors] - f[k] - f[errors - k]
    ways += f[size - errors] - f[checked - k] - f[size - errors - checked + k]
    ways -= f[size] - f[checked] - f[size - checked]
    p = np.exp(ways).sum(axis=-1, where=counted)
    return np.where((forgiven >= most)[..., 0], 1.0, np.minimum(p, 1.0))


def operating_characteristic(plan: Plan, error_share: ArrayLike) -> Floats:
    """Return the probability of accepting ledgers with these shares of errors, of any shape.

    In a ledger of N a share stands for the nearest whole number of entries. Raises ValueError for
    shares outside 0 to 1.
    """
    share = np.asarray(error_share, dtype=float)
    if not np.all((share >= 0) & (share <= 1)):
        raise ValueError("shares of errors must lie between 0 and 1")
    if plan.N is None:
        return _binomial(plan.n, plan.c, share)
    return acceptance_probability(plan.n, plan.c, plan.N, np.rint(share * plan.N))


def find_plan(N: int | None, quality: Quality) -> Plan:
    """Find the plan with the fewest checks that keeps both risks.

    A ledger of N is good with floor(good N) errors or fewer and bad with ceil(bad N) or more; N of
    None is much larger than any check. There always is such a plan: at the latest, check them all.
    Raises ValueError unless N >= 1. Source: docs/statistics.md; equal to R's AcceptanceSampling.
    """
    if N is not None and N < 1:
        raise ValueError(f"a ledger has 1 entry or more, got {N}")
    # Every error more that is forgiven takes more checks to keep the consumer's risk, so the first
    # number forgiven that keeps the producer's risk is the cheapest.
    plan = Plan(1, 0, N)
    while True:
        plan = Plan(_fewest_checks(plan, quality), plan.c, N)
        if risks(plan, quality).producer <= quality.producer_risk + _ROUNDING:
            return plan
        plan = Plan(max(plan.n, plan.c + 1), plan.c + 1, N)


def risks(plan: Plan, quality: Quality) -> Risks:
    """Compute the real risks of a plan at the two shares of errors."""
    return Risks(
        producer=1 - float(_accepts_good(plan.n, plan.c, plan.N, quality)),
        consumer=float(_accepts_bad(plan.n, plan.c, plan.N, quality)),
    )


def share_rule(N: int) -> Plan:
    """Return the official rule as a plan: check 3 % of the ledger, accept if 90 % are right.

    With less than about 1,000 entries it tells hardly anything: see its operating characteristic.
    Raises ValueError unless N >= 1.
    """
    n = _up(RULE_SHARE * N)
    return Plan(n, _forgiven_by_rule(n), N)


def shipped_plan(N: int, quality: Quality) -> Plan:
    """Return the plan that keeps the official rule and the consumer's risk.

    It makes as many checks as the larger of the two asks for and forgives as many errors as both
    allow. What that leaves of the producer's risk: see `risks`. Raises ValueError unless N >= 1.
    """
    found = find_plan(N, quality)
    n = max(share_rule(N).n, found.n)
    c = bisect_right(
        range(_forgiven_by_rule(n)),
        quality.consumer_risk + _ROUNDING,
        key=lambda c: float(_accepts_bad(n, c + 1, N, quality)),
    )
    return Plan(n, c, N)


def assurance_size(N: int, error_share: float, confidence: float = 0.95) -> int:
    """Return the checks that, if none finds an error, assure a share of errors of at most this.

    The fewest n for which a ledger with one error too many shows none with a probability of
    1 - confidence or less; 0 if the share allows every entry to be wrong. Raises ValueError unless
    N >= 1, 0 <= error_share <= 1 and 0 < confidence < 1.
    """
    if N < 1 or not 0 <= error_share <= 1 or not 0 < confidence < 1:
        raise ValueError(f"cannot assure a share of {error_share} in {N} with {confidence}")
    wrong = floor(error_share * N + _ROUNDING) + 1
    if wrong > N:
        return 0
    return bisect_left(
        range(N),
        confidence - 1 - _ROUNDING,
        key=lambda n: -float(acceptance_probability(n, 0, N, wrong)),
    )


def _fewest_checks(plan: Plan, quality: Quality) -> int:
    """Find the fewest checks, those of the plan or more, that keep the consumer's risk."""
    low, step = plan.n, _STEP
    while True:
        n = np.arange(low, low + step if plan.N is None else min(low + step, plan.N + 1))
        kept = _accepts_bad(n, plan.c, plan.N, quality) <= quality.consumer_risk + _ROUNDING
        if kept.any():
            return int(n[kept.argmax()])
        low, step = low + step, 2 * step


def _accepts_good(n: ArrayLike, c: int, N: int | None, quality: Quality) -> Floats:
    if N is None:
        return _binomial(n, c, quality.good)
    return acceptance_probability(n, c, N, floor(quality.good * N + _ROUNDING))


def _accepts_bad(n: ArrayLike, c: int, N: int | None, quality: Quality) -> Floats:
    if N is None:
        return _binomial(n, c, quality.bad)
    return acceptance_probability(n, c, N, _up(quality.bad * N))


def _binomial(n: ArrayLike, c: int, share: ArrayLike) -> Floats:
    return np.asarray(bdtr(float(c), np.asarray(n, dtype=np.int64), np.asarray(share, dtype=float)))


def _forgiven_by_rule(n: int) -> int:
    return n - _up(RULE_ACCURACY * n)


def _up(number: float) -> int:
    return ceil(number - _ROUNDING)


@lru_cache(maxsize=8)
def _log_factorials(N: int) -> Floats:
    return np.asarray(gammaln(np.arange(N + 1) + 1.0))
