import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ledgers import identifiers
from casework.ledgers.phones import read_phones

VECTORS = list(
    csv.DictReader(
        (Path(__file__).parent / "identifier_vectors.csv").read_text(encoding="utf-8").splitlines()
    )
)
TODAY = dt.date(2018, 1, 5)


def vectors(*kinds):
    return [
        pytest.param(row["value"], row["expect"] == "valid", id=f"{row['kind']}-{row['value']}")
        for row in VECTORS
        if row["kind"] in kinds
    ]


@pytest.mark.parametrize(("number", "valid"), vectors("ric18"))
def test_identity_numbers(number, valid):
    number = number.upper()
    born = identifiers.birth_date(number)

    assert (identifiers.has_right_check(number) and born is not None and born <= TODAY) == valid


def test_an_old_number_is_extended_to_the_same_person():
    assert identifiers.is_short("410102850315121")
    assert identifiers.extend("410102850315121") == "410102198503151216"


@pytest.mark.parametrize("text", ["4.10102198503E+17", "4.1E+17", "4E17", "410102198503150125.0"])
def test_shortened_numbers_are_recognised(text):
    assert identifiers.is_mangled(text)


@pytest.mark.parametrize(("code", "valid"), vectors("uscc"))
def test_credit_codes(code, valid):
    assert identifiers.is_credit_code(code) == valid


@pytest.mark.parametrize(("number", "valid"), vectors("mobile", "landline"))
def test_phone_numbers(number, valid):
    assert read_phones(number, city="许昌").is_valid == valid


@pytest.mark.parametrize(
    "number", ["411003199001010129", "412723197001010124", "410199199001010129", "110101"]
)
def test_region_codes_of_any_year_are_known(number):
    assert identifiers.has_known_prefix(number)


@pytest.mark.parametrize("number", ["414001", "990101", "000000"])
def test_codes_of_no_year_are_not(number):
    assert not identifiers.has_known_prefix(number)


@given(st.text(alphabet="0123456789X", min_size=17, max_size=19))
def test_no_text_upsets_the_check(text):
    assert identifiers.has_right_check(text) in {True, False}


@given(st.integers(min_value=10**16, max_value=10**17 - 1), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, place, shift):
    right = str(number) + identifiers.check_character(str(number))
    digit = str((int(right[place]) + shift) % 10)

    assert not identifiers.has_right_check(right[:place] + digit + right[place + 1 :])
