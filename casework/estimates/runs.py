"""Runs: the row is the request, the job fills it in, and its digests let anybody repeat it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework import __version__
from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, CampaignState
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.directory import covers
from casework.estimates.figures import LEVELS, Figure, all_figures
from casework.estimates.inputs import Inputs, read_inputs
from casework.estimates.kept import Lines, digests, inputs_of, lines, packed
from casework.estimates.models import EstimateRow, EstimateRun, RollUp, RunInputs, RunState
from casework.estimates.results import Results, reasons, results
from estimation.domains import Protocol
from estimation.intervals import DEFAULT, interval_method

CHUNK = 1000
#: Raised when a formula or what a figure keeps changes, so that a result names the one it follows
#: (docs/statistics.md). 2: counts of cases by name, and p-values adjusted for all tests, are kept.
METHOD_VERSION = "2"
#: A run needs released cases.
RELEASED = frozenset({CampaignState.CALLING, CampaignState.VISITING, CampaignState.CLOSED})


@dataclass(frozen=True, slots=True)
class Method:
    """What a run fixes beforehand; kept with it and part of its digest."""

    level: float
    interval: str
    phone_answers_accepted: bool
    audit_rates: str = "unit"  #: where the rates of phone classes are estimated

    @property
    def protocol(self) -> Protocol:
        """The same for the estimation."""
        return Protocol(self.level, self.interval, self.phone_answers_accepted)


def request_run(
    campaign_id: int, *, actor: User, at: datetime, interval: str = DEFAULT, level: float = 0.95
) -> EstimateRun:
    """Ask for an estimate. The caller rings the worker once this has returned.

    While one of the same method waits or is computed, that one is returned.

    Raises
    ------
    NotFound
        If there is no such campaign in the actor's region.
    NotAllowedNow
        If nothing is released yet.
    ValueError
        If no interval is called so.
    """
    interval_method(interval)
    with transaction() as session:
        campaign = _campaign(session, campaign_id, actor)
        if campaign.state not in RELEASED:
            raise NotAllowedNow(state=campaign.state)
        method = asdict(Method(level, interval, campaign.phone_answers_accepted))
        if waiting := _waiting(session, campaign_id, method):
            return waiting
        run = EstimateRun(
            campaign_id=campaign_id,
            requested_by_id=actor.id,
            requested_at=at,
            method=method,
        )
        session.add(run)
        trail.record(
            session,
            AuditAction.ESTIMATE_REQUEST,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"interval": interval, "level": level},
        )
    return run


def compute_run(uid: str, *, at: datetime) -> None:
    """Fill in a requested run, or say in it why that is impossible. Doing it twice changes nothing.

    Nothing but the progress is written before everything is known.
    """
    run = db.session.scalar(select(EstimateRun).where(EstimateRun.uid == uid))
    if run is None:
        raise NotFound(run=uid)
    if run.state in {RunState.DONE, RunState.FAILED}:
        return
    method = Method(**run.method)
    try:
        parts = lines(read_inputs(run.campaign))
        inputs = inputs_of(parts)  # in their order; whoever repeats the run starts from the same
        seed = seed_of(inputs.digest(run.method))
        figures = _estimate(uid, inputs, method)
        found = results(inputs, figures, protocol=method.protocol, seed=seed)
    except ValueError as error:  # the data contradict each other or the tables
        _fail(uid, str(error), at=at)
        return
    _finish(uid, inputs, parts, found, at=at)


def _waiting(session: Session, campaign_id: int, method: Mapping[str, Any]) -> EstimateRun | None:
    unfinished = select(EstimateRun).where(
        EstimateRun.campaign_id == campaign_id,
        EstimateRun.state.in_((RunState.REQUESTED, RunState.COMPUTING)),
    )
    return next((run for run in session.scalars(unfinished) if run.method == method), None)


def _campaign(session: Session, campaign_id: int, actor: User) -> Campaign:
    campaign = session.scalar(select(Campaign).where(Campaign.id == campaign_id, covers(actor)))
    if campaign is None:
        raise NotFound(campaign=campaign_id)
    return campaign


def _estimate(uid: str, inputs: Inputs, method: Method) -> Iterator[Figure]:
    total = len(inputs.called) * len(LEVELS) + 1
    _show(uid, 0, total)
    for done, some in enumerate(all_figures(inputs, protocol=method.protocol), start=1):
        yield from some
        _show(uid, done, total)


def _show(uid: str, done: int, total: int) -> None:
    with transaction() as session:
        session.execute(
            update(EstimateRun)
            .where(EstimateRun.uid == uid, EstimateRun.state != RunState.DONE)
            .values(state=RunState.COMPUTING, steps_done=done, steps_total=total)
        )


def _fail(uid: str, sentence: str, *, at: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(EstimateRun)
            .where(EstimateRun.uid == uid, EstimateRun.state != RunState.DONE)
            .values(state=RunState.FAILED, failure=sentence, finished_at=at)
        )


def seed_of(input_digest: str) -> str:
    """Return the seed of a run: it follows from the inputs, so that nobody can choose it."""
    return input_digest[:32]


def _finish(uid: str, inputs: Inputs, parts: Lines, found: Results, *, at: datetime) -> None:
    with transaction() as session:
        run = session.scalars(
            select(EstimateRun).where(EstimateRun.uid == uid).with_for_update()
        ).one()
        if run.state is RunState.DONE:  # another worker was faster
            return
        records = [_record(run.id, figure) for figure in found.figures]
        for start in range(0, len(records), CHUNK):
            session.execute(insert(EstimateRow), records[start : start + CHUNK])
        session.add_all(
            RollUp(
                run_id=run.id,
                region_code=code,
                completion=rolled.completion,
                reasons=reasons(rolled),
            )
            for code, rolled in found.completions.items()
        )
        run.interim = inputs.interim
        run.input_digest = inputs.digest(run.method)
        run.code_version = __version__
        session.add(_kept(run, parts, found))
        run.steps_done = run.steps_total
        run.state, run.finished_at, run.failure = RunState.DONE, at, ""


def _kept(run: EstimateRun, parts: Lines, found: Results) -> RunInputs:
    return RunInputs(
        run_id=run.id,
        digests=digests(parts),
        content=packed(parts),
        chances=dict(found.chances),
        result_digest=found.digest(),
        method_version=METHOD_VERSION,
        seed=seed_of(run.input_digest),
    )


def _record(run_id: int, figure: Figure) -> Mapping[str, Any]:
    return {
        "run_id": run_id,
        "level": figure.level,
        "project": figure.project,
        "region_code": figure.region_code,
        "stratum_id": figure.stratum_id,
        **figure.columns,
    }
