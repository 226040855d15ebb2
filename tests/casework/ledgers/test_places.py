import pytest

from casework.ledgers.places import Scope, city_name
from casework.ledgers.refusals import UnknownRegion


@pytest.mark.parametrize(
    ("city", "county"),
    [
        ("许昌市", "襄城县"),
        ("许昌", "襄城县"),
        ("", "许昌市襄城县"),
        ("许昌市", "河南省许昌市襄城县"),
        ("411000", "411025"),
        ("许昌市", "411025000000"),
    ],
)
def test_a_county_by_name_or_code(city, county):
    assert Scope("411000").locate(city, county).code == "411025"


@pytest.mark.parametrize(
    ("city", "county", "reason", "column"),
    [
        ("许昌市", "", "missing", "region_county"),
        ("许昌市", "襄阳县", "unknown", "region_county"),
        ("郑州市", "中原区", "outside", "region_county"),
        ("许昌市", "许昌市", "city_level", "region_county"),
        ("许昌市", "许昌经济技术开发区", "functional_zone", "region_county"),
        ("郑州市", "襄城县", "city_differs", "region_city"),
        ("许昌屯", "襄城县", "city_differs", "region_city"),
    ],
)
def test_why_a_row_has_no_place(city, county, reason, column):
    located = Scope("411000").locate(city, county)

    assert (located.code, located.reason, located.key) == ("", reason, column)


def test_a_county_that_reports_directly_is_not_in_its_city():
    assert Scope("410100").locate("郑州市", "巩义市").reason == "outside"
    assert Scope("410181").locate("郑州市", "巩义市").code == "410181"
    assert Scope("410181").locate("巩义市", "").code == "410181"
    assert Scope("419001").locate("济源市", "济源市").code == "419001"


def test_the_province_covers_the_158_places():
    assert len(Scope("410000").codes) == 158


def test_a_later_code_means_the_place_of_2017():
    assert Scope("410728").locate("", "长垣市").code == "410728"
    assert Scope("410728").locate("", "410783").code == "410728"


def test_a_ledger_of_one_place_needs_no_county_column():
    assert Scope("411025").locate("", "", has_county=False).code == "411025"
    assert Scope("411000").locate("", "", has_county=False).reason == "missing"


@pytest.mark.parametrize("region", ["", "410171", "510000", "襄城县"])
def test_no_ledger_is_handed_in_for_other_codes(region):
    with pytest.raises(UnknownRegion):
        Scope(region)


def test_the_city_of_a_place():
    assert city_name("411025") == "许昌"
    assert city_name("419001") == "济源"
    assert city_name("410181") == "郑州"
