import pytest

from casework.accounts.roles import Role
from casework.cases.models import PhoneClass
from casework.errors import NotAllowedNow, NotFound
from casework.visits.rates import (
    RateMayOnlyRise,
    ShareOutOfRange,
    proposed_rates,
    rates_of,
    set_rates,
    share_for,
)
from tests.casework.visits.factories import (
    KAIFENG,
    make_calling_campaign,
    make_visiting_campaign,
)
from tests.factories import LUOHE, NOON, make_campaign, make_user

YES, AWAY = PhoneClass.ACHIEVED, PhoneClass.AWAY


@pytest.fixture
def coordinator(app):
    return make_user(Role.COORDINATOR)


def test_a_share_may_rise(coordinator):
    campaign = make_campaign()

    set_rates(campaign.id, LUOHE, {YES: 0.2, AWAY: 0.5}, actor=coordinator, at=NOON)
    set_rates(campaign.id, LUOHE, {YES: 0.3}, actor=coordinator, at=NOON)

    assert rates_of(campaign.id) == {(LUOHE, YES): 0.3, (LUOHE, AWAY): 0.5}


def test_a_share_may_not_fall_and_nothing_is_half_set(coordinator):
    campaign = make_campaign()
    set_rates(campaign.id, LUOHE, {YES: 0.3}, actor=coordinator, at=NOON)

    with pytest.raises(RateMayOnlyRise):
        set_rates(campaign.id, LUOHE, {AWAY: 0.5, YES: 0.29}, actor=coordinator, at=NOON)

    assert rates_of(campaign.id) == {(LUOHE, YES): 0.3}


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan")])
def test_a_share_lies_between_nothing_and_all(coordinator, share):
    with pytest.raises(ShareOutOfRange):
        set_rates(make_campaign().id, LUOHE, {YES: share}, actor=coordinator, at=NOON)


def test_a_unit_outside_the_campaign_is_not_found(coordinator):
    with pytest.raises(NotFound):
        set_rates(make_campaign().id, KAIFENG, {YES: 0.2}, actor=coordinator, at=NOON)


def test_a_coordinator_of_another_unit_does_not_see_it(app):
    stranger = make_user(Role.COORDINATOR, region=KAIFENG)
    with pytest.raises(NotFound):
        set_rates(make_campaign().id, LUOHE, {YES: 0.2}, actor=stranger, at=NOON)


def test_after_the_wave_no_share_changes(coordinator):
    campaign = make_visiting_campaign("V1")

    with pytest.raises(NotAllowedNow):
        set_rates(campaign.id, LUOHE, {YES: 1.0}, actor=coordinator, at=NOON)


@pytest.mark.parametrize(("rows", "size"), [(20, 25), (20, 300), (5, 40), (20, 6000)])
def test_the_proposed_share_is_the_smallest_that_surely_reaches_the_rows(rows, size):
    share = share_for(rows, size)

    assert chance_of_at_least(rows, size, share) >= 0.95
    assert chance_of_at_least(rows, size, share - 0.01) < 0.95


def test_a_class_no_larger_than_its_rows_is_visited_whole():
    assert share_for(20, 20) == 1.0
    assert share_for(5, 0) == 1.0


def test_phone_yes_is_never_proposed_under_a_fifth(coordinator):
    campaign = make_calling_campaign(*["V1"] * 60)

    assert proposed_rates(campaign.id, actor=coordinator)[LUOHE][YES] == share_for(20, 60)
    assert share_for(20, 6000) < 0.2


def test_what_counts_as_achieved_is_proposed_as_a_yes_is(coordinator):
    campaign = make_calling_campaign(*["D1"] * 80)

    assert share_for(5, 80) < 0.2
    assert proposed_rates(campaign.id, actor=coordinator)[LUOHE][PhoneClass.DEEMED] == 0.2


def test_cases_not_phoned_yet_count_as_planning_expects(coordinator):
    campaign = make_calling_campaign(*[""] * 100)

    proposed = proposed_rates(campaign.id, actor=coordinator)[LUOHE]

    assert proposed[YES] == share_for(20, 52)
    assert proposed[PhoneClass.NO_ANSWER] == share_for(5, 14)


def chance_of_at_least(rows: int, size: int, share: float) -> float:
    from scipy.stats import binom

    return float(binom.sf(rows - 1, size, share))
