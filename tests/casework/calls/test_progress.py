"""Progress against the plan, the hours in which people answer, and the forecast of verdicts."""

from datetime import date, timedelta

import pytest

from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.corrections import correct_attempt
from casework.calls.forecasts import UnitCounts, forecast
from casework.calls.my_day import my_day
from casework.calls.progress import called_campaigns, progress
from casework.calls.release_requests import ask_for_release
from casework.cases.release import release_replicate
from casework.errors import NotFound
from tests.casework.calls.rows import SOON, claimed, open_replicate, report, to_report
from tests.factories import LUOHE, NOON, make_campaign, make_drawn_campaign, make_user


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


def seen(campaign, supervisor, at=NOON):
    return progress(campaign.id, actor=supervisor, at=at)


def test_before_a_release_there_is_nothing(supervisor):
    found = seen(make_campaign(), supervisor)

    assert (found.days, found.hours, found.units, found.total) == ((), (), (), None)
    assert found.replicate is None


def test_the_plan_is_even_and_what_is_done_adds_up(supervisor):
    campaign, operator = open_replicate(28), make_user()
    report(claimed(operator), "11", outcome="V1", actor=operator)
    tomorrow = NOON + timedelta(days=1)
    report(claimed(operator, at=tomorrow), "22", actor=operator, at=tomorrow)
    report(claimed(operator, at=tomorrow), "41", actor=operator, at=tomorrow)

    days = seen(campaign, supervisor, tomorrow).days

    assert (days[0].day, days[-1].day) == (date(2017, 12, 4), date(2017, 12, 31))
    assert [day.plan for day in (days[0], days[-1])] == [1, 28]
    assert [day.done for day in days[:3]] == [1, 2, None]


def test_a_finished_case_that_a_correction_opens_again_is_not_done(supervisor):
    campaign, operator = open_replicate(2), make_user()
    report(claimed(operator), "51", actor=operator)
    uid = my_day(actor=operator, at=SOON).rows[0].attempt_uid
    correct_attempt(uid, to_report("41"), actor=operator, at=SOON)
    report(claimed(operator), "22", actor=operator)

    found = seen(campaign, supervisor, SOON)

    assert found.days[0].done == found.total.counts.finished == 1


def test_hours_count_the_calls_in_which_a_person_spoke(supervisor):
    campaign, operator = open_replicate(3), make_user()
    for ending in ("22", "41"):
        claim = claimed(operator)
        start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
        report(claim, ending, actor=operator)

    (hour,) = seen(campaign, supervisor, SOON).hours

    assert (hour.weekday, hour.hour) == (1, 12)  # a Monday noon in Shanghai
    assert (hour.calls, hour.reached, hour.share) == (2, 1, 0.5)
    assert seen(campaign, supervisor, NOON + timedelta(days=15)).hours == ()


def test_sunday_is_the_seventh_day_on_both_engines(supervisor):
    campaign, operator = open_replicate(1), make_user()
    sunday = NOON + timedelta(days=6)
    claim = claimed(operator, at=sunday)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=sunday)
    report(claim, "41", actor=operator, at=sunday)

    assert [hour.weekday for hour in seen(campaign, supervisor, sunday).hours] == [7]


def test_the_next_replicate_is_shown_with_who_asked_for_it(supervisor):
    campaign = make_drawn_campaign(entries=10, sampled=10, replicates=2)
    coordinator = make_user(Role.COORDINATOR)
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)
    waiting = seen(campaign, supervisor).replicate

    ask_for_release(campaign.id, 2, actor=supervisor, at=NOON)
    asked = seen(campaign, supervisor).replicate
    release_replicate(campaign.id, 2, actor=coordinator, at=NOON)

    assert (waiting.number, waiting.entries, waiting.asked_at) == (2, 5, None)
    assert (asked.asked_by, asked.asked_at) == (supervisor.name, NOON)
    assert seen(campaign, supervisor).replicate is None


def test_the_yield_of_a_unit_and_what_the_next_replicate_would_add(supervisor):
    campaign = make_drawn_campaign(entries=10, sampled=10, replicates=2)
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    operator = make_user()
    report(claimed(operator), "11", outcome="V1", actor=operator)
    report(claimed(operator), "22", actor=operator)

    found = seen(campaign, supervisor)
    counts = found.units[0].counts

    assert counts == UnitCounts(LUOHE, cases=5, finished=2, resolved=1, more=5)
    assert found.total.outlook.forecast == pytest.approx(1 + 3 / 2)
    assert found.total.with_more == pytest.approx(1 + 3 / 2 + 5 / 2)


def test_few_finished_cases_borrow_the_yield_of_all():
    large = UnitCounts("a", cases=200, finished=100, resolved=80, more=0)
    small = UnitCounts("b", cases=20, finished=5, resolved=0, more=10)

    total, of_large, of_small = forecast([large, small])

    assert not of_large.outlook.borrowed
    assert of_large.outlook.forecast == pytest.approx(80 + 100 * 0.8)
    assert of_small.outlook.borrowed
    assert of_small.outlook.share == pytest.approx(80 / 105)
    assert of_small.outlook.forecast == pytest.approx(15 * 80 / 105)
    assert of_small.with_more == pytest.approx(25 * 80 / 105)
    assert total.counts.cases == 220


def test_a_unit_without_open_cases_shows_its_own_yield():
    large = UnitCounts("a", cases=200, finished=100, resolved=80, more=0)
    done = UnitCounts("b", cases=13, finished=13, resolved=6, more=0)

    of_done = forecast([large, done])[2].outlook

    assert not of_done.borrowed
    assert of_done.share == pytest.approx(6 / 13)
    assert (of_done.low, of_done.forecast, of_done.high) == pytest.approx((6, 6, 6))


def test_the_forecast_lies_between_its_limits_and_in_what_is_possible():
    rows = [UnitCounts(str(n), cases=60, finished=30, resolved=n, more=0) for n in range(31)]

    for line in forecast(rows):
        outlook, counts = line.outlook, line.counts
        assert counts.resolved <= outlook.low <= outlook.forecast <= outlook.high
        assert outlook.high <= counts.resolved + counts.cases - counts.finished


def test_before_a_case_is_finished_there_is_no_forecast():
    (total, unit) = forecast([UnitCounts("a", cases=10, finished=0, resolved=0, more=3)])

    assert total.outlook is unit.outlook is unit.with_more is None


def test_how_large_a_sample_is_stays_secret(supervisor):
    campaign = open_replicate(1)
    elsewhere = make_user(Role.SUPERVISOR, region=LUOHE)

    assert [one.id for one in called_campaigns(actor=supervisor)] == [campaign.id]
    assert called_campaigns(actor=elsewhere) == []
    with pytest.raises(NotFound):
        progress(campaign.id, actor=elsewhere, at=NOON)
