"""Shares of places with too few answers, borrowed from places like them; for display alone.

The rows are the strata of a project as a run kept them, so that every entry of the frame is in one
place. Nothing of this is stored, and no decision reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.cases.outcomes import all_outcomes
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import done_run
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from estimation.intervals import Precision
from estimation.small_area import (
    Flags,
    Floats,
    ModelEstimates,
    benchmark,
    beta_binomial,
    fay_herriot,
    may_show,
    smoothed_variances,
)


@dataclass(frozen=True, slots=True)
class SmallArea:
    """A place with too few answers of its own, beside what the models make of it."""

    region: Region
    unit_code: str
    frame_size: int
    answers: int  #: sampled rows with a verdict
    achieved: int  #: of these, deemed among them
    value: float  #: share by the beta-binomial model, benchmarked to the province
    error: float  #: root of its mean squared error, the model taken to be right
    own_weight: float  #: of the place's own answers
    fay_herriot: float | None  #: share by the other model; None where that cannot be fitted

    @property
    def own(self) -> float | None:
        """Return the share among the place's own answers."""
        return self.achieved / self.answers if self.answers else None


@dataclass(frozen=True, slots=True)
class SmallAreas:
    """The small places of one project, and how many places there are in all."""

    run: EstimateRun
    project: Project
    projects: Sequence[Project]  #: that have places
    places: int
    lines: Sequence[SmallArea]
    benchmarked: bool  #: no if the run has no figure of the whole province


def small_areas(run_uid: str, project: Project | None, *, actor: User) -> SmallAreas:
    """Return the places of a project whose own answers say little, the first project by default.

    Raises NotFound below the province, which alone sees the neighbours that are borrowed from.
    """
    run = done_run(run_uid, actor=actor)
    if not actor.sees_all_regions:
        raise NotFound(run=run_uid)
    rows = db.session.scalars(
        select(EstimateRow)
        .where(EstimateRow.run_id == run.id, EstimateRow.level == Level.STRATUM)
        .where(EstimateRow.project != Project.OVERCAPACITY)  # its strata are enterprises
        .order_by(EstimateRow.region_code)
        .options(joinedload(EstimateRow.stratum), joinedload(EstimateRow.region))
    ).all()
    projects = sorted({row.project for row in rows}, key=list(Project).index)
    chosen = project if project in projects else next(iter(projects), None)
    if chosen is None:
        return SmallAreas(run, Project.RE_EMPLOYMENT, [], 0, [], benchmarked=False)
    of_project = [row for row in rows if row.project is chosen]
    total = _total(run, chosen)
    lines = _lines(of_project, total)
    return SmallAreas(run, chosen, projects, len(of_project), lines, benchmarked=total is not None)


def _total(run: EstimateRun, project: Project) -> float | None:
    """Return the persons that the run found in the whole province."""
    return db.session.scalar(
        select(EstimateRow.completed).where(
            EstimateRow.run_id == run.id,
            EstimateRow.level == Level.PROVINCE,
            EstimateRow.region_code == PROVINCE,
            EstimateRow.project == project,
        )
    )


def _lines(rows: Sequence[EstimateRow], total: float | None) -> list[SmallArea]:
    counted = np.array([_answers(row) for row in rows], dtype=float)
    achieved, answers = counted[:, 0], counted[:, 1]
    size = np.array([row.frame_size for row in rows], dtype=float)
    if not answers.any() or not size.all():
        return []
    small = np.flatnonzero(_small(achieved, answers, size))
    if not small.size:
        return []
    units = [_unit(row) for row in rows]
    model = beta_binomial(achieved, answers, size, units)
    if total is not None:
        free = answers < size  # a place that is wholly known does not move
        known = achieved[~free].sum()
        reachable = min(max(total, known), known + size[free].sum())
        model = benchmark(model, size, reachable)
    other = _fay_herriot(achieved, answers, size, units)
    return [
        SmallArea(
            region=rows[d].region,
            unit_code=units[d],
            frame_size=rows[d].frame_size,
            answers=int(answers[d]),
            achieved=int(achieved[d]),
            value=float(model.value[d]),
            error=float(model.error[d]),
            own_weight=float(model.own_weight[d]),
            fay_herriot=None if other is None else float(np.clip(other.value[d], 0, 1)),
        )
        for d in small.tolist()
    ]


def _answers(row: EstimateRow) -> tuple[int, int]:
    """Return how many rows with a verdict are achieved, and how many there are."""
    known = [
        (all_outcomes()[code].value_y, amount)
        for code, amount in row.classes["outcomes"].items()
        if code
    ]
    return (
        sum(amount for y, amount in known if y == 1),
        sum(amount for y, amount in known if y is not None),
    )


def _unit(row: EstimateRow) -> str:
    if row.stratum is None:
        raise ValueError(f"the figure {row.id} of a stratum names none")
    return row.stratum.unit_code


def _small(achieved: Floats, answers: Floats, size: Floats) -> Flags:
    """Tell which places have few answers, or a wide interval. A census is not small."""
    some = np.maximum(answers, 1)
    share, sampled = achieved / some, np.minimum(some / size, 1)
    precision = Precision(
        share=share,
        variance=(1 - sampled) * share * (1 - share) / np.maximum(some - 1, 1),
        sampled=answers,
        df=np.maximum(some - 1, 1),
        planned=some / np.maximum(1 - sampled, 1e-9),
    )
    return may_show(precision) & (answers < size)


def _fay_herriot(
    achieved: Floats, answers: Floats, size: Floats, units: Sequence[str]
) -> ModelEstimates | None:
    """Return the estimates with the province's mean as the only covariate."""
    variance = smoothed_variances(achieved, answers, size, units)
    direct = achieved / np.maximum(answers, 1)
    if np.count_nonzero(np.isfinite(variance) & (variance > 0)) <= 1:
        return None
    return fay_herriot(direct, variance, np.ones((len(size), 1)))
