r"""What the seed of a draw is made of, so that nobody can choose it and everybody can check it.

* A row of the frame is bound before the seed exists: its commitment is the leaf
  ``SHA-256(0x00 ‖ nonce ‖ row)`` of a hash tree (:mod:`sampling.merkle`). The nonce of 16 bytes
  keeps whoever knows what a row may look like from trying rows out against the leaves.
* Each party binds itself to a secret by ``SHA-256(secret ‖ salt)``, both 32 random bytes.
* The seed comes from the root, the secrets and a value that nobody controls; see :func:`seed_of`.

Source: RELIABILITY §2.3 and docs/statistics.md; RFC 6962 for the tree.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import sha256
from struct import iter_unpack

from sampling.merkle import LEAF

PROTOCOL = "draw-v1"
SEPARATOR = "\x1f"
NONCE_BYTES = 16
SECRET_BYTES = 32
CHUNK = 1000  # rows at a time, few enough for the processor's cache
#: What is committed of an entry: its id and stratum, where a county finds it in its own file
#: (SHA-256 of the file, sheet, row), and the keyed digest of its content. No personal data.
COLUMNS = ("entry_id", "stratum", "file", "sheet", "row", "content")
HEX = re.compile(f"[0-9a-f]{{{2 * SECRET_BYTES}}}")


def canonical_rows(columns: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Return the canonical bytes of each row: its values in NFC, a tab between, in UTF-8.

    *columns* are those of ``COLUMNS``, each with a value for every row. Raises ValueError if a
    value has a tab or a line feed, which would make two rows look alike.
    """
    return map(str.encode, map("\t".join, zip(*map(_in_nfc, columns), strict=True)))


def _in_nfc(values: Sequence[str]) -> Sequence[str]:
    together = "".join(values)  # one look at all of them is much cheaper than one at each
    if "\t" in together or "\n" in together:
        value = next(v for v in values if "\t" in v or "\n" in v)
        raise ValueError(f"{value!r} has a tab or a line feed")
    if unicodedata.is_normalized("NFC", together):
        return values
    return [unicodedata.normalize("NFC", value) for value in values]


def row_leaves(columns: Sequence[Sequence[str]], nonces: bytes) -> bytes:
    """Return the commitments of the rows of *columns*, 32 bytes each, one after another.

    *nonces* are 16 bytes for each row, likewise. Raises ValueError for columns and nonces that
    are not of the same number, and as :func:`canonical_rows` does.
    """
    rows = len(columns[0])
    if {len(column) for column in columns} != {rows} or len(nonces) != rows * NONCE_BYTES:
        raise ValueError(f"{rows} rows, but a column or the nonces are for another number")
    leaves = bytearray()
    begun = sha256(LEAF)  # copying a state is cheaper than beginning one
    for start in range(0, rows, CHUNK):  # the rows themselves are never all in memory
        part = [column[start : start + CHUNK] for column in columns]
        each = nonces[start * NONCE_BYTES : (start + CHUNK) * NONCE_BYTES]
        for (nonce,), row in zip(iter_unpack("16s", each), canonical_rows(part), strict=True):
            state = begun.copy()
            state.update(nonce)
            state.update(row)
            leaves += state.digest()
    return bytes(leaves)


def commitment(secret: str, salt: str) -> str:
    """Return the hex SHA-256 of the 32 bytes of *secret* and the 32 of *salt*, both hex text.

    Raises ValueError if one of them is not 64 lower-case hexadecimal digits.
    """
    for name, value in (("secret", secret), ("salt", salt)):
        if not HEX.fullmatch(value):
            raise ValueError(f"the {name} is not {2 * SECRET_BYTES} hexadecimal digits")
    return sha256(bytes.fromhex(secret + salt)).hexdigest()


def seed_of(root: str, secrets: Sequence[str], public_value: str) -> str:
    r"""Return the seed: ``SHA-256("draw-v1" ‖ root ‖ secret 1 ‖ secret 2 ‖ … ‖ public value)``.

    The parts are texts, root and secrets in lower-case hex, and one byte 0x1F stands between
    any two. Only the last part is free text and it may hold no control character, so that
    different parts never give the same bytes. The seed is hex text.

    Raises ValueError for a root or secret that is no hex SHA-256, or an unusable public value.
    """
    for part in (root, *secrets):
        if not HEX.fullmatch(part):
            raise ValueError("a root or secret is not 64 hexadecimal digits")
    if not public_value or not public_value.isprintable():
        raise ValueError("the public value is empty or has a control character")
    parts = (PROTOCOL, root, *secrets, unicodedata.normalize("NFC", public_value))
    return sha256(SEPARATOR.join(parts).encode()).hexdigest()
