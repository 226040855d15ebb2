"""What the rehearsal estimated and decided, beside what is true."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from casework.db import db
from casework.demo.rehearsal import NAME, Rehearsed
from casework.estimates.models import Completion, EstimateRow, EstimateRun, Level, RollUp
from casework.ledgers.projects import CALLED, Project
from casework.regions.models import PROVINCE
from casework.regions.tree import RegionTree, load_tree
from estimation.decision import Decision

#: Slack of a comparison of persons with the ends of an interval.
_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Result:
    """One project of one region. Persons are None, and truth with them, where there is no task."""

    project: Project
    level: Level
    region: str
    name: str
    target: int | None
    frame_size: int | None
    sampled: int | None
    resolved: int | None
    completed: float | None
    completed_low: float | None
    completed_high: float | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    decision: str
    flags: Sequence[str]
    truth: int | None

    @property
    def covers(self) -> bool | None:
        """Whether the interval holds the truth, None where there is none."""
        if self.truth is None or self.completed_low is None or self.completed_high is None:
            return None
        return self.completed_low - _EPSILON <= self.truth <= self.completed_high + _EPSILON

    @property
    def truly_met(self) -> bool | None:
        """Whether the task is truly met, None where there is none."""
        return None if self.target is None or self.truth is None else self.truth >= self.target

    @property
    def wrong(self) -> bool:
        """Whether the decision contradicts the truth."""
        opposite = {True: Decision.NOT_MET, False: Decision.MET}
        return self.truly_met is not None and self.decision == opposite[self.truly_met]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that the demonstration reports."""

    campaign: str
    rows: Sequence[Result]
    completion: dict[str, str]  #: by region
    cases: int
    calls: int
    visits: int

    def at(self, *levels: Level) -> list[Result]:
        """Return the rows of some levels."""
        return [row for row in self.rows if row.level in levels]

    def coverage(self, *levels: Level) -> float:
        """Return the share of the intervals of *levels* that hold the truth."""
        known = [row.covers for row in self.at(*levels) if row.covers is not None]
        return sum(known) / len(known) if known else 1.0

    def decisions(self) -> Counter[str]:
        """Count the decisions about the reporting units."""
        return Counter(row.decision for row in self.at(Level.UNIT))

    def faults(self) -> list[str]:
        """Say in words what went wrong; an empty list if the rehearsal kept its promises."""
        words = [
            f"{row.name} {row.project}: truth {row.truth} of {row.target}, decided {row.decision}"
            for row in self.at(Level.UNIT, Level.PROVINCE)
            if row.wrong
        ]
        if self.completion.get(PROVINCE) == Completion.COMPLETE:
            words.append("the province was decided wholly complete")
        missing = {d.value for d in Decision} - set(self.decisions())
        words += [f"no unit was decided {decision}" for decision in sorted(missing)]
        return words

    def as_json(self) -> dict[str, Any]:
        """Return the results as plain values."""
        return {
            "campaign": self.campaign,
            "projects": [project.value for project in CALLED],
            "units": [
                {"code": row.region, "name": row.name, "completion": self.completion[row.region]}
                for row in self.at(Level.UNIT)
                if row.project is CALLED[0]
            ],
            "province": {"code": PROVINCE, "completion": self.completion[PROVINCE]},
            "estimates": [
                asdict(row) | {"truly_met": row.truly_met, "covers": row.covers}
                for row in self.rows
            ],
            "decisions": dict(self.decisions()),
            "coverage": {
                "units": self.coverage(Level.UNIT, Level.PROVINCE),
                "all": self.coverage(*Level),
            },
            "work": {"cases": self.cases, "calls": self.calls, "visits": self.visits},
            "faults": self.faults(),
        }


def results_of(rehearsed: Rehearsed) -> Results:
    """Read the figures of a rehearsed campaign and set them beside the truth."""
    run_id = db.session.scalars(
        select(EstimateRun.id).where(EstimateRun.uid == rehearsed.run_uid)
    ).one()
    rolled = db.session.scalars(select(RollUp).where(RollUp.run_id == run_id)).all()
    return Results(
        campaign=NAME,
        rows=list(_rows(rehearsed, run_id, load_tree())),
        completion={row.region_code: row.completion.value for row in rolled},
        cases=rehearsed.cases,
        calls=rehearsed.calls,
        visits=rehearsed.visits,
    )


def _rows(rehearsed: Rehearsed, run_id: int, tree: RegionTree) -> Iterator[Result]:
    found = {
        (row.project, row.region_code): row
        for row in db.session.scalars(
            select(EstimateRow).where(
                EstimateRow.run_id == run_id, EstimateRow.level != Level.STRATUM
            )
        )
    }
    truth = rehearsed.built.truth.completed()
    for project in CALLED:
        truth[project, PROVINCE] = sum(truth[project, unit] for unit in rehearsed.plan.covered)
        for level, code in _regions(rehearsed.plan.covered, tree):
            row = found.get((project, code))
            if row is None and level is Level.PLACE:
                continue
            yield _result(project, level, code, tree.name(code), row, truth[project, code])


def _regions(covered: Sequence[str], tree: RegionTree) -> Iterator[tuple[Level, str]]:
    yield Level.PROVINCE, PROVINCE
    for unit in covered:
        yield Level.UNIT, unit
        for place in tree.children_of(unit):
            yield Level.PLACE, place.code


def _result(
    project: Project, level: Level, code: str, name: str, row: EstimateRow | None, truth: int
) -> Result:
    columns = (
        *("target", "frame_size", "sampled", "resolved"),
        *("completed", "completed_low", "completed_high", "rate", "rate_low", "rate_high"),
    )
    return Result(
        project=project,
        level=level,
        region=code,
        name=name,
        **{column: getattr(row, column, None) for column in columns},
        decision=row.decision if row else Decision.NO_TASK.value,
        flags=list(row.flags) if row else [],
        truth=truth if row else None,
    )
