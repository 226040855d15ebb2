"""Decisions as they stand: by the rule, or as two people overrode them, and rolled up anew.

The rows of a run never change. An override that holds is applied whenever the run is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.db import db
from casework.estimates.judging_models import Override, OverrideState
from casework.estimates.models import EstimateRun, RollUp
from casework.estimates.rollup import Reason, RolledUp, roll_up_tree
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.decision import Decision

#: From what weighs most.
_WORST = (Decision.NOT_MET, Decision.UNDETERMINED, Decision.MET, Decision.NO_TASK)
_SINKING = frozenset({Decision.NOT_MET, Decision.UNDETERMINED})


@dataclass(frozen=True, slots=True)
class Judged:
    """The roll-ups of a run as they stand, and the overrides that made them so."""

    rolled: Mapping[str, RolledUp]
    overrides: Mapping[tuple[str, Project], Override]

    def lines(self, code: str) -> list[Reason]:
        """Return what keeps a region from being complete, line by line down to single projects.

        What is not met comes before what is undetermined, each in the order of the tree. The
        lower regions of a region that is not complete stand for it, beside its own projects.
        """
        found = list(self._below(code))
        return sorted(found, key=lambda line: _WORST.index(line.decision))

    def _below(self, code: str) -> Iterable[Reason]:
        for line in self.rolled[code].reasons:
            if line.decision not in _SINKING:
                continue
            if line.project is not None:
                yield line
            elif line.region in self.rolled:
                yield from self._below(line.region)
            else:
                yield line


def judged(run: EstimateRun) -> Judged:
    """Read the roll-ups of a run in two queries, with the overrides that hold applied."""
    stored = {
        row.region_code: _rolled(row)
        for row in db.session.scalars(select(RollUp).where(RollUp.run_id == run.id))
    }
    overrides = {
        (each.region_code, each.project): each
        for each in db.session.scalars(
            select(Override)
            .where(Override.run_id == run.id, Override.state == OverrideState.CONFIRMED)
            .options(joinedload(Override.proposed_by), joinedload(Override.settled_by))
        )
    }
    return Judged(overruled(stored, overrides) if overrides else stored, overrides)


def overruled(
    stored: Mapping[str, RolledUp], overrides: Mapping[tuple[str, Project], Override]
) -> dict[str, RolledUp]:
    """Roll up anew with the decisions that were overridden."""
    own: dict[str, dict[Project, Decision]] = {}
    children: dict[str, Sequence[str]] = {}
    for code, rolled in stored.items():
        own[code] = {
            line.project: Decision(overrides[code, line.project].decision)
            if (code, line.project) in overrides
            else line.decision
            for line in rolled.reasons
            if line.project is not None
        }
        children[code] = [line.region for line in rolled.reasons if line.project is None]
    left_out = {child for below in children.values() for child in below} - set(stored)
    for code in left_out:  # units that the campaign does not cover are undetermined
        own[code] = dict.fromkeys(own[PROVINCE], Decision.UNDETERMINED)
    anew = roll_up_tree(own, children)
    return {code: anew[code] for code in stored}


def _rolled(row: RollUp) -> RolledUp:
    return RolledUp(
        row.completion,
        tuple(
            Reason(
                r["region"],
                Project(r["project"]) if r["project"] else None,
                Decision(r["decision"]),
            )
            for r in row.reasons
        ),
    )
