"""Run the whole study: print it, rewrite its section of the documentation, tell goals missed."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.studies.coverage import (
    aggregates,
    cells,
    operators,
    propensity,
    several_cells,
    stopping,
    two_phase,
)
from tests.studies.coverage.document import as_text, replace_section
from tests.studies.coverage.results import SEED, Goal, Size

STUDIES = (cells, aggregates, two_phase, several_cells, operators, propensity, stopping)
FULL, QUICK = Size(replications=10_000), Size(replications=3_000, every=4)
PROCESSES = 2
ROOT = Path(__file__).parents[3]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    size = QUICK if options.quick else FULL
    print(f"seed {SEED}, {size.replications:,} replications, every {size.every} of the settings")
    parts = []
    with ProcessPoolExecutor(PROCESSES) as pool:
        for study in STUDIES:
            begun = time.monotonic()
            parts.append(study.study(size, pool.map))
            print(as_text(parts[-1]), f"({time.monotonic() - begun:.0f} s)\n", sep="\n", flush=True)
    if not options.quick:
        from tests.studies.coverage.plots import draw

        draw(parts, ROOT / "docs" / "coverage")
        replace_section(ROOT / "docs" / "statistics.md", parts, size)
    return verdict([goal for part in parts for goal in part.goals])


def verdict(goals: list[Goal]) -> int:
    """Print what was missed; return the exit code."""
    missed = [goal for goal in goals if not goal.met]
    for goal in missed:
        print(goal)
    print(f"{len(goals) - len(missed)} of {len(goals)} goals met")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run coverage-study", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a quarter of the settings; print only, write nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
