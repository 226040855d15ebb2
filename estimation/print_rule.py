"""May an estimated share be printed? Shown, shown with a flag, or suppressed.

The standard of the US National Center for Health Statistics, built on the Korn-Graubard interval
(here the capped one): suppress on an effective size under 30 or a width of .30 or more; print on a
width of .05 or less; in between suppress if the width exceeds 1.3 times the share. The share is
flagged if its variance has fewer than 8 degrees of freedom, if it is 0 or 1, or if its complement
could not be printed on its own.

Source: Parker et al. (2017), *NCHS Data Presentation Standards for Proportions*, Vital and Health
Statistics 2(175). Its effective size is never above the rows behind the share; a share without
any sampling error (a census) is always shown, about which the standard is silent.
"""

from dataclasses import dataclass, fields, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from estimation.intervals import Precision, capped_size, korn_graubard_capped

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL = 0.95
FEWEST_EFFECTIVE = 30
TOO_WIDE = 0.30
NARROW = 0.05
WIDEST_RELATIVE = 1.30
FEWEST_DF = 8


class Presentation(StrEnum):
    SHOW = "show"
    FLAGGED = "show_flagged"
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class PrintRule:
    """How each of D shares, and what is missing to 1, may be printed.

    Reasons: ``no_estimate``, ``small_sample``, ``wide`` and ``relatively_wide`` suppress;
    ``few_df``, ``no_spread`` (0 or 1) and ``complement_unreliable`` flag.
    """

    share: tuple[Presentation, ...]
    complement: tuple[Presentation, ...]
    reasons: tuple[tuple[str, ...], ...]  #: about the share
    effective_size: Floats
    width: Floats  #: of the capped Korn-Graubard interval, 95 %


def print_rule(precision: Precision) -> PrintRule:
    """Judge D shares, and their complements, by the standard above.

    A share that does not exist (NaN, or no rows) is suppressed. Raises ValueError for arrays that
    are not ``(D,)``, shares outside [0, 1], or variances that are negative or missing.
    """
    _check(precision)
    p = precision.share
    low, high = korn_graubard_capped(precision, LEVEL)
    size, width = _effective_size(precision), high - low
    missing = np.isnan(p) | (precision.sampled == 0)
    certain = np.isinf(precision.planned) & (precision.variance == 0) & ~missing
    bars = {
        "no_estimate": missing,
        "small_sample": (size < FEWEST_EFFECTIVE) & ~certain,
        "wide": width >= TOO_WIDE,
    }
    marks = {
        "few_df": (precision.df < FEWEST_DF) & ~certain,
        "no_spread": ((p == 0) | (p == 1)) & ~certain,
    }
    barred = np.logical_or.reduce(list(bars.values()))
    marked = np.logical_or.reduce(list(marks.values()))
    own, other = _relatively_wide(width, p), _relatively_wide(width, 1 - p)
    reasons = {**bars, "relatively_wide": own, **marks, "complement_unreliable": other}
    return PrintRule(
        share=_words(barred | own, marked | other),
        complement=_words(barred | other, marked | own),
        reasons=tuple(
            tuple(code for code, mark in reasons.items() if mark[d]) for d in range(len(p))
        ),
        effective_size=size,
        width=width,
    )


def _effective_size(precision: Precision) -> Floats:
    """Take off the penalty for few degrees of freedom, which only the interval carries."""
    unpenalised = replace(precision, df=precision.sampled - 1)
    return np.minimum(capped_size(unpenalised, LEVEL), precision.sampled)


def _relatively_wide(width: Floats, share: Floats) -> Flags:
    """Compare the width with a share; one of 0 has no relative width and is flagged instead."""
    return np.asarray((share > 0) & (width > NARROW) & (width > WIDEST_RELATIVE * share))


def _words(suppressed: Flags, flagged: Flags) -> tuple[Presentation, ...]:
    return tuple(
        Presentation.SUPPRESS if no else Presentation.FLAGGED if but else Presentation.SHOW
        for no, but in zip(suppressed, flagged, strict=True)
    )


def _check(precision: Precision) -> None:
    shapes = {np.shape(getattr(precision, field.name)) for field in fields(precision)}
    if len(shapes) != 1 or precision.share.ndim != 1:
        raise ValueError(f"need arrays of one length, got {sorted(shapes)}")
    p, v = precision.share, precision.variance
    wrong = np.isfinite(p) & ~((p >= 0) & (p <= 1) & (v >= 0))
    if np.any(wrong | np.isinf(p)):
        d = int(np.flatnonzero(wrong | np.isinf(p))[0])
        raise ValueError(
            f"need a share in [0, 1] and its variance, got {p[d]} and {v[d]} in domain number {d}"
        )
