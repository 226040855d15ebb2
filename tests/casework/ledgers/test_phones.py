import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ledgers.phones import is_unassigned, looks_made_up, read_phones


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("13837405926", ("13837405926",)),
        ("13800000000.0", ("13800000000",)),
        ("+86 138 3740 5926", ("13837405926",)),
        ("0086-13837405926", ("13837405926",)),
        ("138-3740-5926", ("13837405926",)),
        ("１３８３７４０５９２６", ("13837405926",)),
        ("13837405926、15037401234", ("13837405926", "15037401234")),
        ("13837405926/15037401234; 0374-2622931", ("13837405926", "15037401234", "0374-2622931")),
        ("13837405926 15037401234", ("13837405926", "15037401234")),
        ("13837405926，13837405926", ("13837405926",)),
        ("0371—60001234", ("0371-60001234",)),
        ("（0371）60001234", ("0371-60001234",)),
        ("037160001234", ("0371-60001234",)),
        ("010-65000000", ("010-65000000",)),
    ],
)
def test_numbers_in_their_normal_form(text, numbers):
    found = read_phones(text)

    assert found.numbers == numbers
    assert found.is_valid


def test_a_local_number_gets_the_area_code_of_its_city():
    found = read_phones("2600123", city="许昌")

    assert found.numbers == ("0374-2600123",)
    assert found.completed


@pytest.mark.parametrize(
    "text", ["", "无", "1383740592", "1.38E+10", "2600123", "1383740592x", "、"]
)
def test_what_is_no_phone_number(text):
    assert not read_phones(text).is_valid


def test_one_wrong_number_beside_a_right_one_is_noticed_and_the_right_one_kept():
    found = read_phones("13837405926、1383740592")

    assert not found.is_valid
    assert found.numbers == ("13837405926",)


@pytest.mark.parametrize(
    ("number", "unassigned"), [("17412345678", True), ("14012345678", True), ("14512345678", False)]
)
def test_prefixes_that_no_person_has(number, unassigned):
    assert is_unassigned(number) == unassigned


@pytest.mark.parametrize(
    ("number", "made_up"),
    [("13888888801", True), ("13123456709", True), ("13837405926", False), ("13888880123", False)],
)
def test_numbers_that_look_made_up(number, made_up):
    assert looks_made_up(number) == made_up


@given(st.text(max_size=60))
def test_no_text_upsets_the_reader(text):
    read_phones(text, city="许昌")
