"""Two runs of a campaign side by side, figure by figure, and how their inputs differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import done_run
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunInputs
from casework.ledgers.projects import Project

Place = tuple[Project, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """What of a figure is compared."""

    completed: float | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    decision: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure in both runs; None where a run does not have it."""

    project: Project
    region_code: str
    old: Figure | None
    new: Figure | None

    @property
    def turned(self) -> bool:
        """Whether the decision is another one."""
        return (self.old and self.old.decision) != (self.new and self.new.decision)

    @property
    def moved(self) -> float | None:
        """By how many completed persons the new figure differs."""
        if self.old is None or self.new is None:
            return None
        if self.old.completed is None or self.new.completed is None:
            return None
        return self.new.completed - self.old.completed

    @property
    def changed(self) -> bool:
        """Whether anything is different."""
        return self.turned or bool(self.moved)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An older and a newer run of one campaign."""

    old: EstimateRun
    new: EstimateRun
    pairs: Sequence[Pair]
    parts: Mapping[str, bool]  #: part of the inputs to whether it is the same


def compare_runs(uid: str, other: str, *, actor: User) -> Comparison:
    """Put two finished runs beside each other, the older one first.

    Raises NotFound if one of them does not exist, they are of two campaigns, or one.
    """
    old, new = sorted(
        (done_run(uid, actor=actor), done_run(other, actor=actor)), key=lambda run: run.id
    )
    if old.campaign_id != new.campaign_id or old.id == new.id:
        raise NotFound(run=other)
    before, after = _figures(old, actor), _figures(new, actor)
    places = sorted({*before, *after}, key=lambda p: (list(Project).index(p[0]), p[1]))
    return Comparison(
        old, new, [Pair(*at, before.get(at), after.get(at)) for at in places], _parts(old, new)
    )


def _figures(run: EstimateRun, actor: User) -> dict[Place, Figure]:
    found = db.session.execute(
        select(
            EstimateRow.project,
            EstimateRow.region_code,
            EstimateRow.completed,
            EstimateRow.rate,
            EstimateRow.rate_low,
            EstimateRow.rate_high,
            EstimateRow.decision,
        ).where(
            EstimateRow.run_id == run.id,
            EstimateRow.level != Level.STRATUM,
            in_scope(actor, EstimateRow.region_code),
        )
    )
    return {
        (project, code): Figure(completed, rate, low, high, decision)
        for project, code, completed, rate, low, high, decision in found
    }


def _parts(old: EstimateRun, new: EstimateRun) -> dict[str, bool]:
    kept = [db.session.get(RunInputs, run.id) for run in (old, new)]
    if kept[0] is None or kept[1] is None:
        return {"inputs": old.input_digest == new.input_digest}
    before, after = kept[0].digests, kept[1].digests
    return {part: digest == after.get(part) for part, digest in before.items()}
