"""Opening a campaign, giving it targets, and entering what was judged at the desk."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.errors import (
    DatesOutOfOrder,
    NameTaken,
    NothingChosen,
    TargetsUnreadable,
)
from casework.campaigns.kinds import check_kind
from casework.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignPlace,
    CampaignProject,
    CampaignState,
    CampaignUnit,
    Coordination,
    DeskOutcome,
    ReleaseRule,
    Target,
)
from casework.campaigns.target_tables import TargetRow
from casework.db import transaction
from casework.errors import NotAllowedNow, NotFound
from casework.ledgers.projects import Project
from casework.regions.models import Region


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a coordinator decides when opening a campaign."""

    name: str
    year: int
    cutoff_on: date
    fieldwork_ends_on: date
    results_from: date
    projects: frozenset[Project]
    units: frozenset[str]
    phone_answers_accepted: bool = False
    kind: CampaignKind = CampaignKind.YEARLY
    places: frozenset[str] = frozenset()  #: counties of a spot check; none is whole units
    follows: int | None = None  #: the campaign of which this is a follow-up wave
    coordination: Coordination = Coordination.AFRESH
    release_rule: ReleaseRule = ReleaseRule.BY_HAND
    certain_from: int = 0  #: enterprises of so many persons or more are taken whole; 0 is none
    merge_below: int = 0  #: enterprises of fewer persons are joined within their unit


def open_campaign(plan: CampaignPlan, *, actor: User, at: datetime) -> Campaign:
    """Open a campaign. Raises NothingChosen, DatesOutOfOrder, NameTaken, or as ``check_kind``.

    A campaign belongs to the province, so nobody of a region below may open one: NotFound.
    """
    if not actor.sees_all_regions:
        raise NotFound
    if not plan.projects or not plan.units:
        raise NothingChosen
    in_turn = plan.cutoff_on <= plan.fieldwork_ends_on <= plan.results_from
    if not in_turn or plan.cutoff_on.year not in {plan.year, plan.year + 1}:
        raise DatesOutOfOrder
    with unless_taken(plan.name), transaction() as session:
        if session.scalar(select(Campaign.id).where(Campaign.name == plan.name)):
            raise NameTaken(name=plan.name)
        check_kind(
            session,
            plan.kind,
            projects=plan.projects,
            units=plan.units,
            places=plan.places,
            follows=plan.follows,
        )
        campaign = _campaign(plan, actor=actor, at=at)
        session.add(campaign)
        session.flush()  # the audit row names the new id
        trail.record(
            session,
            AuditAction.CAMPAIGN_OPEN,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"year": plan.year, "units": len(plan.units), "kind": plan.kind.value},
        )
    return campaign


def _campaign(plan: CampaignPlan, *, actor: User, at: datetime) -> Campaign:
    follow_up = plan.kind is CampaignKind.FOLLOW_UP
    return Campaign(
        name=plan.name,
        year=plan.year,
        cutoff_on=plan.cutoff_on,
        fieldwork_ends_on=plan.fieldwork_ends_on,
        results_from=plan.results_from,
        phone_answers_accepted=plan.phone_answers_accepted,
        kind=plan.kind,
        follows_id=plan.follows if follow_up else None,
        coordination=plan.coordination if follow_up else Coordination.AFRESH,
        release_rule=plan.release_rule,
        certain_from=plan.certain_from,
        merge_below=plan.merge_below,
        opened_by_id=actor.id,
        opened_at=at,
        projects=[CampaignProject(project=project) for project in sorted(plan.projects)],
        units=[CampaignUnit(region_code=code) for code in sorted(plan.units)],
        places=[CampaignPlace(region_code=code) for code in sorted(plan.places)],
    )


@contextmanager
def unless_taken(name: str) -> Iterator[None]:
    """Say the same of two people who take one name in the same moment."""
    try:
        yield
    except IntegrityError:
        raise NameTaken(name=name) from None


def set_targets(
    campaign_id: int, targets: Sequence[TargetRow], *, actor: User, at: datetime
) -> int:
    """Replace the targets of the projects that *targets* speaks of; return how many there are.

    A region that is left out has no task, which is not zero. Raises TargetsUnreadable for a
    region that is unknown, named twice for a project, or has components that do not add up.
    """
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.DESIGN)
        _check_targets(targets, set(session.scalars(select(Region.code))))
        projects = {target.project for target in targets}
        session.execute(
            delete(Target).where(Target.campaign_id == campaign.id, Target.project.in_(projects))
        )
        session.add_all(
            Target(
                campaign_id=campaign.id,
                project=target.project,
                region_code=target.region_code,
                persons=target.persons,
                carry_over=target.carry_over,
                planned=target.planned,
            )
            for target in targets
        )
        trail.record(
            session,
            AuditAction.TARGETS_LOAD,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"targets": len(targets), "projects": sorted(projects)},
        )
    return len(targets)


def _check_targets(targets: Sequence[TargetRow], known: set[str]) -> None:
    seen: set[tuple[Project, str]] = set()
    for number, target in enumerate(targets, start=2):  # line 1 is the header
        line = target.line or number
        parts = (target.carry_over, target.planned)
        if target.region_code not in known or target.persons < 0:
            raise TargetsUnreadable(line=line)
        if (target.project, target.region_code) in seen:
            raise TargetsUnreadable(line=line)
        if None not in parts and sum(part or 0 for part in parts) != target.persons:
            raise TargetsUnreadable(line=line)
        seen.add((target.project, target.region_code))


def enter_desk_outcome(
    campaign_id: int, region_code: str, *, met: bool, note: str, actor: User, at: datetime
) -> None:
    """Enter how a unit did in the desk project; entering it again replaces it."""
    with transaction() as session:
        if session.get(CampaignUnit, (campaign_id, region_code)) is None:
            raise NotFound(campaign=campaign_id, region=region_code)
        session.merge(
            DeskOutcome(
                campaign_id=campaign_id,
                region_code=region_code,
                met=met,
                note=note,
                entered_by_id=actor.id,
                entered_at=at,
            )
        )
        trail.record(
            session,
            AuditAction.DESK_OUTCOME_ENTER,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"region": region_code, "met": met},
        )


def close_campaign(campaign_id: int, *, actor: User, at: datetime) -> None:
    """End a campaign whose visits are done."""
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.VISITING)
        campaign.state = CampaignState.CLOSED
        trail.record(
            session,
            AuditAction.CAMPAIGN_CLOSE,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
        )


def campaign_in_state(session: Session, campaign_id: int, *states: CampaignState) -> Campaign:
    """Lock a campaign inside a unit of work. Raises NotFound, or NotAllowedNow in another state."""
    campaign = session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None:
        raise NotFound(campaign=campaign_id)
    if campaign.state not in states:
        raise NotAllowedNow(campaign=campaign_id, state=campaign.state.value)
    return campaign
