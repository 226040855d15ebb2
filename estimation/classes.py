"""Counts by stratum and phone class: what the cases of a survey come down to.

Classes are the phone's answers (achieved, deemed, not achieved), each kind of unresolved, and the
leads, which are visited whole. On site is the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

VERDICTS = ("achieved", "deemed", "not_achieved", "unresolved")
REASONS = ("random", "lead")
NO_ANSWER = ""
UNFINISHED = "unfinished"


class Kind(IntEnum):
    """What a class is worth as long as nobody visits it."""

    LEAD = 0  #: nothing; its rows are all to be visited
    YES = 1  #: an answer that counts as done
    NO = 2  #: an answer that counts as not done
    UNRESOLVED = 3  #: nothing; somebody to look for


KNOWN_KINDS = (Kind.LEAD, Kind.YES, Kind.YES, Kind.NO)
KNOWN_NAMES = ("lead", "achieved", "deemed", "not_achieved")
FIRST_UNRESOLVED = len(KNOWN_NAMES)


@dataclass(frozen=True, slots=True)
class Strata:
    """The frame: the name of each of H strata and how many entries it has, ``(H,)``."""

    names: Sequence[str]
    frame_size: ArrayLike


@dataclass(frozen=True, slots=True)
class Cases:
    """The released sample: n cases, each the only one of its entry.

    ``stratum`` is the position of the case's stratum. ``phone`` and ``visit`` are verdicts, or
    empty if there is none yet; ``visit_reason`` is random, lead or empty (``random`` wins if both
    hold). ``phone_class`` tells the kinds of unresolved apart and counts for nothing else.
    """

    stratum: ArrayLike
    phone: Sequence[str]
    visit: Sequence[str]
    visit_reason: Sequence[str]
    phone_class: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Counts by stratum and class, ``(H, G)``; names and kinds of the classes, ``(G,)``."""

    names: tuple[str, ...]
    kinds: Counts
    rows: Floats  #: cases of the class
    chosen: Floats  #: of these, to be visited
    visited: Floats  #: of these, with a verdict on site
    achieved: Floats  #: of these, achieved or deemed on site


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work of each stratum has come, ``(H,)``."""

    sampled: Counts  #: cases
    resolved: Counts  #: with a verdict, on site or else by phone
    unfinished: Counts  #: not called, or chosen for a visit and not visited
    fruitless: Counts  #: visited without a verdict


def tabulate(strata: Strata, cases: Cases) -> tuple[ClassTable, Progress]:
    """Count the cases of each stratum by class.

    Raises ValueError for columns of different length, a stratum that does not exist, an unknown
    code, a visit without a reason, or a stratum with more cases than entries.
    """
    N, where = _frame(strata), _positions(cases, len(strata.names))
    phone = _codes("phone", cases.phone, (*VERDICTS, NO_ANSWER))
    visit = _codes("visit", cases.visit, (*VERDICTS, NO_ANSWER))
    reason = _codes("visit_reason", cases.visit_reason, (*REASONS, NO_ANSWER))
    if np.any((reason == len(REASONS)) & (visit < len(VERDICTS))):
        raise ValueError("a visit needs a visit_reason")
    sampled = np.bincount(where, minlength=len(N))
    if np.any(sampled > N):
        h = int(np.flatnonzero(sampled > N)[0])
        raise ValueError(
            f"stratum {strata.names[h]!r} has {sampled[h]} cases but {N[h]:g} entries in the frame"
        )
    names, group = _groups(cases, phone, reason == REASONS.index("lead"))
    on_site = visit < VERDICTS.index("unresolved")
    chosen = reason < len(REASONS)
    pending = chosen & (visit == len(VERDICTS))
    uncalled = (phone == len(VERDICTS)) & ~on_site
    answered = on_site | (phone < VERDICTS.index("unresolved"))
    counts = [
        _count(where[mask], group[mask], (len(N), len(names)))
        for mask in (chosen | True, chosen, on_site, visit < VERDICTS.index("not_achieved"))
    ]
    kinds = [*KNOWN_KINDS, *[Kind.UNRESOLVED] * (len(names) - FIRST_UNRESOLVED)]
    progress = Progress(
        sampled,
        np.bincount(where[answered], minlength=len(N)),
        np.bincount(where[uncalled | pending], minlength=len(N)),
        np.bincount(where[visit == VERDICTS.index("unresolved")], minlength=len(N)),
    )
    return ClassTable(tuple(names), np.array(kinds, dtype=np.int64), *counts), progress


def _frame(strata: Strata) -> Floats:
    N = np.asarray(strata.frame_size, dtype=float)
    if N.shape != (len(strata.names),):
        raise ValueError(f"need one frame_size a stratum, got {N.shape} for {len(strata.names)}")
    if not np.all(np.isfinite(N) & (N >= 0) & (np.floor(N) == N)):
        raise ValueError("frame sizes must be whole numbers, 0 or more")
    return N


def _positions(cases: Cases, H: int) -> Counts:
    where = np.asarray(cases.stratum)
    lengths = [len(c) for c in (cases.phone, cases.visit, cases.visit_reason)]
    if where.ndim != 1 or set(lengths) != {len(where)}:
        raise ValueError(f"need columns of equal length, got {where.shape} and {lengths}")
    if cases.phone_class is not None and len(cases.phone_class) != len(where):
        raise ValueError(f"need {len(where)} phone classes, got {len(cases.phone_class)}")
    if where.size == 0:
        return np.zeros(0, dtype=np.int64)
    if where.dtype.kind not in "iu" or where.min() < 0 or where.max() >= H:
        raise ValueError(f"each case needs the position of its stratum, from 0 to {H - 1}")
    return where.astype(np.int64)


def _codes(name: str, values: Sequence[str], allowed: tuple[str, ...]) -> Counts:
    positions = {value: i for i, value in enumerate(allowed)}
    try:
        return np.fromiter((positions[v] for v in values), dtype=np.int64, count=len(values))
    except KeyError as unknown:
        raise ValueError(f"{name} {unknown.args[0]!r} is not one of {allowed}") from None


def _groups(cases: Cases, phone: Counts, lead: NDArray[np.bool_]) -> tuple[list[str], Counts]:
    """Return the names of the classes and the class of each case."""
    group = phone + 1
    group[lead] = 0
    open_: list[int] = np.flatnonzero(group >= FIRST_UNRESOLVED).tolist()
    given = cases.phone_class or [""] * len(group)
    labels = [UNFINISHED if phone[i] == len(VERDICTS) else given[i] or "unresolved" for i in open_]
    kinds = sorted(set(labels))
    position = {kind: FIRST_UNRESOLVED + k for k, kind in enumerate(kinds)}
    group[open_] = [position[label] for label in labels]
    return [*KNOWN_NAMES, *kinds], group


def _count(where: Counts, group: Counts, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(where * shape[1] + group, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(float)
