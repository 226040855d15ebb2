"""Random visits: the sealed number of a case decides whether it is visited."""

from hashlib import sha256

_BELOW_ONE = 1 - 2.0**-53


def sealed_number(seed: str, entry_id: str, purpose: str = "visit") -> float:
    """Return the permanent random number of a case for one *purpose*, in [0, 1).

    The first 8 bytes, big-endian, of the SHA-256 of *seed*, 0x1F, *purpose*, 0x1F, *entry_id*,
    divided by 2**64; numbers for different purposes are independent. A case is visited when its
    number is under the threshold of its phone class, so a threshold that rises only adds visits.
    """
    digest = sha256("\x1f".join((seed, purpose, entry_id)).encode()).digest()
    # The largest integers would round up to 1.
    return min(int.from_bytes(digest[:8], "big") / 2**64, _BELOW_ONE)
