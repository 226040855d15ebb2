"""Giving a draw up. It takes two people, and stays listed for ever."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import Campaign, CampaignState, CampaignWork
from casework.campaigns.protocol import PARTIES
from casework.campaigns.protocol_errors import AlreadyAgreed, AlreadyReplaced, RedrawReasonMissing
from casework.campaigns.protocol_models import RedrawApproval
from casework.db import db, transaction
from casework.errors import NotFound


def agree_to_redraw(campaign_id: int, reason: str, *, actor: User, at: datetime) -> Campaign:
    """Agree, as one of the two parties, to give up a frame and what was drawn from it.

    With the second consent the campaign is void. Its rows stay; a new campaign, with a frame of
    its own, can draw anew in its place (:func:`draw_anew_in`).

    Raises NotFound for whoever is no party, RedrawReasonMissing, AlreadyAgreed the second time,
    NotAllowedNow before the freeze and once the calling is over.
    """
    reason = reason.strip()
    if actor.role not in PARTIES or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    if not reason:
        raise RedrawReasonMissing(campaign=campaign_id)
    with transaction() as session:
        campaign = campaign_in_state(
            session, campaign_id, CampaignState.FROZEN, CampaignState.DRAWN, CampaignState.CALLING
        )
        agreed = session.scalars(
            select(RedrawApproval).where(RedrawApproval.campaign_id == campaign_id)
        ).all()
        if any(each.party is actor.role or each.user_id == actor.id for each in agreed):
            raise AlreadyAgreed(campaign=campaign_id)
        session.add(
            RedrawApproval(
                campaign_id=campaign.id,
                party=actor.role,
                user_id=actor.id,
                reason=reason,
                approved_at=at,
            )
        )
        if len(agreed) + 1 == len(PARTIES):
            campaign.state, campaign.work = CampaignState.VOID, CampaignWork.NONE
        trail.record(
            session,
            AuditAction.REDRAW_APPROVE,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            purpose=reason,
            facts={"void": campaign.state is CampaignState.VOID},
        )
    return campaign


def may_draw_anew(*, actor: User) -> Sequence[Campaign]:
    """Return the campaigns that could draw anew: still designed, in nobody's place. Newest first.

    Raises NotFound below the province.
    """
    if not actor.sees_all_regions:
        raise NotFound(actor=actor.id)
    designed = select(Campaign).where(
        Campaign.state == CampaignState.DESIGN, Campaign.replaces_id.is_(None)
    )
    return db.session.scalars(designed.order_by(Campaign.id.desc())).all()


def draw_anew_in(campaign_id: int, void_id: int, *, actor: User, at: datetime) -> None:
    """Say that a campaign which is still designed draws anew what campaign *void_id* gave up.

    Raises NotFound, NotAllowedNow if one of the two is in another state, AlreadyReplaced if
    another campaign stands in that place already.
    """
    if not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    with transaction() as session:
        campaign_in_state(session, void_id, CampaignState.VOID)
        campaign = campaign_in_state(session, campaign_id, CampaignState.DESIGN)
        if session.scalar(select(Campaign.id).where(Campaign.replaces_id == void_id)):
            raise AlreadyReplaced(campaign=void_id)
        campaign.replaces_id = void_id
        trail.record(
            session,
            AuditAction.REDRAW_BEGIN,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"replaces": void_id},
        )
