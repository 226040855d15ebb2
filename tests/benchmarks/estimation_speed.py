"""The speed of the estimation: every time and ratio with its goal, and met or MISSED.

R survey and the product do the same jobs in turns on the same fictitious cases, R from factors and
the product from coded columns, and what they find must agree. Loading is not counted, nor, in R's
favour, is making its design; the product counts the cases anew every time. Times are medians.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import numpy as np

from estimation.classes import Cases, Strata, coded
from estimation.domains import DomainEstimates, Protocol, estimate_domains
from estimation.shares import Shares, estimate_shares
from tests.benchmarks.r_survey import RunOfR, Seconds, run_r
from tests.benchmarks.surveys import LEVELS, Survey, audited_survey, labels, phone_survey, targets

SAME_ERRORS, SAME_LIMITS = 1e-9, 1e-6  # relative, absolute
RUNS = 15  # of a job of the product after each run of R
SIZES = ((3_000_000, 250_000), (6_000_000, 500_000), (12_000_000, 1_000_000))
LARGE_RUNS, LARGE_GOAL = 5, 3.0  # seconds for the largest size
PROCESSES, IMPORT_GOAL = 9, 1.3  # fresh ones for each import; times BASE
CUTS = [coded(labels(level)) for level in LEVELS]
BASE = "import numpy, scipy.special"
EVERY_MODULE = (
    "import importlib, pkgutil, estimation\n"
    "for m in pkgutil.iter_modules(estimation.__path__):"
    " importlib.import_module('estimation.' + m.name)"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run benchmark estimation", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of R (default 3)")
    rounds = parser.parse_args().rounds
    beside_r(phone_survey(500_000, 60_000), rounds)
    growth()
    imports()


def capped_shares(strata: Strata, cases: Cases) -> list[Shares]:
    """Share, standard error and capped interval of every domain of every level."""
    return estimate_shares(strata, cases, cuts=CUTS, interval="korn_graubard_capped")


def uncapped_shares(strata: Strata, cases: Cases) -> list[Shares]:
    """The same with the interval that R has."""
    return estimate_shares(strata, cases, cuts=CUTS, interval="korn_graubard")


def exact_cells(strata: Strata, cases: Cases) -> list[Shares]:
    """The exact hypergeometric interval of every cell."""
    return estimate_shares(strata, cases, cuts=CUTS[:1], interval="hypergeometric_exact")


def full_domains(strata: Strata, cases: Cases) -> list[DomainEstimates]:
    """Everything there is to say of every level, with bounds, decisions and flags."""
    return [
        estimate_domains(
            strata,
            cases,
            domain_of_stratum=labels(level),
            targets=targets(strata, level),
            pool_of_stratum=labels("unit"),
            protocol=Protocol(interval="korn_graubard_capped"),
        )
        for level in LEVELS
    ]


def beside_r(survey: Survey, rounds: int) -> None:
    """Do the jobs of R and of the product in turns and print how they compare."""
    jobs: list[Callable[[Strata, Cases], object]] = [capped_shares, exact_cells, full_domains]
    strata, cases = survey.strata(), survey.cases
    theirs: list[RunOfR] = []
    ours: list[list[Seconds]] = [[] for _ in jobs]
    for _ in range(rounds):
        theirs.append(run_r(survey))
        for job, taken in zip(jobs, ours, strict=True):
            taken += [timed(partial(job, strata, cases)) for _ in range(RUNS)]
    print(f"{theirs[0].version}, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(agreement(survey, theirs[0]))
    everything = [run.total() for run in theirs]
    intervals = [run.total(*(("interval", level) for level in LEVELS)) for run in theirs]
    cells = [run.total(("interval", "cell")) for run in theirs]
    print("\n60,000 cases of 500,000 entries, 474 cells and the four levels above")
    print_ratio("share, SE and capped interval", everything, ours[0], 1000)
    print_ratio("beside svyciprop alone, which has the SE", intervals, ours[0])
    print_ratio("the same with bounds, decisions and flags", everything, ours[2])
    print_ratio("exact interval of the cells", cells, ours[1], 15)


def agreement(survey: Survey, r: RunOfR) -> str:
    """Say how near the figures are to R's; ends the program if they are not the same."""
    found = uncapped_shares(survey.strata(), survey.cases)
    ours = np.concatenate([np.stack([s.share, s.se, s.low, s.high], 1) for s in found])
    keys = [(level, d) for level, s in zip(LEVELS, found, strict=True) for d in s.domain]
    theirs = np.array([r.figures[key] for key in keys])
    spotless = np.isin(ours[:, 0], (0, 1))  # R has no limits there
    off = np.abs(ours - theirs)
    errors = np.max(off[:, :2] / np.where(theirs[:, :2] > 0, theirs[:, :2], 1))
    limits = np.max(off[~spotless, 2:])
    text = (
        f"{len(keys)} domains: shares and SE differ from R's by {errors:.0e} of them at most, "
        f"limits of korn_graubard by {limits:.0e}\n"
        f"({np.count_nonzero(spotless)} shares are 0 or 1, for which R has no limits)"
    )
    if not (errors <= SAME_ERRORS and limits <= SAME_LIMITS):
        sys.exit(f"NOT THE SAME JOB: {text}")
    return text


