"""Which replicate a supervisor may ask for, and what speaks for it. Reading only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.forecasts import UnitForecast, unit_forecasts
from casework.calls.progress import NextReplicate, next_replicate
from casework.calls.schedule import day_of
from casework.campaigns.models import Campaign, CampaignState, Replicate
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case, CaseEvent
from casework.db import db

PACE_OF = timedelta(days=7)  #: the pace is that of the last days


@dataclass(frozen=True, slots=True)
class ReleaseOffer:
    """The next replicate of a campaign that is calling, beside how long the open cases last."""

    campaign: Campaign
    replicate: NextReplicate
    total: UnitForecast
    a_day: float  #: cases finished a day, lately
    days_left: int  #: of fieldwork

    @property
    def open_cases(self) -> int:
        return self.total.counts.cases - self.total.counts.finished

    @property
    def lasts(self) -> float | None:
        """Days until the open cases are done at this pace; None before any is finished."""
        return self.open_cases / self.a_day if self.a_day else None

    @property
    def runs_out(self) -> bool:
        """Whether the open cases end before fieldwork does."""
        return self.lasts is not None and self.lasts < self.days_left


def release_offers(*, actor: User, at: datetime) -> tuple[ReleaseOffer, ...]:
    """Return the replicates that may be asked for; none where a rule says which is next.

    How large a sample is, is secret: who does not see the whole province is offered nothing.
    """
    if not actor.sees_all_regions:
        return ()
    session = db.session()
    calling = session.scalars(
        select(Campaign).where(Campaign.state == CampaignState.CALLING).order_by(Campaign.id.desc())
    )
    found = (_offer(session, campaign, actor, at) for campaign in calling)
    return tuple(offer for offer in found if offer is not None)


def _offer(session: Session, campaign: Campaign, actor: User, at: datetime) -> ReleaseOffer | None:
    replicate = next_replicate(session, campaign.id)
    if replicate is None or replicate.by_rule:
        return None
    forecasts = unit_forecasts(session, campaign.id, replicate.number, actor=actor)
    if not forecasts:
        return None
    days_left = max((campaign.fieldwork_ends_on - day_of(at)).days + 1, 0)
    return ReleaseOffer(campaign, replicate, forecasts[0], _pace(session, campaign, at), days_left)


def _pace(session: Session, campaign: Campaign, at: datetime) -> float:
    """Return the cases finished a day in the last days, or since the first release."""
    began = session.scalar(
        select(func.min(Replicate.released_at)).where(Replicate.campaign_id == campaign.id)
    )
    since = max(at - PACE_OF, began) if began else at - PACE_OF
    finished = session.scalar(
        select(func.count(CaseEvent.case_id.distinct()))
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            Case.campaign_id == campaign.id,
            CaseEvent.action == CaseAction.FINISH_CALLS,
            CaseEvent.actor_id.is_not(None),  # those that needed no call say nothing of the pace
            CaseEvent.at >= since,
        )
    )
    days = max((at - since) / timedelta(days=1), 1.0)
    return (finished or 0) / days
