"""Near-equal photos: a fingerprint that outlives resizing and recompression, and who shares one.

The fingerprint is a difference hash: the picture is made grey and shrunk to 17 x 17 points, and
each of 256 bits says whether a point is darker than its right-hand neighbour, each of 256 more
whether it is darker than the one below. The grey is not rounded to whole levels, so that flat
parts, such as paper, keep their faint slopes and with them their bits.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

EDGE: Final = 16
BITS: Final = 2 * EDGE * EDGE
#: Photos that differ in no more bits than this are near-equal. In the generated photos of the tests
#: copies differ in 41 bits at most, photos of different things in 94 at least.
NEAR: Final = 64
_AT_ONCE: Final = 256


def fingerprint(image: Image.Image) -> str:
    """Return the 512 bits of an upright picture, in hex."""
    grey = image.convert("L").convert("F")
    points = np.asarray(grey.resize((EDGE + 1, EDGE + 1), Image.Resampling.LANCZOS))
    across = points[:-1, :-1] < points[:-1, 1:]
    down = points[:-1, :-1] < points[1:, :-1]
    return np.packbits(np.concatenate([across.ravel(), down.ravel()])).tobytes().hex()


def near_pairs(fingerprints: Sequence[str], *, near: int = NEAR) -> list[tuple[int, int, int]]:
    """Return each pair of near-equal photos as (earlier, later, bits that differ).

    Parameters
    ----------
    fingerprints : (N,)
        As ``fingerprint`` gives them.

    Raises ValueError for a fingerprint of another length.
    """
    if not fingerprints:
        return []
    words = _words(fingerprints)
    pairs: list[tuple[int, int, int]] = []
    for start in range(0, len(words), _AT_ONCE):
        block = words[start : start + _AT_ONCE]
        apart = np.bitwise_count(block[:, np.newaxis, :] ^ words[np.newaxis, :, :]).sum(
            axis=2, dtype=np.int64
        )
        first, second = np.nonzero(apart <= near)
        pairs += [
            (start + int(i), int(j), int(apart[i, j]))
            for i, j in zip(first, second, strict=True)
            if start + i < j
        ]
    return pairs


def _words(fingerprints: Sequence[str]) -> NDArray[np.uint64]:
    if odd := [text for text in fingerprints if len(text) * 4 != BITS]:
        raise ValueError(f"a fingerprint has {len(odd[0]) * 4} bits, not {BITS}")
    rows = np.frombuffer(bytes.fromhex("".join(fingerprints)), dtype=np.uint64)
    return rows.reshape(len(fingerprints), BITS // 64)
