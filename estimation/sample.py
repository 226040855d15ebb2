"""A stratified simple random sample without replacement, as the estimators see it.

A certainty stratum is one whose entries were all sampled. It adds no variance, and its rows count
for the degrees of freedom as everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from estimation.classes import Counts, Floats, Strata, frame_sizes
from estimation.estimates import Flags, found

Residual = Callable[[Floats], Floats]  #: takes off what a calibration explains of weighted values


class SingleRow(Enum):
    """What stands for the variance of a stratum with several entries and a single sampled row.

    A single row shows no spread, so the estimators refuse it unless one of these was declared.
    ``ADJUST``, ``AVERAGE`` and ``CERTAINTY`` are R survey's options ``lonely.psu``; its ``remove``
    is the same number as ``certainty``.
    """

    REFUSE = "refuse"  #: nothing: ValueError
    ADJUST = "adjust"  #: its distance from the mean of all rows, instead of the stratum's
    AVERAGE = "average"  #: the mean of the other strata's variances
    POOL = "pool"  #: the spread within the other strata of its pool
    CERTAINTY = "certainty"  #: 0, as if it were complete: too small, for comparison only


@dataclass(frozen=True, slots=True)
class Sample:
    """n sampled rows of H strata, made by :func:`make_sample`."""

    names: tuple[str, ...]
    frame_size: Floats  #: (H,)
    sampled: Counts  #: (H,) rows
    stratum: Counts  #: (n,) positions
    weight: Floats  #: (n,) entries that a row stands for
    unseen: Floats  #: (H,) finite population correction, 1 where there is none
    single_row: SingleRow = SingleRow.REFUSE
    pool: Counts | None = None  #: (H,) positions, for SingleRow.POOL
    residual: Residual | None = None  #: of the calibration, if there was one

    def single(self) -> Flags:
        """Tell which strata have a single row that does not speak for itself, ``(H,)``."""
        return np.asarray((self.sampled == 1) & (self.unseen > 0))

    def numbers(self, name: str, values: ArrayLike) -> Floats:
        """Return one finite number for each row; raises ValueError otherwise."""
        column = np.asarray(values, dtype=float)
        if column.shape != self.stratum.shape:
            raise ValueError(
                f"need one {name} for each of the {len(self.stratum)} rows, got {column.shape}"
            )
        for i in found(~np.isfinite(column)):
            raise ValueError(
                f"need finite numbers, got {name} {column[i]} in row {i} "
                f"of stratum {self.names[self.stratum[i]]!r}"
            )
        return column


def make_sample(
    strata: Strata,
    stratum: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    corrected: bool = True,
) -> Sample:
    """Check the rows of a sample against its frame.

    Parameters
    ----------
    strata
        The frame with H strata.
    stratum : (n,) whole numbers
        The position of each row's stratum.
    weight : (n,) numbers above 0
        Entries that a row stands for; None is frame size by rows of its stratum.
    corrected
        Without the finite population correction the variances are those of draws with replacement.

    Raises ValueError that names the stratum for shapes that differ, frame sizes that are not whole
    and 0 or more, a stratum with entries but no rows or with more rows than entries, or weights
    that are not finite and above 0.
    """
    names, N = tuple(strata.names), frame_sizes(strata)
    where = stratum_positions(stratum, len(names))
    n = np.bincount(where, minlength=len(names))
    for h in found((n > N) | ((n == 0) & (N > 0))):
        raise ValueError(
            f"stratum {names[h]!r} has {n[h]} sampled rows but {N[h]:g} entries in the frame"
        )
    expansion = (N / np.maximum(n, 1))[where] if weight is None else np.asarray(weight, dtype=float)
    unseen = 1 - n / np.maximum(N, 1) if corrected else np.ones_like(N)
    sample = Sample(names, N, n, where, expansion, unseen)
    for i in found(sample.numbers("weight", expansion) <= 0):
        raise ValueError(
            f"need weights above 0, got {expansion[i]:g} in stratum {names[where[i]]!r}"
        )
    return sample


def stratum_positions(stratum: ArrayLike, strata: int) -> Counts:
    """Return the position of each row's stratum, ``(n,)``; raises ValueError for other values."""
    where = np.asarray(stratum)
    if where.ndim != 1:
        raise ValueError(f"need a stratum for each row, got an array of shape {where.shape}")
    if where.size == 0:
        return np.zeros(0, dtype=np.int64)
    if where.dtype.kind not in "iu" or where.min() < 0 or where.max() >= strata:
        raise ValueError(f"each row needs the position of its stratum, from 0 to {strata - 1}")
    return where.astype(np.int64)


def counted(strata: Strata, achieved: ArrayLike, sampled: ArrayLike) -> tuple[Sample, Floats]:
    """Turn counts by stratum into a sample and its zeros and ones.

    Parameters
    ----------
    strata
        The frame with H strata.
    achieved, sampled : (H,) whole numbers, 0 <= achieved <= sampled

    Raises ValueError as :func:`make_sample` does, and for other counts.
    """
    N, x, n = frame_sizes(strata), np.asarray(achieved), np.asarray(sampled)
    if not x.shape == n.shape == N.shape:
        raise ValueError(f"need two counts a stratum, got {x.shape} and {n.shape} for {N.shape}")
    if x.dtype.kind not in "iu" or n.dtype.kind not in "iu":
        raise ValueError(f"need whole counts, got {x.dtype} and {n.dtype}")
    for h in found((x < 0) | (x > n)):
        raise ValueError(
            f"need 0 <= achieved <= sampled, got {x[h]} of {n[h]} in stratum {strata.names[h]!r}"
        )
    stratum = np.repeat(np.arange(len(n)), n)
    order = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    return make_sample(strata, stratum), (order < np.repeat(x, n)).astype(float)
