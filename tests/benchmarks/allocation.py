"""Allocation: how fast many regions are allocated at once, and what the designed sizes decide.

The first figure is the whole search: 474 strata with 550 half-widths. The others rehearse the
Henan design and count the counties that stay undetermined, against proportional sizes at the same
budget and with the same choice of visits, at several budgets and where the truth is not what was
believed.
"""

import argparse
import time
from dataclasses import replace

import numpy as np

from casework.campaigns.belief import Assumptions, Belief
from casework.campaigns.designing import Counties, Method, Terms, Visits, make_design
from casework.campaigns.rehearsal import Scene, rehearse
from casework.demo.henan import BUDGET, henan_answers, henan_costs, henan_counties
from sampling.demands import Counts, Demands, Floats, Level, precision_demands
from sampling.optimum import whole_cases

SPEED_GOAL, DECIDED_GOAL = 1.5, 0.30  # seconds; part of the undetermined counties
RUNS = 5
TIMES = 40
BUDGETS = (1_200_000.0, 1_440_000.0, BUDGET, 2_400_000.0)
#: What is true where planning believed in .965 with 8 % of false counties.
TRUTHS = {
    "as believed": {},
    "worse": {"mean": 0.95, "false": 0.15},
    "better": {"mean": 0.98, "false": 0.03},
    "more spread": {"spread": 0.8},
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run benchmark allocation", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="rehearsals of each design")
    parser.add_argument("--speed-only", action="store_true", help="without the rehearsals")
    arguments = parser.parse_args()
    show_speed()
    if not arguments.speed_only:
        show_budgets(arguments.times)
        show_truths(arguments.times)


def show_speed() -> None:
    N, demands = cells()
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        sizes = whole_cases(demands, np.minimum(20, N), N)
        seconds.append(time.perf_counter() - begin)
    used = demands.variance(sizes.astype(float)) / demands.bound
    median = sorted(seconds)[RUNS // 2]
    print(
        f"{len(N)} strata, {len(demands.names)} half-widths: {median:.2f} s "
        f"(goal {SPEED_GOAL}, {word(median <= SPEED_GOAL)}), {sizes.sum():,} cases, "
        f"largest variance {used.max():.6f} of what is allowed"
    )


def cells(strata: int = 474) -> tuple[Floats, Demands]:
    """Return frame sizes, and half-widths of cells, units by project, units, projects and all."""
    rng = np.random.default_rng(3)
    cell = np.arange(strata)
    project, unit = cell % 3, cell // 3 % 18
    N = np.rint(rng.lognormal(6.8, 0.8, strata)).clip(26, 8820)
    levels = [
        Level([f"cell {c}" for c in cell], 0.10),
        Level([f"unit {u} project {p}" for u, p in zip(unit, project, strict=True)], 0.05),
        Level([f"unit {u}" for u in unit], 0.03),
        Level([f"project {p}" for p in project], 0.015),
        Level(["province"] * strata, 0.01),
    ]
    share, response = rng.uniform(0.85, 0.97, strata), rng.uniform(0.6, 0.9, strata)
    return N, precision_demands(N, share, response, levels)


def henan() -> Counties:
    rows = henan_counties()
    return Counties(
        names=[f"{row.project}|{row.code}" for row in rows],
        projects=[row.project for row in rows],
        units=[row.unit for row in rows],
        frame_size=np.array([row.frame_size for row in rows]),
        target=np.array(
            [np.nan if row.target is None else row.target for row in rows], dtype=float
        ),
    )


def world(mean: float = 0.965, **belief: float) -> Assumptions:
    return Assumptions(
        Belief(np.full(len(henan_counties()), mean), **belief), henan_answers(), henan_costs()
    )


def undetermined(terms: Terms, times: int, truth: Assumptions | None = None) -> Counts:
    """Rehearse the design of some terms; the counties left undetermined each time."""
    counties = henan()
    design = make_design(counties, terms, world())
    scene = Scene(counties.names, counties.pools, counties.projects, counties.target)
    found = rehearse(scene, design, truth or world(), times=times, rng=np.random.default_rng(7))
    return found.undetermined


def show_budgets(times: int) -> None:
    print(f"\nundetermined of {len(henan_counties())} counties, {times} rehearsals of each design")
    for budget in BUDGETS:
        for visits in Visits:
            terms = Terms(budget, Method.DECISIONS, visits)
            compared(f"{budget:>11,.0f} yuan, visits {visits:9}", terms, times)


def show_truths(times: int) -> None:
    print(f"\n{BUDGET:,.0f} yuan, where the truth is not what was believed")
    for name, truth in TRUTHS.items():
        compared(f"{name:12}", Terms(BUDGET), times, world(**truth))


def compared(label: str, terms: Terms, times: int, truth: Assumptions | None = None) -> None:
    ours = undetermined(terms, times, truth)
    theirs = undetermined(replace(terms, method=Method.PROPORTIONAL), times, truth)
    fewer = 1 - ours.mean() / theirs.mean()
    error = np.std(ours - (1 - fewer) * theirs) / theirs.mean() / np.sqrt(times)
    met = word(fewer >= DECIDED_GOAL)
    print(
        f"{label}: {ours.mean():6.1f} designed, {theirs.mean():6.1f} proportional, "
        f"{fewer:6.1%} fewer (se {error:.1%}; goal {DECIDED_GOAL:.0%}, {met})",
        flush=True,
    )


def word(met: object) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main()
