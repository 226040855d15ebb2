"""Classes of cases within which the resolved may stand for the unresolved.

A class has cases that were about equally likely to be resolved, such as a kind of phone number, a
source of the ledger, or a fifth of the fitted propensity (estimation.propensity). Too small a class
is all chance and too heavy a weight an assumption about strangers, so classes are collapsed until
each has 10 resolved cases that stand for at most 3 cases each. Source: docs/statistics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.classes import Strata, frame_sizes
from estimation.two_phase import divide

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEWEST_RESOLVED = 10
HEAVIEST = 3.0


@dataclass(frozen=True, slots=True)
class Responses:
    """The released sample: n cases, every array ``(n,)``."""

    stratum: ArrayLike  #: position of the case's stratum
    resolved: ArrayLike  #: truth values: there is a verdict
    achieved: ArrayLike  #: truth values, not looked at where there is no verdict


@dataclass(frozen=True, slots=True)
class ClassRule:
    """What a class must have."""

    fewest: int = FEWEST_RESOLVED  #: resolved cases
    heaviest: float = HEAVIEST  #: cases for each resolved one


@dataclass(frozen=True, slots=True)
class ResponseClasses:
    """C classes that partition n cases."""

    of_case: Counts  #: (n,) position of the case's class
    cases: Floats  #: (C,)
    resolved: Floats  #: (C,)
    pooled: Flags  #: (C,) formed across strata
    thin: Flags  #: (C,) against the rule, and nothing left to collapse with

    @property
    def weight(self) -> Floats:
        """Return how many cases a resolved one stands for, ``(C,)``; 0 where none is resolved."""
        return divide(self.cases, self.resolved)


def response_classes(
    strata: Strata,
    responses: Responses,
    label: ArrayLike,
    *,
    pool_of_stratum: Sequence[str] | None = None,
    rule: ClassRule | None = None,
) -> ResponseClasses:
    """Form classes inside each stratum and collapse those against the rule.

    Of the classes against the rule, the one with the fewest resolved joins the one whose response
    rate is nearest. Strata that fall short as a whole start over with the like of their pool.

    Parameters
    ----------
    strata, responses : H strata, n cases
    label : (n,) numbers or words, the class of each case before collapsing
    pool_of_stratum : (H,) labels, such as city and project; None pools nothing
    rule : None is 10 resolved cases, of at most 3 cases each

    Raises ValueError for columns of different length, a stratum that does not exist or has more
    cases than entries (naming it), or a rule that allows fewer than one resolved case.
    """
    where, seen, _ = checked(strata, responses)
    rule = rule or ClassRule()
    labels = np.asarray(label)
    if labels.shape != where.shape:
        raise ValueError(f"need a label for each of the {len(where)} cases, got {labels.shape}")
    if pool_of_stratum is not None and len(pool_of_stratum) != len(strata.names):
        raise ValueError(f"need a pool for each of the {len(strata.names)} strata")
    if not (rule.fewest >= 1 and rule.heaviest >= 1):
        raise ValueError(f"a class needs 1 resolved case or more, each of 1 or more; got {rule}")
    kind = np.unique(labels, return_inverse=True)[1].reshape(-1)
    group, thin = _form(where, kind, seen, rule)
    if pool_of_stratum is not None and thin.any():
        pool = np.unique(np.asarray(pool_of_stratum, dtype=str), return_inverse=True)[1]
        again, still = _form(pool[where[thin]], kind[thin], seen[thin], rule)
        group[thin] = again + len(where)  # apart from the numbers of the other classes
        thin[thin] = still
    return _partition(group, where, seen, thin)


def checked(strata: Strata, responses: Responses) -> tuple[Counts, Flags, Flags]:
    """Return stratum, resolved and achieved of each case; achieved is false where unresolved."""
    where, seen, y = (
        np.asarray(a) for a in (responses.stratum, responses.resolved, responses.achieved)
    )
    N = frame_sizes(strata)
    if where.ndim != 1 or not where.shape == seen.shape == y.shape:
        raise ValueError(f"need equal 1-d shapes, got {where.shape}, {seen.shape}, {y.shape}")
    if where.size and (seen.dtype != np.bool_ or y.dtype != np.bool_):
        raise ValueError(f"need truth values, got {seen.dtype} and {y.dtype}")
    if where.size and (
        where.dtype.kind not in "iu" or not 0 <= where.min() <= where.max() < len(N)
    ):
        raise ValueError(f"each case needs the position of its stratum, from 0 to {len(N) - 1}")
    where, seen = where.astype(np.int64), seen.astype(np.bool_)
    sampled = np.bincount(where, minlength=len(N))
    over = np.flatnonzero(sampled > N)
    if over.size:
        h = int(over[0])
        raise ValueError(
            f"stratum {strata.names[h]!r} has {sampled[h]} cases but {N[h]:g} entries in the frame"
        )
    return where, seen, seen & y.astype(np.bool_)


def _form(cell: Counts, kind: Counts, seen: Flags, rule: ClassRule) -> tuple[Counts, Flags]:
    """Collapse the kinds of each cell; return the class of each case and whether it is thin."""
    kinds = int(kind.max()) + 1 if kind.size else 1
    pair, of_case = np.unique(cell * kinds + kind, return_inverse=True)
    cases = np.bincount(of_case, minlength=len(pair))
    resolved = np.bincount(of_case[seen], minlength=len(pair))
    group, thin = np.zeros(len(pair), dtype=np.int64), np.zeros(len(pair), dtype=np.bool_)
    starts = np.flatnonzero(np.diff(pair // kinds)) + 1
    for block in np.split(np.arange(len(pair)), starts):
        joined, short = _collapse(cases[block], resolved[block], rule)
        group[block] = block[joined]
        thin[block] = short
    return group[of_case], thin[of_case]


def _collapse(cases: Counts, resolved: Counts, rule: ClassRule) -> tuple[Counts, bool]:
    """Return the class that each kind of a cell joins, and whether the rule cannot be kept."""
    joined = np.arange(len(cases))
    while True:
        present = np.unique(joined)
        n, r = (np.bincount(joined, counts)[present] for counts in (cases, resolved))
        short = (r < rule.fewest) | (n / rule.heaviest > r)
        if len(present) <= 1 or not short.any():
            return joined, bool(short.any())
        worst = int(np.argmin(np.where(short, r, np.inf)))
        distance = np.abs(r / n - r[worst] / n[worst])
        distance[worst] = np.inf
        joined[joined == present[worst]] = present[np.argmin(distance)]


def _partition(group: Counts, where: Counts, seen: Flags, thin: Flags) -> ResponseClasses:
    present, of_case = np.unique(group, return_inverse=True)
    C = len(present)
    spread = np.unique(np.stack([of_case, where]), axis=1)[0]
    return ResponseClasses(
        of_case=of_case.astype(np.int64),
        cases=np.bincount(of_case, minlength=C).astype(float),
        resolved=np.bincount(of_case[seen], minlength=C).astype(float),
        pooled=np.bincount(spread, minlength=C) > 1,
        thin=np.bincount(of_case[thin], minlength=C) > 0,
    )
