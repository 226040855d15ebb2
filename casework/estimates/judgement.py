"""What the page of a run's judgement shows: how far it is, who signed, what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.db import db
from casework.estimates.directory import done_run
from casework.estimates.judging_models import (
    Objection,
    Override,
    OverrideState,
    RunSignature,
    RunStanding,
)
from casework.estimates.models import EstimateRun
from casework.estimates.objecting import objections
from casework.estimates.signing import found_later, units_of
from casework.estimates.stages import ObjectionState, RunStage
from casework.regions.models import PROVINCE


@dataclass(frozen=True, slots=True)
class Judgement:
    """A run with everything that people made of it, as far as the actor may see."""

    run: EstimateRun
    standing: RunStanding | None
    signatures: dict[str, RunSignature]  #: by region
    units: Sequence[str]  #: that sign
    overrides: Sequence[Override]
    objections: Sequence[Objection]
    moved_on: int  #: cases of which a finding came in after the run was computed

    @property
    def stage(self) -> RunStage:
        return self.standing.stage if self.standing else RunStage.DRAFT

    @property
    def unsigned(self) -> list[str]:
        """The units whose signature is missing."""
        return [code for code in self.units if code not in self.signatures]

    @property
    def pending(self) -> int:
        """How many objections are not closed."""
        open_ = {ObjectionState.OPEN, ObjectionState.ANSWERED}
        return sum(each.state in open_ for each in self.objections)

    @property
    def waiting(self) -> int:
        """How many overrides wait for a second person."""
        return sum(each.state is OverrideState.PROPOSED for each in self.overrides)

    @property
    def final(self) -> RunSignature | None:
        return self.signatures.get(PROVINCE)


def judgement(run_uid: str, *, actor: User) -> Judgement:
    """Return what was made of a finished run. Raises NotFound."""
    run = done_run(run_uid, actor=actor)
    signatures = db.session.scalars(
        select(RunSignature)
        .where(RunSignature.run_id == run.id)
        .options(joinedload(RunSignature.signed_by), joinedload(RunSignature.region))
    )
    overrides = db.session.scalars(
        select(Override)
        .where(Override.run_id == run.id, in_scope(actor, Override.region_code))
        .order_by(Override.id.desc())
        .options(
            joinedload(Override.region),
            joinedload(Override.proposed_by),
            joinedload(Override.settled_by),
        )
    ).all()
    standing, moved_on = _standing(run, actor)
    return Judgement(
        run=run,
        standing=standing,
        signatures={each.region_code: each for each in signatures},
        units=units_of(db.session(), run),
        overrides=overrides,
        objections=objections(actor, run.id),
        moved_on=moved_on,
    )


def _standing(run: EstimateRun, actor: User) -> tuple[RunStanding | None, int]:
    """Return how far a run is, and of how many cases a finding came in after it, in one query."""
    standing, amount = db.session.execute(
        select(RunStanding, found_later(run, actor).scalar_subquery())
        .select_from(EstimateRun)
        .outerjoin(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(EstimateRun.id == run.id)
    ).one()
    return standing, amount


def stages(runs: Sequence[EstimateRun]) -> dict[int, RunStage]:
    """Return how far each run has come, by its id."""
    rows = db.session.execute(
        select(RunStanding.run_id, RunStanding.stage).where(
            RunStanding.run_id.in_([run.id for run in runs])
        )
    )
    return dict.fromkeys((run.id for run in runs), RunStage.DRAFT) | dict(rows.all())
