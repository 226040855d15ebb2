"""Check a published draw, or the proof of one row; Python 3.10 or newer and nothing else.

    python3 verify_draw.py [FOLDER]                draws again: equal, or what differs
    python3 verify_draw.py proof FILE [MANIFEST]   was this row in the frame?

What is recomputed (texts are UTF-8, hashes SHA-256, ‖ joins bytes):
  row        hash(0x00 ‖ nonce ‖ the rest of its line of frame.tsv, after the tab)
  root       of the tree of RFC 6962 over all rows, in the order of frame.tsv
  commitment hash(secret ‖ salt), 32 bytes each
  seed       hash("draw-v1" ‖ root ‖ secret 1 ‖ secret 2 ‖ public value), 0x1F between them
  key        hash(seed ‖ 0x1F ‖ entry_id); the smallest keys of a stratum are its sample
  signature  Ed25519 (RFC 8032) of manifest.json without it, as json.dumps(…, sort_keys=True)
"""

import csv
import json
import sys
from binascii import unhexlify
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256, sha512
from itertools import islice, zip_longest
from pathlib import Path
from struct import iter_unpack
from typing import Any

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error)
HASH, P, ORDER = 32, 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, SQRT_MINUS_1 = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def differences(place: Any) -> Iterator[tuple[str, str]]:
    """Yield the name of everything in the folder *place* that is not as it must be, and how."""
    names = "manifest.json", "reveals.json"
    manifest, reveals = (json.loads((place / name).read_text(encoding="utf-8")) for name in names)
    signature, secrets, sizes = manifest.pop("signature"), reveals["secrets"], manifest["sizes"]
    with (place / "frame.tsv").open("rb") as frame:
        leaves, strata, pairs = _read(frame, f"{manifest['seed']}\x1f".encode())
    kept = [(s["party"], _hash(bytes.fromhex(s["secret"] + s["salt"]))) for s in secrets]
    parts = ["draw-v1", manifest["root"], *(s["secret"] for s in secrets), reveals["public_value"]]
    drawn = [
        [s, str(rank), key[HASH:].decode(), key[:HASH].hex()]
        for s in sorted(sizes)
        for rank, key in enumerate(islice(sorted(strata.get(s, [])), sizes[s]), start=1)
    ]
    lines = ["\x1f".join(row) + "\n" for row in drawn]
    with (place / "sample.csv").open(encoding="utf-8", newline="") as file:
        stored = list(csv.reader(file))[1:]
    told = {each["stratum"]: each for each in manifest["strata"]}
    checks: list[tuple[str, Any, Any]] = [
        ("signature", _signed(json.dumps(manifest, sort_keys=True).encode(), **signature), True),
        ("commitment", [(c["party"], c["commitment"]) for c in manifest["commitments"]], kept),
        ("frame_rows", manifest["frame_rows"], len(leaves) // HASH),
        ("frame_digest", manifest["frame_digest"], pairs),
        ("strata", {s: told[s]["frame_rows"] for s in told}, {s: len(strata[s]) for s in strata}),
        ("root", manifest["root"], _root(leaves)),
        ("seed", manifest["seed"], _hash("\x1f".join(parts).encode())),
        ("seed_digest", manifest["seed_digest"], _hash(manifest["seed"].encode())),
        ("sizes", sizes, {s: n for s in told if (n := told[s]["sample_rows"])}),
        ("sample_rows", manifest["sample_rows"], len(drawn)),
        ("sample_digest", manifest["sample_digest"], _hash("".join(lines).encode())),
        ("sample", sorted(row[2] for row in stored), sorted(row[2] for row in drawn)),
        ("order", [row[2] for row in stored], [row[2] for row in drawn]),
        ("rank", [row[:2] for row in stored], [row[:2] for row in drawn]),
        ("key", [row[3] for row in stored], [row[3] for row in drawn]),
    ]
    for name, found, right in checks:
        if found != right:
            both = zip_longest(found, right) if isinstance(found, list) else [(found, right)]
            yield name, next(f"{str(a)[:99]}, should be {str(b)[:99]}" for a, b in both if a != b)


def proof(file: Path, *manifest: Path) -> Iterator[tuple[str, str]]:
    """Yield where the path of a row does not lead to the root of its proof and of the manifest."""
    told, *others = (json.loads(each.read_text(encoding="utf-8")) for each in (file, *manifest))
    node = sha256(b"\0" + unhexlify(told["nonce"]) + "\t".join(told["row"]).encode()).digest()
    index, last = told["index"], told["frame_rows"] - 1
    path = [bytes.fromhex(sibling) for sibling in told["path"]]
    while last > 0:
        if index ^ 1 <= last:
            pair = path.pop(0) + node if index % 2 else node + path.pop(0)
            node = sha256(b"\1" + pair).digest()
        index, last = index // 2, last // 2
    for where in (told, *others):
        if path or index or node.hex() != where["root"]:
            yield "root", f"{where['root']}, but the row leads to {node.hex()}"


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()


def _read(frame: Iterable[bytes], start: bytes) -> tuple[bytes, dict[str, list[bytes]], str]:
    leaves, strata, pairs = bytearray(), defaultdict[bytes, list[bytes]](list), sha256()
    begun = sha256(start)  # to copy a state is cheaper than to begin one
    for line in islice(frame, 1, None):
        nonce, entry, stratum, _ = line.split(b"\t", 3)
        leaves += sha256(b"\0" + unhexlify(nonce) + line[len(nonce) + 1 : -1]).digest()
        key = begun.copy()
        key.update(entry)
        strata[stratum].append(key.digest() + entry)
        pairs.update(entry + b"\x1f" + stratum + b"\n")
    return bytes(leaves), {s.decode(): keyed for s, keyed in strata.items()}, pairs.hexdigest()


def _root(level: bytes) -> str:
    while len(level) > HASH:
        paired = len(level) // (2 * HASH) * (2 * HASH)
        pairs = iter_unpack("64s", level[:paired])
        level = b"".join([sha256(b"\1" + pair).digest() for (pair,) in pairs]) + level[paired:]
    return level.hex()


def _signed(message: bytes, key: str, value: str) -> bool:
    public, r, s = bytes.fromhex(key), bytes.fromhex(value[:64]), bytes.fromhex(value[64:])
    k = int.from_bytes(sha512(r + public + message).digest(), "little") % ORDER
    n, base = int.from_bytes(s, "little"), _point(bytes.fromhex("58" + "66" * 31))
    return n < ORDER and _times(n, base) == _plus(_point(r), _times(k, _point(public)))


def _point(data: bytes) -> tuple[int, int]:
    odd, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = next((r for r in (x, x * SQRT_MINUS_1 % P) if r * r % P == square), 0)  # 0: no point
    return (x if x % 2 == odd else P - x), y


def _plus(a: Any, b: Any) -> tuple[int, int]:
    t, x, y = D * a[0] * a[1] * b[0] * b[1], a[0] * b[1] + a[1] * b[0], a[1] * b[1] + a[0] * b[0]
    return x * pow(1 + t, -1, P) % P, y * pow(1 - t, -1, P) % P


def _times(n: int, a: Any) -> tuple[int, int]:
    return _plus(_times(n // 2, _plus(a, a)), a if n % 2 else (0, 1)) if n else (0, 1)


def main(words: list[str]) -> int:
    """Print what differs; return 1 if anything does."""
    try:
        paths = [Path(word) for word in words if word != "proof"]
        found = list(proof(*paths) if "proof" in words[:1] else differences(Path(*paths)))
    except UNREADABLE as error:
        found = [("files", f"cannot be read: {error!r}")]
    sys.stdout.write("".join(f"{name}: {words}\n" for name, words in found) or "equal 一致\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
