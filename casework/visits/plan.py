"""What the coordinator sees: how far calling is, the shares, the leads, the visits."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.campaigns.models import Campaign, CampaignState, CampaignUnit, Stratum
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.regions.models import Region
from casework.visits.models import (
    Lead,
    LeadResult,
    Visit,
    VisitReason,
    VisitState,
)
from casework.visits.rates import proposed_rates, rates_of

_PLANNED = (
    CampaignState.DRAWN,
    CampaignState.CALLING,
    CampaignState.VISITING,
    CampaignState.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Share:
    """The share of one phone class in one unit."""

    size: int  #: cases of the class so far
    fixed: float | None  #: None if it was never set, which chooses nobody
    proposed: float


@dataclass(frozen=True, slots=True)
class UnitPlan:
    unit: Region
    shares: Mapping[PhoneClass, Share]
    visits: Counter[VisitState]


@dataclass(frozen=True, slots=True)
class Plan:
    campaign: Campaign
    cases: Counter[CaseState]
    units: Sequence[UnitPlan]
    visits: Counter[tuple[VisitReason, VisitState]]
    leads: Counter[LeadResult]

    @property
    def waiting(self) -> int:
        """Cases that closing the wave would settle as they stand."""
        return self.cases[CaseState.READY] + self.cases[CaseState.ESCALATED]

    def visits_in(self, *states: VisitState) -> int:
        return sum(number for (_, state), number in self.visits.items() if state in states)

    def visits_for(self, reason: VisitReason) -> int:
        return sum(number for (why, _), number in self.visits.items() if why == reason)


def planned_campaigns(actor: User) -> list[Campaign]:
    """Return the campaigns that have a sample, those at work first, then the newest.

    What is drawn is secret, so only the province sees any.
    """
    if not actor.sees_all_regions:
        return []
    campaigns = db.session.scalars(
        select(Campaign).where(Campaign.state.in_(_PLANNED)).order_by(Campaign.id.desc())
    )
    at_work = {CampaignState.CALLING: 0, CampaignState.VISITING: 1}
    return sorted(campaigns, key=lambda campaign: at_work.get(campaign.state, 2))


def campaign_of(uid: str, *, actor: User) -> Campaign:
    """Return a campaign that has a sample. Raises NotFound, also for whoever may not see it."""
    campaign = db.session.scalar(
        select(Campaign).where(Campaign.uid == uid, Campaign.state.in_(_PLANNED))
    )
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=uid)
    return campaign


def campaign_uid(campaign_id: int) -> str:
    """Return the uid of a campaign, for an address."""
    return db.session.get_one(Campaign, campaign_id).uid


def plan_of(campaign: Campaign, *, actor: User) -> Plan:
    """Return the numbers of a campaign in the region of *actor*."""
    mine = (Case.campaign_id == campaign.id, in_scope(actor, Case.region_code))
    cases = _count(select(Case.state, func.count()).where(*mine).group_by(Case.state))
    here = (Lead.campaign_id == campaign.id, in_scope(actor, Lead.region_code))
    alone = select(Lead.result, func.count()).where(*here, Lead.merged_into_id.is_(None))
    leads = _count(alone.group_by(Lead.result))
    visits: Counter[tuple[VisitReason, VisitState]] = Counter()
    rows = select(Visit.reason, Visit.state, func.count()).join(Case).where(*mine)
    for reason, state, number in db.session.execute(rows.group_by(Visit.reason, Visit.state)):
        visits[reason, state] = number
    return Plan(campaign, cases, _units(campaign, actor), visits, leads)


def unit_in(plan: Plan, code: str) -> UnitPlan:
    """Return one unit of a plan. Raises NotFound if it is not in it."""
    for row in plan.units:
        if row.unit.code == code:
            return row
    raise NotFound(unit=code)


def _count(query: Select[Any, int]) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    for key, number in db.session.execute(query):
        counted[key] = number
    return counted


def _units(campaign: Campaign, actor: User) -> list[UnitPlan]:
    units = db.session.scalars(
        select(Region)
        .join(CampaignUnit, CampaignUnit.region_code == Region.code)
        .where(CampaignUnit.campaign_id == campaign.id, in_scope(actor, Region.code))
        .order_by(Region.unit_order)
    )
    fixed, proposed = rates_of(campaign.id), proposed_rates(campaign.id, actor=actor)
    sizes = _sizes(campaign.id)
    visits = _visits_by_unit(campaign.id)
    return [
        UnitPlan(
            unit,
            {
                phone_class: Share(
                    size=sizes[unit.code, phone_class],
                    fixed=fixed.get((unit.code, phone_class)),
                    proposed=proposed.get(unit.code, {}).get(phone_class, 1.0),
                )
                for phone_class in PhoneClass
            },
            visits[unit.code],
        )
        for unit in units
    ]


def _sizes(campaign_id: int) -> Counter[tuple[str, PhoneClass]]:
    rows = db.session.execute(
        select(Stratum.unit_code, Case.phone_class, func.count())
        .join(Stratum, Case.stratum_id == Stratum.id)
        .where(Case.campaign_id == campaign_id)
        .group_by(Stratum.unit_code, Case.phone_class)
    )
    return Counter({(unit, group): number for unit, group, number in rows if group is not None})


def _visits_by_unit(campaign_id: int) -> dict[str, Counter[VisitState]]:
    rows = db.session.execute(
        select(Stratum.unit_code, Visit.state, func.count())
        .select_from(Visit)
        .join(Case, Visit.case_id == Case.id)
        .join(Stratum, Case.stratum_id == Stratum.id)
        .where(Case.campaign_id == campaign_id)
        .group_by(Stratum.unit_code, Visit.state)
    )
    counted: dict[str, Counter[VisitState]] = defaultdict(Counter)
    for unit, state, number in rows:
        counted[unit][state] = number
    return counted
