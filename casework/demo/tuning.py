"""How much each place claims and how much of it is true.

Claims and truth are tuned as the recipe asks: exactly the units of ``MISSING`` truly miss their
target, every other unit truly meets it by 2 to 15 percent, and the province, whose totals exceed
the targets, is therefore not wholly complete.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casework.demo.defects import ERRORS, Defect, share_of
from casework.demo.scale import (
    Place,
    full_table,
    largest_remainder,
    overcapacity_targets,
    place_targets,
    scale_places,
    units,
)
from casework.demo.sources import generator
from casework.ledgers.projects import Project

#: Share of the target that is true where a unit truly misses it.
MISSING: dict[tuple[Project, str], float] = {
    (Project.RE_EMPLOYMENT, "411200"): 0.82,  # 三门峡市
    (Project.RE_EMPLOYMENT, "410526"): 0.84,  # 滑县
    (Project.RE_EMPLOYMENT, "411481"): 0.83,  # 永城市
    (Project.HARDSHIP, "411500"): 0.82,  # 信阳市
    (Project.HARDSHIP, "411600"): 0.84,  # 周口市
    (Project.OVERCAPACITY, "410400"): 0.82,  # 平顶山市
}
#: What those units claim at least, over the target: the ledger looks complete, the people are not.
MISSING_CLAIM = 1.04
#: 永城's ledger stays as short as the tables have it: a claim below the target needs no sample.
SHORT_CLAIM = {(Project.RE_EMPLOYMENT, "411481")}

#: Other ledgers are raised to between these two over their target. With 4 percent of the rows
#: removed and 96 percent of the rest true, the pass line lies near t = 0.85 and the truth 0.11
#: above it: at n* of 60 the lower Korn-Graubard limit (one side, .025) of p = .96 is about .87, so
#: a sample of some hundred cases a unit can decide.
RAISED_CLAIM = (1.20, 1.23)
#: Units whose ledger is raised only this far: truly complete by about 3 percent, which no
#: affordable sample can show. They stay undetermined.
NEAR_CLAIM = 1.09
NEAR: frozenset[tuple[Project, str]] = frozenset(
    {
        (Project.RE_EMPLOYMENT, "410700"),  # 新乡市
        (Project.RE_EMPLOYMENT, "411100"),  # 漯河市
        (Project.HARDSHIP, "411700"),  # 驻马店市
        (Project.HARDSHIP, "411525"),  # 固始县
        (Project.OVERCAPACITY, "410300"),  # 洛阳市
    }
)
#: Counties that truly miss although their unit truly meets its total.
MISSING_COUNTIES: dict[tuple[Project, str], float] = {
    (Project.RE_EMPLOYMENT, "410122"): 0.88,  # 中牟县 in 郑州市
    (Project.RE_EMPLOYMENT, "410928"): 0.86,  # 濮阳县 in 濮阳市
    (Project.HARDSHIP, "410381"): 0.86,  # 偃师市 in 洛阳市
    (Project.HARDSHIP, "410105"): 0.86,  # 金水区 in 郑州市
}
TRUE_SHARE = (0.965, 0.985)  #: of the clean rows of a unit that is not in ``MISSING``
LEAST_MARGIN, MOST_MARGIN = 0.02, 0.145
COUNTY_SPREAD = 0.45  #: sd, on the log scale, of how unevenly the untrue claims lie


@dataclass(frozen=True, slots=True)
class CellPlan:
    """Rows of one place's ledger in one project, and what is behind them."""

    project: Project
    place: Place
    target: int | None  #: None where targets are by unit only
    clean: int  #: rows without an error
    untrue: int  #: of the clean rows
    errors: dict[Defect, int]  #: rows that the self-check must stop, by what is wrong with them

    @property
    def claim(self) -> int:
        return self.clean + sum(self.errors.values())

    @property
    def true(self) -> int:
        return self.clean - self.untrue


def plan_cells(seed: str, scale: float) -> tuple[CellPlan, ...]:
    """Plan every ledger: re-employment and hardship by place, overcapacity by unit."""
    cells: list[CellPlan] = []
    for project in (Project.RE_EMPLOYMENT, Project.HARDSHIP):
        cells += _plan_places(project, seed, scale)
    return (*cells, *_plan_overcapacity(seed, scale))


def claim_ratio(project: Project, unit: str, realistic: float) -> float:
    """Claim over target of a unit, from the *realistic* ratio of the tables."""
    if (project, unit) in SHORT_CLAIM:
        return realistic
    if (project, unit) in MISSING:
        return max(realistic, MISSING_CLAIM)
    if (project, unit) in NEAR:
        return NEAR_CLAIM
    return max(realistic, float(generator(project, unit, "claim").uniform(*RAISED_CLAIM)))


