"""Changing the name of a campaign, or withdrawing it, while nothing of it is frozen."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state, unless_taken
from casework.campaigns.errors import CampaignNameUnusable, NameTaken, WithdrawalUnexplained
from casework.campaigns.models import Campaign, CampaignState, CampaignWork
from casework.db import transaction
from casework.errors import NotAllowedNow, NotFound

MOST_NAME, MOST_REASON = 80, 500  # characters


def rename_campaign(
    campaign_id: int, name: str, *, was: str, actor: User, at: datetime
) -> Campaign:
    """Give a campaign another name; *was* is the name that the actor saw.

    Raises CampaignNameUnusable, NameTaken, NotFound below the province, NotAllowedNow once the
    freezing was asked for or if somebody else renamed it meanwhile.
    """
    name = name.strip()
    if not 0 < len(name) <= MOST_NAME:
        raise CampaignNameUnusable(most=MOST_NAME)
    with unless_taken(name), transaction() as session:
        campaign = _not_yet_frozen(session, campaign_id, actor)
        if campaign.name != was:
            raise NotAllowedNow(campaign=campaign_id)
        other = select(Campaign.id).where(Campaign.name == name, Campaign.id != campaign_id)
        if session.scalar(other):
            raise NameTaken(name=name)
        campaign.name = name
        trail.record(
            session,
            AuditAction.CAMPAIGN_RENAME,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"from": was, "to": name},
        )
    return campaign


def withdraw_campaign(campaign_id: int, reason: str, *, actor: User, at: datetime) -> None:
    """Withdraw a campaign; it stays listed as withdrawn, and makes room where it would draw anew.

    Raises WithdrawalUnexplained, NotFound below the province, NotAllowedNow once the freezing was
    asked for.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= MOST_REASON:
        raise WithdrawalUnexplained(most=MOST_REASON)
    with transaction() as session:
        campaign = _not_yet_frozen(session, campaign_id, actor)
        replaced, campaign.replaces_id = campaign.replaces_id, None
        campaign.state, campaign.withdrawn_because = CampaignState.WITHDRAWN, reason
        trail.record(
            session,
            AuditAction.CAMPAIGN_WITHDRAW,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            purpose=reason,
            facts={"replaces": replaced} if replaced else None,
        )


def _not_yet_frozen(session: Session, campaign_id: int, actor: User) -> Campaign:
    if not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    campaign = campaign_in_state(session, campaign_id, CampaignState.DESIGN)
    if campaign.work is not CampaignWork.NONE:
        raise NotAllowedNow(campaign=campaign_id, work=campaign.work.value)
    return campaign
