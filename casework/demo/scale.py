"""Targets and claims at a chosen scale, in whole persons."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from casework.demo.sources import read_table
from casework.ledgers.projects import Project

#: One claim in twenty. A rehearsal imports every row with its sealed fields and calls people one
#: by one through the services; 29,000 rows and the 3,800 cases of ``protocol`` are what fits into
#: four minutes on two cores. At a hundredth a county would have two or three people, and margins
#: between 2 and 15 percent hardly exist in whole persons.
DEFAULT_SCALE = 0.05

#: No scaled overcapacity target is smaller: 汝州 has 26 people to resettle, and a twentieth of
#: them could neither meet nor miss by a few percent.
LEAST_OVERCAPACITY = 20

_TARGET_COLUMN = {Project.RE_EMPLOYMENT: "t_reemp", Project.HARDSHIP: "t_hard"}
_CLAIM_COLUMN = {
    Project.RE_EMPLOYMENT: "ledger_reemp_realistic",
    Project.HARDSHIP: "ledger_hard_realistic",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A county, or a unit that counts for itself, as the demonstration's tables name it."""

    code: str
    name: str
    unit_code: str
    unit_name: str
    mine_workers: int  #: overcapacity workers of the full table, 0 where it has no mine

    @property
    def is_unit(self) -> bool:
        return self.code == self.unit_code


@dataclass(frozen=True, slots=True)
class ScaledTarget:
    """Persons assigned to a region for a project, at the scale of the demonstration."""

    project: Project
    region: str
    persons: int
    carry_over: int | None = None
    planned: int | None = None


def largest_remainder(
    weights: Sequence[float] | NDArray[np.float64], total: int
) -> NDArray[np.int64]:
    """Split *total* into whole numbers in proportion to *weights*, exactly.

    Ties of the remainders go to the earlier place, so the split is the same everywhere.
    """
    shares = np.asarray(weights, dtype=float)
    if total < 0 or shares.sum() <= 0:
        raise ValueError(f"cannot split {total} by weights that sum to {shares.sum()}")
    exact = shares / shares.sum() * total
    parts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    order = np.lexsort((np.arange(len(parts)), -(exact - parts)))
    parts[order[: total - int(parts.sum())]] += 1
    return parts


@cache
def places() -> tuple[Place, ...]:
    """The 158 places that hand in ledgers; the ten direct counties and 济源 are units as well."""
    return tuple(
        Place(
            code=row["code"],
            name=row["county"],
            unit_code=row["report_unit_code"],
            unit_name=row["report_unit"],
            mine_workers=int(row["ledger_decap"] or 0),
        )
        for row in read_table("synthetic_targets_counties.csv")
    )


@cache
def units() -> dict[str, tuple[Place, ...]]:
    """The places of each of the 28 units, in the official order of the units."""
    order = [row["code"] for row in read_table("synthetic_targets_units.csv")]
    return {code: tuple(p for p in places() if p.unit_code == code) for code in order}


def full_table(project: Project, *, claims: bool = False) -> dict[str, int]:
    """Target, or claim as handed in, of each place at full scale."""
    column = (_CLAIM_COLUMN if claims else _TARGET_COLUMN)[project]
    rows = read_table("synthetic_targets_counties.csv")
    return {row["code"]: int(row[column]) for row in rows}


def scale_places(project: Project, by_unit: dict[str, float], total: int) -> dict[str, int]:
    """Split *total* persons over the units by their size, then over each unit's places.

    The places keep the proportions of their targets at full scale.
    """
    target = full_table(project)
    shares = largest_remainder(list(by_unit.values()), total)
    scaled: dict[str, int] = {}
    for unit, persons in zip(by_unit, shares, strict=True):
        codes = [place.code for place in units()[unit]]
        parts = largest_remainder([target[code] for code in codes], int(persons))
        scaled.update(zip(codes, map(int, parts), strict=True))
    return scaled


def place_targets(project: Project, scale: float) -> dict[str, int]:
    """Scaled target of each place in re-employment or hardship."""
    target = full_table(project)
    by_unit = {unit: float(sum(target[p.code] for p in own)) for unit, own in units().items()}
    return scale_places(project, by_unit, round(sum(by_unit.values()) * scale))


def overcapacity_targets(scale: float) -> tuple[ScaledTarget, ...]:
    """Scaled overcapacity target of each unit with a task; carry-over and plan add up to it."""
    table = read_table("targets_overcapacity_2017.csv", "campaigns")
    rows = [row for row in table if row["order"] != "0"]
    full = np.array([int(row["confirmed_total"]) for row in rows])
    least = np.minimum(full, LEAST_OVERCAPACITY)
    total = max(round(float(full.sum()) * scale), int(least.sum()))
    persons = least + largest_remainder(np.maximum(full * scale - least, 1e-9), total - least.sum())
    carried = np.array([int(row["carry_2016"]) for row in rows])
    carry = largest_remainder(carried / full * persons, round(float(carried.sum()) * scale))
    return tuple(
        ScaledTarget(Project.OVERCAPACITY, row["code"], int(n), int(c), int(n - c))
        for row, n, c in zip(rows, persons, carry, strict=True)
    )


def scaled_targets(scale: float = DEFAULT_SCALE) -> tuple[ScaledTarget, ...]:
    """Every target of the demonstration: units and their counties, overcapacity by unit only.

    A direct county is a unit and a place at once and has one row, so nothing is counted twice.
    """
    targets: list[ScaledTarget] = []
    for project in (Project.RE_EMPLOYMENT, Project.HARDSHIP):
        by_place = place_targets(project, scale)
        for unit, own in units().items():
            targets.append(ScaledTarget(project, unit, sum(by_place[p.code] for p in own)))
            below = [place for place in own if not place.is_unit]
            targets += [ScaledTarget(project, p.code, by_place[p.code]) for p in below]
    return (*targets, *overcapacity_targets(scale))


def write_targets(targets: Sequence[ScaledTarget], path: Path) -> None:
    """Write the targets as the page of a campaign loads them; blank components: not stated."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["project", "region_code", "persons", "carry_over", "planned"])
        for t in targets:
            writer.writerow([t.project, t.region, t.persons, t.carry_over, t.planned])