def true_persons(project: Project, unit: str, target: int, clean: int) -> int:
    """How many of the *clean* rows of a unit are true."""
    missing = MISSING.get((project, unit))
    if missing is not None:
        return round(missing * target)
    share = float(generator(project, unit, "share").uniform(*TRUE_SHARE))
    most = min(clean, math.floor(target * (1 + MOST_MARGIN)))
    return max(min(round(share * clean), most), math.ceil(target * (1 + LEAST_MARGIN)))


def _plan_places(project: Project, seed: str, scale: float) -> list[CellPlan]:
    targets = place_targets(project, scale)
    full, realistic = full_table(project), full_table(project, claims=True)
    wanted = {}
    for unit, own in units().items():
        assigned = sum(full[p.code] for p in own)
        handed_in = sum(realistic[p.code] for p in own)
        wanted[unit] = assigned * claim_ratio(project, unit, handed_in / assigned)
    claims = scale_places(project, wanted, round(sum(wanted.values()) * scale))
    all_places = [place for own in units().values() for place in own]
    slack = [_slack(claims[p.code], targets[p.code]) for p in all_places]
    errors = _spread_errors(project, sum(claims.values()), slack, seed)
    faulty = [sum(found.values()) for found in errors]
    clean = {p.code: claims[p.code] - n for p, n in zip(all_places, faulty, strict=True)}
    untrue: dict[str, int] = {}
    for unit, own in units().items():
        untrue.update(_untrue_by_place(project, unit, own, targets, clean, seed))
    return [
        CellPlan(project, p, targets[p.code], clean[p.code], untrue[p.code], found)
        for p, found in zip(all_places, errors, strict=True)
    ]


def _untrue_by_place(
    project: Project,
    unit: str,
    own: tuple[Place, ...],
    targets: dict[str, int],
    clean: dict[str, int],
    seed: str,
) -> dict[str, int]:
    """Spread a unit's untrue claims; its places still meet their targets unless named."""
    rows = np.array([clean[p.code] for p in own])
    goals = np.array([targets[p.code] for p in own])
    true = true_persons(project, unit, int(goals.sum()), int(rows.sum()))
    if (project, unit) in MISSING:
        goals = np.zeros_like(goals)
    shares = np.array([MISSING_COUNTIES.get((project, p.code), 0.0) for p in own])
    forced = np.where(shares > 0, rows - np.rint(shares * goals).astype(np.int64), 0)
    room = np.where(shares > 0, 0, np.maximum(rows - goals, 0))
    normal = generator(seed, project, unit, "untrue").standard_normal(len(own))
    weights = rows * np.exp(COUNTY_SPREAD * normal)
    # A county that misses may hold more untrue claims than its unit would otherwise have.
    rest = max(int(rows.sum()) - true - int(forced.sum()), 0)
    parts = forced + _fill(weights, room, rest)
    return {p.code: int(n) for p, n in zip(own, parts, strict=True)}


def _fill(weights: NDArray[np.float64], room: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Split *total* by *weights*, no part above its *room*; the others take what does not fit."""
    if total > room.sum():
        raise ValueError(f"{total} untrue claims do not fit into {room.sum()} places")
    parts = np.zeros_like(room)
    while (left := total - int(parts.sum())) > 0:
        free = np.where(parts < room, weights, 0.0)
        parts = np.minimum(parts + largest_remainder(free, left), room)
    return parts


def _slack(claim: int, target: int) -> int:
    """How many rows of a ledger may be faulty without changing whether its place meets."""
    return max(claim - math.ceil(target * 1.07), int(claim * 0.06))


def _spread_errors(
    project: Project, rows: int, slack: list[int], seed: str
) -> list[dict[Defect, int]]:
    """Place the recipe's share of each error on ledgers that have room for it."""
    rng = generator(seed, project, "errors")
    left = np.array(slack, dtype=float)
    placed: list[dict[Defect, int]] = [{} for _ in slack]
    for defect in ERRORS:
        if project not in defect.projects:
            continue
        for _ in range(max(1, round(share_of(defect) * rows))):
            if left.sum() <= 0:
                break
            cell = int(rng.choice(len(left), p=left / left.sum()))
            left[cell] -= 1
            placed[cell][defect] = placed[cell].get(defect, 0) + 1
    return placed


def _plan_overcapacity(seed: str, scale: float) -> list[CellPlan]:
    project = Project.OVERCAPACITY
    targets = overcapacity_targets(scale)
    claims = [math.ceil(t.persons * claim_ratio(project, t.region, 1.0)) for t in targets]
    slack = [_slack(claim, t.persons) for claim, t in zip(claims, targets, strict=True)]
    errors = _spread_errors(project, sum(claims), slack, seed)
    cells = []
    for target, claim, found in zip(targets, claims, errors, strict=True):
        clean = claim - sum(found.values())
        true = true_persons(project, target.region, target.persons, clean)
        own = units()[target.region]
        unit = Place(target.region, own[0].unit_name, target.region, own[0].unit_name, 0)
        cells.append(CellPlan(project, unit, target.persons, clean, clean - true, found))
    return cells
