"""How far the protocol of a draw has come, and who did what: what its page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.models import Campaign, CampaignState
from casework.campaigns.protocol import PARTIES, local_day, secrets_of
from casework.campaigns.protocol_models import DrawSecret, PublicValue, RedrawApproval
from casework.db import db
from casework.errors import NotFound


class ProtocolStep(StrEnum):
    """What has to be done next."""

    FREEZE = "freeze"
    NAME_VALUE = "name_value"
    COMMIT = "commit"
    WAIT = "wait"  #: both parties are committed, the day of the value has not come
    RECORD_VALUE = "record_value"
    REVEAL = "reveal"
    DRAW = "draw"
    DRAWN = "drawn"
    TOO_LATE = "too_late"  #: somebody did not commit in time; the frame must be given up
    VOID = "void"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """The protocol of one campaign. Secrets are not part of it, nor is anything of the sample."""

    campaign: Campaign
    step: ProtocolStep
    value: PublicValue | None
    secrets: Mapping[Role, DrawSecret]  #: by party, in the order of the seed
    approvals: Sequence[RedrawApproval]  #: of giving the draw up
    replaces: Campaign | None  #: the void campaign that this one draws anew
    replaced_by: Campaign | None
    single_seed: bool  #: drawn by the first release, with one seed that nobody committed to
    may_publish: bool

    @property
    def missing(self) -> list[Role]:
        """The parties that have to commit themselves or, once all have, to reveal."""
        if len(self.secrets) < len(PARTIES):
            return [party for party in PARTIES if party not in self.secrets]
        return [party for party, each in self.secrets.items() if each.revealed_at is None]


def protocol_of(campaign_id: int, *, actor: User, at: datetime) -> ProtocolView:
    """Return how far the protocol of a campaign has come. Raises NotFound below the province."""
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or not actor.sees_all_regions:
        raise NotFound(campaign=campaign_id)
    value, secrets = db.session.get(PublicValue, campaign_id), secrets_of(db.session(), campaign_id)
    drawn_with_root = campaign.draw is not None and bool(campaign.frame and campaign.frame.root)
    return ProtocolView(
        campaign=campaign,
        step=_step(campaign, value, secrets, at),
        value=value,
        secrets=secrets,
        approvals=db.session.scalars(
            select(RedrawApproval)
            .where(RedrawApproval.campaign_id == campaign_id)
            .order_by(RedrawApproval.approved_at)
        ).all(),
        replaces=db.session.get(Campaign, campaign.replaces_id) if campaign.replaces_id else None,
        replaced_by=db.session.scalar(select(Campaign).where(Campaign.replaces_id == campaign_id)),
        single_seed=campaign.draw is not None and not drawn_with_root,
        may_publish=drawn_with_root and local_day(at) >= campaign.results_from,
    )


def _step(
    campaign: Campaign,
    value: PublicValue | None,
    secrets: Mapping[Role, DrawSecret],
    at: datetime,
) -> ProtocolStep:
    if campaign.state is CampaignState.VOID:
        return ProtocolStep.VOID
    if campaign.state is CampaignState.WITHDRAWN:
        return ProtocolStep.WITHDRAWN
    if campaign.state is CampaignState.DESIGN:
        return ProtocolStep.FREEZE
    if campaign.state is not CampaignState.FROZEN:
        return ProtocolStep.DRAWN
    if value is None:
        return ProtocolStep.NAME_VALUE
    return _step_with(value, secrets, at)


def _step_with(
    value: PublicValue, secrets: Mapping[Role, DrawSecret], at: datetime
) -> ProtocolStep:
    known = local_day(at) >= value.known_on
    if len(secrets) < len(PARTIES):
        return ProtocolStep.TOO_LATE if known else ProtocolStep.COMMIT
    if not value.value:
        return ProtocolStep.RECORD_VALUE if known else ProtocolStep.WAIT
    revealed = all(each.revealed_at is not None for each in secrets.values())
    return ProtocolStep.DRAW if revealed else ProtocolStep.REVEAL
