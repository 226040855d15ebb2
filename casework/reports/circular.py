"""A circular (通报) drafted from the results of a run and the matters that followed from them.

It is a draft: what is told of each unit stands in the run already, and a person edits it, signs it
and sends it. It names regions, offices and enterprises, never a person. A task that is not met by
its own test alone, and not when all tests of the run are taken together, names nobody.
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
from casework.estimates.judgement import stages
from casework.estimates.models import Completion, EstimateRun, RunState
from casework.estimates.reading import region_table
from casework.estimates.stages import RunStage
from casework.estimates.sureness import Sureness, how_sure
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree
from casework.reports.shortfalls import Shortfall, shortfalls
from casework.visits.rectification import is_overdue
from casework.visits.rectification_models import Matter, MatterKind, MatterState
from estimation.decision import Decision


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
    stage: RunStage  #: of the run; a draft's figures were shown to nobody yet
    not_met: Sequence[Shortfall]
    unnamed: Sequence[Shortfall]  #: not met, but not to be named: see sureness.py
    undetermined: Sequence[Shortfall]
    matters: Counter[tuple[MatterKind, MatterState]]
    overdue: Sequence[Matter]


def draft_circular(campaign_uid: str, *, actor: User, today: date) -> Circular:
    """Draft a circular from the run that came furthest: published, signed, sent round, computed.

    Of equals it is one that is not interim, and the latest; a withdrawn run is none. Raises
    NotFound for a campaign that *actor* may not see, NoResults.
    """
    campaign = find_campaign(campaign_uid, actor=actor)
    run, stage = _furthest(campaign)
    code = PROVINCE if actor.sees_all_regions else actor.region_code
    table = region_table(run.uid, code, actor=actor)
    found, sure = shortfalls(run, code, table.tree), how_sure(run)
    not_met = [one for one in found if one.decision is Decision.NOT_MET]
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
        stage=stage,
        not_met=[one for one in not_met if not _alone(one, sure)],
        unnamed=[one for one in not_met if _alone(one, sure)],
        undetermined=[one for one in found if one.decision is not Decision.NOT_MET],
        matters=Counter((matter.kind, matter.state) for matter in matters),
        overdue=[matter for matter in matters if is_overdue(matter, today)],
    )


def _furthest(campaign: Campaign) -> tuple[EstimateRun, RunStage]:
    runs = db.session.scalars(
        select(EstimateRun)
        .where(EstimateRun.campaign_id == campaign.id, EstimateRun.state == RunState.DONE)
        .order_by(EstimateRun.id)
    ).all()
    stage_of = stages(runs)
    standing = [run for run in runs if stage_of[run.id] is not RunStage.WITHDRAWN]
    if not standing:
        raise NoResults
    order = list(RunStage).index
    run = max(standing, key=lambda run: (order(stage_of[run.id]), not run.interim, run.id))
    return run, stage_of[run.id]


def _alone(one: Shortfall, sure: Mapping[str, Sureness]) -> bool:
    """Tell whether a task is not met by its own test alone; what people decided is not tested."""
    tested = one.region.code in sure and one.project in sure[one.region.code].holm
    return tested and not one.override and not sure[one.region.code].named(one.project)
