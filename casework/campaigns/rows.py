"""The rows of a frame: what is sealed of each entry, and the digests and commitments that do it.

Each row is committed to with a nonce of its own. The nonces are blocks of AES-256 under one random
key of the frame, which is stored sealed: nobody without the key can tell one from random bytes,
those that a proof or the published frame tells say nothing about the others, and the nonce of any
single row is there at once. What is committed to of an entry names its ledger by the SHA-256 of the
file and its place by sheet and row, so that a county finds it in its own file; the content itself
is bound by its keyed digest, so that nobody can try out identity numbers against it.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from sqlalchemy import Select, select

from casework.campaigns.models import Frame, FrameEntry, Stratum
from casework.db import db
from casework.ledgers.models import Ledger, LedgerEntry
from sampling import merkle
from sampling.commitments import COLUMNS, NONCE_BYTES, row_leaves
from sampling.draw import digest_of_lines, frame_digest

BLOCK_LEVELS = 10
BLOCK = 2**BLOCK_LEVELS  # rows; a proof reads one block of them, not the whole frame

#: Entry id, stratum, SHA-256 of the ledger file, sheet, row, keyed digest of the content.
Row = tuple[str, str, str, str, int, str]
NewKey = Callable[[], str]


@dataclass(frozen=True, slots=True)
class FrameRows:
    """The rows by entry id, one sequence for each of ``sampling.commitments.COLUMNS``."""

    entry_ids: Sequence[str]
    strata: Sequence[str]
    files: Sequence[str]
    sheets: Sequence[str]
    numbers: Sequence[str]
    contents: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "FrameRows":
        """Sort *rows* and take them apart. Equal texts become one, which saves much memory."""
        one: dict[str, str] = {}
        ordered = sorted(
            (
                entry,
                one.setdefault(stratum, stratum),
                one.setdefault(file, file),
                _printable(sheet),
                str(number),
                content,
            )
            for entry, stratum, file, sheet, number, content in rows
        )
        return cls(*zip(*ordered, strict=True)) if ordered else cls(*[()] * len(COLUMNS))

    @property
    def columns(self) -> tuple[Sequence[str], ...]:
        return (
            self.entry_ids,
            self.strata,
            self.files,
            self.sheets,
            self.numbers,
            self.contents,
        )

    def __len__(self) -> int:
        return len(self.entry_ids)


@dataclass(frozen=True, slots=True)
class Seal:
    """What fixes a frame. The root is over the row commitments, ``blocks`` a level below it."""

    digest: str
    content_digest: str
    root: str
    blocks: bytes


def new_nonce_key() -> str:
    """Return a random key, 64 hexadecimal digits."""
    return secrets.token_hex(32)


def nonces(key: str, first: int, number: int) -> bytes:
    """Return the nonces of *number* rows from row *first* on, 16 bytes each."""
    counter = CTR(first.to_bytes(NONCE_BYTES, "big"))
    return Cipher(AES256(bytes.fromhex(key)), counter).encryptor().update(bytes(16 * number))


def seal_of(rows: FrameRows, nonce_key: str) -> Seal:
    r"""Return the digests of a frame and the root of its row commitments.

    ``digest`` is what ``heyan draw`` computes from entry ids and strata. A frame of the first
    release has no nonce key and no root, but the SHA-256 of the sorted
    ``entry_id\x1fcontent digest\n`` lines.
    """
    digest = frame_digest(rows.entry_ids, rows.strata)
    if not nonce_key:
        return Seal(digest, digest_of_lines(rows.entry_ids, rows.contents), "", b"")
    leaves = row_leaves(rows.columns, nonces(nonce_key, 0, len(rows)))
    blocks = merkle.level_above(leaves, BLOCK_LEVELS)
    return Seal(digest, "", merkle.root(blocks).hex(), blocks)


@lru_cache
def _printable(text: str) -> str:
    """Return the name of a sheet without characters that cannot be seen."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def stored_rows(campaign_id: int) -> FrameRows:
    """Read the rows of a frame back."""
    return FrameRows.of(db.session.execute(rows_of(campaign_id)))


def rows_of(campaign_id: int) -> Select[str, str, str, str, int, str]:
    """Select what is sealed of each entry of a frame."""
    return (
        select(
            FrameEntry.entry_uid,
            Stratum.key,
            Ledger.file_digest,
            LedgerEntry.sheet,
            LedgerEntry.row,
            FrameEntry.content_digest,
        )
        .join(Frame, Frame.id == FrameEntry.frame_id)
        .join(Stratum, Stratum.id == FrameEntry.stratum_id)
        .join(LedgerEntry, LedgerEntry.uid == FrameEntry.entry_uid)
        .join(Ledger, Ledger.id == LedgerEntry.ledger_id)
        .where(Frame.campaign_id == campaign_id)
        .order_by(FrameEntry.entry_uid)
    )


def is_intact(frame: Frame, rows: FrameRows) -> bool:
    """Tell whether a frame still has the rows that it was sealed with."""
    return seal_of(rows, frame.nonce_key) == Seal(
        frame.digest, frame.content_digest, frame.root, frame.blocks or b""
    )
