"""Counts by stratum and phone class: what the cases of a survey come down to.

Classes are the phone's answers (achieved, deemed, not achieved), each kind of unresolved, and the
leads, which are visited whole. On site is the truth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import prod

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


KNOWN = (
    (Kind.LEAD, "lead"),
    (Kind.YES, "achieved"),
    (Kind.YES, "deemed"),
    (Kind.NO, "not_achieved"),
)
DONE = ("achieved", "deemed")


@dataclass(frozen=True, slots=True)
class Strata:
    """The frame: the name of each of H strata and how many entries it has, ``(H,)``."""

    names: Sequence[str]
    frame_size: ArrayLike


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of n words, kept as positions in the list of them like a factor in R."""

    codes: NDArray[np.integer]  #: (n,)
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.codes)

    def positions(self) -> Counts:
        return self.codes.astype(np.int64, copy=False)


Column = Coded | Sequence[str]


@dataclass(frozen=True, slots=True)
class Cases:
    """The released sample: n cases, each the only one of its entry.

    ``stratum`` is the position of the case's stratum. ``phone`` and ``visit`` are verdicts, or
    empty if there is none yet; ``visit_reason`` is random, lead or empty (``random`` wins if both
    hold). ``phone_class`` tells the kinds of unresolved apart and counts for nothing else.
    """

    stratum: ArrayLike
    phone: Column
    visit: Column
    visit_reason: Column
    phone_class: Column | None = None


