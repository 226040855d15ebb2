"""Two runs of a campaign side by side, figure by figure, and how their inputs differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.cases.models import Case
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import done_run
from casework.estimates.kept import unpacked
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunInputs
from casework.ledgers.projects import Project

Place = tuple[Project, str]
LEAST_MOVE = 0.05  # persons; pages show one decimal
MOST_CASES = 200  # that are listed
AT_ONCE = 1_000  # cases asked for in one query


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
    def redrawn(self) -> bool:
        """Whether the interval is another one, as far as pages show it."""
        return _ends(self.old) != _ends(self.new)

    @property
    def changed(self) -> bool:
        """Whether anything that pages show is different."""
        return self.turned or self.redrawn or abs(self.moved or 0) >= LEAST_MOVE


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A case, and the outcome that counted in each of two runs.

    It is "" while there is none, None where the run has no such case.
    """

    case: Case
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ChangedCases:
    """Cases that differ between two runs."""

    lines: Sequence[ChangedCase]
    more: bool  #: whether there are others


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


def _ends(figure: Figure | None) -> tuple[float | None, ...] | None:
    if figure is None:
        return None
    ends = (figure.rate, figure.rate_low, figure.rate_high)
    return tuple(None if end is None else round(end, 3) for end in ends)


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


def changed_cases(old: EstimateRun, new: EstimateRun, *, actor: User) -> ChangedCases:
    """Return the cases of the actor's region of which the inputs of two runs differ.

    Runs from before inputs were kept name none.
    """
    before, after = _cases_of(old), _cases_of(new)
    differ = [uid for uid in {**before, **after} if before.get(uid) != after.get(uid)]
    found: list[Case] = []
    for part in (differ[i : i + AT_ONCE] for i in range(0, len(differ), AT_ONCE)):
        found += db.session.scalars(
            select(Case)
            .where(Case.uid.in_(part), in_scope(actor, Case.region_code))
            .options(joinedload(Case.region))
        )
        if len(found) > MOST_CASES:
            break
    shown = sorted(found, key=lambda case: case.code)[:MOST_CASES]
    lines = [ChangedCase(c, _outcome(before, c.uid), _outcome(after, c.uid)) for c in shown]
    return ChangedCases(lines, more=len(found) > MOST_CASES)


def _outcome(cases: Mapping[str, Mapping[str, Any]], uid: str) -> str | None:
    return str(cases[uid]["outcome"]) if uid in cases else None


def _cases_of(run: EstimateRun) -> dict[str, dict[str, Any]]:
    kept = db.session.get(RunInputs, run.id, options=[undefer(RunInputs.content)])
    lines = unpacked(kept.content)["cases"] if kept else []
    return {line["uid"]: line for line in lines if not line["counted"]}


def _parts(old: EstimateRun, new: EstimateRun) -> dict[str, bool]:
    kept = [db.session.get(RunInputs, run.id) for run in (old, new)]
    if kept[0] is None or kept[1] is None:
        return {"inputs": old.input_digest == new.input_digest}
    before, after = kept[0].digests, kept[1].digests
    return {part: digest == after.get(part) for part, digest in before.items()}
