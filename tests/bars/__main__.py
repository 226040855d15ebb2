"""Run the bars against the running product: one line of JSON for each, exit status 0 or 1."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bars import call_speed, kill_storm, phone_pages
from tests.bars.mutants import MUTANTS

SEED = 20171204
BARS = ("kill-storm", "call-speed", "phone-pages")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    cleared = [_run(name, options.seed, run) for name, run in _runs(options)]
    return 0 if all(cleared) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bars", description=__doc__)
    parser.add_argument("bar", nargs="?", choices=BARS, help="one bar instead of all of them")
    parser.add_argument("--mutant", choices=MUTANTS, help="a known-bad variant, to be caught")
    parser.add_argument("--seconds", type=float, help="length of a storm, or of a round of speed")
    parser.add_argument("--seed", type=int, default=SEED, help="of the storm (%(default)s)")
    return parser


Run = Callable[[Path], tuple[bool, dict[str, object], dict[str, object]]]


def _runs(options: argparse.Namespace) -> list[tuple[str, Run]]:
    """Return the bars that are wanted: every one, with the mutants of the storm, or one."""
    mutants = [options.mutant] if options.mutant else list(MUTANTS)
    storms = [(f"kill-storm/{name}", _mutant(name, options)) for name in mutants]
    if options.mutant:
        return storms
    everything = {
        "kill-storm": _storm(options),
        "call-speed": _speed(options),
        "phone-pages": _phone,
    }
    if options.bar:
        return [(options.bar, everything[options.bar])]
    return [*everything.items(), *storms]


def _storm(options: argparse.Namespace) -> Run:
    def run(folder: Path) -> tuple[bool, dict[str, object], dict[str, object]]:
        seconds = options.seconds or kill_storm.SECONDS
        storm = kill_storm.storm(folder, seconds=seconds, seed=options.seed)
        figures = storm.verdict.counts() | storm.verdict.figures
        limits = dict.fromkeys(storm.verdict.findings, 0) | kill_storm.BACK_LIMITS
        _tell(storm.verdict.findings)
        return storm.verdict.clear and not storm.slow, {**figures}, {**limits}

    return run


def _mutant(name: str, options: argparse.Namespace) -> Run:
    def run(folder: Path) -> tuple[bool, dict[str, object], dict[str, object]]:
        seconds = options.seconds or kill_storm.MUTANT_SECONDS
        storm = kill_storm.storm(folder, seconds=seconds, seed=options.seed, mutant=name)
        caught = {kind: count for kind, count in storm.verdict.counts().items() if count}
        return bool(caught), {**caught}, {"findings": "at least one"}

    return run


def _speed(options: argparse.Namespace) -> Run:
    def run(folder: Path) -> tuple[bool, dict[str, object], dict[str, object]]:
        speed = call_speed.call_speed(folder, seconds=options.seconds or call_speed.SECONDS)
        figures = speed.figures()
        return call_speed.met(figures), {**figures}, {**call_speed.LEAST, **call_speed.MOST}

    return run


def _phone(folder: Path) -> tuple[bool, dict[str, object], dict[str, object]]:
    figures = phone_pages.phone_pages(folder).figures()
    return phone_pages.met(figures), {**figures}, {**phone_pages.MOST}


def _run(name: str, seed: int, run: Run) -> bool:
    """Run one bar in a folder of its own, which is kept when the bar is not cleared."""
    folder = Path(tempfile.mkdtemp(prefix="heyan-bar-"))
    begun = time.monotonic()
    cleared, figure, limit = run(folder)
    line = {"bar": name, "pass": cleared, "figure": figure, "limit": limit, "seed": seed}
    print(json.dumps(line | {"seconds": round(time.monotonic() - begun)}), flush=True)
    if cleared:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"{name}: its journal and logs are in {folder}", file=sys.stderr)
    return cleared


def _tell(findings: dict[str, list[str]]) -> None:
    for kind, found in findings.items():
        for each in found[:5]:
            print(f"{kind}: {each}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
