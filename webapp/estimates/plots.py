"""What the charts of the estimates' pages are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import url_for

from casework.cases.models import RESOLVED, PhoneClass
from casework.estimates.figure_table import FigureLine, FigureTable
from casework.estimates.models import Completion, EstimateRow, EstimateRun
from casework.estimates.reading import Line
from casework.ledgers.projects import Project
from casework.regions.tree import RegionTree
from webapp import maps
from webapp.charts import Axis, axis_around
from webapp.formats import number, rate

#: Column and row of each unit in the map of equal tiles, near where it lies.
TILES: Mapping[str, tuple[int, int]] = {
    "410500": (4, 0),
    "410600": (4, 1),
    "410526": (5, 1),
    "410900": (6, 1),
    "419001": (1, 2),
    "410800": (2, 2),
    "410700": (4, 2),
    "410728": (5, 2),
    "411200": (0, 3),
    "410300": (1, 3),
    "410181": (2, 3),
    "410100": (3, 3),
    "410200": (4, 3),
    "410225": (5, 3),
    "411400": (6, 3),
    "411481": (7, 3),
    "410482": (2, 4),
    "411000": (3, 4),
    "411600": (5, 4),
    "411628": (6, 4),
    "410400": (2, 5),
    "411100": (4, 5),
    "411381": (0, 6),
    "411300": (1, 6),
    "411700": (4, 6),
    "411729": (5, 6),
    "411500": (4, 7),
    "411525": (6, 7),
}
_AS_DECISION = {
    Completion.COMPLETE: "complete",
    Completion.NOT_COMPLETE: "not_complete",
    Completion.UNDETERMINED: "undetermined",
    Completion.NO_TASK: "no_task",
}
#: The classes whose people nobody reached by phone.
UNREACHED = frozenset({*(set(PhoneClass) - RESOLVED), "unfinished", "unresolved"})


@dataclass(frozen=True, slots=True)
class Tipping:
    """What the unreached would have to be for the task to be met; rates are of the target."""

    unreached: int
    visited: int
    true: int
    left: int  #: unreached and not seen on site
    at_none: float  #: the rate if none of those left is true
    at_all: float

    @property
    def critical(self) -> float:
        """The share of those left that must be true; below 0 or above 1 if it does not matter."""
        return (1 - self.at_none) / (self.at_all - self.at_none)

    @property
    def needed(self) -> int:
        """How many of those left that is."""
        return ceil(round(self.critical * self.left, 6))

    @property
    def seen(self) -> float | None:
        """The share found true among those visited."""
        return self.true / self.visited if self.visited else None


def short_name(name: str) -> str:
    """Drop the last character of a region's name, as maps do."""
    return name[:-1] if len(name) > 2 else name  # noqa: PLR2004 - 滑县 stays 滑县


def column_scale(lines: Sequence[Line], project: Project) -> Axis | None:
    """Return the axis that all cells of a project's column share, None if all are empty."""
    rows = [line.rows[project] for line in lines if project in line.rows]
    ends = [end for row in rows for end in (row.rate_low, row.rate_high) if end is not None]
    if not ends:
        return None
    return axis_around(ends, widest=0.2, wanted=2)


def forest_rows(rows: Sequence[EstimateRow], chosen: str, tree: RegionTree) -> list[dict[str, Any]]:
    """Return the rows of a forest plot; a region without a task has no interval."""
    return [
        {
            "name": tree.by_code[row.region_code].name,
            "rate": row.rate,
            "low": row.rate_low,
            "high": row.rate_high,
            "decision": row.decision,
            "note": f"{number(row.target)} / {number(row.frame_size)}" if row.target else "",
            "chosen": row.region_code == chosen,
        }
        for row in rows
    ]


def forest_scale(rows: Sequence[EstimateRow]) -> Axis:
    """Return the axis of a forest plot."""
    return axis_around([end for row in rows for end in (row.rate_low, row.rate_high)])


def tiles(run: EstimateRun, lines: Sequence[Line], project: Project | None) -> list[dict[str, Any]]:
    """Return the map of equal tiles for one project, or for the completion as a whole."""
    return [
        {
            "name": short_name(line.region.name),
            "value": _tile_value(line, project),
            "decision": line.decisions.get(project, "no_task")
            if project
            else _AS_DECISION[line.completion],
            "column": TILES[line.region.code][0],
            "row": TILES[line.region.code][1],
            "url": url_for("estimates.region", uid=run.uid, code=line.region.code),
        }
        for line in lines
        if line.region.code in TILES
    ]


def county_map(table: FigureTable) -> dict[str, Any]:
    """Return the map of the counties of one project, each shaded by its rate."""
    rates = {line.region.code: line.row.rate for line in table.lines}
    counties = [line for line in table.lines if line.region.code in maps.outlines()]
    return {
        "outlines": maps.outlines(),
        "scale": maps.shades(
            [r for line in counties if (r := rates[line.region.code]) is not None]
        ),
        "shade_of": maps.shade_of,
        "places": {
            line.region.code: {
                "share": line.row.rate,
                "text": f"{line.region.name} {rate(line.row.rate)}%",
                "url": _figure_url(table, line),
            }
            for line in counties
        },
    }


def unit_tiles(table: FigureTable) -> list[dict[str, Any]]:
    """Return the map of equal tiles of the units of one project."""
    return [
        {
            "name": short_name(line.region.name),
            "value": rate(line.row.rate, 0) if line.row.rate is not None else "",
            "decision": line.decision,
            "column": TILES[line.region.code][0],
            "row": TILES[line.region.code][1],
            "url": _figure_url(table, line),
        }
        for line in table.lines
        if line.region.code in TILES
    ]


def _figure_url(table: FigureTable, line: FigureLine) -> str:
    return url_for(
        "estimates.project",
        uid=table.run.uid,
        code=line.region.code,
        project=line.row.project,
    )


def tipping(strata: Sequence[EstimateRow], target: int | None) -> Tipping | None:
    """Return the tipping point, or None where nobody is left or there is no task."""
    if not target or any(row.completed is None or not row.sampled for row in strata):
        return None
    none = left = 0.0
    counts = [0, 0, 0, 0]
    for row in strata:
        weight = row.frame_size / row.sampled
        for one in row.classes["classes"]:
            if one["name"] not in UNREACHED:
                none += weight * one["rows"] * (one["rate"] or 0)
                continue
            none += weight * one["achieved"]
            unseen = one["rows"] - one["visited"]
            left += weight * unseen
            for i, value in enumerate((one["rows"], one["visited"], one["achieved"], unseen)):
                counts[i] += value
    if not counts[3]:
        return None
    unreached, visited, true, unseen = counts
    return Tipping(unreached, visited, true, unseen, none / target, (none + left) / target)


def _tile_value(line: Line, project: Project | None) -> str:
    row = line.rows.get(project) if project else None
    return rate(row.rate, 0) if row is not None and row.rate is not None else ""
