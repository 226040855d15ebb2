"""Tables of targets: laid out to be filled in, and read back with Chinese or English heads."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from sqlalchemy import select

from casework.campaigns.errors import TargetsUnreadable
from casework.campaigns.models import Campaign, Target
from casework.db import db
from casework.ledgers.projects import Project
from casework.regions.tree import RegionTree

#: The heads that are read, each with the column it names; English ones name themselves.
_HEADS: Mapping[str, str] = {
    "项目": "project",
    "地区代码": "region_code",
    "目标任务": "persons",
    "目标任务数": "persons",
    "上年结转": "carry_over",
    "本年计划": "planned",
}
_NEEDED = frozenset({"project", "region_code", "persons"})
_TEMPLATE = ("项目", "地区代码", "地区", "目标任务", "上年结转", "本年计划")
_PROJECTS: Mapping[str, Project] = {
    "城镇新增就业": Project.NEW_EMPLOYMENT,
    "失业人员再就业": Project.RE_EMPLOYMENT,
    "就业困难人员就业": Project.HARDSHIP,
    "去产能职工安置": Project.OVERCAPACITY,
}


@dataclass(frozen=True, slots=True)
class TargetRow:
    """Persons assigned to a region for a project, with its two components where known."""

    project: Project
    region_code: str
    persons: int
    carry_over: int | None = None
    planned: int | None = None
    line: int = field(default=0, compare=False)  #: of the table it was read from


def read_targets(text: str) -> list[TargetRow]:
    """Read a table of targets. A row without a number of persons gives no task.

    Raises TargetsUnreadable with the line, 1 for heads of which a needed one is missing or a table
    without any target.
    """
    lines = csv.reader(text.lstrip("\ufeff").splitlines())
    heads = [_HEADS.get(head.strip(), head.strip()) for head in next(lines, [])]
    if not set(heads) >= _NEEDED:
        raise TargetsUnreadable(line=1)
    rows = []
    for line, cells in enumerate(lines, start=2):
        given = {head: cell.strip() for head, cell in zip(heads, cells, strict=False)}
        if not any(given.get(head) for head in ("persons", "carry_over", "planned")):
            continue
        try:
            rows.append(_row(given, line))
        except (KeyError, ValueError):
            raise TargetsUnreadable(line=line) from None
    if not rows:
        raise TargetsUnreadable(line=1)
    return rows


def _row(given: Mapping[str, str], line: int) -> TargetRow:
    project = given["project"]
    return TargetRow(
        _PROJECTS.get(project) or Project(project),
        given["region_code"],
        int(given["persons"]),
        _optional(given.get("carry_over")),
        _optional(given.get("planned")),
        line,
    )


def _optional(text: str | None) -> int | None:
    return int(text) if text else None


def target_table(campaign: Campaign, tree: RegionTree) -> str:
    """Return the table of a campaign in Chinese, with the targets that stand, to be filled in.

    It has a row for each project and unit, and for each county of the unit; for overcapacity, of
    which only units have targets, none of counties.
    """
    stored = {
        (target.project, target.region_code): target
        for target in db.session.scalars(select(Target).where(Target.campaign_id == campaign.id))
    }
    covered = {row.region_code for row in campaign.units}
    units = [unit.code for unit in tree.units if unit.code in covered]
    words = {project: zh for zh, project in _PROJECTS.items()}
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_TEMPLATE)
    for project in (row.project for row in campaign.projects):
        for code in units:
            below = [] if project is Project.OVERCAPACITY else tree.children_of(code)
            for place in (code, *sorted(region.code for region in below)):
                found = stored.get((project, place))
                counts = (found.persons, found.carry_over, found.planned) if found else ()
                writer.writerow((words[project], place, tree.name(place), *counts))
    return table.getvalue()


def official_overcapacity_targets() -> list[TargetRow]:
    """Annex 2 of the Henan notice of 2017: ten units; the 18 others have no task.

    Their sum is 5,459 carried over and 26,927 planned, together 32,386 persons.
    """
    source = files("casework.campaigns") / "data" / "targets_overcapacity_2017.csv"
    rows: Iterable[dict[str, str]] = csv.DictReader(source.read_text("utf-8").splitlines())
    return [
        TargetRow(
            Project.OVERCAPACITY,
            row["code"],
            int(row["confirmed_total"]),
            int(row["carry_2016"]),
            int(row["plan_2017"]),
        )
        for row in rows
    ]
