"""How many entries of a ledger are wrong, and how many persons are deducted for it.

An entry is wrong if its claim turned out not achieved. Two rules hold at once: accuracy should
reach 98 %, and an error rate strictly above 1 % is criticised in public. The official rules look at
the estimate alone (*flagged*); here stands beside it whether the data prove it. That is the
decision "not met" of :mod:`estimation.decision` about the most wrong entries the rule allows, so
that a cell is tested exactly and an aggregate by its capped Korn-Graubard limit.

Removals lie before the frame and errors inside it, so that nobody can be deducted twice.
Rules and sources: docs/statistics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from estimation.classes import ClassTable, Counts, Floats, Kind, Progress, Strata
from estimation.decision import CELL_ALPHA, ROUNDING, TWO_SIDED_LEVEL, Decision, grade
from estimation.hypergeometric import exact_limits
from estimation.intervals import Limits, korn_graubard_capped
from estimation.survey import Runs, Survey
from estimation.totals import Totals
from estimation.two_phase import Flags, make_design

CRITICISED_ABOVE = Fraction(1, 100)
ACCURACY_GOAL = Fraction(98, 100)


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """The wrong entries of D domains, every array ``(D,)``; shares are of the frame.

    ``low`` and ``high`` are the limits that decide, each on its own: one-sided at .05 in a cell,
    at .025 elsewhere, with everyone who has no verdict counted against them.
    """

    domain: tuple[str, ...]
    frame_size: Counts
    confirmed: Counts  #: found wrong on site
    rate: Floats  #: estimated; NaN without entries or where a stratum was not checked
    low: Floats
    high: Floats
    flagged: Flags  #: the estimate is strictly above 1 %
    proven_flagged: Flags  #: the data rule out that the rate is 1 % or less
    inaccurate: Flags  #: the estimated accuracy is under 98 %
    proven_inaccurate: Flags  #: the data rule out that the accuracy is 98 % or more


@dataclass(frozen=True, slots=True)
class Deductions:
    """Persons deducted from what was claimed, every array ``(D,)``.

    ``claimed - removed = frame size``, and ``recognised = frame size - confirmed`` by default. The
    extrapolated number contains the confirmed and replaces it, it is not deducted besides.
    """

    claimed: Counts
    removed: Counts  #: duplicate, invalid or incomplete, before the frame was closed
    confirmed: Counts
    recognised: Counts
    extrapolated: Floats  #: estimated wrong in the whole frame
    recognised_extrapolated: Floats


def checked_entries(
    strata: Strata, checked: ArrayLike, wrong: ArrayLike, *, domain_of_stratum: Sequence[str]
) -> Survey:
    """Return the check of a random sample of each stratum as a survey without any phone.

    Parameters
    ----------
    strata : the frame, H strata
    checked, wrong : (H,) whole numbers
    domain_of_stratum : (H,) labels

    Raises ValueError naming the stratum unless 0 <= wrong <= checked <= frame size.
    """
    N, n, x = _checked_counts(strata, checked, wrong)
    if len(domain_of_stratum) != len(N):
        raise ValueError(f"need a domain for each of the {len(N)} strata")
    rows, right = n[:, np.newaxis], (n - x)[:, np.newaxis]
    table = ClassTable(("checked",), np.array([Kind.YES]), rows, rows, rows, right)
    done, nothing = n.astype(np.int64), np.zeros(len(n), dtype=np.int64)
    position = {label: d for d, label in enumerate(dict.fromkeys(domain_of_stratum))}
    domain = np.array([position[label] for label in domain_of_stratum], dtype=np.int64)
    return Survey(
        stratum_names=tuple(strata.names),
        domains=tuple(position),
        table=table,
        progress=Progress(done, done, nothing, nothing),
        design=make_design(N, domain, np.arange(len(n))),
        target=np.full(len(position), np.nan),
    )


def error_rates(survey: Survey, runs: Runs, *, phone_accepted: bool = False) -> ErrorRates:
    """Estimate the wrong entries of each domain and hold them against both rules.

    ``survey.target`` plays no part.
    """
    low, high = runs.two_phase
    totals, N = runs.weighted, runs.weighted.frame_size
    wrong = np.where(N > 0, N - totals.completed, np.nan)
    failed = survey.of_domain((survey.table.visited - survey.table.achieved).sum(axis=1))

    def proven(share: Fraction) -> Flags:
        held = replace(survey, target=fewest_right(N, share))
        decisions = grade(held, runs, phone_accepted=phone_accepted).two_phase
        return np.array([decision is Decision.NOT_MET for decision in decisions])

    return ErrorRates(
        domain=survey.domains,
        frame_size=N.astype(np.int64),
        confirmed=failed.astype(np.int64),
        rate=wrong / np.where(N > 0, N, 1),
        low=1 - _decisive_limits(high)[1],
        high=1 - _decisive_limits(low)[0],
        flagged=_above(survey, wrong, CRITICISED_ABOVE),
        proven_flagged=proven(CRITICISED_ABOVE),
        inaccurate=_above(survey, wrong, 1 - ACCURACY_GOAL),
        proven_inaccurate=proven(1 - ACCURACY_GOAL),
    )


def fewest_right(frame_size: Floats, share: Fraction) -> Floats:
    """Return the right entries that an error rate of *share* leaves, ``(D,)``, in whole numbers.

    As the target of a survey it makes "not met" say that the error rate is above *share*.
    """
    return np.array([int(N) - int(share * int(N)) for N in frame_size], dtype=float)


def deduct(claimed: ArrayLike, removed: ArrayLike, errors: ErrorRates) -> Deductions:
    """Deduct wrong persons from what each domain claimed.

    *claimed* and *removed* are ``(D,)`` persons, in the order of ``errors.domain``. Raises
    ValueError naming the domain whose claim less its removals is not its frame: somebody would be
    deducted twice, or not at all.
    """
    persons, gone = np.asarray(claimed), np.asarray(removed)
    N = errors.frame_size
    if not persons.shape == gone.shape == N.shape:
        raise ValueError(f"need {N.shape} persons, got {persons.shape} and {gone.shape}")
    wrong = (persons - gone != N) | (gone < 0)
    if wrong.any():
        d = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"{errors.domain[d]!r} claimed {persons[d]}, of which {gone[d]} were removed, "
            f"but its frame has {N[d]} entries"
        )
    extrapolated = np.maximum(errors.rate * N, errors.confirmed, dtype=np.float64)
    return Deductions(
        claimed=persons.astype(np.int64),
        removed=gone.astype(np.int64),
        confirmed=errors.confirmed,
        recognised=N - errors.confirmed,
        extrapolated=extrapolated,
        recognised_extrapolated=N.astype(np.float64) - extrapolated,
    )


def _checked_counts(
    strata: Strata, checked: ArrayLike, wrong: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    N, n, x = (np.asarray(a, dtype=float) for a in (strata.frame_size, checked, wrong))
    if not x.shape == n.shape == N.shape == (len(strata.names),):
        raise ValueError(f"need {len(strata.names)} strata, got {N.shape}, {n.shape}, {x.shape}")
    fine = (x >= 0) & (x <= n) & (n <= N) & np.isfinite(N)
    fine &= (np.floor(x) == x) & (np.floor(n) == n) & (np.floor(N) == N)
    if not fine.all():
        h = int(np.flatnonzero(~fine)[0])
        raise ValueError(
            "need whole numbers 0 <= wrong <= checked <= frame size, got "
            f"{x[h]:g}, {n[h]:g}, {N[h]:g} in stratum {strata.names[h]!r}"
        )
    return N, n, x


def _above(survey: Survey, wrong: Floats, share: Fraction) -> Flags:
    """Tell where the estimate is strictly above *share*, without rounding if it is a fraction."""
    sizes = survey.of_domain(survey.design.frame_size)
    return np.array(
        [
            (persons - ROUNDING if exact is None else exact) > share * int(N)
            for exact, persons, N in zip(_wrong_exactly(survey), wrong.tolist(), sizes, strict=True)
        ]
    )


def _wrong_exactly(survey: Survey) -> list[Fraction | None]:
    """Return the estimated wrong entries of each domain whose cases were all visited."""
    table = survey.table
    n, m, y = (a.sum(axis=1) for a in (table.rows, table.visited, table.achieved))
    sums: list[Fraction | None] = [Fraction(0)] * len(survey.domains)
    for h, d in enumerate(survey.design.domain):
        N, so_far = int(survey.design.frame_size[h]), sums[d]
        if n[h] != m[h] or (N and not n[h]):
            sums[d] = None
        elif so_far is not None and N:
            sums[d] = so_far + Fraction(N * int(n[h] - y[h]), int(n[h]))
    return sums


def _decisive_limits(totals: Totals) -> Limits:
    """Return the limits of the shares that the decision rests on."""
    low, high = korn_graubard_capped(totals.precision(), TWO_SIDED_LEVEL)
    cells = totals.cell & np.isfinite(totals.completed)
    N = totals.frame_size[cells]
    ends = exact_limits(totals.hits[cells], totals.rows[cells], N, 1 - 2 * CELL_ALPHA)
    low[cells], high[cells] = (end / N for end in ends)
    return low, high
