"""How many cases one stratum needs: for a half-width, for a decision, at the very least.

A *decision* here is that of a stratum whose cases all get a verdict: met if so few failures would
be unlikely one person short of the target, not met if so many would be unlikely with the target
just reached. "Unlikely" is ``alpha`` on one side. Counts of failures in a simple random sample are
hypergeometric, so everything is exact.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.acceptance import acceptance_probability

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

ALPHA = 0.05
POWER = 0.9
FEWEST = 20  # cases with a verdict that a stratum needs to be shown at all
ROUNDING = 1e-9  # a probability of exactly .05 is a sum of floats
SINGLY = 16  # numbers of failures that are tried one by one before they are doubled
WALK_BACK = 3  # failures fewer that are tried after bisecting
CENSUS_UP_TO = 30  # entries; strata as small as this are taken whole


def minimum_size(
    frame_size: ArrayLike, *, response: ArrayLike = 1.0, fewest: int = FEWEST
) -> Counts:
    """Return the fewest cases to draw: 20 verdicts expected, all of a stratum of 30 or fewer.

    ``frame_size`` is (H,) whole numbers, ``response`` the expected share of verdicts, (H,) or one
    number. Raises ValueError for other shapes or numbers.
    """
    N, r = _checked(frame_size, response)
    needed = np.ceil(fewest / r - 1e-9).astype(np.int64)
    return np.where(N <= CENSUS_UP_TO, N, np.minimum(needed, N))


def size_for_half_width(
    frame_size: ArrayLike,
    half_width: ArrayLike,
    *,
    share: ArrayLike = 0.5,
    response: ArrayLike = 1.0,
    z: float = 1.96,
) -> Counts:
    """Return the cases to draw for shares of this half-width.

    n = N S**2 / (N (e / z)**2 + S**2) / response with S**2 = p (1 - p), rounded up.

    Parameters
    ----------
    frame_size : (H,) whole numbers
    half_width, share, response : (H,) or one number
        Half-width e on the scale of shares, share expected to be achieved, and share of the cases
        expected to get a verdict.

    Raises ValueError for other shapes or numbers, and, naming the stratum, where the response is
    so low that even all of its entries are too few. Source: Cochran (1977) chapter 4.
    """
    N, r = _checked(frame_size, response)
    e, p = (np.broadcast_to(np.asarray(v, float), N.shape) for v in (half_width, share))
    _all_fine("half-width", e, e > 0)
    _all_fine("expected share", p, (p >= 0) & (p <= 1))
    spread = p * (1 - p)
    verdicts = np.ceil(N * spread / (N * (e / z) ** 2 + spread) - 1e-9)
    drawn = np.ceil(verdicts / r - 1e-9)
    short = np.flatnonzero(drawn > N)
    if short.size:
        h = int(short[0])
        raise ValueError(
            f"stratum {h} needs {verdicts[h]:g} verdicts for a half-width of {e[h]:g}, but its "
            f"{N[h]} entries give {np.floor(N[h] * r[h]):g} at a response of {r[h]:.0%}"
        )
    return np.asarray(drawn, dtype=np.int64)


def size_to_prove(
    frame_size: ArrayLike, target: ArrayLike, *, failures: ArrayLike = 0, alpha: float = ALPHA
) -> Counts:
    """Return the fewest verdicts that can end in "met" with this many failures among them.

    With no failures this is the least a stratum needs for any hope of "met". Where the target is
    the whole frame it is a census: one failure breaks it, so no sample can prove it.

    ``frame_size``, ``target`` and ``failures`` are (H,) whole numbers or one. Sizes are N + 1,
    which nobody can draw, where the target is above the frame or so many failures break it.
    Raises ValueError for other shapes or numbers. Source: docs/statistics.md; with no target but a
    tolerable rate this is R PracTools' ``nAuditAttr``.
    """
    N, T, c = np.broadcast_arrays(*(_whole(v) for v in (frame_size, target, failures)))
    spare = N - T  # failures that the target can bear
    sizes = _fewest(np.minimum(c, np.maximum(spare, 0)), N, np.clip(spare + 1, 0, N), alpha)
    sizes = np.where(T >= N, N, np.where(T <= 0, 0, sizes))
    return np.asarray(np.where(spare < c, N + 1, sizes), dtype=np.int64)


def provable(frame_size: ArrayLike, target: ArrayLike) -> NDArray[np.bool_]:
    """Tell where a sample can prove the target: not where it equals the frame or exceeds it."""
    N, T = np.broadcast_arrays(_whole(frame_size), _whole(target))
    return np.asarray(N > T)


def size_for_decision(
    frame_size: ArrayLike,
    target: ArrayLike,
    share: ArrayLike,
    *,
    power: float = POWER,
    alpha: float = ALPHA,
    response: ArrayLike = 1.0,
) -> Counts:
    """Return the fewest cases with which the right decision has at least this chance.

    If the expected share reaches the target the right decision is "met", else "not met".

    ``frame_size`` and ``target`` are (H,) whole numbers; ``share``, the share achieved at which the
    chance is to hold, and ``response``, the share of the cases with a verdict, (H,) or one number.
    Returns ``(H,)`` counts, the verdicts divided by the response; a census where no smaller sample
    will do; 0 where the target is above the frame or 0, which needs no sample. Raises ValueError
    for other shapes or numbers.
    """
    N, r = _checked(frame_size, response)
    T = np.broadcast_to(_whole(target), N.shape)
    p = np.broadcast_to(np.asarray(share, float), N.shape)
    _all_fine("expected share", p, (p >= 0) & (p <= 1))
    failing, spare = np.rint(N * (1 - p)).astype(np.int64), np.clip(N - T, 0, N)
    met = failing <= spare
    # Met: few failures, unlikely with one more than the target bears, likely with those expected.
    # Not met: many failures, likely with those expected, unlikely with those the target bears.
    sizes = _decisive(
        _Tests(
            N,
            worse=np.where(met, np.minimum(spare + 1, N), failing),
            better=np.where(met, failing, spare),
            limit=np.where(met, alpha, 1 - power),
            sure=np.where(met, power, 1 - alpha),
        )
    )
    drawn = np.minimum(np.ceil(np.where(T == N, N, sizes) / r - 1e-9).astype(np.int64), N)
    return np.where((T > N) | (T <= 0), 0, drawn)


@dataclass(frozen=True, slots=True)
class _Tests:
    """For each stratum, what some number of failures c must tell apart, ``(H,)``.

    P(X <= c) is to be at most *limit* with *worse* failures among the N, at least *sure* with
    *better*, of which there are fewer.
    """

    N: Counts
    worse: Counts
    better: Counts
    limit: Floats
    sure: Floats

    def of(self, h: Counts) -> "_Tests":
        return _Tests(*(getattr(self, field.name)[h] for field in fields(self)))

    def tried(self, c: Counts) -> tuple[Counts, Flags]:
        """Return the fewest n that keep the limit, and whether they are sure enough."""
        n = _fewest(c, self.N, self.worse, self.limit)
        return n, acceptance_probability(n, c, self.N, self.better) >= self.sure - ROUNDING


def _decisive(tests: _Tests) -> Counts:
    """Return the fewest n with which some c tells worse from better.

    n grows with c, and how sure it is grows too, but for the steps of whole numbers. So small c are
    tried one by one, then c is doubled until it suffices and bisected, which may find a few cases
    too many; the strata that need many failures come last, alone.
    """
    sizes = tests.N.copy()
    open_, before, c = np.arange(len(sizes)), -1, 0
    while open_.size:
        some = tests.of(open_)
        tried = np.minimum(c, some.better)
        enough = some.tried(tried)[1] | (c >= some.better)
        done = open_[enough]
        sizes[done] = _bisected(tests.of(done), before + 1, tried[enough])
        open_, before, c = open_[~enough], c, c + 1 if c < SINGLY else 2 * c
    return sizes


def _bisected(tests: _Tests, first: int, last: Counts) -> Counts:
    """Find the smallest c from first to last that suffices, and walk the last steps singly."""
    few, many = np.minimum(first, last), last
    while np.any(few < many):
        middle = (few + many) // 2
        enough = tests.tried(middle)[1]
        many, few = np.where(enough, middle, many), np.where(enough, few, middle + 1)
        few = np.minimum(few, many)
    sizes = tests.tried(many)[0]
    for back in range(1, WALK_BACK + 1):
        n, enough = tests.tried(np.maximum(many - back, 0))
        sizes = np.where(enough, np.minimum(n, sizes), sizes)
    return sizes


def _fewest(c: Counts, N: Counts, failing: Counts, limit: Floats | float) -> Counts:
    """Return the smallest n with P(X <= c) <= limit, N where there is none; c and n in step."""
    few, many = np.minimum(c, N), N.copy()
    while np.any(few < many):
        middle = (few + many) // 2
        enough = acceptance_probability(middle, c, N, failing) <= limit + ROUNDING
        many, few = np.where(enough, middle, many), np.where(enough, few, middle + 1)
        few = np.minimum(few, many)
    return many


def _checked(frame_size: ArrayLike, response: ArrayLike) -> tuple[Counts, Floats]:
    N = _whole(frame_size)
    r = np.broadcast_to(np.asarray(response, float), N.shape)
    _all_fine("expected response", r, (r > 0) & (r <= 1))
    return N, r


def _whole(values: ArrayLike) -> Counts:
    v = np.atleast_1d(np.asarray(values, dtype=float))
    if v.ndim != 1:
        raise ValueError(f"need one number for each stratum, got the shape {v.shape}")
    _all_fine("number of persons", v, np.isfinite(v) & (v >= 0) & (v == np.floor(v)))
    return v.astype(np.int64)


def _all_fine(name: str, values: Floats, fine: Flags) -> None:
    if not np.all(fine):
        h = int(np.flatnonzero(~fine)[0])
        raise ValueError(f"the {name} of stratum {h} cannot be {values[h]:g}")
