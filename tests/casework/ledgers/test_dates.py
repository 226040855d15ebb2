import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ledgers.dates import months_at, read_day, years_at

FIFTH = dt.date(2017, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        FIFTH,
        dt.datetime(2017, 3, 5, 8, 30),  # noqa: DTZ001 - a cell has no zone
        "2017-03-05",
        "2017-3-5",
        "2017/3/5",
        "2017.03.05",
        "2017年3月5日",
        "20170305",
        20170305.0,
        42799.0,
        42799,
        "42799",
        " 2017-03-05 00:00:00 ",
        "2017-03-05T00:00:00",
    ],
)
def test_dates_as_people_type_them(cell):
    assert read_day(cell) == (FIFTH, FIFTH)


@pytest.mark.parametrize("cell", ["2017年3月", "2017-03", "2017/3"])
def test_a_month_can_be_any_of_its_days(cell):
    day = read_day(cell)

    assert day == (dt.date(2017, 3, 1), dt.date(2017, 3, 31))
    assert day.is_month


@pytest.mark.parametrize(
    "cell",
    [
        *("", "三月", "3/5/2017", "05-03-2017", "17-3-5", "2017-13-01", "2017-02-30", "2017.3"),
        *("1900-02-29", "2017-3/5", "9999-01-01", "2017年13月", "201703", "1899-01-01"),
        *(2017.3, 60.0, 1e300, float("nan"), -1.0, True, dt.time(8), dt.timedelta(1)),
    ],
)
def test_what_could_mean_two_days_is_no_date(cell):
    assert read_day(cell) is None


def test_a_workbook_may_count_days_from_1904():
    assert read_day(41337.0, date_1904=True) == (FIFTH, FIFTH)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_every_date_is_read_as_written(day):
    assert read_day(day.isoformat()) == (day, day)
    assert read_day(f"{day:%Y%m%d}") == (day, day)


@given(st.text(max_size=20))
def test_no_text_upsets_the_reader(text):
    read_day(text)


def test_a_birthday_counts_on_the_day_itself():
    born = dt.date(2001, 5, 18)

    assert years_at(born, dt.date(2017, 5, 17)) == 15
    assert years_at(born, dt.date(2017, 5, 18)) == 16
    assert months_at(born, dt.date(2017, 6, 17)) == 16 * 12
