"""Raising a share after its wave was closed: more of the class is visited, and nobody chose whom.

Every case keeps its sealed number, so a higher share adds exactly the cases whose numbers lie
between the old share and the new one, and those already visited stay. The numbers were fixed by the
draw; only when a share is raised is somebody's choice, and the trail keeps it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import Campaign, CampaignState, Stratum
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import transaction
from casework.errors import NotAllowedNow
from casework.visits.leads import settled_by_claim
from casework.visits.models import Visit, VisitReason
from casework.visits.rates import ShareOutOfRange, must_cover, raise_to
from sampling.visits import sealed_number


def raise_closed_shares(
    campaign_id: int,
    unit_code: str,
    shares: Mapping[PhoneClass, float],
    *,
    actor: User,
    at: datetime,
) -> int:
    """Raise the shares of *unit_code* while visits are made; return how many visits that added.

    Raises NotFound, NotAllowedNow unless the campaign is visiting, ShareOutOfRange,
    RateMayOnlyRise.
    """
    if not all(0 <= share <= 1 for share in shares.values()):
        raise ShareOutOfRange
    with transaction() as session:
        campaign = campaign_in_state(session, campaign_id, CampaignState.VISITING)
        must_cover(session, campaign_id, unit_code, actor)
        for phone_class, share in shares.items():
            raise_to(session, (campaign_id, unit_code, phone_class), share)
        added = 0
        for case in _below(session, campaign, unit_code, shares):
            case.apply(CaseAction.SEND_TO_SITE, actor=actor, at=at)
            session.add(
                Visit(case_id=case.id, reason=VisitReason.RANDOM, place_code=case.region_code)
            )
            added += 1
        trail.record(
            session,
            AuditAction.VISIT_RATES_RAISE,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={
                "unit": unit_code,
                "shares": {group.value: share for group, share in shares.items()},
                "added": added,
            },
        )
    return added


def _below(
    session: Session, campaign: Campaign, unit_code: str, shares: Mapping[PhoneClass, float]
) -> list[Case]:
    """Return the closed cases without a visit whose sealed numbers lie under the new shares."""
    if campaign.draw is None:
        raise NotAllowedNow(campaign=campaign.id)
    seed = campaign.draw.seed
    cases = session.scalars(
        select(Case)
        .join(Stratum, Stratum.id == Case.stratum_id)
        .outerjoin(Visit, Visit.case_id == Case.id)
        .where(
            Case.campaign_id == campaign.id,
            Case.state == CaseState.CLOSED,
            Case.phone_class.in_(shares),
            Stratum.unit_code == unit_code,
            Visit.id.is_(None),
            Case.id.not_in(settled_by_claim(campaign.id)),
        )
        .order_by(Case.id)
    )
    return [
        case
        for case in cases
        if case.phone_class and sealed_number(seed, case.entry_uid) < shares[case.phone_class]
    ]
