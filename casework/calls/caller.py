"""How the callers of a campaign introduce themselves, and where people can check it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.desk_models import CallerWords
from casework.campaigns.models import Campaign
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound

MOST_SIGNS = 60


class CallerUnusable(CaseworkError):
    """A name, hotline or place is longer than a sentence of the script can bear."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What the script says of who calls; "" where nobody has said it yet."""

    agency: str = ""
    hotline: str = ""
    check_place: str = ""


def caller_of(session: Session, campaign_id: int) -> Caller:
    """Return who the callers of a campaign say they are."""
    row = session.get(CallerWords, campaign_id)
    return Caller() if row is None else Caller(row.agency, row.hotline, row.check_place)


def caller(campaign_id: int) -> Caller:
    """Return the same for a page."""
    return caller_of(db.session(), campaign_id)


def set_caller(campaign_id: int, caller: Caller, *, actor: User, at: datetime) -> None:
    """Change how the callers of a campaign introduce themselves from the next question on.

    Raises NotFound, CallerUnusable.
    """
    words = [clean_words(text) for text in (caller.agency, caller.hotline, caller.check_place)]
    if any(len(text) > MOST_SIGNS for text in words):
        raise CallerUnusable(most=MOST_SIGNS)
    with transaction() as session:
        if session.get(Campaign, campaign_id, with_for_update=True) is None:
            raise NotFound(campaign=campaign_id)
        row = session.get(CallerWords, campaign_id) or CallerWords(campaign_id=campaign_id)
        row.agency, row.hotline, row.check_place = words
        row.changed_by_id, row.changed_at = actor.id, at
        session.add(row)
        trail.record(
            session,
            AuditAction.CALLING_RULES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"caller": True},
        )
