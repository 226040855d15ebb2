"""Where more calls would settle a decision: a forecast from what was seen so far.

If what is still closed is like what is open, the half-width h of an interval shrinks with
sqrt(1/n - 1/N). A decision is settled when h is no more than the distance of the rate from the
task line, so 1/n' = 1/N + (distance / h)**2 (1/n - 1/N). It is a forecast and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from casework.accounts.models import User
from casework.campaigns.models import Replicate, SampleEntry, Stratum
from casework.db import db
from casework.errors import NotFound
from casework.estimates.directory import done_run
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.ledgers.projects import Project
from estimation.decision import Decision

#: What more calls do not mend: there are too few visits.
VISITS_WANTED = frozenset({"phone_unaudited", "few_audits", "audits_differ"})


@dataclass(frozen=True, slots=True)
class Prospect:
    """An undetermined figure of a unit, and what would settle it."""

    row: EstimateRow
    waiting: int  #: sampled and not released
    needed: int | None  #: more cases, None where no number of calls helps
    visits_wanted: bool

    @property
    def settles(self) -> bool:
        """Whether what waits would be enough, if it is like what was seen."""
        return self.needed is not None and 0 < self.needed <= self.waiting


@dataclass(frozen=True, slots=True)
class Prospects:
    """What is undetermined in a run, what would settle it first."""

    run: EstimateRun
    lines: Sequence[Prospect]
    next_replicate: Replicate | None  #: the first that is not released


def prospects(run_uid: str, *, actor: User) -> Prospects:
    """Return the undetermined figures of all units. Raises NotFound below the province."""
    run = done_run(run_uid, actor=actor)
    if not actor.sees_all_regions:
        raise NotFound(run=run_uid)
    rows = db.session.scalars(
        select(EstimateRow)
        .where(
            EstimateRow.run_id == run.id,
            EstimateRow.level == Level.UNIT,
            EstimateRow.decision == Decision.UNDETERMINED,
        )
        .options(joinedload(EstimateRow.region), defer(EstimateRow.classes))
    ).all()
    waiting = _waiting(run.campaign_id)
    lines = [_prospect(row, waiting.get((row.project, row.region_code), 0)) for row in rows]
    lines.sort(key=lambda line: (not line.settles, line.needed is None, line.needed or 0))
    return Prospects(run, lines, _next(run.campaign_id))


def more_needed(row: EstimateRow) -> int | None:
    """Return how many more cases would bring the interval off the task line."""
    if row.rate is None or row.rate_low is None or row.rate_high is None or not row.sampled:
        return None
    half, distance = (row.rate_high - row.rate_low) / 2, abs(row.rate - 1)
    n, N = row.sampled, row.frame_size
    if half <= 0 or distance <= 0 or n >= N:
        return None
    wanted = 1 / (1 / N + (distance / half) ** 2 * (1 / n - 1 / N))
    more = ceil(min(wanted, N)) - n
    return more if more > 0 else None


def _prospect(row: EstimateRow, waiting: int) -> Prospect:
    visits = bool(VISITS_WANTED & {flag.partition(":")[0] for flag in row.flags})
    needed = None if visits or "target_equals_frame" in row.flags else more_needed(row)
    return Prospect(row, waiting, needed, visits)


def _waiting(campaign_id: int) -> dict[tuple[Project, str], int]:
    rows = db.session.execute(
        select(Stratum.project, Stratum.unit_code, func.count())
        .join(SampleEntry, SampleEntry.stratum_id == Stratum.id)
        .join(
            Replicate,
            (Replicate.campaign_id == SampleEntry.campaign_id)
            & (Replicate.number == SampleEntry.replicate),
        )
        .where(Stratum.campaign_id == campaign_id, Replicate.released_at.is_(None))
        .group_by(Stratum.project, Stratum.unit_code)
    )
    return {(project, unit): amount for project, unit, amount in rows}


def _next(campaign_id: int) -> Replicate | None:
    return db.session.scalar(
        select(Replicate)
        .where(Replicate.campaign_id == campaign_id, Replicate.released_at.is_(None))
        .order_by(Replicate.part, Replicate.number)
        .limit(1)
    )
