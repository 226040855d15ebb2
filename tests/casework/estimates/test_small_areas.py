"""Counties with few answers, beside what a model makes of them: for display, never to decide."""

import pytest

from casework.accounts.roles import Role
from casework.cases.models import PhoneClass
from casework.errors import NotFound
from casework.estimates.models import EstimateRun, Level
from casework.estimates.small_areas import small_areas
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.small_area import benchmark, beta_binomial
from tests.casework.estimates.factories import (
    SHAOLING,
    WUYANG,
    YANCHENG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    row_of,
)
from tests.factories import LANKAO, LUOHE, make_user
from tests.grounds import begins_with

P1 = Project.RE_EMPLOYMENT
NO = PhoneClass.NOT_ACHIEVED


def make_survey() -> EstimateRun:
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(times=57), Said(NO, times=3), frame_size=200)  # large enough
    make_stratum(campaign, Said(times=6), Said(NO, times=4), frame_size=80, region=WUYANG)
    make_stratum(campaign, Said(times=4), frame_size=4, region=SHAOLING)  # a census
    make_stratum(campaign, Said(times=9), Said(NO), frame_size=30, region=LANKAO, unit=LANKAO)
    return computed(campaign)


pytestmark = begins_with(make_survey)


@pytest.fixture
def found(begun):
    return small_areas(begun.uid, None, actor=make_user(Role.VERIFIER))


def test_only_counties_with_few_answers_are_shown_and_a_census_is_none(found):
    assert [line.region.code for line in found.lines] == [LANKAO, WUYANG]
    assert (found.project, found.places) == (P1, 4)


def test_the_figures_are_those_of_the_estimation_benchmarked_to_the_province(begun, found):
    size = [200, 80, 4, 30]
    units = [LUOHE] * 3 + [LANKAO]
    model = beta_binomial([57, 6, 4, 9], [60, 10, 4, 10], size, units)
    province = row_of(begun, Level.PROVINCE, PROVINCE)
    expected = benchmark(model, size, province.completed)
    shown = {line.region.code: (line.value, line.error) for line in found.lines}
    for d, code in ((1, WUYANG), (3, LANKAO)):
        assert shown[code] == pytest.approx((expected.value[d], expected.error[d]))


def test_few_answers_are_pulled_towards_the_unit_and_none_take_its_mean(begun, found):
    _, few = found.lines
    assert few.own < few.value < 57 / 60
    assert 0 <= few.fay_herriot <= 1
    refused = Said(PhoneClass.REFUSED, times=5)
    make_stratum(begun.campaign, refused, frame_size=50, region=YANCHENG)
    again = computed(begun.campaign)  # without a figure of the province, so nothing is moved
    found = small_areas(again.uid, P1, actor=make_user(Role.VERIFIER))
    (none,) = (line for line in found.lines if line.region.code == YANCHENG)
    assert not found.benchmarked
    assert (none.own, none.own_weight) == (None, 0)
    assert none.value == pytest.approx((57 + 6 + 4) / (60 + 10 + 4))


def test_nobody_below_the_province_sees_what_is_borrowed_from_neighbours(begun):
    with pytest.raises(NotFound):
        small_areas(begun.uid, None, actor=make_user(Role.VERIFIER, region=LUOHE))
