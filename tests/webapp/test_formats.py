from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, session

from webapp import formats, i18n


@pytest.fixture
def bilingual() -> Flask:
    app = Flask("webapp")
    app.config.update(SECRET_KEY="test")
    i18n.init_app(app)
    return app


def test_numbers_are_written_as_people_read_them():
    assert formats.number(2601) == "2,601"
    assert formats.decimal(206.14) == "206.1"
    assert formats.percent(0.993) == "99.3%"
    assert formats.rate(1.053) == "105.3"
    assert formats.points(0.0288) == "±2.9"


def test_an_interval_has_one_dash_and_one_percent_sign():
    assert formats.span(2421, 2754) == "2,421–2,754"
    assert formats.percent_span(0.924, 1.052) == "92.4–105.2%"


@pytest.mark.parametrize("write", [formats.number, formats.percent, formats.local, formats.day])
def test_what_is_unknown_is_a_dash_and_not_zero(write):
    assert write(None) == "—"


def test_moments_are_shown_in_shanghai_whether_aware_or_not():
    assert formats.local(datetime(2017, 12, 6, 16, 30, tzinfo=UTC)) == "2017-12-07 00:30"
    assert formats.local(datetime(2017, 12, 6, 8, 52), "time") == "16:52"  # noqa: DTZ001


def test_a_day_is_written_in_the_language_of_the_reader(bilingual):
    with bilingual.test_request_context():
        assert formats.day(date(2017, 12, 6)) == "12月6日 周三"
    with bilingual.test_request_context():
        session["language"] = "en"
        assert formats.day(datetime(2017, 12, 6, 20, tzinfo=UTC)) == "Thu 7 Dec"


def test_a_length_of_time_is_written_as_a_clock_does():
    assert formats.duration(232) == "3:52"
    assert formats.duration(timedelta(hours=1, minutes=4, seconds=9)) == "1:04:09"


def test_a_digest_shows_its_two_ends():
    assert formats.short_digest("41d0" + "0" * 56 + "b7c2") == "41d0…b7c2"
