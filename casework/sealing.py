"""Personal data at rest: sealed cells, blind indexes to look them up, and a signature.

A cell is sealed with AES-256-GCM and bound to its table, column and row, so that ciphertext moved
to another place does not open. Keys live in a file outside the database.
"""

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.errors import CaseworkError

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class SealBroken(CaseworkError):
    """A sealed cell does not open: it was altered, moved, or sealed with another key."""


class KeysMissing(CaseworkError):
    """No keys are loaded, so personal data can be neither sealed nor opened."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """One key to seal cells, one to index them; each key is 32 bytes."""

    sealing: bytes
    indexing: bytes

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read the key file. Raises FileNotFoundError if there is none."""
        keys = json.loads(path.read_text())
        return cls(sealing=b64decode(keys["sealing"]), indexing=b64decode(keys["indexing"]))

    @classmethod
    def create(cls, path: Path, random: Callable[[int], bytes] = os.urandom) -> "Keyring":
        """Make a new key file that only its owner may read. Raises FileExistsError if it exists."""
        keys = cls(sealing=random(KEY_BYTES), indexing=random(KEY_BYTES))
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o400)) as file:
            json.dump(
                {
                    "sealing": b64encode(keys.sealing).decode(),
                    "indexing": b64encode(keys.indexing).decode(),
                },
                file,
            )
        return keys


_loaded: list[Keyring] = []


def use_keys(keys: Keyring) -> None:
    """Make *keys* the keys of this process. Called once, where the application is put together."""
    _loaded[:] = [keys]


def _keys() -> Keyring:
    if not _loaded:
        raise KeysMissing
    return _loaded[0]


def seal(content: bytes, *, table: str, column: str, row: str) -> bytes:
    """Seal *content* for one cell; *row* is the row's uid."""
    nonce = os.urandom(NONCE_BYTES)
    return (
        VERSION + nonce + AESGCM(_keys().sealing).encrypt(nonce, content, _bind(table, column, row))
    )


def unseal(sealed: bytes, *, table: str, column: str, row: str) -> bytes:
    """Open a cell. Raises SealBroken if it was altered or belongs to another place."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(_keys().sealing).decrypt(nonce, body, _bind(table, column, row))
    except (InvalidTag, ValueError):
        raise SealBroken(table=table, column=column) from None


def unseal_json(sealed: bytes | None, *, table: str, column: str, row: str) -> dict[str, Any]:
    """Open a cell that holds a mapping as JSON; an empty one holds none. Raises SealBroken."""
    if sealed is None:
        return {}
    content: dict[str, Any] = json.loads(unseal(sealed, table=table, column=column, row=row))
    return content


def _bind(table: str, column: str, row: str) -> bytes:
    return "\x1f".join((table, column, row)).encode()


def blind_index(text: str, *, column: str) -> str:
    """Return the keyed digest by which equal values of *column* can be found unopened."""
    return hmac.new(_keys().indexing, f"{column}\x1f{text}".encode(), hashlib.sha256).hexdigest()


def sign(content: bytes) -> tuple[str, str]:
    """Return the public key and the Ed25519 signature of *content*, both in hex.

    The key comes from the sealing key, so that an installation has one without another file.
    """
    return public_key(), _signing_key().sign(content).hex()


def public_key() -> str:
    """Return the key by which everybody can check what was signed here, in hex."""
    return _signing_key().public_key().public_bytes_raw().hex()


def _signing_key() -> Ed25519PrivateKey:
    seed = hmac.new(_keys().sealing, b"signing of what is published", hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


class _Row(Protocol):
    __tablename__: Any

    @property
    def uid(self) -> Any: ...


class SealedText:
    """A text attribute whose cell is sealed: column ``<name>_sealed``, in a row with a uid."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, row: Any, owner: type) -> str:
        sealed = getattr(row, f"{self.name}_sealed")
        if sealed is None:
            return ""
        return unseal(sealed, table=row.__tablename__, column=self.name, row=row.uid).decode()

    def __set__(self, row: _Row, text: str) -> None:
        sealed = None
        if text:
            sealed = seal(text.encode(), table=row.__tablename__, column=self.name, row=row.uid)
        setattr(row, f"{self.name}_sealed", sealed)


class SealedJson:
    """A mapping whose cell is sealed as JSON. Its column is ``<name>_sealed``."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, row: Any, owner: type) -> dict[str, Any]:
        sealed = getattr(row, f"{self.name}_sealed")
        return unseal_json(sealed, table=row.__tablename__, column=self.name, row=row.uid)

    def __set__(self, row: _Row, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        setattr(
            row,
            f"{self.name}_sealed",
            seal(text, table=row.__tablename__, column=self.name, row=row.uid),
        )
