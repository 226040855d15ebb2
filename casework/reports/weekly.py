"""The weekly table (周调度汇总表) of a region: its accepted entries, by project and by place.

It is counted from the frame of a run: the ledgers as they were accepted and frozen, each person
once in a project. Ledgers name nobody who left work by age or death, so the columns of natural
attrition, and the net figures that follow from them, cannot be filled from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select

from casework.campaigns.models import FrameEntry
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree, load_tree
from casework.reports.handouts import Order

DAYS = 7


@dataclass(frozen=True, slots=True)
class Count:
    """Persons of one project."""

    week: int = 0  #: employed or resettled in the week
    year: int = 0  #: from the start of the year
    undated: int = 0  #: of these, without a date

    def __add__(self, other: "Count") -> "Count":
        return Count(self.week + other.week, self.year + other.year, self.undated + other.undated)


Counts = Mapping[Project, Count]


@dataclass(frozen=True, slots=True)
class WeeklyRow:
    region: Region
    own: bool  #: what the region hands in itself, beside its lower regions
    counts: Counts


@dataclass(frozen=True, slots=True)
class WeeklyTable:
    monday: date
    until: date  #: the last day that is counted
    total: Counts  #: of the rows
    rows: list[WeeklyRow]
    projects: frozenset[Project]  #: in the frame; of others there is no figure, which is not 0

    @property
    def number(self) -> int:
        """Which week of its month it is: how many Mondays the month has had."""
        return (self.monday.day - 1) // DAYS + 1


def weekly_table(order: Order) -> WeeklyTable:
    """Count the frame of a run for the week in which its ledgers were cut off.

    Raises NotFound for a campaign without a frame.
    """
    campaign = order.run.campaign
    if campaign.frame is None:
        raise NotFound(frame=campaign.uid)
    monday = campaign.cutoff_on - timedelta(days=campaign.cutoff_on.weekday())
    counted = _counted(campaign.frame.id, monday, campaign.cutoff_on)
    rows = [
        WeeklyRow(region, own, _sum(counted.get(code, {}) for code in codes))
        for region, own, codes in _lines(load_tree(), order.region)
    ]
    return WeeklyTable(
        monday=monday,
        until=campaign.cutoff_on,
        total=_sum(row.counts for row in rows),
        rows=rows,
        projects=frozenset(project for counts in counted.values() for project in counts),
    )


def _lines(tree: RegionTree, region: Region) -> list[tuple[Region, bool, set[str]]]:
    """Return the rows under the total: the region itself and the next lower ones."""
    if region.code == PROVINCE:
        return [
            (unit, False, {r.code for r in tree.by_code.values() if r.unit_code == unit.code})
            for unit in tree.units
        ]
    lower = tree.children_of(region.code)
    own = (region, bool(lower), {region.code})
    return [own, *((each, False, {each.code}) for each in lower)]


def _counted(frame_id: int, monday: date, until: date) -> dict[str, dict[Project, Count]]:
    started = LedgerEntry.started_on
    query = (
        select(
            LedgerEntry.region_code,
            LedgerEntry.project,
            func.sum(case((started.between(monday, until), 1), else_=0)),
            func.count(),
            func.sum(case((started.is_(None), 1), else_=0)),
        )
        .join(FrameEntry, FrameEntry.entry_uid == LedgerEntry.uid)
        .where(FrameEntry.frame_id == frame_id)
        .group_by(LedgerEntry.region_code, LedgerEntry.project)
    )
    found: dict[str, dict[Project, Count]] = {}
    for code, project, week, year, undated in db.session.execute(query):
        found.setdefault(code, {})[project] = Count(week, year, undated)
    return found


def _sum(parts: Iterable[Counts]) -> dict[Project, Count]:
    total = dict.fromkeys(Project, Count())
    for part in parts:
        for project, count in part.items():
            total[project] += count
    return total