def growth() -> None:
    """Print what larger frames take, from the cell of every entry to decisions at all levels."""
    print("\nall levels with bounds, decisions and flags, from the cell of every entry on")
    taken = [median(s.elapsed for s in large(*size)) for size in SIZES]
    for (entries, cases), seconds in zip(SIZES, taken, strict=True):
        print(f"  {entries:10,} entries, {cases:9,} cases {seconds:29.3f} s")
    larger, longer = SIZES[-1][0] / SIZES[0][0], taken[-1] / taken[0]
    within = verdict(taken[-1] <= LARGE_GOAL, f"<= {LARGE_GOAL:g} s")
    print(f"  the largest{taken[-1]:45.3f} s{within}")
    linear = verdict(longer <= larger, f"<= {larger:g} x")
    print(f"  {larger:g} times the entries take {longer:33.2f} x{linear}")


def large(entries: int, cases: int) -> list[Seconds]:
    survey = audited_survey(entries, cases)
    return [timed(lambda: full_domains(survey.strata(), survey.cases)) for _ in range(LARGE_RUNS)]


def imports() -> None:
    """Print what importing takes in fresh processes, started in turns."""
    names = [BASE, "import estimation", "import estimation.domains", "all modules of estimation"]
    code = [*names[:-1], EVERY_MODULE]
    taken: list[list[float]] = [[] for _ in names]
    for _ in range(PROCESSES):
        for statements, runs in zip(code, taken, strict=True):
            runs.append(import_seconds(statements))
    base, *others = (median(runs) for runs in taken)
    print(f"\n{BASE} {base:31.3f} s")
    for name, seconds in zip(names[1:], others, strict=True):
        met = verdict(seconds <= IMPORT_GOAL * base, f"<= {IMPORT_GOAL} x")
        print(f"  {name:42} {seconds:14.3f} s: {seconds / base:11.2f} x{met}")


def import_seconds(statements: str) -> float:
    code = f"import time\nt = time.perf_counter()\n{statements}\nprint(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own code
    return float(run.stdout)


def timed(job: Callable[[], object]) -> Seconds:
    elapsed, processor = time.perf_counter(), time.process_time()
    job()
    return Seconds(time.perf_counter() - elapsed, time.process_time() - processor)


def print_ratio(
    job: str, theirs: Sequence[Seconds], ours: Sequence[Seconds], goal: int | None = None
) -> None:
    r, p = (median(s.elapsed for s in runs) for runs in (theirs, ours))
    processor = median(s.processor for s in theirs) / median(s.processor for s in ours)
    print(
        f"  {job:42} R {r:6.2f} s, ours {p * 1000:6.1f} ms: {r / p:7,.0f} x "
        f"(processor time {processor:,.0f} x)"
        f"{'' if goal is None else verdict(r / p >= goal, f'>= {goal:,} x')}"
    )


def verdict(met: bool, goal: str) -> str:
    return f"   goal {goal}: {'met' if met else 'MISSED'}"


if __name__ == "__main__":
    main()
