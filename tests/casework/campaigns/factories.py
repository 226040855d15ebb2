"""Campaigns of every kind, frozen or drawn. All persons are fictitious."""

from datetime import date
from itertools import count

from casework.accounts.roles import Role
from casework.campaigns.design import CampaignPlan, open_campaign
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.ledgers.projects import Project
from tests.factories import LUOHE, NOON, agree, make_user

_number = count(1)


def plan(**changes) -> CampaignPlan:
    facts = {
        "name": f"演示核查{next(_number)}",
        "year": 2017,
        "cutoff_on": date(2017, 11, 30),
        "fieldwork_ends_on": date(2017, 12, 31),
        "results_from": date(2018, 1, 15),
        "projects": frozenset({Project.RE_EMPLOYMENT}),
        "units": frozenset({LUOHE}),
    }
    return CampaignPlan(**facts | changes)


def frozen(**changes) -> Campaign:
    """Return a campaign on whatever ledgers there are, frozen."""
    coordinator = make_user(Role.COORDINATOR)
    campaign = open_campaign(plan(**changes), actor=coordinator, at=NOON)
    request_freeze(campaign.id, actor=coordinator, at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign


def drawn(
    total: int, *, replicates: int = 1, seed: str = "a seed for tests", **changes
) -> Campaign:
    """Return a campaign on whatever ledgers there are, drawn."""
    campaign = frozen(**changes)
    coordinator = make_user(Role.COORDINATOR)
    sizes = SizePlan(SizeRule.PROPORTIONAL, minimum=0, total=total)
    for row in campaign.projects:
        set_sizes(campaign.id, row.project, sizes, actor=coordinator, at=NOON)
    agree(campaign, seed)
    request_draw(campaign.id, replicates=replicates, actor=coordinator, at=NOON)
    draw_sample(campaign.uid, at=NOON)
    return campaign
