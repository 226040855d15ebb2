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
import gc
import json
import sys
from binascii import unhexlify
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256, sha512
from pathlib import Path
from struct import iter_unpack
from typing import Any

UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error)
HASH, P, ORDER = 32, 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
COLUMNS = ("order", 2), ("rank", slice(2)), ("key", slice(3, None))  # of sample.csv, by name
D, SQRT_MINUS_1 = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def differences(place: Any) -> Iterator[tuple[str, str]]:
    """Yield the name of everything in the folder *place* that is not as it must be, and how."""
    names = "manifest.json", "reveals.json"
    manifest, reveals = (json.loads((place / name).read_text(encoding="utf-8")) for name in names)
    signature, secrets, sizes = manifest.pop("signature"), reveals["secrets"], manifest["sizes"]
    stored = list(csv.reader((place / "sample.csv").read_text(encoding="utf-8").split("\n")))[1:-1]
    leaves, rows, near, pairs = _read(place, manifest, stored)
    if any(len(near[s]) < sizes[s] for s in sizes):  # the smallest keys are not all among these
        leaves, rows, near, pairs = _read(place, manifest, [(s, "", "", "f" * 64) for s in rows])
    kept = [(s["party"], sha256(unhexlify(s["secret"] + s["salt"])).hexdigest()) for s in secrets]
    parts = ["draw-v1", manifest["root"], *(s["secret"] for s in secrets), reveals["public_value"]]
    least = {s: sorted(near[s])[: sizes[s]] for s in sorted(sizes)}
    drawn = [[s, str(rank), e, key] for s in least for rank, (key, e) in enumerate(least[s], 1)]
    lines = "".join(["\x1f".join(row) + "\n" for row in drawn])
    told = {each["stratum"]: each for each in manifest["strata"]}
    checks: list[tuple[str, Any, Any]] = [
        ("signature", _signed(json.dumps(manifest, sort_keys=True).encode(), **signature), True),
        ("commitment", [(c["party"], c["commitment"]) for c in manifest["commitments"]], kept),
        ("frame_rows", manifest["frame_rows"], len(leaves) // HASH),
        ("frame_digest", manifest["frame_digest"], pairs),
        ("strata", {s: told[s]["frame_rows"] for s in told}, rows),
        ("root", manifest["root"], _root(leaves)),
        ("seed", manifest["seed"], sha256("\x1f".join(parts).encode()).hexdigest()),
        ("seed_digest", manifest["seed_digest"], sha256(manifest["seed"].encode()).hexdigest()),
        ("sizes", sizes, {s: n for s in told if (n := told[s]["sample_rows"]) > 0}),
        ("sample_rows", manifest["sample_rows"], len(drawn)),
        ("sample_digest", manifest["sample_digest"], sha256(lines.encode()).hexdigest()),
    ]
    if stored != drawn:
        checks.append(("sample", sorted(row[2] for row in stored), sorted(row[2] for row in drawn)))
        checks += [(n, [r[at] for r in stored], [r[at] for r in drawn]) for n, at in COLUMNS]
    for name, has, due in (each for each in checks if each[1] != each[2]):
        both = zip([*has, None], [*due, None], strict=False) if type(has) is list else [(has, due)]
        yield name, next(f"{str(a)[:99]}, should be {str(b)[:99]}" for a, b in both if a != b)


def proof(file: Path, *manifest: Path) -> Iterator[tuple[str, str]]:
    """Yield where the path of a row does not lead to the root of its proof and of the manifest."""
    told, *others = (json.loads(each.read_text(encoding="utf-8")) for each in (file, *manifest))
    node = sha256(b"\0" + unhexlify(told["nonce"]) + "\t".join(told["row"]).encode()).digest()
    index, last, way = told["index"], told["frame_rows"] - 1, [*map(unhexlify, told["path"])]
    while last > 0:
        if index ^ 1 <= last:
            node = sha256(b"\1" + (way.pop(0) + node if index % 2 else node + way.pop(0))).digest()
        index, last = index // 2, last // 2
    for where in (told, *others):
        if way or index or node.hex() != where["root"]:
            yield "root", f"{where['root']}, but the row leads to {node.hex()}"


def _read(place: Any, manifest: Any, up_to: Any) -> tuple[bytes, Any, Any, str]:
    leaves, pairs, rows, near = bytearray(), sha256(), Counter[bytes](), defaultdict(list)
    last = defaultdict(bytes, {r[0].encode(): unhexlify(r[3]) for r in up_to})  # keep none above
    new_leaf, new_key = sha256(b"\0").copy, sha256(f"{manifest['seed']}\x1f".encode()).copy
    with (place / "frame.tsv").open("rb") as frame:
        frame.readline()
        while lines := frame.readlines(2**16):
            told: list[bytes] = []
            for line in lines:
                nonce, entry, stratum, _ = line.split(b"\t", 3)
                leaf, state = new_leaf(), new_key()
                leaf.update(unhexlify(nonce) + line[33:-1])
                leaves += leaf.digest()
                state.update(entry)
                if (key := state.digest()) <= last[stratum]:
                    near[stratum.decode()].append((key.hex(), entry.decode()))
                told += entry, b"\x1f", stratum, b"\n"
            rows.update(told[2::4])
            pairs.update(b"".join(told))
    return bytes(leaves), {s.decode(): n for s, n in rows.items()}, near, pairs.hexdigest()


def _root(level: bytes) -> str:
    new_node = sha256(b"\1").copy
    while len(level) > HASH:
        paired, above = len(level) // (2 * HASH) * (2 * HASH), bytearray()
        for (pair,) in iter_unpack("64s", level[:paired]):
            node = new_node()
            node.update(pair)
            above += node.digest()
        level = bytes(above) + level[paired:]
    return level.hex()


def _signed(message: bytes, key: str, value: str) -> bool:
    def plus(a: Any, b: Any) -> tuple[int, int]:
        x, y = a[0] * b[1] + a[1] * b[0], a[1] * b[1] + a[0] * b[0]
        inverse = pow(1 - (t := D * a[0] * a[1] * b[0] * b[1]) ** 2, -1, P)  # of 1 + t, 1 - t
        return x * (1 - t) * inverse % P, y * (1 + t) * inverse % P

    def times(n: int, a: Any) -> tuple[int, int]:
        return plus(times(n // 2, plus(a, a)), a if n % 2 else (0, 1)) if n else (0, 1)

    def point(data: bytes) -> tuple[int, int]:
        odd, y = divmod(int.from_bytes(data, "little"), 2**255)
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = next((r for r in (x, x * SQRT_MINUS_1 % P) if r * r % P == square), 0)  # 0: no point
        return (x if x % 2 == odd else P - x), y

    public, r, s = bytes.fromhex(key), bytes.fromhex(value[:64]), bytes.fromhex(value[64:])
    k = int.from_bytes(sha512(r + public + message).digest(), "little") % ORDER
    n, base = int.from_bytes(s, "little"), point(bytes.fromhex("58" + "66" * 31))
    return n < ORDER and times(n, base) == plus(point(r), times(k, point(public)))


def main(args: list[str]) -> int:
    """Print what differs; return 1 if anything does."""
    try:
        bad = list(proof(*map(Path, args[1:])) if "proof" in args[:1] else differences(Path(*args)))
    except UNREADABLE as error:
        bad = [("files", f"cannot be read: {error!r}")]
    sys.stdout.write("".join(f"{name}: {words}\n" for name, words in bad) or "equal 一致\n")
    return 1 if bad else 0


if __name__ == "__main__":
    gc.disable()  # there are no cycles to be found among millions of rows
    sys.exit(main(sys.argv[1:]))
