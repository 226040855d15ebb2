"""Comparing a draw with its manifest: everything that differs, in words."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from itertools import zip_longest
from typing import TypedDict, TypeGuard

from sampling.draw import SampleRow, check_sizes, draw, frame_digest, sample_digest
from sampling.manifest import VERSION, Manifest, Stratum

SHOWN_ROWS = 20  # differing rows that are named one by one


class Difference(TypedDict):
    what: str  #: frame, seed, sizes, order or sample
    message: str


def is_manifest(value: object) -> TypeGuard[Manifest]:
    """Tell whether a value read from a file has everything a comparison needs."""
    if not isinstance(value, dict) or value.get("version") != VERSION:
        return False
    texts = ("seed", "seed_digest", "frame_digest", "sample_digest")
    sizes, strata = value.get("sizes"), value.get("strata")
    return (
        all(isinstance(value.get(name), str) for name in texts)
        and all(type(value.get(name)) is int for name in ("frame_rows", "sample_rows"))
        and isinstance(sizes, dict)
        and all(type(n) is int for n in sizes.values())
        and isinstance(strata, list)
        and all(isinstance(s, dict) and {*s} >= {*Stratum.__annotations__} for s in strata)
        and isinstance(value.get("sample_file", ""), str)
    )


def compare(
    entry_ids: Sequence[str],
    strata: Sequence[str],
    manifest: Manifest,
    sample: Sequence[SampleRow] | None,
) -> list[Difference]:
    """Recompute a draw from the frame and the manifest; name everything that differs."""
    found = [*_frame(entry_ids, strata, manifest), *_sizes(strata, manifest)]
    if _digest(manifest["seed"]) != manifest["seed_digest"] or not manifest["seed"]:
        found.append(_differs("seed", "种子与其摘要不符 (the seed does not have its digest)"))
    try:
        check_sizes(Counter(strata), manifest["sizes"])
        rows = draw(entry_ids, strata, manifest["sizes"], manifest["seed"])
    except ValueError as error:
        return [*found, _differs("sizes", f"按清单无法重抽 (cannot be drawn): {error}")]
    if sample_digest(rows) != manifest["sample_digest"] or len(rows) != manifest["sample_rows"]:
        message = "重抽的样本与清单的样本摘要不符 (the recomputed sample has another digest)"
        found.append(_differs("sample", message))
    if sample is not None:
        found += _rows(rows, sample)
    return found


def _frame(entry_ids: Sequence[str], strata: Sequence[str], manifest: Manifest) -> list[Difference]:
    found = []
    digest = frame_digest(entry_ids, strata)
    if len(entry_ids) != manifest["frame_rows"]:
        message = (
            f"抽样框有 {len(entry_ids)} 条，清单记 {manifest['frame_rows']} 条 (rows of the frame)"
        )
        found.append(_differs("frame", message))
    if digest != manifest["frame_digest"]:
        message = f"抽样框摘要 {digest}，清单记 {manifest['frame_digest']} (digest of the frame)"
        found.append(_differs("frame", message))
    return found


def _sizes(strata: Sequence[str], manifest: Manifest) -> list[Difference]:
    population, sizes = Counter(strata), manifest["sizes"]
    found = []
    for each in manifest["strata"]:
        name = each["stratum"]
        if population[name] != each["frame_rows"]:
            message = (
                f"层 {name} 有 {population[name]} 条，清单记 {each['frame_rows']} 条 (in the frame)"
            )
            found.append(_differs("frame", message))
        if sizes.get(name, 0) != each["sample_rows"]:
            wanted, drawn = sizes.get(name, 0), each["sample_rows"]
            message = f"层 {name} 应抽 {wanted} 条，清单记抽了 {drawn} 条 (sizes)"
            found.append(_differs("sizes", message))
    return found


def _rows(expected: Sequence[SampleRow], sample: Sequence[SampleRow]) -> list[Difference]:
    """Compare the rows of a sample file one by one with those it should have."""
    right, given = (
        {(r.stratum, r.entry_id) for r in expected},
        {(r.stratum, r.entry_id) for r in sample},
    )
    found = [
        _differs("sample", f"样本第 {n} 行 (row): {_words(is_)}，应为 (should be) {_words(should)}")
        for n, (should, is_) in enumerate(zip_longest(expected, sample), start=2)
        if should != is_
    ]
    if not found:
        return []
    if right == given:
        head = _differs(
            "order", "入样的相同，顺序、序号或键不同 (same entries, other order or keys)"
        )
    else:
        message = f"少 {len(right - given)} 条，多 {len(given - right)} 条 (missing, extra entries)"
        head = _differs("sample", message)
    return [head, *found[:SHOWN_ROWS]]


def _words(row: SampleRow | None) -> str:
    return f"{row.stratum}/{row.rank}/{row.entry_id}/{row.key[:12]}" if row else "无"


def _differs(what: str, message: str) -> Difference:
    return Difference(what=what, message=message)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
