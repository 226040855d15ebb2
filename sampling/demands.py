"""What regions ask for of a sample: half-widths of shares, turned into bounds of variances."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demands:
    """What D regions ask for, over H strata; a stratum lies in one region of each of L levels.

    ``region`` and ``load`` are (L, H): the position of the region, and a, what one case of the
    stratum leaves of the region's variance. ``allowed`` + ``correction`` is the bound b, (D,): the
    variance that is asked for, and what drawing without replacement takes off.
    """

    names: Sequence[str]
    region: Counts
    load: Floats
    allowed: Floats
    correction: Floats

    @property
    def bound(self) -> Floats:
        return self.allowed + self.correction

    def variance(self, sizes: Floats) -> Floats:
        """Return the sum of a / n of each region, ``(D,)``."""
        parts = np.divide(self.load, sizes, out=np.zeros_like(self.load), where=self.load > 0)
        D = len(self.allowed)
        return np.asarray(np.bincount(self.region.ravel(), parts.ravel(), minlength=D), dtype=float)

    def relaxed(self, factor: float) -> "Demands":
        """Return the same with half-widths *factor* times as wide."""
        return replace(self, allowed=self.allowed * factor**2)


@dataclass(frozen=True, slots=True)
class Level:
    """A way to cut the strata into regions, and the half-width each region is to have.

    ``regions`` are H labels; an empty one belongs to no region. ``half_width`` is on the scale of
    shares, so .04 is 4 points; one number, or one for each label.
    """

    regions: Sequence[str]
    half_width: float | dict[str, float]


def precision_demands(
    frame_size: ArrayLike,
    share: ArrayLike,
    response: ArrayLike,
    levels: Sequence[Level],
    *,
    z: float = 1.96,
) -> Demands:
    """Turn wanted half-widths of shares into demands.

    With W = N / (entries of the region) and S**2 = p (1 - p): a = W**2 S**2 / response and
    b = (e / z)**2 + sum of W**2 S**2 / N.

    Parameters
    ----------
    frame_size, share, response : (H,)
        Entries, expected share achieved, and expected share of the cases that gets a verdict.
    levels
        At least one; a region may occur in several levels only under different labels.

    Raises ValueError for other shapes or numbers, naming the stratum or the region.
    """
    N, p, r = _planned(frame_size, share, response)
    parts = [_demands_of(level, N, p * (1 - p), r, z) for level in levels]
    begin = np.cumsum([0, *(len(part.names) for part in parts)])
    return Demands(
        tuple(name for part in parts for name in part.names),
        np.concatenate([part.region + k for part, k in zip(parts, begin, strict=False)]),
        np.concatenate([part.load for part in parts]),
        np.concatenate([part.allowed for part in parts]),
        np.concatenate([part.correction for part in parts]),
    )


def _demands_of(level: Level, N: Floats, spread: Floats, response: Floats, z: float) -> Demands:
    """Return the demands of one level alone; *spread* is S**2 of each stratum."""
    labels = list(level.regions)
    if len(labels) != len(N):
        raise ValueError(f"need {len(N)} regions a level, got {len(labels)}")
    names = tuple(dict.fromkeys(labels))
    position = {label: i for i, label in enumerate(names)}
    region = np.array([position[label] for label in labels], dtype=np.int64)
    W = N / np.bincount(region, N)[region]
    outside = np.array([label == "" for label in labels])
    each = np.where(outside, 0.0, W**2 * spread)
    return Demands(
        names,
        region[np.newaxis],
        (each / response)[np.newaxis],
        np.array([_wanted(level, label) for label in names]) ** 2 / z**2,
        np.asarray(np.bincount(region, each / N), dtype=float),
    )


def _planned(*values: ArrayLike) -> tuple[Floats, Floats, Floats]:
    N, p, r = (np.asarray(v, dtype=float) for v in values)
    p, r = np.broadcast_to(p, N.shape), np.broadcast_to(r, N.shape)
    if N.ndim != 1 or N.size == 0:
        raise ValueError(f"need one frame size for each stratum, got the shape {N.shape}")
    for name, v, fine in (
        ("frame size", N, np.isfinite(N) & (N > 0)),
        ("expected share", p, (p >= 0) & (p <= 1)),
        ("expected response", r, (r > 0) & (r <= 1)),
    ):
        if not np.all(fine):
            h = int(np.flatnonzero(~fine)[0])
            raise ValueError(f"the {name} of stratum {h} cannot be {v[h]:g}")
    return N, p, r


def _wanted(level: Level, label: str) -> float:
    if label == "":
        return np.inf
    e = level.half_width if isinstance(level.half_width, int | float) else level.half_width[label]
    if not e > 0:
        raise ValueError(f"the half-width of {label!r} must be above 0, got {e}")
    return float(e)
