from collections import Counter

import pytest

from casework.accounts.roles import Role
from casework.db import db, transaction
from casework.errors import NotAllowedNow
from casework.regions.models import Region
from casework.regions.tree import load_tree
from casework.visits.assignment import Assignment, NoInspector, assign_visits
from casework.visits.models import Visit, VisitState
from tests.casework.visits.factories import (
    KAIFENG,
    TOMORROW,
    assign,
    make_calling_campaign,
    make_visiting_campaign,
    visits_of,
)
from tests.factories import LINYING, LUOHE, NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]


def test_a_place_goes_whole_to_one_inspector_for_a_day():
    for _ in range(3):
        make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2", "N2", "N1")

    assert assign(campaign) == Assignment(assigned=3, left=0, trips=1)

    visits = visits_of(campaign)
    assert len({visit.inspector_id for visit in visits}) == 1
    assert {visit.state for visit in visits} == {VisitState.ASSIGNED}
    assert {visit.visit_on for visit in visits} == {TOMORROW}


@pytest.mark.parametrize("own", [LUOHE, LINYING])
def test_an_inspector_never_gets_the_own_region(own):
    make_user(Role.INSPECTOR, region=own)
    campaign = make_visiting_campaign("N2")

    assert assign(campaign) == Assignment(assigned=0, left=1)
    assert visits_of(campaign)[0].inspector_id is None


@pytest.mark.parametrize("home", [KAIFENG, "410000"])
def test_inspectors_of_elsewhere_and_of_the_province_may_go(home):
    make_user(Role.INSPECTOR, region=LUOHE)
    able = make_user(Role.INSPECTOR, region=home)
    campaign = make_visiting_campaign("N2")

    assign(campaign)

    assert visits_of(campaign)[0].inspector_id == able.id


@pytest.mark.both_engines
def test_visits_are_shared_out_evenly_over_places():
    inspectors = [make_user(Role.INSPECTOR) for _ in range(3)]
    campaign = make_visiting_campaign(*["N2"] * 12)
    spread(visits_of(campaign), 6)

    assign(campaign)

    load = Counter(visit.inspector_id for visit in visits_of(campaign))
    assert load == dict.fromkeys([user.id for user in inspectors], 4)


def test_visits_that_somebody_has_stay_with_that_person():
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2")
    assign(campaign)
    holder = visits_of(campaign)[0].inspector_id
    make_user(Role.INSPECTOR)

    assert assign(campaign) == Assignment(assigned=0, left=0)
    assert visits_of(campaign)[0].inspector_id == holder


def test_a_disabled_inspector_gets_nothing():
    make_user(Role.INSPECTOR, active=False)
    with pytest.raises(NoInspector):
        assign(make_visiting_campaign("N2"))


def test_before_the_wave_is_closed_nothing_can_be_assigned():
    make_user(Role.INSPECTOR)
    with pytest.raises(NotAllowedNow):
        assign(make_calling_campaign("N2"))


@pytest.mark.both_engines
def test_a_coordinator_of_another_unit_assigns_nothing_here():
    make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2")
    stranger = make_user(Role.COORDINATOR, region=KAIFENG)

    done = assign_visits(campaign.id, actor=stranger, at=NOON, on_date=TOMORROW, seed="x")

    assert done == Assignment(assigned=0, left=0)


def spread(visits: list[Visit], places: int) -> None:
    """Move the visits to that many places of Luohe and its neighbours, in turn."""
    tree = load_tree()
    codes = [region.code for unit in tree.units for region in tree.places_of(unit.code)][:places]
    with transaction() as session:
        for number, visit in enumerate(visits):
            session.get(Visit, visit.id).place_code = codes[number % places]
    assert db.session.get(Region, codes[0]) is not None
