"""The manifest of a draw: what it was drawn from and with, and what came out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NotRequired, TypedDict

from sampling.draw import SampleRow, sample_digest

VERSION = 1


class Stratum(TypedDict):
    stratum: str
    frame_rows: int
    sample_rows: int


class Manifest(TypedDict):
    version: int
    seed: str
    seed_digest: str  #: SHA-256 of the seed
    frame_digest: str  #: see sampling.draw.frame_digest
    frame_rows: int
    sizes: dict[str, int]
    sample_digest: str  #: see sampling.draw.sample_digest
    sample_rows: int
    strata: list[Stratum]
    sample_file: NotRequired[str]  #: seen from the folder of the manifest


def describe(
    frame_digest: str,
    strata: Sequence[str],
    sizes: Mapping[str, int],
    seed: str,
    rows: Sequence[SampleRow],
) -> Manifest:
    """Write down a draw of *rows* from a frame with this digest and the stratum of each entry."""
    population, drawn = Counter(strata), Counter(row.stratum for row in rows)
    return Manifest(
        version=VERSION,
        seed=seed,
        seed_digest=sha256(seed.encode()).hexdigest(),
        frame_digest=frame_digest,
        frame_rows=len(strata),
        sizes=dict(sorted(sizes.items())),
        sample_digest=sample_digest(rows),
        sample_rows=len(rows),
        strata=[
            Stratum(stratum=s, frame_rows=population[s], sample_rows=drawn[s])
            for s in sorted(population)
        ],
    )
