"""Enterprises counted whole on site: what is known of everybody in their stratum.

A head-count that the enterprise signed settles its stratum if it can be matched to the ledger: the
stratum holds this enterprise alone, and the enterprise has no more workers than the ledger names.
Then as many entries are achieved or deemed as were resettled or waived, and all others are not
achieved, those among them whom the enterprise does not know included. With more workers than
entries nobody can say which of them the ledger claims, and the stratum stays estimated.
"""

from collections.abc import Mapping

from sqlalchemy import select

from casework.campaigns.models import Campaign, FrameEntry, Stratum
from casework.db import db
from casework.ledgers.models import LedgerEntry
from casework.visits.head_counts import latest_counts

WAIVED, NOT_RESETTLED, NOT_THERE = "SD", "SN", "SX"
#: A stratum by its reporting unit and its enterprise.
Place = tuple[str, str]


def counted_on_site(
    campaign: Campaign, entries: Mapping[Place, int]
) -> dict[Place, dict[str, int]]:
    """Return the enterprises that a head-count settles: outcome code to persons.

    *entries* says how many entries the stratum of each enterprise has; the persons are as many.
    """
    counts = {(count.unit_code, count.enterprise): count for count in latest_counts(campaign.id)}
    usable = {
        place: count
        for place, count in counts.items()
        if count.confirmed and count.total <= entries.get(place, 0)
    }
    shared = _shared(campaign, [enterprise for _, enterprise in usable])
    return {
        place: {
            **count.resettled,
            WAIVED: count.waived,
            NOT_RESETTLED: sum(count.unsettled.values()),
            NOT_THERE: entries[place] - count.total,
        }
        for place, count in usable.items()
        if place not in shared
    }


def _shared(campaign: Campaign, enterprises: list[str]) -> set[Place]:
    """Return the strata that bear an enterprise's name and hold others too."""
    if not enterprises:
        return set()
    rows = db.session.execute(
        select(Stratum.unit_code, Stratum.enterprise)
        .join(FrameEntry, FrameEntry.stratum_id == Stratum.id)
        .join(LedgerEntry, LedgerEntry.uid == FrameEntry.entry_uid)
        .where(
            Stratum.campaign_id == campaign.id,
            Stratum.enterprise.in_(enterprises),
            LedgerEntry.enterprise != Stratum.enterprise,
        )
        .distinct()
    )
    return {(unit, enterprise) for unit, enterprise in rows}
