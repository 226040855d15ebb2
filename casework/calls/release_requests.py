"""A supervisor asks for the next replicate; whoever may open it sees who asked, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.supervision_models import ReleaseRequest
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.db import db, transaction
from casework.errors import NotAllowedNow, NotFound


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits: nobody opened the replicate yet."""

    replicate: int
    by: str
    at: datetime


def ask_for_release(campaign_id: int, number: int, *, actor: User, at: datetime) -> None:
    """Ask the coordinator to open replicate *number*. Asking twice is asking once.

    Raises NotFound, NotAllowedNow if it is open, a rule opens it, or the campaign is not calling.
    """
    with transaction() as session:
        campaign = session.get(Campaign, campaign_id)
        replicate = session.get(Replicate, (campaign_id, number))
        if campaign is None or replicate is None or not actor.sees_all_regions:
            raise NotFound(campaign=campaign_id, replicate=number)
        waits = replicate.released_at is None and replicate.unit_code is None
        if campaign.state is not CampaignState.CALLING or not waits:
            raise NotAllowedNow(campaign=campaign_id)
        if session.get(ReleaseRequest, (campaign_id, number)) is not None:
            return
        session.add(
            ReleaseRequest(
                campaign_id=campaign_id, replicate=number, asked_by_id=actor.id, asked_at=at
            )
        )
        trail.record(
            session,
            AuditAction.REPLICATE_ASK,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"replicate": number},
        )


def waiting_requests(*, actor: User) -> Mapping[int, Asked]:
    """Return the requests that wait in campaigns that are calling, by campaign.

    How large a sample is, is secret: who does not see the whole province sees none.
    """
    if not actor.sees_all_regions:
        return {}
    rows = db.session.execute(
        select(ReleaseRequest, User.name)
        .join(
            Replicate,
            (Replicate.campaign_id == ReleaseRequest.campaign_id)
            & (Replicate.number == ReleaseRequest.replicate),
        )
        .join(Campaign, Campaign.id == ReleaseRequest.campaign_id)
        .join(User, User.id == ReleaseRequest.asked_by_id)
        .where(Replicate.released_at.is_(None), Campaign.state == CampaignState.CALLING)
        .order_by(ReleaseRequest.asked_at)
    )
    return {
        request.campaign_id: Asked(request.replicate, name, request.asked_at)
        for request, name in rows
    }
