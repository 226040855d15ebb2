"""The shares of the phone classes that are visited at random: proposed, then fixed per unit."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil, comb

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.design import campaign_in_state
from casework.campaigns.models import CampaignState, CampaignUnit, Stratum
from casework.cases.models import Case, PhoneClass
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.projects import Project
from casework.visits.models import VisitRate

#: The protocol: at least a fifth of phone-yes and 20 rows of it; 5 rows, or all, of the others.
YES_SHARE = 0.20
YES_ROWS = 20
OTHER_ROWS = 5
#: How sure the proposed share makes it that so many rows are chosen.
ASSURANCE = 0.95
#: What is expected of cases that are not phoned yet; a planning assumption, replaced by the facts.
EXPECTED: Mapping[PhoneClass, float] = {
    PhoneClass.ACHIEVED: 0.52,
    PhoneClass.DEEMED: 0.03,
    PhoneClass.NOT_ACHIEVED: 0.05,
    PhoneClass.DEAD_NUMBER: 0.10,
    PhoneClass.WRONG_PERSON: 0.06,
    PhoneClass.NO_ANSWER: 0.14,
    PhoneClass.REFUSED: 0.06,
    PhoneClass.AWAY: 0.04,
}
#: A claim that is deemed achieved counts like one that is achieved, so it is checked as much.
_YES = (PhoneClass.ACHIEVED, PhoneClass.DEEMED)
_MAY_SET = (
    CampaignState.DESIGN,
    CampaignState.FROZEN,
    CampaignState.DRAWN,
    CampaignState.CALLING,
)


class RateMayOnlyRise(CaseworkError):
    """A share of random visits may rise but not fall: it was promised before the wave."""


class ShareOutOfRange(CaseworkError):
    """A share lies between 0 and 1."""


def set_rates(
    campaign_id: int,
    unit_code: str,
    shares: Mapping[PhoneClass, float],
    *,
    actor: User,
    at: datetime,
) -> None:
    """Fix the shares of *unit_code* for the phone classes that are named.

    Raises NotFound if the campaign does not cover the unit or *actor* may not see it,
    NotAllowedNow once calling is closed, ShareOutOfRange, RateMayOnlyRise.
    """
    if not all(0 <= share <= 1 for share in shares.values()):
        raise ShareOutOfRange
    with transaction() as session:
        campaign_in_state(session, campaign_id, *_MAY_SET)
        must_cover(session, campaign_id, unit_code, actor)
        for phone_class, share in shares.items():
            raise_to(session, (campaign_id, unit_code, phone_class), share)
        trail.record(
            session,
            AuditAction.VISIT_RATES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"unit": unit_code, "shares": {g.value: s for g, s in shares.items()}},
        )


def take_proposed_rates(campaign_id: int, *, actor: User, at: datetime) -> int:
    """Raise every share that lies under its proposal to it; return how many were raised.

    Raises NotFound, or NotAllowedNow once calling is closed.
    """
    with transaction() as session:
        campaign_in_state(session, campaign_id, *_MAY_SET)
        fixed = rates_of(campaign_id)
        raised = [
            (unit, phone_class, share)
            for unit, shares in proposed_rates(campaign_id, actor=actor).items()
            for phone_class, share in shares.items()
            if share > fixed.get((unit, phone_class), 0.0)
        ]
        for unit, phone_class, share in raised:
            raise_to(session, (campaign_id, unit, phone_class), share)
        trail.record(
            session,
            AuditAction.VISIT_RATES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"proposed": [[u, g.value, s] for u, g, s in raised]},
        )
    return len(raised)


def must_cover(session: Session, campaign_id: int, unit_code: str, actor: User) -> None:
    """Raise NotFound unless the campaign covers the unit and *actor* may see it."""
    covered = select(CampaignUnit).where(
        CampaignUnit.campaign_id == campaign_id,
        CampaignUnit.region_code == unit_code,
        in_scope(actor, CampaignUnit.region_code),
    )
    if session.scalar(covered) is None:
        raise NotFound(unit=unit_code)


def raise_to(session: Session, key: tuple[int, str, PhoneClass], share: float) -> None:
    """Set a share inside a unit of work that is open. Raises RateMayOnlyRise."""
    rate = session.get(VisitRate, key)
    if rate is None:
        campaign_id, unit_code, phone_class = key
        session.add(
            VisitRate(
                campaign_id=campaign_id, unit_code=unit_code, phone_class=phone_class, share=share
            )
        )
    elif share < rate.share:
        raise RateMayOnlyRise(unit=key[1], share=f"{rate.share:.1%}")
    else:
        rate.share = share


def rates_of(campaign_id: int) -> dict[tuple[str, PhoneClass], float]:
    """Return the share of each unit and phone class that is fixed; what is missing is 0."""
    rates = db.session.scalars(select(VisitRate).where(VisitRate.campaign_id == campaign_id))
    return {(rate.unit_code, rate.phone_class): rate.share for rate in rates}


def proposed_rates(campaign_id: int, *, actor: User) -> dict[str, dict[PhoneClass, float]]:
    """Return a share for each unit and phone class that keeps the protocol's minimum.

    A share serves every project of its unit, so the smallest class decides. Classes are as large
    as phoned so far, and for the other cases as planning expects (``EXPECTED``).
    """
    sizes = _class_sizes(campaign_id, actor)
    units = sorted({unit for unit, _, _ in sizes})
    return {
        unit: {
            phone_class: max(
                (
                    _share(phone_class, n)
                    for (u, _, g), n in sizes.items()
                    if (u, g) == (unit, phone_class)
                ),
                default=1.0,
            )
            for phone_class in PhoneClass
        }
        for unit in units
    }


def _class_sizes(campaign_id: int, actor: User) -> dict[tuple[str, Project, PhoneClass], float]:
    rows = db.session.execute(
        select(Stratum.unit_code, Case.project, Case.phone_class, func.count())
        .join(Stratum, Case.stratum_id == Stratum.id)
        .where(Case.campaign_id == campaign_id, in_scope(actor, Stratum.unit_code))
        .group_by(Stratum.unit_code, Case.project, Case.phone_class)
    )
    sizes: dict[tuple[str, Project, PhoneClass], float] = {}
    for unit, project, phone_class, number in rows:
        parts = EXPECTED if phone_class is None else {phone_class: 1.0}
        for part, share in parts.items():
            key = (unit, project, part)
            sizes[key] = sizes.get(key, 0.0) + number * share
    return sizes


def _share(phone_class: PhoneClass, size: float) -> float:
    rows = YES_ROWS if phone_class is PhoneClass.ACHIEVED else OTHER_ROWS
    return max(YES_SHARE if phone_class in _YES else 0, share_for(rows, round(size)))


def share_for(rows: int, size: int) -> float:
    """Return the smallest share, in whole percent, that chooses *rows* of *size* cases surely.

    Each case is chosen by its own sealed number, so the number chosen is binomial; surely means
    with probability ASSURANCE. A class that is no larger than *rows* is visited whole.
    """
    if size <= rows:
        return 1.0
    percent = next(p for p in range(ceil(100 * rows / size), 101) if _reaches(rows, size, p / 100))
    return percent / 100


def _reaches(rows: int, size: int, share: float) -> bool:
    fewer = sum(comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(rows))
    return 1 - fewer >= ASSURANCE
