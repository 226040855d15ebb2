"""The speed of a draw: seal, draw, manifest and check of a province, beside bare hashlib loops.

Every ratio is printed with its goal, and met or MISSED. The frame has the rows of a real one: ids,
strata, the digests of files and contents, nonces; it comes as the database gives it, by entry id.
The bare loops hash the very same bytes, each ready beforehand: the rows for the seal, and seed and
ids for the draw. Loops and steps run in turns and the shortest time of each counts, so that other
work on the machine hits both alike. Times are of the processor. The check is ``verify_draw.py`` in
a process of its own, files and all.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from casework.campaigns.published import SAMPLE_COLUMNS, frame_lines
from casework.campaigns.rows import FrameRows, Seal, seal_of
from casework.sealing import Keyring, sign, use_keys
from sampling import verify_draw
from sampling.commitments import canonical_rows, commitment, seed_of
from sampling.draw import SampleRow, draw
from sampling.manifest import Manifest, describe

ENTRIES, STRATA, SAMPLED = 1_100_000, 474, 60_000
LEDGER_ROWS = 2500  # of one file
SEAL_GOAL, DRAW_GOAL, CHECK_GOAL, MEMORY_GOAL = 6.0, 2.0, 1.0, 1.5
KEY = "5e" * 32
SECRETS = (("coordinator", "11" * 32, "22" * 32), ("auditor", "33" * 32, "44" * 32))
PUBLIC_VALUE = "01 02 03 04 05"

#: Everything must be equal. The peak is of the process after it became Python.
CHECKING = """
import re, runpy, sys, time
sys.argv[1:] = []
try:
    runpy.run_path("verify_draw.py", run_name="__main__")
except SystemExit as ended:
    if ended.code: raise
print(time.process_time(), re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""

Seconds = dict[str, float]
Found = TypeVar("Found")


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run benchmark draw", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES, help="of the frame")
    parser.add_argument("--rounds", type=int, default=3, help="in turns (default 3)")
    chosen = parser.parse_args()
    rows, sizes = make_frame(chosen.entries), make_sizes()
    seconds: Seconds = {}
    own = checking = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(chosen.rounds):
            seal, sample, manifest = one_round(rows, sizes, seconds)
            if not own:  # every round draws the same, so the files are written once
                own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
                write(folder, rows, seal, sample, manifest)
            taken, memory = check(folder)
            seconds["check"] = min(seconds.get("check", taken), taken)
            checking = max(checking, memory)
    report(chosen.entries, seconds, own, checking)


def make_frame(entries: int) -> FrameRows:
    """Make up a frame: no two ids or contents alike, a few hundred files."""
    ids = sorted(os.urandom(16).hex() for _ in range(entries))
    ids = "\n".join(ids).split("\n")  # one after another in memory, as they are read
    strata = [f"re_employment|41{number:04}" for number in range(STRATA)]
    files = [os.urandom(32).hex() for _ in range(entries // LEDGER_ROWS + 1)]
    return FrameRows(
        entry_ids=ids,
        strata=[strata[number % STRATA] for number in range(entries)],
        files=[files[number // LEDGER_ROWS] for number in range(entries)],
        sheets=["Sheet1"] * entries,
        numbers=[str(2 + number % LEDGER_ROWS) for number in range(entries)],
        contents=[os.urandom(32).hex() for _ in range(entries)],
    )


def make_sizes() -> dict[str, int]:
    return {f"re_employment|41{number:04}": SAMPLED // STRATA for number in range(STRATA)}


def one_round(
    rows: FrameRows, sizes: dict[str, int], seconds: Seconds
) -> tuple[Seal, list[SampleRow], Manifest]:
    """Do every step once, each after the bare loop over its bytes; keep the shortest times."""
    bare(seconds, "rows, bare", list(canonical_rows(rows.columns)))
    seal = timed(seconds, "seal", lambda: seal_of(rows, KEY))
    seed = seed_of(seal.root, [secret for _, secret, _ in SECRETS], PUBLIC_VALUE)
    keyed = (f"{seed}\x1f{entry_id}".encode() for entry_id in rows.entry_ids)
    bare(seconds, "keys, bare", list(keyed))
    sample = timed(seconds, "draw", lambda: draw(rows.entry_ids, rows.strata, sizes, seed))
    manifest = timed(
        seconds, "manifest", lambda: describe(seal.digest, rows.strata, sizes, seed, sample)
    )
    return seal, sample, manifest


def bare(seconds: Seconds, name: str, contents: list[bytes]) -> None:
    """Time a loop that hashes every content and does nothing else."""

    def loop() -> None:
        for content in contents:
            sha256(content).digest()

    timed(seconds, name, loop)


def timed(seconds: Seconds, name: str, step: Callable[[], Found]) -> Found:
    started = time.process_time()
    found = step()
    seconds[name] = min(seconds.get(name, float("inf")), time.process_time() - started)
    return found


def write(
    folder: Path, rows: FrameRows, seal: Seal, sample: list[SampleRow], manifest: Manifest
) -> None:
    """Write the files that are published."""
    told = [{"party": p, "secret": secret, "salt": salt} for p, secret, salt in SECRETS]
    promised = [{"party": p, "commitment": commitment(s, salt)} for p, s, salt in SECRETS]
    content = {**manifest, "root": seal.root, "commitments": promised}
    use_keys(Keyring(sealing=bytes(32), indexing=bytes(32)))
    key, value = sign(json.dumps(content, sort_keys=True).encode())
    content["signature"] = {"key": key, "value": value}
    reveals = {"public_value": PUBLIC_VALUE, "secrets": told}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "reveals.json").write_text(json.dumps(reveals), encoding="utf-8")
    with (folder / "frame.tsv").open("wb") as lines:
        lines.writelines(frame_lines(rows, KEY))
    with (folder / "sample.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(SAMPLE_COLUMNS)
        table.writerows((row.stratum, row.rank, row.entry_id, row.key) for row in sample)
    shutil.copy(verify_draw.__file__, folder)


def check(folder: Path) -> tuple[float, float]:
    """Run the standalone check; return its processor time and the most memory it had, in GB."""
    finished = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-I", "-S", "-c", CHECKING], cwd=folder, check=True, capture_output=True
    )
    seconds, kilobytes = finished.stdout.splitlines()[-1].split()  # after what it says itself
    return float(seconds), float(kilobytes) / 1e6


def report(entries: int, seconds: Seconds, own: float, checking: float) -> None:
    """Print times, ratios and memory, and what was met."""
    print(f"{entries:,} entries in {STRATA} strata, {SAMPLED:,} drawn")
    for name, taken in seconds.items():
        print(f"  {name:12} {taken:8.2f} s {taken / entries * 1e6:8.2f} µs an entry")
    whole = seconds["seal"] + seconds["draw"] + seconds["manifest"]
    for name, figure, goal in (
        ("seal, draw and manifest / bare loop", whole / seconds["rows, bare"], SEAL_GOAL),
        ("draw / bare loop", seconds["draw"] / seconds["keys, bare"], DRAW_GOAL),
        ("check / seal, draw and manifest", seconds["check"] / whole, CHECK_GOAL),
        ("memory, with the frame, GB", own, MEMORY_GOAL * max(1, entries / ENTRIES)),
        ("memory of the check, GB", checking, MEMORY_GOAL * max(1, entries / ENTRIES)),
    ):
        verdict = "met" if figure <= goal else "MISSED"
        print(f"  {name:36} {figure:6.2f}  goal {goal:5.2f}  {verdict}")


if __name__ == "__main__":
    main()
