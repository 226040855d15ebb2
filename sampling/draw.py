"""The draw: the smallest keys of each stratum are its sample, in key order.

A key is a permanent random number of an entry: with SHA-256 as a random oracle the keys of
distinct entries are independent and uniform, so the order of a stratum is a uniform permutation,
its first n entries are a simple random sample without replacement, and the strata are independent.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress, islice
from operator import lt

import numpy as np
from numpy.typing import NDArray

SEPARATOR = b"\x1f"
KEY = 32  # bytes
CHUNK = 100_000  # lines that are hashed at a time
LEAST_PRINTABLE = 0x20
CONTROL = re.compile("[\x00-\x1f]")  # would blur the lines that are digested


@dataclass(frozen=True, slots=True, order=True)
class SampleRow:
    """One selected entry; ranks of a stratum start at 1, the key is 64 hexadecimal digits."""

    stratum: str
    rank: int
    entry_id: str
    key: str


def order_key(seed: str, entry_id: str) -> str:
    """Return the hexadecimal SHA-256 of the UTF-8 bytes of *seed*, one byte 0x1F, *entry_id*."""
    return sha256(seed.encode() + SEPARATOR + entry_id.encode()).hexdigest()


def draw(
    entry_ids: Sequence[str], strata: Sequence[str], sizes: Mapping[str, int], seed: str
) -> list[SampleRow]:
    """Draw a stratified simple random sample without replacement that anyone can recompute.

    Parameters
    ----------
    entry_ids, strata : (N,) texts
        The frame: an opaque id of each entry, and the stratum it lies in. Their order is free.
    sizes : stratum -> whole number
        How many entries to draw. A stratum of the frame that is not named is not drawn from.
    seed : text
        Not empty; published after the draw.

    Returns
    -------
    The rows by stratum and rank. Any prefix of the ranks of a stratum is itself a simple random
    sample, so replicates can be released one after another.

    Raises ValueError for an empty seed or id, a repeated id, columns of different length, a
    stratum that the frame does not have, or a size that is negative or above its stratum.

    Source: Ohlsson (1998), permanent random numbers, and docs/statistics.md.
    """
    check_frame(entry_ids, strata)
    names = sorted(set(strata))
    numbers = np.fromiter(map({s: i for i, s in enumerate(names)}.__getitem__, strata), np.int32)
    population = np.bincount(numbers, minlength=len(names)).tolist()
    check_sizes(dict(zip(names, population, strict=True)), sizes)
    if not seed:
        raise ValueError("the seed is empty")
    wanted = np.array([sizes.get(name, 0) > 0 for name in names], dtype=bool)
    if not wanted.all():  # the keys of the other strata are not needed
        entry_ids = list(compress(entry_ids, wanted[numbers]))
        numbers = numbers[wanted[numbers]]
    keys = _keys(seed, entry_ids)
    rows: list[SampleRow] = []
    for number, places in _members(numbers):
        rows += _smallest(names[number], places, keys, entry_ids, sizes[names[number]])
    return rows


def _keys(seed: str, entry_ids: Sequence[str]) -> bytes:
    """Return the keys of the entries, one after another."""
    keys = bytearray()
    begun = sha256(seed.encode() + SEPARATOR)  # copying a state is cheaper than beginning one
    for entry_id in entry_ids:
        state = begun.copy()
        state.update(entry_id.encode())
        keys += state.digest()
    return bytes(keys)


def _members(numbers: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield each number that occurs, in ascending order, with the places where it does."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    parts = np.split(order, starts[1:])
    yield from zip(numbers[order][starts].tolist(), parts[: len(starts)], strict=True)


def _smallest(
    stratum: str, places: NDArray[np.intp], keys: bytes, entry_ids: Sequence[str], n: int
) -> list[SampleRow]:
    """Return the rows of the *n* smallest keys among those at *places*.

    The first 8 bytes say which come into question, those that tie included; only these are put
    into the order of their whole keys.
    """
    heads = np.frombuffer(keys, ">u8")[places * (KEY // 8)]
    near: list[int] = places[heads <= np.partition(heads, n - 1)[n - 1]].tolist()
    order = sorted((keys[place * KEY : (place + 1) * KEY], entry_ids[place]) for place in near)
    return [
        SampleRow(stratum, rank, entry_id, key.hex())
        for rank, (key, entry_id) in enumerate(order[:n], start=1)
    ]


def check_frame(entry_ids: Sequence[str], strata: Sequence[str]) -> None:
    """Refuse a frame that cannot be drawn from. Raises ValueError naming the first fault."""
    if len(entry_ids) != len(strata):
        raise ValueError(f"{len(entry_ids)} entry ids but {len(strata)} strata")
    ascending = all(map(lt, entry_ids, islice(entry_ids, 1, None)))  # then no two are alike
    if not ascending and len(set(entry_ids)) != len(entry_ids):
        repeated, times = Counter(entry_ids).most_common(1)[0]
        raise ValueError(f"entry_id {repeated!r} occurs {times} times in the frame")
    for name, values in (("entry_id", entry_ids), ("stratum", sorted(set(strata)))):
        # One look at the bytes of all of them is much cheaper than a search in each.
        together = np.frombuffer("".join(values).encode(), np.uint8)
        if not all(values) or (together < LEAST_PRINTABLE).any():
            value = next(v for v in values if not v or CONTROL.search(v))
            raise ValueError(f"{name} {value!r} is empty or has a control character")


def check_sizes(population: Mapping[str, int], sizes: Mapping[str, int]) -> None:
    """Refuse sizes that the strata cannot give. Raises ValueError naming the stratum."""
    for stratum, n in sizes.items():
        if stratum not in population:
            raise ValueError(f"stratum {stratum!r} is not in the frame")
        if not 0 <= n <= population[stratum]:
            raise ValueError(
                f"cannot draw {n} of the {population[stratum]} entries of stratum {stratum!r}"
            )


def frame_digest(entry_ids: Sequence[str], strata: Sequence[str]) -> str:
    r"""Seal a frame: the SHA-256 of its sorted ``entry_id\x1fstratum\n`` lines, hexadecimal.

    The lines are sorted as text, so the digest does not depend on the order of the rows.
    Raises ValueError for a frame that cannot be drawn from, see :func:`check_frame`.
    """
    check_frame(entry_ids, strata)
    return digest_of_lines(entry_ids, strata)


def digest_of_lines(*columns: Sequence[str]) -> str:
    r"""Return the hex SHA-256 of the sorted lines ``value\x1fvalue…\n`` of *columns*."""
    lines = sorted(map("\x1f".join, zip(*columns, strict=True)))
    digest = sha256()
    for start in range(0, len(lines), CHUNK):  # all at once would need the frame's size twice more
        digest.update(("\n".join(lines[start : start + CHUNK]) + "\n").encode())
    return digest.hexdigest()


def sample_digest(rows: Sequence[SampleRow]) -> str:
    r"""Seal a sample: SHA-256 of its ``stratum\x1frank\x1fentry_id\x1fkey\n`` lines, in order."""
    lines = (f"{r.stratum}\x1f{r.rank}\x1f{r.entry_id}\x1f{r.key}\n" for r in rows)
    return sha256("".join(lines).encode()).hexdigest()
