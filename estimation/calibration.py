"""Weights moved to meet known totals: post-strata, margins, or any columns.

The variance takes off, before squares are summed within the strata, what the known totals explain.
The totals must be those of the frame, and the groups must be known for every sampled row.

Source: Sarndal, Swensson and Wretman (1992), *Model Assisted Survey Sampling*. Equal to R survey
4.5's postStratify, rake and calibrate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from estimation.classes import Counts, Floats
from estimation.estimates import OUTSIDE, Domains, add_up, found
from estimation.sample import Residual, Sample
from estimation.two_phase import divide

ROUNDS_OF_RESIDUALS = 10  # over the margins, as R survey's rake does
MOST_ROUNDS = 1000
CLOSE = 1e-9  # relative: totals that are met no better contradict each other


@dataclass(frozen=True, slots=True)
class Margin:
    """A cut of all sampled rows into groups, and how many entries each has in the frame."""

    groups: Domains
    frame_size: ArrayLike  #: (G,)


@dataclass(frozen=True, slots=True)
class _Step:
    """One margin that was met: what its group means are taken with."""

    group: Counts  #: (n,)
    groups: int
    after: Floats  #: (n,) weights when it was met
    inside: Floats  #: (n,) weights of the rows in their group's mean


def post_stratify(sample: Sample, margin: Margin) -> Sample:
    """Return the sample with weights that add up to the frame size of each group.

    Raises ValueError that names the group for sizes that are not 0 or more, rows outside all
    groups, a group with entries but no rows or with rows but no entries, and sizes that do not add
    up to the frame.
    """
    group, size = _checked(sample, margin)
    weight = _met(sample.weight, group, size)
    return _calibrated(
        sample, weight, partial(_off_groups, [_Step(group, len(size), weight, sample.weight)])
    )


def rake(sample: Sample, margins: Sequence[Margin], *, tolerance: float = 1e-6) -> Sample:
    """Return the sample with weights that add up to the frame size of each group of each margin.

    Meets one margin after the other until all are met to *tolerance* entries and no joint group of
    the margins changes by that in a round. The residuals are as R survey has them, plain group
    means in ten rounds; taking the means by weight instead changes little.

    Raises ValueError as :func:`post_stratify` does, and for margins that cannot be met together.
    """
    if not margins or not tolerance > 0:
        raise ValueError(f"need a margin and a tolerance above 0, got {len(margins)}, {tolerance}")
    checked = [_checked(sample, margin) for margin in margins]
    joint = np.unique(np.stack([g for g, _ in checked]), axis=1, return_inverse=True)[1].reshape(-1)
    weight, before = sample.weight, np.bincount(joint, weights=sample.weight)
    for _ in range(MOST_ROUNDS):
        steps = []
        for group, size in checked:
            weight = _met(weight, group, size)
            steps.append(_Step(group, len(size), weight, np.ones_like(weight)))
        after = np.bincount(joint, weights=weight)
        # Margins that contradict each other soon repeat themselves, so being still is not enough.
        off_by = [np.abs(after - before), *(_missed(weight, *margin) for margin in checked)]
        if max(float(np.max(part)) for part in off_by) < tolerance:
            off = partial(_off_groups, steps, rounds=ROUNDS_OF_RESIDUALS)
            return _calibrated(sample, weight, off)
        before = after
    raise ValueError(f"the margins cannot be met together: no end after {MOST_ROUNDS} rounds")


def calibrate(sample: Sample, columns: ArrayLike, frame_totals: ArrayLike) -> Sample:
    """Return the sample with the nearest weights that meet the totals of columns (regression).

    Parameters
    ----------
    sample
    columns : (n, K) numbers
        What is known of each row; a column of ones meets the frame size.
    frame_totals : (K,) numbers
        The totals of the columns over the frame.

    Raises ValueError for shapes that differ, missing numbers, totals that contradict each other,
    or if a weight would come out at 0 or below.
    """
    X, t = np.asarray(columns, dtype=float), np.asarray(frame_totals, dtype=float)
    if X.shape != (len(sample.weight), t.size) or t.ndim != 1:
        raise ValueError(
            f"need {len(sample.weight)} rows and a total a column, got {X.shape}, {t.shape}"
        )
    if not (np.all(np.isfinite(X)) and np.all(np.isfinite(t))):
        raise ValueError("need finite columns and totals, got a missing or infinite one")
    root = np.sqrt(sample.weight)
    basis = root[:, np.newaxis] * X
    # The least change, weighted, that meets the totals: with w = root**2, basis.T @ change is t.
    factor = 1 + np.linalg.lstsq(basis.T, t - sample.weight @ X)[0] / root
    weight = sample.weight * factor
    if np.any(np.abs(weight @ X - t) > CLOSE * (np.abs(t) + sample.weight @ np.abs(X))):
        raise ValueError("the totals of the columns contradict each other or the sample")
    for i in found(weight <= 0):
        raise ValueError(
            f"a row of stratum {sample.names[sample.stratum[i]]!r} would weigh {weight[i]:g}: "
            "calibrate to fewer totals"
        )
    return _calibrated(sample, weight, partial(_off_columns, basis, root * factor))


def _checked(sample: Sample, margin: Margin) -> tuple[Counts, Floats]:
    names, size = margin.groups.names, np.asarray(margin.frame_size, dtype=float)
    group = margin.groups.positions(len(sample.weight))
    if np.any(group == OUTSIDE):
        raise ValueError("need a group for each row, got a row outside all groups")
    if size.shape != (len(names),):
        raise ValueError(f"need a frame size for each of {len(names)} groups, got {size.shape}")
    rows = np.bincount(group, minlength=len(names))
    for g in found(~(np.isfinite(size) & (size >= 0)) | ((size > 0) != (rows > 0))):
        raise ValueError(f"group {names[g]!r} has {rows[g]} rows but {size[g]:g} entries")
    if abs(size.sum() - sample.frame_size.sum()) > CLOSE * size.sum():
        raise ValueError(
            f"the groups have {size.sum():g} entries but the frame {sample.frame_size.sum():g}"
        )
    return group, size


def _met(weight: Floats, group: Counts, size: Floats) -> Floats:
    return np.asarray(weight * divide(size, add_up(group, weight, len(size)))[group])


def _missed(weight: Floats, group: Counts, size: Floats) -> Floats:
    return np.asarray(np.abs(add_up(group, weight, len(size)) - size))


def _calibrated(sample: Sample, weight: Floats, residual: Residual) -> Sample:
    if sample.residual is not None:
        raise ValueError("the sample is calibrated already: calibrate to all totals at once")
    return replace(sample, weight=weight, residual=residual)


def _off_groups(steps: Sequence[_Step], z: Floats, *, rounds: int = 1) -> Floats:
    for step in list(steps) * rounds:
        sums, size = (
            add_up(step.group, values, step.groups)
            for values in (z * step.inside / step.after, step.inside)
        )
        z = z - step.after * divide(sums, size)[step.group]
    return z


def _off_columns(basis: Floats, scale: Floats, z: Floats) -> Floats:
    """Take off the regression on the columns, weighted by the weights before; *basis* is (n, K)."""
    value = z / scale
    return np.asarray(scale * (value - basis @ np.linalg.lstsq(basis, value)[0]))
