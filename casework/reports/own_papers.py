"""Papers that a region fetches itself: notice and certificate of its own announced result."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.db import db
from casework.errors import NotFound
from casework.estimates.judging_models import RunStanding
from casework.estimates.models import EstimateRun
from casework.estimates.objecting import announced
from casework.reports.handouts import CERTIFICATES
from casework.reports.models import Handout, HandoutKind, HandoutState

OWN = CERTIFICATES | {HandoutKind.NOTICE_WORD, HandoutKind.NOTICE_PDF}


def must_be_own(run_uid: str, kind: HandoutKind) -> None:
    """Raise NotFound unless regions may ask for this kind of paper of an announced run."""
    run = (
        select(EstimateRun.id)
        .join(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(EstimateRun.uid == run_uid, announced())
    )
    if kind not in OWN or db.session.scalar(run) is None:
        raise NotFound(run=run_uid)


def own_papers(actor: User) -> Sequence[Handout]:
    """Return the papers of the actor's region and those under it, the latest first."""
    return db.session.scalars(
        _own(actor).order_by(Handout.id.desc()).options(joinedload(Handout.region))
    ).all()


def find_own(uid: str, *, actor: User) -> Handout:
    """Return a finished paper of the actor's region. Raises NotFound for any other."""
    ready = _own(actor).where(Handout.uid == uid, Handout.state == HandoutState.DONE)
    found = db.session.scalar(ready)
    if found is None:
        raise NotFound(handout=uid)
    return found


def _own(actor: User) -> Select[Handout]:
    return (
        select(Handout)
        .join(EstimateRun, EstimateRun.id == Handout.run_id)
        .join(RunStanding, RunStanding.run_id == EstimateRun.id)
        .where(Handout.kind.in_(OWN), announced(), in_scope(actor, Handout.region_code))
    )
