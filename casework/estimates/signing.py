"""Sending a run round, signing it, publishing it. Each is one act that nobody can do twice."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.cases.models import Case
from casework.db import transaction
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.directory import covers
from casework.estimates.judging_errors import (
    AlreadySigned,
    AnotherRunIsOut,
    DataMovedOn,
    DayTooEarly,
    LaterFindings,
    ObjectionsOpen,
    OverridesWaiting,
    ReasonNeeded,
    RunUnfinished,
    SecondPersonNeeded,
    UnitsUnsigned,
)
from casework.estimates.judging_models import (
    Objection,
    Override,
    OverrideState,
    RunSignature,
    RunStanding,
)
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunState
from casework.estimates.stages import ObjectionState, RunAction, RunStage, next_stage
from casework.regions.models import PROVINCE
from casework.visits.models import Finding, Visit

LONGEST = 2000  # characters of a reason
_OUT = (RunStage.PRELIMINARY, RunStage.FINAL)
_PENDING = (ObjectionState.OPEN, ObjectionState.ANSWERED)


def send_round(uid: str, *, announced_on: date, actor: User, at: datetime) -> RunStanding:
    """Make a run the preliminary result: units sign it, regions may object to it.

    Parameters
    ----------
    announced_on
        The day from which counties see the preliminary figures.

    Raises
    ------
    RunUnfinished
        If it is an interim run.
    DataMovedOn
        If a later run was computed on other data.
    AnotherRunIsOut, DayTooEarly, NotAllowedNow, NotFound
    """
    with transaction() as session:
        run = provincial_run(session, uid, actor)
        standing = session.get(RunStanding, run.id, with_for_update=True)
        stage = next_stage(standing.stage if standing else RunStage.DRAFT, RunAction.SEND_ROUND)
        if run.interim:
            raise RunUnfinished(run=uid)
        must_be_latest(session, run)
        _must_be_alone(session, run)
        if announced_on < max(run.campaign.results_from, at.date()):
            raise DayTooEarly(day=max(run.campaign.results_from, at.date()))
        standing = RunStanding(run_id=run.id, stage=stage, announced_on=announced_on)
        session.add(standing)
        _record(session, run, AuditAction.RUN_SEND_ROUND, actor, at, {"from": str(announced_on)})
    return standing


def sign_unit(
    uid: str, region_code: str, *, actor: User, at: datetime, later: int = 0
) -> RunSignature:
    """Sign a preliminary run for one unit.

    Parameters
    ----------
    later
        How many cases with a finding that came in after the run the actor says to know of.

    Raises
    ------
    LaterFindings
        If there are more of them, or fewer; the facts say how many.
    AlreadySigned
        If somebody was faster; the facts say who and when.
    NotFound, NotAllowedNow
    """
    with transaction() as session:
        run, standing = _locked(session, uid, actor)
        if standing.stage is not RunStage.PRELIMINARY:
            raise NotAllowedNow(state=standing.stage)
        if region_code not in units_of(session, run) or not (
            actor.sees_all_regions or actor.region_code == region_code
        ):
            raise NotFound(region=region_code)
        return _sign(session, run, region_code, actor, at, later)


def sign_province(uid: str, *, actor: User, at: datetime, later: int = 0) -> RunSignature:
    """Sign a run for the province, which makes it final; *later* as in ``sign_unit``.

    Raises
    ------
    UnitsUnsigned, ObjectionsOpen, OverridesWaiting
        If something is left to do before.
    SecondPersonNeeded
        If the actor signed for a unit: two signatures are of two people.
    AlreadySigned, DataMovedOn, LaterFindings, NotAllowedNow, NotFound
    """
    with transaction() as session:
        run = provincial_run(session, uid, actor)
        run, standing = _locked(session, uid, actor)
        _must_be_unsigned(session, run, PROVINCE)
        stage = next_stage(standing.stage, RunAction.SIGN_FINAL)
        must_be_latest(session, run)
        _must_be_ready(session, run, actor)
        standing.stage = stage
        return _sign(session, run, PROVINCE, actor, at, later)


def publish(uid: str, *, published_on: date, actor: User, at: datetime) -> RunStanding:
    """Publish a final run; nobody below the province sees it as such before its day.

    Raises DayTooEarly, NotAllowedNow, NotFound.
    """
    with transaction() as session:
        provincial_run(session, uid, actor)
        run, standing = _locked(session, uid, actor)
        stage = next_stage(standing.stage, RunAction.PUBLISH)
        if published_on < max(standing.announced_on, at.date()):
            raise DayTooEarly(day=max(standing.announced_on, at.date()))
        standing.stage, standing.published_on = stage, published_on
        _record(session, run, AuditAction.RUN_PUBLISH, actor, at, {"on": str(published_on)})
    return standing


def withdraw(uid: str, reason: str, *, actor: User, at: datetime) -> RunStanding:
    """Take a run back that is not published yet. Raises ReasonNeeded, NotAllowedNow, NotFound."""
    reason = checked_reason(reason)
    with transaction() as session:
        provincial_run(session, uid, actor)
        run, standing = _locked(session, uid, actor)
        standing.stage = next_stage(standing.stage, RunAction.WITHDRAW)
        _record(session, run, AuditAction.RUN_WITHDRAW, actor, at, {"reason": reason})
    return standing


def checked_reason(text: str) -> str:
    """Return a reason without the blanks around it. Raises ReasonNeeded."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ReasonNeeded(most=LONGEST)
    return text


