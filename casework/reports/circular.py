"""A circular (通报) drafted from the results of a run and the matters that followed from them.

It is a draft: what is told of each unit stands in the run already, and a person edits it, signs it
and sends it. It names regions, offices and enterprises, never a person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from casework.accounts.models import User
from casework.campaigns.models import Campaign
from casework.db import db
from casework.errors import CaseworkError
from casework.estimates.directory import find_campaign, run_number
from casework.estimates.models import Completion, EstimateRun, RunState
from casework.estimates.reading import region_table
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree
from casework.reports.shortfalls import Shortfall, shortfalls
from casework.visits.rectification import is_overdue
from casework.visits.rectification_models import Matter, MatterKind, MatterState


class NoResults(CaseworkError):
    """A circular is drafted from a finished run, and the campaign has none yet."""


@dataclass(frozen=True, slots=True)
class Circular:
    """What the draft tells."""

    campaign: Campaign
    run: EstimateRun
    number: int  #: of the run
    secret: bool  #: drafted before the day of the results
    tree: RegionTree
    completions: Mapping[Completion, Sequence[Region]]
    shortfalls: Sequence[Shortfall]  #: those not met first
    matters: Counter[tuple[MatterKind, MatterState]]
    overdue: Sequence[Matter]


def draft_circular(campaign_uid: str, *, actor: User, today: date) -> Circular:
    """Draft a circular from the latest finished run that is not interim, else the latest finished.

    Raises NotFound for a campaign that *actor* may not see, NoResults.
    """
    campaign = find_campaign(campaign_uid, actor=actor)
    run = db.session.scalars(
        select(EstimateRun)
        .where(EstimateRun.campaign_id == campaign.id, EstimateRun.state == RunState.DONE)
        .order_by(EstimateRun.interim, EstimateRun.id.desc())
    ).first()
    if run is None:
        raise NoResults
    code = PROVINCE if actor.sees_all_regions else actor.region_code
    table = region_table(run.uid, code, actor=actor)
    completions: dict[Completion, list[Region]] = {completion: [] for completion in Completion}
    for line in table.lines:
        completions[line.completion].append(line.region)
    matters = db.session.scalars(
        select(Matter).where(Matter.campaign_id == campaign.id).order_by(Matter.due_on, Matter.id)
    ).all()
    return Circular(
        campaign=campaign,
        run=run,
        number=run_number(run),
        secret=today < campaign.results_from,
        tree=table.tree,
        completions=completions,
        shortfalls=shortfalls(run, code, table.tree),
        matters=Counter((matter.kind, matter.state) for matter in matters),
        overdue=[matter for matter in matters if is_overdue(matter, today)],
    )
