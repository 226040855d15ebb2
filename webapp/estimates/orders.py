"""The orders of the verifier's lists: which columns have one, and what each is ordered by."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from casework.estimates.case_order import CaseColumn, CaseOrder
from casework.estimates.comparing import Pair
from casework.estimates.figure_table import FigureLine
from casework.estimates.judging_models import Objection
from casework.estimates.models import Completion, EstimateRow, EstimateRun
from casework.estimates.reading import Line
from casework.estimates.settling import Prospect
from casework.estimates.stages import ObjectionState
from casework.estimates.sureness import Sureness
from casework.ledgers.projects import Project
from webapp.estimates.composition import Composition
from webapp.ordering import Order, ordered

#: What keeps a region from being complete stands first.
_WORST = (
    Completion.NOT_COMPLETE,
    Completion.UNDETERMINED,
    Completion.COMPLETE,
    Completion.NO_TASK,
)


def of_regions(
    lines: Sequence[Line], sure: Mapping[str, Sureness], projects: Sequence[Project]
) -> tuple[Order, list[Line]]:
    """Order the lines below a region; those that stand under another line stay there."""
    values: dict[str, Callable[[Line], Any]] = {
        "completion": lambda line: _WORST.index(line.completion),
        "chance": lambda line: getattr(sure.get(line.region.code), "complete", None),
        **{project.value: _rate_in(project) for project in projects},
    }
    order, first = ordered([line for line in lines if line.level == 1], values)
    below = order.of([line for line in lines if line.level > 1], values)
    above = below[0].region.unit_code if below else ""
    found: list[Line] = []
    for line in first:
        found += [line, *below] if line.region.code == above else [line]
    return order, found


def of_figures(lines: Sequence[FigureLine]) -> tuple[Order, list[FigureLine]]:
    """Order the lines of the table of all figures."""
    return ordered(lines, _FIGURES, falling=set(_FIGURES) - {"rate", "response"})


def of_strata(rows: Sequence[EstimateRow]) -> tuple[Order, list[EstimateRow]]:
    """Order the strata of a figure."""
    names = ("share", "frame_size", "sampled", "resolved", "completed")
    values = {name: attrgetter(name) for name in names}
    return ordered(rows, values, falling=names[1:])


def of_cases() -> tuple[Order, CaseOrder]:
    """Return the order asked for of a list of cases, for its heads and for its query."""
    columns = [column for column in CaseColumn if column is not CaseColumn.CODE]
    order = Order.asked(rising=columns)
    return order, CaseOrder(CaseColumn(order.by or CaseColumn.CODE), order.falls)


def of_runs(runs: Sequence[EstimateRun]) -> tuple[Order, list[EstimateRun]]:
    """Order the runs of a campaign."""
    values = {
        "run": attrgetter("id"),
        "by": attrgetter("requested_by.name"),
        "finished": attrgetter("finished_at"),
    }
    return ordered(runs, values)


def of_pairs(pairs: Sequence[Pair]) -> tuple[Order, list[Pair]]:
    """Order the figures of two runs side by side."""
    values: Mapping[str, Callable[[Pair], Any]] = {
        "completed": lambda pair: pair.new and pair.new.completed,
        "rate": lambda pair: pair.new and pair.new.rate,
        "moved": lambda pair: None if pair.moved is None else abs(pair.moved),
    }
    return ordered(pairs, values, falling={"completed", "moved"})


def of_prospects(lines: Sequence[Prospect]) -> tuple[Order, list[Prospect]]:
    """Order what is undetermined."""
    values = {
        "region": attrgetter("row.region_code"),
        "rate": attrgetter("row.rate"),
        "sampled": attrgetter("row.sampled"),
        "needed": attrgetter("needed"),
        "waiting": attrgetter("waiting"),
    }
    return ordered(lines, values, falling={"sampled", "waiting"})


def of_objections(found: Sequence[Objection]) -> tuple[Order, list[Objection]]:
    """Order objections."""
    states = list(ObjectionState)
    values: Mapping[str, Callable[[Objection], Any]] = {
        "figure": lambda one: (one.region_code, one.project),
        "filed": attrgetter("filed_at"),
        "state": lambda one: states.index(one.state),
    }
    return ordered(found, values)


def _rate_in(project: Project) -> Callable[[Line], float | None]:
    return lambda line: line.rows[project].rate if project in line.rows else None


def _count(name: str) -> Callable[[FigureLine], int]:
    return lambda line: int(getattr(Composition.of(line.row), name).amount)


def _width(line: FigureLine) -> float | None:
    low, high = line.row.rate_low, line.row.rate_high
    return None if low is None or high is None else high - low


_FIGURES: Mapping[str, Callable[[FigureLine], Any]] = {
    "target": attrgetter("row.target"),
    "completed": attrgetter("row.completed"),
    "rate": attrgetter("row.rate"),
    "width": _width,
    "response": lambda line: Composition.of(line.row).response,
    **{
        name: _count(name)
        for name in ("achieved", "deemed", "not_achieved", "void", "unresolved", "corrected_false")
    },
}
