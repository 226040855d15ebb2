"""An enterprise that was counted whole on site is known, and no longer estimated."""

from itertools import count

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.models import Campaign, Frame, FrameEntry, Stratum
from casework.cases.models import PhoneClass
from casework.db import db
from casework.estimates.inputs import COUNTED_ON_SITE
from casework.estimates.models import Level
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.visits.head_models import HeadCount
from tests.casework.estimates.factories import (
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    row_of,
    set_target,
)
from tests.factories import LUOHE, NOON, make_user, saved
from tests.grounds import begins_with

P3 = Project.OVERCAPACITY
MINE, MILL = "演示矿业", "演示纺织"
_key = count(1)


def make_survey() -> Campaign:
    """A mine of 20 of whom 4 were called, and a mill of 10 of whom 5 were; the phone says yes."""
    campaign = make_released_campaign(projects=(P3,))
    where = {"region": LUOHE, "project": P3}
    make_stratum(campaign, Said(times=4), frame_size=20, enterprise=MINE, **where)
    make_stratum(
        campaign,
        Said(times=3),
        Said(PhoneClass.NOT_ACHIEVED, times=2),
        frame_size=10,
        enterprise=MILL,
        **where,
    )
    set_target(campaign, LUOHE, 15, P3)
    return campaign


pytestmark = [begins_with(make_survey), pytest.mark.one_engine]


@pytest.fixture
def campaign(begun):
    return begun


def counted(campaign, *, confirmed=True, enterprise=MINE, resettled=10, unsettled=6):
    """Let *resettled* persons be resettled, two have waived it, and *unsettled* not be."""
    return saved(
        HeadCount(
            campaign_id=campaign.id,
            unit_code=LUOHE,
            enterprise=enterprise,
            inspector_id=make_user(Role.INSPECTOR).id,
            total=resettled + 2 + unsettled,
            resettled={"S1": resettled - 3, "S2": 3},
            waived=2,
            unsettled={"2": unsettled},
            confirmed=confirmed,
            found_at=NOON,
            received_at=NOON,
            idempotency_key=f"count {next(_key)}",
        )
    )


def estimated(campaign):
    return row_of(computed(campaign), Level.UNIT, LUOHE, P3)


def test_a_count_replaces_the_estimate_of_its_enterprise_with_certainty(campaign):
    before = estimated(campaign)
    counted(campaign)

    row = estimated(campaign)

    assert before.completed == pytest.approx(20 + 6)
    assert row.completed == pytest.approx(12 + 6)
    assert row.frame_size == 30
    classes = {one["name"]: one for one in row.classes["classes"]}
    assert classes[COUNTED_ON_SITE]["rows"] == 20
    assert classes[COUNTED_ON_SITE]["achieved"] == 12
    assert row.classes["outcomes"]["SX"] == 2  # on the ledger, and not known to the enterprise


def test_where_every_enterprise_is_counted_nothing_is_estimated(campaign):
    counted(campaign)
    counted(campaign, enterprise=MILL, resettled=8, unsettled=0)

    row = estimated(campaign)

    assert (row.completed_low, row.completed, row.completed_high) == (22, 22, 22)
    assert row.decision == "met"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"confirmed": False}, "the enterprise has not signed"),
        ({"unsettled": 9}, "it has more workers than the ledger names"),
        ({"enterprise": "演示他厂"}, "no stratum is this enterprise"),
    ],
)
def test_a_count_that_cannot_be_matched_leaves_the_estimate(campaign, changes, why):
    before = estimated(campaign)
    counted(campaign, **changes)

    assert estimated(campaign).completed == before.completed, why


@pytest.mark.both_engines
def test_a_stratum_in_which_enterprises_were_joined_is_not_settled_by_one_of_them(campaign):
    before = estimated(campaign)
    counted(campaign)
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.enterprise == MILL)).first()
    mine = db.session.scalars(select_stratum(campaign, MINE)).one()
    frame = saved(
        Frame(
            campaign_id=campaign.id,
            digest="d" * 64,
            content_digest="c" * 64,
            entries=1,
            sealed=False,
            frozen_by_id=campaign.opened_by_id,
            frozen_at=NOON,
        )
    )
    saved(
        FrameEntry(
            frame_id=frame.id, entry_uid=entry.uid, stratum_id=mine.id, content_digest="e" * 64
        )
    )

    assert estimated(campaign).completed == before.completed


def select_stratum(campaign, enterprise):
    return select(Stratum).where(
        Stratum.campaign_id == campaign.id, Stratum.enterprise == enterprise
    )
