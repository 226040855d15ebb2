"""The edited texts of a circular, version after version; its tables stay as they were computed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError
from casework.estimates.models import EstimateRun
from casework.regions.models import PROVINCE
from casework.reports.models import CircularText

MOST_WORDS = 20_000


class CircularTextUnusable(CaseworkError):
    """The text of a circular is empty or longer than 20,000 characters."""


def circular_texts(campaign: Campaign, *, actor: User) -> Sequence[CircularText]:
    """Return the versions of the circular of the actor's region, the latest first."""
    query = (
        select(CircularText)
        .where(CircularText.campaign_id == campaign.id, CircularText.region_code == _region(actor))
        .order_by(CircularText.version.desc())
        .options(joinedload(CircularText.written_by))
    )
    return db.session.scalars(query).all()


def keep_circular_text(
    campaign: Campaign, run: EstimateRun, words: str, *, seen: int, actor: User, at: datetime
) -> CircularText:
    """Keep an edited text as the next version; *seen* is the latest that the page showed, or 0.

    Raises CircularTextUnusable, StaleDataError if somebody kept another version meanwhile.
    """
    said = words.replace("\r\n", "\n").strip()
    if not said or len(said) > MOST_WORDS:
        raise CircularTextUnusable(most=MOST_WORDS)
    with transaction() as session:
        session.get_one(Campaign, campaign.id, with_for_update=True)  # one text at a time
        latest = next((text.version for text in circular_texts(campaign, actor=actor)), 0)
        if latest != seen:
            raise StaleDataError(f"the circular of campaign {campaign.id} is at version {latest}")
        text = CircularText(
            uid=new_uid(),
            campaign_id=campaign.id,
            run_id=run.id,
            region_code=_region(actor),
            version=latest + 1,
            written_by_id=actor.id,
            written_at=at,
        )
        text.words = said
        session.add(text)
        trail.record(
            session,
            AuditAction.CIRCULAR_EDIT,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign.id}",
            facts={"version": text.version, "run": run.id},
        )
    return text


def _region(actor: User) -> str:
    return PROVINCE if actor.sees_all_regions else actor.region_code
