"""Estimates of many domains, and the cut of a sample into domains."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from estimation.classes import Counts, Floats

Flags = NDArray[np.bool_]

OUTSIDE = -1  # the position of a row that lies in none of the domains


@dataclass(frozen=True, slots=True)
class Domains:
    """D named domains and the one that each of n rows lies in, ``(n,)``, -1 for none of them.

    Domains may be sets of strata or cut across them, and may turn out to have no rows.
    """

    names: Sequence[str]
    of_row: ArrayLike

    def positions(self, rows: int) -> Counts:
        """Return ``of_row`` checked; raises ValueError unless it has *rows* positions."""
        if not self.names:
            raise ValueError("need at least one domain")
        where = np.asarray(self.of_row)
        if where.shape != (rows,):
            raise ValueError(f"need one domain for each of the {rows} rows, got {where.shape}")
        if rows and where.dtype.kind not in "iu":
            raise ValueError(f"need positions of domains, got {where.dtype}")
        if np.any((where < OUTSIDE) | (where >= len(self.names))):
            raise ValueError(f"need positions of domains from 0 to {len(self.names) - 1}, or -1")
        return where.astype(np.int64)


def whole(rows: int) -> Domains:
    """Return the cut with a single domain, ``all``, that every row lies in."""
    return Domains(("all",), np.zeros(rows, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of D domains in the unit of the quantity; what does not exist is NaN and flagged.

    ``no_rows`` no row lies in the domain; ``no_denominator`` the denominator of a ratio adds up to
    0; ``no_frame`` no entries; ``no_df`` too few rows for an interval; ``single_row`` the variance
    of a stratum with a single row is not estimated but as declared; ``negative_phase_1`` the
    variance of the first phase came out below 0 and counts as 0.
    """

    domain: tuple[str, ...]
    value: Floats
    standard_error: Floats
    df: Counts  #: degrees of freedom of the variance
    rows: Counts  #: rows of the domain
    flags: tuple[tuple[str, ...], ...]

    def limits(self, level: float, *, normal: bool = False) -> tuple[Floats, Floats]:
        """Bound the values by Student's t, or by the normal distribution; NaN without df.

        For shares near 0 or 1 use :mod:`estimation.intervals` instead.
        """
        return student_limits(self.value, self.standard_error, np.inf if normal else self.df, level)


def student_limits(
    value: ArrayLike, standard_error: ArrayLike, df: ArrayLike, level: float
) -> tuple[Floats, Floats]:
    """Return value -+ t * standard error, normal if *df* is infinite and NaN if it is under 1.

    Raises ValueError unless 0 < level < 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"the level must lie between 0 and 1, got {level}")
    freedom, tail = np.asarray(df, dtype=float), (1 + level) / 2
    t = np.where(np.isinf(freedom), ndtri(tail), stdtrit(np.maximum(freedom, 1), tail))
    half = np.where(freedom < 1, np.nan, t * np.asarray(standard_error))
    return np.asarray(value - half), np.asarray(value + half)


def add_up(where: Counts, values: ArrayLike, length: int) -> Floats:
    """Add up the numbers that share a position, leaving out those that lie outside."""
    inside = where != OUTSIDE
    numbers = np.asarray(values, dtype=float)[inside]
    return np.asarray(np.bincount(where[inside], weights=numbers, minlength=length), dtype=float)


def found(mark: Flags) -> list[int]:
    """Return the positions that are marked."""
    return [int(position) for position in np.flatnonzero(mark)]


def marks(flags: dict[str, Flags], domains: int) -> tuple[tuple[str, ...], ...]:
    """Return the codes whose mark, ``(D,)``, is set, for each domain."""
    return tuple(tuple(code for code, mark in flags.items() if mark[d]) for d in range(domains))
