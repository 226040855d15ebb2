import pytest

from casework.regions.models import PROVINCE
from casework.regions.tree import install_regions, load_tree

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def tree():
    return load_tree()


def test_28_units_report_to_the_province_in_their_order(tree):
    names = [unit.name for unit in tree.units]

    assert len(names) == 28
    assert names[0] == "郑州市"
    assert names[17:20] == ["济源市", "巩义市", "兰考县"]
    assert tree.children_of(PROVINCE) == tree.units


def test_zhengzhou_does_not_count_gongyi(tree):
    codes = {place.code for place in tree.places_of("410100")}

    assert "410181" not in codes
    assert "410182" in codes
    assert tree.by_code["410181"].parent_code == "410100"


def test_every_place_reports_through_exactly_one_unit(tree):
    places = [region for region in tree.by_code.values() if region.is_place]
    counted = [place.code for unit in tree.units for place in tree.places_of(unit.code)]

    assert len(places) == 158
    assert sorted(counted) == sorted(place.code for place in places)


def test_a_direct_county_is_its_own_place_and_has_nothing_below(tree):
    assert [place.code for place in tree.places_of("410225")] == ["410225"]
    assert tree.children_of("410225") == []


def test_functional_zones_are_no_places(tree):
    assert not any(
        place.kind == "zone" for unit in tree.units for place in tree.places_of(unit.code)
    )


def test_a_county_is_named_with_its_city(tree):
    assert tree.name("410102") == "郑州市 中原区"
    assert tree.name("410225") == "兰考县"


def test_installing_twice_adds_nothing(tree):
    assert install_regions() == 0
