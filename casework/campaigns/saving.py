"""Saving what was planned as the campaign's sizes, draft by draft, and trying a draft out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns import rehearsal
from casework.campaigns.cells import read_cells
from casework.campaigns.design import campaign_in_state
from casework.campaigns.draft_models import Rehearsal, SizeDraft
from casework.campaigns.drafts import Planned, assumptions_of, check_budget, planned
from casework.campaigns.drawing import write_sizes
from casework.campaigns.models import CampaignState
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.campaigns.wishes import Wishes
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.projects import Project

ROUNDS = 100
STEP = 5  # rounds between two looks at the bar


def save_draft(
    campaign_id: int, project: Project, wishes: Wishes, *, actor: User, at: datetime
) -> SizeDraft:
    """Make a plan the campaign's sizes and keep it as its next draft.

    Raises BudgetTooSmall, StratumTooSmall, NothingToPlan or SizesFixed; nothing is changed then.
    """
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.FROZEN)
        cells = read_cells(session, campaign_id, project)
        check_budget(cells, wishes)
        plan = planned(cells, wishes)
        given = SizePlan(SizeRule.GIVEN, minimum=0, given=plan.sizes)
        write_sizes(session, campaign, project, given)
        draft = SizeDraft(
            campaign_id=campaign_id,
            project=project,
            number=len(_drafts(session, campaign_id, project)) + 1,
            wishes=asdict(wishes),
            figures=figures_of(plan),
            saved_by_id=actor.id,
            saved_at=at,
        )
        session.add(draft)
        session.flush()  # the audit row names the draft
        trail.record(
            session,
            AuditAction.SIZES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={
                "project": project.value,
                "draft": draft.number,
                "total": plan.outlook.work.cases,
            },
        )
    return draft


def drafts_of(campaign_id: int, project: Project) -> Sequence[SizeDraft]:
    """Return the saved drafts of one project, the latest first."""
    return _drafts(db.session(), campaign_id, project)


def figures_of(plan: Planned) -> dict[str, Any]:
    """Return what a draft keeps of a plan, as plain numbers."""
    work = plan.outlook.work
    return {
        "cases": work.cases,
        "attempts": work.attempts,
        "visits": work.visits,
        "money": work.money,
        "operator_days": work.operator_days,
        "inspector_days": work.inspector_days,
        "undetermined_share": plan.undetermined_share,
        "half_width": float(plan.outlook.project_half_width[0]),
        "units": {unit.code: [unit.sample_size, unit.half_width] for unit in plan.units},
    }


def request_rehearsal(
    campaign_id: int,
    project: Project,
    wishes: Wishes,
    *,
    actor: User,
    at: datetime,
    rounds: int = ROUNDS,
) -> Rehearsal:
    """Ask for a plan to be tried out. The caller rings the worker once this has returned.

    Raises NothingToPlan, or BudgetTooSmall where the budget does not pay for the minimum.
    """
    with transaction() as session:
        campaign_in_state(session, campaign_id, CampaignState.FROZEN)
        check_budget(read_cells(session, campaign_id, project), wishes)
        asked = Rehearsal(
            campaign_id=campaign_id,
            project=project,
            wishes=asdict(wishes),
            rounds=rounds,
            requested_by_id=actor.id,
            requested_at=at,
        )
        session.add(asked)
    return asked


def run_rehearsal(uid: str, *, at: datetime) -> None:
    """Try out what was asked for; a finished rehearsal is left as it is."""
    asked = db.session.scalar(select(Rehearsal).where(Rehearsal.uid == uid))
    if asked is None:
        raise NotFound(rehearsal=uid)
    if asked.finished_at is not None:
        return
    cells = read_cells(db.session(), asked.campaign_id, asked.project)
    wishes, rounds = Wishes(**asked.wishes), asked.rounds
    plan = planned(cells, wishes)
    scene = rehearsal.Scene(
        names=list(cells.keys),
        units=list(cells.units),
        projects=[asked.project.value] * len(cells.keys),
        target=cells.target,
    )
    rng = np.random.default_rng(int(uid, 16))  # so that a rehearsal can be run again
    parts = []
    for start in range(0, rounds, STEP):
        times = min(STEP, rounds - start)
        parts.append(
            rehearsal.rehearse(
                scene, plan.design, assumptions_of(cells, wishes), times=times, rng=rng
            )
        )
        _show(uid, start + times)
    with transaction() as session:
        found = session.scalars(select(Rehearsal).where(Rehearsal.uid == uid)).one()
        found.figures, found.finished_at = _figures(parts), at


def latest_rehearsal(campaign_id: int, project: Project) -> Rehearsal | None:
    """Return the rehearsal asked for last."""
    return db.session.scalar(
        select(Rehearsal)
        .where(Rehearsal.campaign_id == campaign_id, Rehearsal.project == project)
        .order_by(Rehearsal.id.desc())
        .limit(1)
    )


def find_rehearsal(uid: str, *, actor: User) -> Rehearsal:
    """Return one rehearsal. Raises NotFound, also for whoever may not see the sample."""
    found = db.session.scalar(select(Rehearsal).where(Rehearsal.uid == uid))
    if found is None or not actor.sees_all_regions:
        raise NotFound(rehearsal=uid)
    return found


def _show(uid: str, done: int) -> None:
    with transaction() as session:
        session.scalars(select(Rehearsal).where(Rehearsal.uid == uid)).one().done = done


def _figures(parts: Sequence[rehearsal.Rehearsed]) -> dict[str, Any]:
    tallies = parts[0].tallies
    for part in parts[1:]:
        tallies = tuple(one.plus(other) for one, other in zip(tallies, part.tallies, strict=True))
    times = np.array([part.times for part in parts])
    return {
        "calls": float(times @ [part.attempts for part in parts]) / int(times.sum()),
        "cases": float(times @ [part.calls for part in parts]) / int(times.sum()),
        "visits": float(times @ [part.visits for part in parts]) / int(times.sum()),
        "levels": [
            {
                "level": tally.level,
                "judged": tally.judged,
                "coverage": tally.coverage,
                "undetermined": tally.undetermined,
                "wrong_met": tally.wrong_met,
                "wrong_not_met": tally.wrong_not_met,
            }
            for tally in tallies
        ],
    }


def _drafts(session: Session, campaign_id: int, project: Project) -> Sequence[SizeDraft]:
    return session.scalars(
        select(SizeDraft)
        .where(SizeDraft.campaign_id == campaign_id, SizeDraft.project == project)
        .order_by(SizeDraft.number.desc())
    ).all()
