import hashlib

import pytest
from sqlalchemy import func, select

from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.drawing import (
    draw_is_intact,
    draw_sample,
    request_draw,
    set_sizes,
)
from casework.campaigns.errors import AlreadyDrawn, NothingToDraw, SizesImpossible
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    FrameEntry,
    Replicate,
    SampleEntry,
    Stratum,
)
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.db import db
from casework.ledgers.projects import Project
from tests.factories import (
    NOON,
    make_campaign,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


def test_the_smallest_keys_are_drawn_in_their_order():
    campaign = make_drawn_campaign(entries=30, sampled=12)
    seed = db.session.get_one(Campaign, campaign.id).draw.seed

    uids = db.session.scalars(select(FrameEntry.entry_uid)).all()
    keys = {uid: hashlib.sha256(f"{seed}\x1f{uid}".encode()).hexdigest() for uid in uids}
    drawn = db.session.scalars(select(SampleEntry.entry_uid).order_by(SampleEntry.rank)).all()
    assert drawn == sorted(uids, key=keys.__getitem__)[:12]


def test_the_stored_draw_can_be_recomputed():
    campaign = make_drawn_campaign()

    assert campaign.state is CampaignState.DRAWN
    assert draw_is_intact(campaign.id)


def test_replicates_follow_the_order_of_the_draw():
    make_drawn_campaign(entries=30, sampled=10, replicates=3)

    rows = db.session.execute(
        select(SampleEntry.rank, SampleEntry.replicate).order_by(SampleEntry.rank)
    ).all()
    assert [part for _, part in rows] == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert db.session.scalars(select(Replicate.entries).order_by(Replicate.number)).all() == [
        4,
        3,
        3,
    ]


def test_a_second_draw_is_refused_and_the_try_is_recorded():
    campaign = make_drawn_campaign()

    with pytest.raises(AlreadyDrawn):
        request_draw(campaign.id, replicates=1, actor=make_user(), at=NOON)
    draw_sample(campaign.uid, at=NOON)

    assert draw_is_intact(campaign.id)
    refused = select(func.count()).where(AuditEvent.action == AuditAction.DRAW_REFUSE)
    assert db.session.scalar(refused) == 1


def frozen(entries: int):
    make_entries(make_ledger(), entries)
    campaign = make_campaign()
    request_freeze(campaign.id, actor=make_user(), at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign


def test_sizes_the_strata_cannot_give_are_refused_with_the_numbers():
    campaign = frozen(5)
    plan = SizePlan(SizeRule.PROPORTIONAL, minimum=0, total=6)

    with pytest.raises(SizesImpossible, match="6"):
        set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=make_user(), at=NOON)

    assert db.session.scalar(select(func.sum(Stratum.sample_size))) == 0


def test_without_sizes_nothing_is_drawn():
    campaign = frozen(5)

    with pytest.raises(NothingToDraw):
        request_draw(campaign.id, replicates=1, actor=make_user(), at=NOON)


def test_a_minimum_larger_than_a_stratum_takes_all_of_it():
    campaign = frozen(5)
    plan = SizePlan(SizeRule.GIVEN, minimum=20, given={})

    total = set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=make_user(), at=NOON)

    assert total == 5
