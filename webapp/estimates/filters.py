"""Filters and orders of the tables of regions; they stand in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.estimates.figure_table import FigureLine
from casework.estimates.reading import Line
from casework.estimates.rollup import AS_CHILD
from casework.ledgers.projects import Project
from estimation.decision import Decision


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are shown: those decided so, in one project or as a whole."""

    decision: Decision | None
    project: Project | None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "LineFilter":
        """Read the address; what it does not know is left out."""
        decision, project = args.get("decision", ""), args.get("project", "")
        return cls(
            Decision(decision) if decision in set(Decision) else None,
            Project(project) if project in set(Project) else None,
        )

    def of(self, lines: Sequence[Line]) -> list[Line]:
        """Return the lines that are shown."""
        return [line for line in lines if self.decision in {None, self._decided(line)}]

    def _decided(self, line: Line) -> Decision:
        if self.project is None:
            return AS_CHILD[line.completion]
        return line.decisions.get(self.project, Decision.NO_TASK)


#: How a table of figures can be ordered; "" is the order of the tree.
SORTS = ("", "rate", "completed", "width", "unresolved")
MAPS = ("counties", "tiles")


@dataclass(frozen=True, slots=True)
class TableView:
    """Which figures a table shows, in which order, and which map beside it."""

    project: Project | None
    decision: Decision | None
    sort: str
    map: str

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "TableView":
        """Read the address; what it does not know is left out."""
        filtered = LineFilter.from_args(args)
        sort, map_ = args.get("sort", ""), args.get("map", MAPS[0])
        return cls(
            filtered.project,
            filtered.decision,
            sort if sort in SORTS else "",
            map_ if map_ in MAPS else MAPS[0],
        )

    def of(self, lines: Sequence[FigureLine]) -> list[FigureLine]:
        """Return the figures that are shown, the most telling first."""
        shown = [line for line in lines if self.decision in {None, line.decision}]
        return sorted(shown, key=self._key) if self.sort else shown

    def _key(self, line: FigureLine) -> tuple[bool, float]:
        row = line.row
        low, high = row.rate_low, row.rate_high
        value = {
            "rate": row.rate,
            "completed": None if row.completed is None else -row.completed,
            "width": None if low is None or high is None else low - high,
            "unresolved": (row.resolved - row.sampled) / row.sampled if row.sampled else None,
        }[self.sort]
        return value is None, value or 0.0
