"""What workers run. A job takes one row's uid, calls one service, and may safely run twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from casework.campaigns import drawing, frame, saving
from casework.campaigns.draft_models import Rehearsal
from casework.campaigns.models import Campaign, CampaignWork
from casework.db import db, utcnow
from casework.estimates import runs
from casework.estimates.models import EstimateRun, RunState
from casework.ledgers import intake
from casework.ledgers.models import Ledger, LedgerState

GRACE = timedelta(seconds=30)  # a row younger than this has just been rung for

Job = Callable[[str], None]


def check_ledger(uid: str) -> None:
    """Check one uploaded ledger."""
    intake.check_ledger(uid, at=utcnow())


def accept_ledger(uid: str) -> None:
    """Turn the rows of one clean ledger into entries."""
    intake.accept_ledger(uid, at=utcnow())


def freeze_frame(uid: str) -> None:
    """Freeze the frame of one campaign."""
    frame.freeze_frame(uid, at=utcnow())


def draw_sample(uid: str) -> None:
    """Draw the sample of one campaign."""
    drawing.draw_sample(uid, at=utcnow())


def run_rehearsal(uid: str) -> None:
    """Try out one plan of sizes."""
    saving.run_rehearsal(uid, at=utcnow())


def compute_run(uid: str) -> None:
    """Fill in one requested estimate run."""
    runs.compute_run(uid, at=utcnow())


def unheard(*, at: datetime) -> Iterator[tuple[Job, str]]:
    """Yield the job and uid of every row that still waits for a worker."""
    for state, job in (
        (LedgerState.UPLOADED, check_ledger),
        (LedgerState.CHECKING, check_ledger),
        (LedgerState.ACCEPTING, accept_ledger),
    ):
        for uid in db.session.scalars(select(Ledger.uid).where(Ledger.state == state)):
            yield job, uid
    for work, job in ((CampaignWork.FREEZE, freeze_frame), (CampaignWork.DRAW, draw_sample)):
        for uid in db.session.scalars(select(Campaign.uid).where(Campaign.work == work)):
            yield job, uid
    rehearsing = select(Rehearsal.uid).where(
        Rehearsal.finished_at.is_(None), Rehearsal.requested_at < at - GRACE
    )
    for uid in db.session.scalars(rehearsing):
        yield run_rehearsal, uid
    waiting = select(EstimateRun.uid).where(
        EstimateRun.state.in_((RunState.REQUESTED, RunState.COMPUTING)),
        EstimateRun.requested_at < at - GRACE,
    )
    for uid in db.session.scalars(waiting):
        yield compute_run, uid
