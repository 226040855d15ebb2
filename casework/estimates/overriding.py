"""Setting a decision otherwise than the rule: two people, one reason, the same data."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import new_uid, transaction
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.judging_errors import (
    AlreadyProposed,
    DataMovedOn,
    NothingOverridden,
    SecondPersonNeeded,
)
from casework.estimates.judging_models import Override, OverrideState, RunStanding
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.estimates.signing import checked_reason, must_be_latest, provincial_run
from casework.estimates.stages import RunStage
from casework.ledgers.projects import Project
from estimation.decision import Decision

SETTABLE = (Decision.MET, Decision.NOT_MET, Decision.UNDETERMINED)
_OPEN = (RunStage.DRAFT, RunStage.PRELIMINARY)
_LIVE = (OverrideState.PROPOSED, OverrideState.CONFIRMED)


def propose_override(  # noqa: PLR0913 - what is overridden, by what, why, who and when
    uid: str,
    region_code: str,
    project: Project,
    decision: Decision,
    reason: str,
    *,
    actor: User,
    at: datetime,
) -> Override:
    """Propose a decision in place of the rule's, on the data of this run.

    Raises
    ------
    NothingOverridden
        If it is the rule's decision, or there is no task.
    AlreadyProposed
        If there is one of this decision already.
    DataMovedOn
        If a later run was computed on other data.
    ReasonNeeded, NotAllowedNow, NotFound
    """
    reason = checked_reason(reason)
    with transaction() as session:
        run = provincial_run(session, uid, actor)
        _must_be_open(session, run)
        must_be_latest(session, run)
        computed = _computed(session, run, region_code, project)
        if decision not in SETTABLE or computed in {decision, Decision.NO_TASK}:
            raise NothingOverridden(decision=decision)
        if _live(session, run, region_code, project):
            raise AlreadyProposed(region=region_code)
        override = Override(
            uid=new_uid(),
            run_id=run.id,
            region_code=region_code,
            project=project,
            input_digest=run.input_digest,
            computed=computed,
            decision=decision,
            proposed_by_id=actor.id,
            proposed_at=at,
        )
        override.reason = reason
        session.add(override)
        _record(session, override, AuditAction.OVERRIDE_PROPOSE, actor, at)
    return override


def settle_override(uid: str, *, confirmed: bool, actor: User, at: datetime) -> OverrideState:
    """Confirm or refuse what another person proposed; return what became of it.

    On data that moved on the proposal is void, whatever the second person says: the state that is
    returned says so.

    Raises SecondPersonNeeded, NotAllowedNow, NotFound.
    """
    with transaction() as session:
        override = session.scalar(select(Override).where(Override.uid == uid).with_for_update())
        if override is None or not actor.sees_all_regions:
            raise NotFound(override=uid)
        if override.state is not OverrideState.PROPOSED:
            raise NotAllowedNow(state=override.state)
        if override.proposed_by_id == actor.id:
            raise SecondPersonNeeded(override=uid)
        run = session.get_one(EstimateRun, override.run_id)
        _must_be_open(session, run)
        state = OverrideState.CONFIRMED if confirmed else OverrideState.REFUSED
        try:
            must_be_latest(session, run)
        except DataMovedOn:
            state = OverrideState.VOID
        override.state = state
        override.settled_by_id, override.settled_at = actor.id, at
        _record(session, override, AuditAction.OVERRIDE_SETTLE, actor, at)
    return state


def _must_be_open(session: Session, run: EstimateRun) -> None:
    standing = session.get(RunStanding, run.id)
    stage = standing.stage if standing else RunStage.DRAFT
    if stage not in _OPEN:
        raise NotAllowedNow(state=stage)


def _computed(session: Session, run: EstimateRun, code: str, project: Project) -> Decision:
    found = session.scalar(
        select(EstimateRow.decision).where(
            EstimateRow.run_id == run.id,
            EstimateRow.region_code == code,
            EstimateRow.project == project,
            EstimateRow.level != Level.STRATUM,
        )
    )
    if found is None:
        raise NotFound(region=code, project=project)
    return Decision(found)


def _live(session: Session, run: EstimateRun, code: str, project: Project) -> bool:
    found = session.scalar(
        select(Override.id).where(
            Override.run_id == run.id,
            Override.region_code == code,
            Override.project == project,
            Override.state.in_(_LIVE),
        )
    )
    return found is not None


def _record(
    session: Session, override: Override, action: AuditAction, actor: User, at: datetime
) -> None:
    trail.record(
        session,
        action,
        actor_id=actor.id,
        at=at,
        subject=f"override:{override.uid}",
        facts={
            "region": override.region_code,
            "project": override.project,
            "from": override.computed,
            "to": override.decision,
            "state": override.state or OverrideState.PROPOSED,
            "digest": override.input_digest,
        },
    )
