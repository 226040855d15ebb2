"""Follow-up waves: apart from those selected before, or overlapping with them."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2
from sqlalchemy import select

from casework.campaigns.design import open_campaign
from casework.campaigns.drawing import draw_is_intact, set_sizes
from casework.campaigns.errors import NotDrawnYet, NotInTheEarlierCampaign, SizesImpossible
from casework.campaigns.models import (
    CampaignKind,
    Coordination,
    SampleEntry,
    Stratum,
    StratumPart,
)
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.campaigns.strata import part_key, sizes_of, stratum_key
from casework.db import db
from casework.ledgers.projects import Project
from sampling.draw import draw
from tests.casework.campaigns.factories import drawn, frozen, plan
from tests.factories import (
    LINYING,
    LUOHE,
    NOON,
    make_campaign,
    make_entries,
    make_ledger,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


def selected(campaign) -> set[str]:
    rows = select(SampleEntry.entry_uid).where(SampleEntry.campaign_id == campaign.id)
    return set(db.session.scalars(rows))


def wave(earlier, coordination, total, **changes):
    return drawn(
        total,
        seed="another seed",
        kind=CampaignKind.FOLLOW_UP,
        follows=earlier.id,
        coordination=coordination,
        **changes,
    )


def test_a_wave_apart_selects_nobody_who_was_selected_before():
    make_entries(make_ledger(), 30)
    first = drawn(12)

    second = wave(first, Coordination.APART, 18)

    assert len(selected(second)) == 18
    assert not selected(first) & selected(second)
    assert draw_is_intact(second.id)


def test_a_third_wave_stays_apart_from_both_before_it():
    make_entries(make_ledger(), 30)
    first = drawn(10)
    second = wave(first, Coordination.APART, 10)

    third = wave(second, Coordination.APART, 10)

    assert len(selected(first) | selected(second) | selected(third)) == 30


@pytest.mark.parametrize(("total", "common"), [(5, 5), (12, 12), (20, 12)])
def test_a_wave_that_overlaps_takes_those_selected_before_first(total, common):
    make_entries(make_ledger(), 30)
    first = drawn(12)

    second = wave(first, Coordination.OVERLAP, total)

    assert len(selected(second)) == total
    assert len(selected(first) & selected(second)) == common
    assert draw_is_intact(second.id)


def test_a_wave_drawn_afresh_leaves_the_overlap_to_chance():
    make_entries(make_ledger(), 30)
    first = drawn(12)

    second = wave(first, Coordination.AFRESH, 12)

    parts = select(Stratum.part).where(Stratum.campaign_id == second.id)
    assert db.session.scalars(parts).all() == [StratumPart.WHOLE]
    assert 0 < len(selected(first) & selected(second)) < 12


def test_entries_that_are_new_since_then_are_a_stratum_of_their_own():
    make_entries(make_ledger(), 20)
    first = drawn(8)
    make_entries(make_ledger(), 10)

    second = wave(first, Coordination.APART, 11)

    rows = db.session.execute(
        select(Stratum.part, Stratum.frame_size, Stratum.sample_size).where(
            Stratum.campaign_id == second.id
        )
    )
    assert {part: (size, n) for part, size, n in rows} == {
        StratumPart.EARLIER: (8, 0),
        StratumPart.WHOLE: (12, 6),
        StratumPart.ADDED: (10, 5),
    }


def test_a_certain_enterprise_stays_whole_in_a_wave_that_overlaps():
    large, small = (stratum_key(Project.OVERCAPACITY, LUOHE, name) for name in ("大厂", "小厂"))
    strata = [
        Stratum(key=large, frame_size=5, certain=True, part=StratumPart.WHOLE),
        Stratum(
            key=part_key(large, StratumPart.EARLIER),
            frame_size=3,
            certain=False,
            part=StratumPart.EARLIER,
        ),
        Stratum(key=small, frame_size=10, certain=False, part=StratumPart.WHOLE),
    ]

    def sizes(coordination):
        given = sizes_of(strata, SizePlan(SizeRule.EQUAL, minimum=0, total=12), coordination)
        return {key: size for key, size in given.items() if size}

    assert sizes(Coordination.OVERLAP) == {large: 5, strata[1].key: 3, small: 4}
    assert sizes(Coordination.APART) == {large: 5, small: 7}


def test_a_wave_apart_cannot_be_larger_than_the_rest():
    make_entries(make_ledger(), 30)
    first = drawn(12)
    second = frozen(kind=CampaignKind.FOLLOW_UP, follows=first.id, coordination=Coordination.APART)
    sizes = SizePlan(SizeRule.PROPORTIONAL, minimum=0, total=19)

    with pytest.raises(SizesImpossible) as refused:
        set_sizes(second.id, Project.RE_EMPLOYMENT, sizes, actor=make_user(), at=NOON)

    assert refused.value.facts == {"total": 19, "entries": 18}
    assert not any(
        db.session.scalars(select(Stratum.sample_size).where(Stratum.campaign_id == second.id))
    )


def test_a_wave_follows_a_campaign_that_was_drawn_and_covers_no_more():

    coordinator = make_user()
    make_entries(make_ledger(), 5)
    first = drawn(2)
    undrawn = plan(kind=CampaignKind.FOLLOW_UP, follows=make_campaign().id)
    wider = plan(
        kind=CampaignKind.FOLLOW_UP,
        follows=first.id,
        projects=frozenset({Project.RE_EMPLOYMENT, Project.HARDSHIP}),
    )

    with pytest.raises(NotDrawnYet):
        open_campaign(undrawn, actor=coordinator, at=NOON)
    with pytest.raises(NotInTheEarlierCampaign):
        open_campaign(wider, actor=coordinator, at=NOON)


@pytest.mark.one_engine
@pytest.mark.parametrize(("coordination", "size"), [("apart", 3), ("overlap", 3), ("overlap", 6)])
def test_over_both_draws_everybody_is_as_likely_in_a_later_wave(coordination, size):
    """Both halves together are a simple random sample of the whole, so estimated as one."""
    uids = [f"entry{number:02}" for number in range(12)]
    times, chosen = 2000, Counter()
    whole = stratum_key(Project.RE_EMPLOYMENT, LINYING)
    before = part_key(whole, StratumPart.EARLIER)
    for number in range(times):
        first = {row.entry_id for row in draw(uids, [whole] * 12, {whole: 4}, f"first {number}")}
        strata = [before if uid in first else whole for uid in uids]
        kept = min(size, 4) if coordination == "overlap" else 0
        sizes = {before: kept, whole: size - kept}
        chosen.update(row.entry_id for row in draw(uids, strata, sizes, f"second {number}"))
    expected = times * size / 12
    counts = np.array([chosen[uid] for uid in uids])
    statistic = float(((counts - expected) ** 2 / (expected * (1 - size / 12))).sum()) * 11 / 12
    assert chi2.sf(statistic, 11) > 0.001
