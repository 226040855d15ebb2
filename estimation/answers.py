"""Phone answers of a first phase and what visits to a part of them found, checked and counted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.classes import Counts, Floats, Strata, frame_sizes
from estimation.estimates import Flags, add_up, found
from estimation.sample import stratum_positions
from estimation.two_phase import sum_by

FEWEST = 2  # rows that show a spread


@dataclass(frozen=True, slots=True)
class Answers:
    """n rows of the first phase, one entry for each in every column.

    Within a *group* of a stratum the rows that were visited are a random part of it. Groups are the
    phone classes, or any cut that is known before the visits; leads are a group visited whole.
    """

    stratum: ArrayLike  #: (n,) positions
    phone: ArrayLike  #: (n,) what the phone said: 0 or 1, or a score
    on_site: ArrayLike  #: (n,) the truth, NaN where nobody went
    group: Sequence[str] | None = None  #: (n,) labels; None: each stratum is one group


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Checked answers of H strata in P pairs of stratum and group, for D domains."""

    domains: tuple[str, ...]
    frame_size: Floats  #: (H,)
    called: Floats  #: (H,) rows
    domain: Counts  #: (H,)
    stratum: Counts  #: (n,)
    pair: Counts  #: (n,)
    phone: Floats  #: (n,)
    on_site: Floats  #: (n,) 0 where nobody went
    seen: Flags  #: (n,)
    stratum_of_pair: Counts  #: (P,)
    called_in_pair: Floats  #: (P,)
    visited_in_pair: Floats  #: (P,)

    def of_rows(self, values: Floats) -> Floats:
        """Add up a number of each row, ``(n,)``, by stratum, ``(H,)``."""
        return add_up(self.stratum, values, len(self.frame_size))

    def of_pairs(self, values: Floats) -> Floats:
        """Add up a number of each pair, ``(P,)``, by stratum, ``(H,)``."""
        return add_up(self.stratum_of_pair, values, len(self.frame_size))

    def of_visited(self, values: Floats) -> Floats:
        """Add up a number of each row over the visited rows of each pair, ``(P,)``."""
        return add_up(self.pair, np.where(self.seen, values, 0), len(self.called_in_pair))

    def of_domain(self, values: Floats) -> Floats:
        """Add up a number of each stratum, ``(H,)``, by domain, ``(D,)``."""
        return sum_by(self.domain, values, len(self.domains))


def tabulate_answers(
    strata: Strata, answers: Answers, domain_of_stratum: Sequence[str]
) -> AnswerTable:
    """Check the answers against the frame.

    Raises ValueError for shapes that differ and missing or infinite numbers, and naming a stratum
    with fewer than two rows or a group with fewer than two visits, unless it is complete, or a
    stratum with more rows than entries.
    """
    names, N = tuple(strata.names), frame_sizes(strata)
    where = stratum_positions(answers.stratum, len(names))
    phone, on_site, labels = _columns(answers, names, where)
    n = np.bincount(where, minlength=len(names))
    _check_rows(names, N, n)
    groups, group = np.unique(labels, return_inverse=True)
    keys, pair = np.unique(where * len(groups) + group.reshape(-1), return_inverse=True)
    seen = ~np.isnan(on_site)
    called = np.bincount(pair)
    visited = add_up(pair, seen, len(called))
    for p in found((visited < called) & (visited < FEWEST)):
        h, g = divmod(int(keys[p]), len(groups))
        raise ValueError(_few_visits(names[h], str(groups[g]), called[p], visited[p]))
    if len(domain_of_stratum) != len(names):
        raise ValueError(f"need a domain for each of the {len(names)} strata")
    position = {label: d for d, label in enumerate(dict.fromkeys(domain_of_stratum))}
    return AnswerTable(
        domains=tuple(position),
        frame_size=N,
        called=n.astype(float),
        domain=np.array([position[label] for label in domain_of_stratum], dtype=np.int64),
        stratum=where,
        pair=pair,
        phone=phone,
        on_site=np.where(seen, on_site, 0),
        seen=seen,
        stratum_of_pair=keys // len(groups),
        called_in_pair=called.astype(float),
        visited_in_pair=visited,
    )


def _check_rows(names: Sequence[str], N: Floats, n: Counts) -> None:
    for h in found((n > N) | ((n < FEWEST) & (n < N))):
        raise ValueError(
            f"stratum {names[h]!r} has {n[h]} rows and {N[h]:g} entries in the frame: "
            "two are needed, or all of it, and no more"
        )


def _few_visits(stratum: str, group: str, called: int, visited: float) -> str:
    return (
        f"group {group!r} of stratum {stratum!r} has {visited:g} visits to {called} rows: "
        "two are needed, or all of it"
    )


def _columns(
    answers: Answers, names: Sequence[str], where: Counts
) -> tuple[Floats, Floats, NDArray[np.str_]]:
    phone = np.asarray(answers.phone, dtype=float)
    on_site = np.asarray(answers.on_site, dtype=float)
    labels = np.asarray([""] * len(where) if answers.group is None else answers.group, dtype=str)
    if not where.shape == phone.shape == on_site.shape == labels.shape:
        raise ValueError(
            f"need columns of equal length, got {where.shape}, {phone.shape}, {on_site.shape}, "
            f"{labels.shape}"
        )
    for i in found(~np.isfinite(phone) | np.isinf(on_site)):
        raise ValueError(
            f"need finite numbers, got phone {phone[i]} and on site {on_site[i]} "
            f"in stratum {names[where[i]]!r}"
        )
    return phone, on_site, labels
