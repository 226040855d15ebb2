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
from casework.estimates.figures import LEVELS, Figure, figures
from casework.estimates.inputs import Inputs, read_inputs
from casework.estimates.models import EstimateRow, EstimateRun, Level, RollUp, RunState
from casework.estimates.regions import completions
from casework.estimates.rollup import RolledUp
from estimation.domains import Protocol
from estimation.intervals import DEFAULT, interval_method

CHUNK = 1000
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
        inputs = read_inputs(run.campaign)
        found = list(_estimate(uid, inputs, method))
    except ValueError as error:  # the data contradict each other or the tables
        _fail(uid, str(error), at=at)
        return
    _finish(uid, inputs, found, at=at)


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
    steps = [(project, level) for project in inputs.called for level in LEVELS]
    _show(uid, 0, len(steps) + 1)
    for done, (project, level) in enumerate(steps, start=1):
        yield from figures(inputs, project, level, protocol=method.protocol)
        _show(uid, done, len(steps) + 1)


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


def _finish(uid: str, inputs: Inputs, found: list[Figure], *, at: datetime) -> None:
    with transaction() as session:
        run = session.scalars(
            select(EstimateRun).where(EstimateRun.uid == uid).with_for_update()
        ).one()
        if run.state is RunState.DONE:  # another worker was faster
            return
        records = [_record(run.id, figure) for figure in found]
        for start in range(0, len(records), CHUNK):
            session.execute(insert(EstimateRow), records[start : start + CHUNK])
        decisions = {
            (row.project, row.region_code): row.columns["decision"]
            for row in found
            if row.level is not Level.STRATUM
        }
        session.add_all(
            _roll_up(run.id, code, rolled)
            for code, rolled in completions(inputs, decisions).items()
        )
        run.interim = inputs.interim
        run.input_digest = inputs.digest(run.method)
        run.code_version = __version__
        run.steps_done = run.steps_total
        run.state, run.finished_at, run.failure = RunState.DONE, at, ""


def _record(run_id: int, figure: Figure) -> Mapping[str, Any]:
    return {
        "run_id": run_id,
        "level": figure.level,
        "project": figure.project,
        "region_code": figure.region_code,
        "stratum_id": figure.stratum_id,
        **figure.columns,
    }


def _roll_up(run_id: int, code: str, rolled: RolledUp) -> RollUp:
    return RollUp(
        run_id=run_id,
        region_code=code,
        completion=rolled.completion,
        reasons=[
            {"region": r.region, "project": r.project, "decision": r.decision}
            for r in rolled.reasons
        ],
    )
