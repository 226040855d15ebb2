"""The rule "widest interval first", and replicates of single units."""

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.campaigns.models import (
    CampaignKind,
    Coordination,
    ReleaseReason,
    ReleaseRule,
    Replicate,
)
from casework.cases.models import Case, PhoneClass
from casework.cases.release import EarlierNotReleased, RuleDecides, release_replicate
from casework.db import db
from casework.estimates.inputs import read_inputs
from casework.estimates.models import EstimateRow, Level
from casework.estimates.next_replicate import (
    NothingProposed,
    Obstacle,
    proposed,
    release_proposed,
)
from casework.estimates.runs import compute_run, request_run
from tests.casework.campaigns.factories import drawn
from tests.factories import (
    LANKAO,
    LINYING,
    LUOHE,
    NOON,
    make_drawn_campaign,
    make_entries,
    make_ledger,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def coordinator():
    return make_user(Role.COORDINATOR)


@pytest.fixture
def two_units():
    """Two units, a large and a small one, with two parts of the draw order each."""
    make_entries(make_ledger(region=LINYING), 60)
    make_entries(make_ledger(region=LANKAO), 20)
    return drawn(
        40,
        replicates=2,
        units=frozenset({LUOHE, LANKAO}),
        release_rule=ReleaseRule.WIDEST_FIRST,
    )


def finish(campaign, *, achieved_in: str) -> None:
    """Let every open case be achieved in one region, and every other one not."""
    for case in db.session.scalars(select(Case).where(Case.phone_class.is_(None))):
        ok = case.region_code == achieved_in or case.id % 2
        case.finish_calls(
            PhoneClass.ACHIEVED if ok else PhoneClass.NOT_ACHIEVED,
            "V1" if ok else "N1",
            actor=None,
            at=NOON,
        )
    db.session.commit()


def estimated(campaign, coordinator):
    run = request_run(campaign.id, actor=coordinator, at=NOON)
    compute_run(run.uid, at=NOON)
    return run


def test_the_first_replicate_is_of_all_units_and_the_others_of_one_each(two_units):
    rows = db.session.execute(
        select(Replicate.number, Replicate.part, Replicate.unit_code, Replicate.entries).order_by(
            Replicate.number
        )
    ).all()

    assert rows == [(1, 1, None, 20), (2, 2, LANKAO, 5), (3, 2, LUOHE, 15)]


def test_the_rule_names_the_unit_with_the_widest_interval_and_says_why(two_units, coordinator):
    assert release_proposed(two_units.id, actor=coordinator, at=NOON) == 20
    finish(two_units, achieved_in=LINYING)
    run = estimated(two_units, coordinator)

    found = proposed(two_units.id, actor=coordinator)
    made = release_proposed(two_units.id, actor=coordinator, at=NOON)

    half = {
        row.region_code: (row.share_high - row.share_low) / 2
        for row in db.session.scalars(
            select(EstimateRow).where(EstimateRow.run_id == run.id, EstimateRow.level == Level.UNIT)
        )
    }
    assert half[LANKAO] > half[LUOHE]
    assert (found.replicate.unit_code, found.half_width) == (LANKAO, half[LANKAO])
    opened = db.session.get_one(Replicate, (two_units.id, 2))
    assert (made, opened.reason, opened.released_by_id) == (
        5,
        ReleaseReason.WIDEST,
        coordinator.id,
    )


def test_the_rule_waits_for_open_cases_and_for_an_estimate(two_units, coordinator):
    release_proposed(two_units.id, actor=coordinator, at=NOON)

    waiting = proposed(two_units.id, actor=coordinator)
    assert (waiting.obstacle, waiting.unfinished) == (Obstacle.UNFINISHED, 20)

    finish(two_units, achieved_in=LINYING)
    assert proposed(two_units.id, actor=coordinator).obstacle is Obstacle.NO_ESTIMATE
    with pytest.raises(NothingProposed):
        release_proposed(two_units.id, actor=coordinator, at=NOON)


def test_nobody_chooses_a_unit_by_hand_under_the_rule(two_units, coordinator):
    release_replicate(two_units.id, 1, actor=coordinator, at=NOON)

    with pytest.raises(RuleDecides):
        release_replicate(two_units.id, 3, actor=coordinator, at=NOON)


def test_reserve_cases_follow_the_order_of_the_draw(coordinator):
    campaign = make_drawn_campaign(entries=20, sampled=12, replicates=3)
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)

    with pytest.raises(EarlierNotReleased):
        release_replicate(campaign.id, 3, actor=coordinator, at=NOON)
    reason = ReleaseReason.FEW_ANSWERS
    release_replicate(campaign.id, 2, actor=coordinator, at=NOON, reason=reason)

    assert db.session.get_one(Replicate, (campaign.id, 2)).reason is reason


def test_without_the_rule_nothing_is_proposed(coordinator):
    assert proposed(make_drawn_campaign().id, actor=coordinator) is None


def test_both_halves_of_a_follow_up_wave_are_estimated_as_one_stratum(coordinator):

    make_entries(make_ledger(), 30)
    first = drawn(12)
    wave = drawn(
        15,
        seed="another",
        kind=CampaignKind.FOLLOW_UP,
        follows=first.id,
        coordination=Coordination.OVERLAP,
    )
    release_replicate(wave.id, 1, actor=coordinator, at=NOON)

    inputs = read_inputs(wave)

    (stratum,) = inputs.strata
    assert stratum.frame_size == 30
    assert {case.stratum_id for case in inputs.cases} == {stratum.id}
    assert len(inputs.cases) == 15
