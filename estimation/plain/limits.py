"""Confidence limits of a share in plain Python, by the names of estimation/intervals.py.

*Capped* methods trust no variance smaller than the design promises. Sources: as there.
"""

from dataclasses import dataclass
from functools import cache
from math import asin, exp, inf, isfinite, isnan, lgamma, log, log1p, nan, pi, sin, sqrt

TINY, EPSILON = 1e-300, 1e-16
TIE = 1e-9  # share of a risk by which a probability may pass it: the error of its computation
STEPS = 200  # of a search that halves its range at worst: far more than are needed
ADDED_FAILURE = 0.7  # of the row that ``added_row`` adds
AGGREGATE = {
    "hypergeometric_mid_p": "jeffreys_capped",
    "hypergeometric_exact": "korn_graubard_capped",
}


@dataclass
class Precision:
    """What an interval needs to know of one estimated share."""

    share: float
    variance: float
    rows: float
    df: float
    planned: float  # effective size the design promises; infinite for a census

    def size(self, level: float, *, capped: bool) -> float:
        """Return the size of the simple random sample that is as precise."""
        p, v = self.share, self.variance
        size = p * (1 - p) / v if v > 0 and 0 < p < 1 else inf
        size = min(size, self.planned) if capped or size == inf else size
        return size * (t(self.rows - 1, level) / t(self.df, level)) ** 2


def share_limits(name: str, of: Precision, level: float) -> tuple[float, float]:
    """Bound a share that is not that of an exactly known cell."""
    name, p = AGGREGATE.get(name, name), of.share
    if isnan(p):
        return nan, nan
    base, capped = name.removesuffix("_capped"), name.endswith("_capped")
    half = t(of.df, level) * sqrt(of.variance)
    if base == "wald":
        return p - half, p + half
    if base in {"logit", "arcsine"} and 0 < p < 1:
        return _on_scale(base, p, half)
    if base in {"logit", "arcsine"}:
        base, capped = "korn_graubard", True
    if base == "added_row":
        low, high = (_added_row(q, of, level) for q in (p, 1 - p))
        return (low, 1 - high) if isfinite(of.planned) else (p, p)
    n = of.size(level, capped=capped)
    return (p, p) if n == inf else _of_size(base, p, n, of.rows, level)


def reaches(of: Precision, share: float, level: float) -> bool:
    """Tell whether the lower capped Korn-Graubard limit lies above *share*."""
    n, p = of.size(level, capped=True), of.share
    if n == inf or p <= 0:
        return (p if n == inf else 0.0) > share
    return share < 0 or (share < 1 and beta(share, n * p, n * (1 - p) + 1) < (1 - level) / 2)


def _of_size(base: str, p: float, n: float, rows: float, level: float) -> tuple[float, float]:
    """Bound a share as a simple random sample of *n* would."""
    if base == "wilson":
        z2 = t(rows - 1, level) ** 2
        middle, half = p + z2 / (2 * n), sqrt(z2 / n * (p * (1 - p) + z2 / (4 * n)))
        return (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
    own, other = {"korn_graubard": (0.0, 1.0), "jeffreys": (0.5, 0.5)}[base]
    low, high = (
        quantile((1 - level) / 2, n * q + own, n * (1 - q) + other) if q > 0 else 0.0
        for q in (p, 1 - p)
    )
    return low, 1 - high


def _on_scale(scale: str, p: float, half: float) -> tuple[float, float]:
    if scale == "logit":
        middle, half = log(p / (1 - p)), half / (p * (1 - p))
        return 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))
    middle, half = asin(sqrt(p)), half / sqrt(p * (1 - p)) / 2
    return sin(max(middle - half, 0)) ** 2, sin(min(middle + half, pi / 2)) ** 2


def _added_row(p: float, of: Precision, level: float) -> float:
    if p <= 0 or not isfinite(of.planned):
        return 0.0
    w, e, q = 1 / of.planned, ADDED_FAILURE, 1 - p
    failing = (q + e * w) / (1 + w)
    spread = e + q * (1 - 2 * e) + w * e * (1 - e)
    variance = (of.variance + w**2 * spread) / (1 + w) ** 3
    size = failing * (1 - failing) / variance * (t(of.rows - 1, level) / t(of.df, level)) ** 2
    return quantile((1 - level) / 2, size * (1 - failing), size * failing)


# The beta and Student's t distribution.


def beta(x: float, a: float, b: float) -> float:
    """Return the probability that a beta variable is at most *x*, by its continued fraction."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # there the fraction of the other end converges faster
        return 1 - beta(1 - x, b, a)
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or TINY)
    value, m, step = d, 0, 0.0
    while abs(step - 1) > EPSILON:
        m += 1
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / (1 + term * d or TINY), 1 + term / c or TINY
            step = c * d
            value *= step
    return exp(_log_front(x, a, b)) * value / a


def quantile(p: float, a: float, b: float) -> float:
    """Return where :func:`beta` is *p*: Newton's steps, halving the range where they leave it."""
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(STEPS):
        over = beta(x, a, b) - p
        low, high = (low, x) if over > 0 else (x, high)
        slope = exp(_log_front(x, a, b)) / (x * (1 - x))
        new = x - over / slope if slope > 0 else low
        if not low < new < high:
            new = (low + high) / 2
        if abs(new - x) <= 1e-15 * x or new in {low, high}:
            return new
        x = new
    return x


def _log_front(x: float, a: float, b: float) -> float:
    return lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)


@cache
def t(df: float, level: float) -> float:
    """Return the upper quantile of Student's t; one degree of freedom is the fewest."""
    df = max(df, 1.0)
    x = quantile(level, 0.5, df / 2)
    return sqrt(df * x / (1 - x))


# One simple random sample without replacement: x of n are right, K of N would be.


def upper_tail(x: int, n: int, N: int, K: int) -> float:
    """Return the probability of *x* or more when *K* of the *N* are right."""
    if x * N <= n * K:  # at or under the mean the rest is shorter
        return 1 - _tail(n - x + 1, n, N, N - K)
    return _tail(x, n, N, K)


def _tail(x: int, n: int, N: int, K: int) -> float:
    total, term = 0.0, probability(x, n, N, K)
    while term > 1e-18 * total:
        total += term
        term *= (K - x) * (n - x) / ((x + 1) * (N - K - n + x + 1))
        x += 1
    return total


def probability(x: int, n: int, N: int, K: int) -> float:
    """Return the probability of exactly *x*."""
    if not max(0, n + K - N) <= x <= min(n, K):
        return 0.0
    return exp(_ways(K, x) + _ways(N - K, n - x) - _ways(N, n))


def _ways(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def exact_limits(x: int, n: int, N: int, level: float, *, mid_p: bool) -> tuple[int, int]:
    """Bound how many of the *N* are right."""
    return _lowest(x, n, N, level, mid_p), N - _lowest(n - x, n, N, level, mid_p)


def _lowest(x: int, n: int, N: int, level: float, mid_p: bool) -> int:  # noqa: FBT001
    low, high = x, N - (n - x)
    while low < high:
        K = (low + high) // 2
        p = upper_tail(x, n, N, K) - (probability(x, n, N, K) / 2 if mid_p else 0)
        low, high = (low, K) if p > (1 - level) / 2 * (1 + TIE) else (K + 1, high)
    return low
