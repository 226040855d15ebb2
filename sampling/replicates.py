"""Replicates: random parts of a sample, opened one at a time."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sampling.draw import SampleRow


def replicates_of_ranks(sampled: int, count: int) -> NDArray[np.int64]:
    """Split the ranks 1..sampled of one stratum into *count* replicates that follow the draw order.

    Returns the ``(sampled,)`` replicate numbers, from 1. The parts differ by one entry at most,
    the earlier ones are the larger. As any prefix of the draw order is a simple random sample,
    so are the first replicates together, however many are released.

    Raises ValueError unless sampled >= 0 and count >= 1.
    """
    if sampled < 0 or count < 1:
        raise ValueError(f"cannot split {sampled} ranks into {count} replicates")
    parts = np.array_split(np.arange(sampled), count)
    return np.repeat(np.arange(1, count + 1), [len(part) for part in parts])


def replicates(rows: Sequence[SampleRow], count: int) -> list[int]:
    """Return the replicate of each row of a drawn sample, each stratum split on its own."""
    sampled = Counter(row.stratum for row in rows)
    parts = {stratum: replicates_of_ranks(n, count) for stratum, n in sampled.items()}
    return [int(parts[row.stratum][row.rank - 1]) for row in rows]