@dataclass(frozen=True, slots=True)
class ClassTable:
    """Counts by stratum and class, ``(H, G)``; names and kinds of the classes, ``(G,)``."""

    names: tuple[str, ...]
    kinds: Counts
    rows: Floats  #: cases of the class
    chosen: Floats  #: of these, to be visited
    visited: Floats  #: of these, with a verdict on site
    achieved: Floats  #: of these, achieved or deemed on site

    def repeated(self, times: int) -> "ClassTable":
        """Return the table with all strata listed *times* over."""
        counts = (self.rows, self.chosen, self.visited, self.achieved)
        return ClassTable(self.names, self.kinds, *(np.tile(c, (times, 1)) for c in counts))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work of each stratum has come, ``(H,)``."""

    sampled: Counts  #: cases
    resolved: Counts  #: with a verdict, on site or else by phone
    unfinished: Counts  #: not called, or chosen for a visit and not visited
    fruitless: Counts  #: visited without a verdict


@dataclass(frozen=True, slots=True)
class _Pattern:
    """All that is known of a case beside its stratum. Cases are many, patterns a few dozen."""

    phone: str
    visit: str
    reason: str
    phone_class: str = ""

    def of_class(self) -> tuple[Kind, str]:
        if self.reason == "lead":
            return KNOWN[0]
        if self.phone in VERDICTS[:-1]:
            return KNOWN[1 + VERDICTS.index(self.phone)]
        unresolved = UNFINISHED if self.phone == NO_ANSWER else self.phone_class or "unresolved"
        return Kind.UNRESOLVED, unresolved

    def chosen(self) -> bool:
        return self.reason != NO_ANSWER

    def visited(self) -> bool:
        return self.visit in VERDICTS[:-1]

    def achieved(self) -> bool:
        return self.visit in DONE

    def resolved(self) -> bool:
        return self.visited() or self.phone in VERDICTS[:-1]

    def unfinished(self) -> bool:
        uncalled = self.phone == NO_ANSWER and not self.visited()
        return uncalled or (self.chosen() and self.visit == NO_ANSWER)

    def fruitless(self) -> bool:
        return self.visit == "unresolved"


def coded(column: Column) -> Coded:
    """Number the words of a column in the order in which they first occur, unless they are coded.

    Raises ValueError for codes that have no word.
    """
    if not isinstance(column, Coded):
        position = {word: i for i, word in enumerate(dict.fromkeys(column))}
        codes = np.fromiter(map(position.__getitem__, column), dtype=np.int64, count=len(column))
        return Coded(codes, tuple(position))
    last = len(column.words) - 1
    if column.codes.size and not 0 <= column.codes.min() <= column.codes.max() <= last:
        raise ValueError(f"need codes from 0 to {last} for the words {tuple(column.words)}")
    return column


def tabulate(strata: Strata, cases: Cases) -> tuple[ClassTable, Progress]:
    """Count the cases of each stratum by class.

    The cases are counted once, by stratum and pattern; all else follows from those counts.

    Raises ValueError for columns of different length, a stratum that does not exist, an unknown
    code, a visit without a reason, or a stratum with more cases than entries.
    """
    N, where = frame_sizes(strata), _positions(cases, len(strata.names))
    patterns, counts = _count(cases, where, len(N))
    _check(strata, N, patterns, counts)
    return _table(patterns, counts), _progress(patterns, counts)


def _table(patterns: list[_Pattern], counts: Floats) -> ClassTable:
    given = [pattern.of_class() for pattern in patterns]
    classes = [*KNOWN, *sorted(set(given) - set(KNOWN))]
    belongs = np.zeros((len(given), len(classes)))
    belongs[range(len(given)), [classes.index(one) for one in given]] = 1
    return ClassTable(
        names=tuple(name for _, name in classes),
        kinds=np.array([kind for kind, _ in classes], dtype=np.int64),
        rows=counts @ belongs,
        chosen=_those(patterns, counts, _Pattern.chosen) @ belongs,
        visited=_those(patterns, counts, _Pattern.visited) @ belongs,
        achieved=_those(patterns, counts, _Pattern.achieved) @ belongs,
    )


def _progress(patterns: list[_Pattern], counts: Floats) -> Progress:
    resolved, unfinished, fruitless = (
        _those(patterns, counts, holds).sum(axis=1).astype(np.int64)
        for holds in (_Pattern.resolved, _Pattern.unfinished, _Pattern.fruitless)
    )
    return Progress(counts.sum(axis=1).astype(np.int64), resolved, unfinished, fruitless)


def _those(patterns: list[_Pattern], counts: Floats, holds: Callable[[_Pattern], bool]) -> Floats:
    """Keep the counts of the patterns for which something holds, 0 for the others."""
    return np.asarray(counts * np.array([holds(pattern) for pattern in patterns], dtype=float))


def frame_sizes(strata: Strata) -> Floats:
    """Return the frame size of each stratum, ``(H,)``; raises ValueError that names a bad one."""
    N = np.asarray(strata.frame_size, dtype=float)
    if N.shape != (len(strata.names),):
        raise ValueError(
            f"need one frame size for each of the {len(strata.names)} strata, got {N.shape}"
        )
    for h in np.flatnonzero(~(np.isfinite(N) & (N >= 0) & (np.floor(N) == N))).tolist():
        raise ValueError(
            f"the frame size of stratum {strata.names[h]!r} must be a whole number, 0 or more, "
            f"got {N[h]:g}"
        )
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
    return where.astype(np.int64, copy=False)


def _count(cases: Cases, where: Counts, H: int) -> tuple[list[_Pattern], Floats]:
    """Count the cases by stratum and pattern, ``(H, S)``, for the S patterns that occur."""
    columns = _columns(cases)
    shape = [len(column.words) for column in columns]
    pattern = np.zeros(len(where), dtype=np.int64)
    for column in columns:
        pattern *= len(column.words)
        pattern += column.positions()
    occur = np.flatnonzero(np.bincount(pattern, minlength=prod(shape)))
    number = np.zeros(prod(shape), dtype=np.int64)
    number[occur] = np.arange(len(occur))
    place = number[pattern]
    place += where * len(occur)
    counts = np.bincount(place, minlength=H * len(occur)).reshape(H, len(occur))
    codes = np.stack(np.unravel_index(occur, shape), axis=1).tolist()
    words = [[c.words[i] for c, i in zip(columns, row, strict=True)] for row in codes]
    return [_Pattern(*row) for row in words], counts.astype(float)


def _columns(cases: Cases) -> list[Coded]:
    answers = (*VERDICTS, NO_ANSWER)
    columns = [
        _answers("phone", cases.phone, answers),
        _answers("visit", cases.visit, answers),
        _answers("visit_reason", cases.visit_reason, (*REASONS, NO_ANSWER)),
    ]
    if cases.phone_class is not None:
        columns.append(coded(cases.phone_class))
    return columns


def _answers(name: str, column: Column, allowed: tuple[str, ...]) -> Coded:
    answers = coded(column)
    for word in answers.words:
        if word not in allowed:
            raise ValueError(f"{name} {word!r} is not one of {allowed}")
    return answers


def _check(strata: Strata, N: Floats, patterns: list[_Pattern], counts: Floats) -> None:
    groundless = [pattern.visit != NO_ANSWER and not pattern.chosen() for pattern in patterns]
    for h in np.flatnonzero(counts[:, groundless].sum(axis=1)).tolist():
        raise ValueError(f"a visit in stratum {strata.names[h]!r} needs a visit_reason")
    sampled = counts.sum(axis=1)
    if np.any(sampled > N):
        h = int(np.flatnonzero(sampled > N)[0])
        name, n = strata.names[h], sampled[h]
        raise ValueError(f"stratum {name!r} has {n:g} cases but {N[h]:g} entries in the frame")