def provincial_run(session: Session, uid: str, actor: User) -> EstimateRun:
    """Return a finished run to somebody of the province. Raises NotFound."""
    if not actor.sees_all_regions:
        raise NotFound(run=uid)
    return visible_run(session, uid, actor)


def visible_run(session: Session, uid: str, actor: User) -> EstimateRun:
    """Return a finished run that the actor may see. Raises NotFound."""
    run = session.scalar(
        select(EstimateRun)
        .join(EstimateRun.campaign)
        .where(EstimateRun.uid == uid, EstimateRun.state == RunState.DONE, covers(actor))
        .options(joinedload(EstimateRun.campaign))
    )
    if run is None:
        raise NotFound(run=uid)
    return run


def must_be_latest(session: Session, run: EstimateRun) -> None:
    """Raise DataMovedOn if a later run of the same method was computed on other data."""
    latest = session.scalars(
        select(EstimateRun)
        .where(EstimateRun.campaign_id == run.campaign_id, EstimateRun.state == RunState.DONE)
        .order_by(EstimateRun.id.desc())
    )
    newest = next((each for each in latest if each.method == run.method), run)
    if newest.input_digest != run.input_digest:
        raise DataMovedOn(run=newest.uid)


def found_later(run: EstimateRun, actor: User) -> Select[int]:
    """Count the cases in the actor's region of which a finding came in after the run."""
    return (
        select(func.count(Visit.case_id.distinct()))
        .join(Finding, Finding.visit_id == Visit.id)
        .join(Case, Case.id == Visit.case_id)
        .where(
            Finding.received_at > run.finished_at,
            Case.campaign_id == run.campaign_id,
            in_scope(actor, Case.region_code),
        )
    )


def units_of(session: Session, run: EstimateRun) -> Sequence[str]:
    """Return the units that a run has figures of, in the order of their codes."""
    codes = select(EstimateRow.region_code).where(
        EstimateRow.run_id == run.id, EstimateRow.level == Level.UNIT
    )
    return session.scalars(codes.distinct().order_by(EstimateRow.region_code)).all()


def _locked(session: Session, uid: str, actor: User) -> tuple[EstimateRun, RunStanding]:
    run = visible_run(session, uid, actor)
    standing = session.get(RunStanding, run.id, with_for_update=True)
    if standing is None:
        raise NotAllowedNow(state=RunStage.DRAFT)
    return run, standing


def _must_be_alone(session: Session, run: EstimateRun) -> None:
    other = session.scalar(
        select(EstimateRun.uid)
        .join(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(EstimateRun.campaign_id == run.campaign_id, RunStanding.stage.in_(_OUT))
    )
    if other is not None:
        raise AnotherRunIsOut(run=other)


def _must_be_ready(session: Session, run: EstimateRun, actor: User) -> None:
    signed = session.scalars(select(RunSignature).where(RunSignature.run_id == run.id)).all()
    missing = set(units_of(session, run)) - {each.region_code for each in signed}
    if missing:
        raise UnitsUnsigned(amount=len(missing))
    if any(each.signed_by_id == actor.id for each in signed):
        raise SecondPersonNeeded(run=run.uid)
    pending = select(func.count(Objection.id)).where(
        Objection.run_id == run.id, Objection.state.in_(_PENDING)
    )
    if amount := session.scalar(pending):
        raise ObjectionsOpen(amount=amount)
    waiting = select(func.count(Override.id)).where(
        Override.run_id == run.id, Override.state == OverrideState.PROPOSED
    )
    if amount := session.scalar(waiting):
        raise OverridesWaiting(amount=amount)


def _must_be_unsigned(session: Session, run: EstimateRun, code: str) -> None:
    found = session.scalar(
        select(RunSignature)
        .where(RunSignature.run_id == run.id, RunSignature.region_code == code)
        .options(joinedload(RunSignature.signed_by))
    )
    if found is not None:
        raise AlreadySigned(name=found.signed_by.name, at=found.signed_at)


def _sign(
    session: Session, run: EstimateRun, code: str, actor: User, at: datetime, later: int
) -> RunSignature:
    _must_be_unsigned(session, run, code)
    found = session.scalar(found_later(run, actor)) or 0
    if later != found:
        raise LaterFindings(amount=found)
    signature = RunSignature(
        run_id=run.id,
        region_code=code,
        signed_by_id=actor.id,
        signed_at=at,
        input_digest=run.input_digest,
    )
    session.add(signature)
    action = AuditAction.RUN_SIGN_PROVINCE if code == PROVINCE else AuditAction.RUN_SIGN_UNIT
    facts: dict[str, str | int] = {"region": code, "digest": run.input_digest, "later": later}
    _record(session, run, action, actor, at, facts)
    return signature


def _record(
    session: Session,
    run: EstimateRun,
    action: AuditAction,
    actor: User,
    at: datetime,
    facts: Mapping[str, str | int],
) -> None:
    trail.record(session, action, actor_id=actor.id, at=at, subject=f"run:{run.uid}", facts=facts)
