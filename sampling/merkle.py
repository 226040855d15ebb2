"""Hash trees of RFC 6962 (Certificate Transparency), over SHA-256.

Leaves and inner nodes are hashed with different first bytes, so that no inner node can be passed
off as a leaf. A tree is climbed level by level: neighbours are hashed in pairs, and one left over
goes up as it is. That gives the tree of the RFC, which splits at the largest power of two.

A level is the hashes of its nodes, 32 bytes each, one after another.
"""

from collections.abc import Sequence
from hashlib import sha256
from struct import iter_unpack

LEAF, NODE = b"\x00", b"\x01"
HASH = 32  # bytes


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf with this content (RFC 6962, section 2.1)."""
    return sha256(LEAF + content).digest()


def level_above(level: bytes, levels: int = 1) -> bytes:
    """Return the level that lies *levels* above another."""
    begun = sha256(NODE)  # copying a state is cheaper than beginning one
    for _ in range(levels):
        paired = len(level) // (2 * HASH) * (2 * HASH)
        above = bytearray()
        for (pair,) in iter_unpack(f"{2 * HASH}s", level[:paired]):
            state = begun.copy()
            state.update(pair)
            above += state.digest()
        level = bytes(above) + level[paired:]
    return level


def root(level: bytes) -> bytes:
    """Return the root over the hashes of leaves, or over any level above them."""
    if not level:
        return sha256().digest()
    while len(level) > HASH:
        level = level_above(level)
    return level


def node(level: bytes, index: int) -> bytes:
    """Return one node of a level."""
    return level[index * HASH : (index + 1) * HASH]


def inclusion_path(level: bytes, index: int) -> list[bytes]:
    """Return the siblings on the way from node *index* of a level up to the root.

    Raises ValueError if the level has no such node.
    """
    if not 0 <= index < len(level) // HASH:
        raise ValueError(f"there is no node {index} among {len(level) // HASH}")
    path = []
    while len(level) > HASH:
        if sibling := node(level, index ^ 1):  # the last one of an odd level has none
            path.append(sibling)
        level, index = level_above(level), index // 2
    return path


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that leaf *index* of *size* leaves has by its inclusion path.

    Raises ValueError if there is no such leaf, or the path has another length than it must have.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    climbed, last, siblings = leaf, size - 1, list(path)
    while last:
        if index ^ 1 <= last:
            if not siblings:
                raise ValueError("the path is too short")
            sibling = siblings.pop(0)
            pair = sibling + climbed if index % 2 else climbed + sibling
            climbed = sha256(NODE + pair).digest()
        index, last = index // 2, last // 2
    if siblings:
        raise ValueError("the path is too long")
    return climbed
