"""Which campaigns froze a ledger, and which ledgers count beside it: for those who hand in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from casework.campaigns.models import Campaign, Frame, FrameEntry
from casework.db import db
from casework.ledgers.models import Ledger, LedgerEntry, LedgerState


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """What became of an accepted ledger."""

    frames: Sequence[str]  #: names of the campaigns whose frames hold entries of it
    beside: Sequence[Ledger]  #: accepted for the same region, project and period
    beside_frames: Sequence[str]  #: names of the campaigns whose frames hold entries of those


def standing_of(ledger: Ledger) -> LedgerStanding:
    """Return what became of a ledger that its reader may see."""
    beside = db.session.scalars(
        select(Ledger)
        .where(
            Ledger.region_code == ledger.region_code,
            Ledger.project == ledger.project,
            Ledger.period_end == ledger.period_end,
            Ledger.state == LedgerState.ACCEPTED,
            Ledger.id != ledger.id,
        )
        .order_by(Ledger.id)
    ).all()
    return LedgerStanding(
        _frames_of([ledger.id]), beside, _frames_of([other.id for other in beside])
    )


def _frames_of(ledgers: Sequence[int]) -> Sequence[str]:
    holds = (  # frames are few, and the key of their entries begins with the frame
        select(LedgerEntry.uid)
        .join(FrameEntry, FrameEntry.entry_uid == LedgerEntry.uid)
        .where(LedgerEntry.ledger_id.in_(ledgers), FrameEntry.frame_id == Frame.id)
        .correlate(Frame)
        .exists()
    )
    return db.session.scalars(
        select(Campaign.name)
        .join(Frame, Frame.campaign_id == Campaign.id)
        .where(holds)
        .order_by(Campaign.id)
    ).all()
