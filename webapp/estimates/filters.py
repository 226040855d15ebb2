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


MAPS = ("counties", "tiles")


@dataclass(frozen=True, slots=True)
class TableView:
    """Which figures a table shows, and which map beside it."""

    project: Project | None
    decision: Decision | None
    map: str

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "TableView":
        """Read the address; what it does not know is left out."""
        filtered, map_ = LineFilter.from_args(args), args.get("map", MAPS[0])
        return cls(filtered.project, filtered.decision, map_ if map_ in MAPS else MAPS[0])

    def of(self, lines: Sequence[FigureLine]) -> list[FigureLine]:
        """Return the figures that are shown."""
        return [line for line in lines if self.decision in {None, line.decision}]
