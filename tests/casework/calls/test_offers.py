"""The next replicate, offered by what the open cases yield and how long they last."""

from datetime import timedelta

import pytest

from casework.accounts.roles import Role
from casework.calls.offers import release_offers
from casework.calls.release_requests import ask_for_release
from casework.campaigns.models import Campaign
from casework.cases.release import release_replicate
from casework.db import db
from tests.casework.calls.rows import SOON, claimed, report
from tests.factories import LANKAO, NOON, make_drawn_campaign, make_user

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR, name="演示督导甲")


def opened(days_of_fieldwork: int) -> Campaign:
    campaign = make_drawn_campaign(entries=12, sampled=12, replicates=2)
    row = db.session.get_one(Campaign, campaign.id)
    row.fieldwork_ends_on = (NOON + days_of_fieldwork * DAY).date()
    db.session.commit()
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    return row


def test_before_a_case_is_finished_nothing_is_said_of_the_pace(supervisor):
    opened(30)

    [offer] = release_offers(actor=supervisor, at=SOON)

    assert (offer.replicate.number, offer.open_cases) == (2, 6)
    assert offer.lasts is None
    assert not offer.runs_out


def test_the_open_cases_last_as_long_as_the_pace_says(supervisor):
    opened(30)
    operator = make_user()
    for _case in range(2):
        report(claimed(operator), "11", actor=operator, outcome="V1")

    [offer] = release_offers(actor=supervisor, at=SOON)
    [after_two_days] = release_offers(actor=supervisor, at=NOON + 2 * DAY)

    assert (offer.a_day, offer.lasts, offer.days_left) == (2, 2, 31)
    assert offer.runs_out
    assert after_two_days.a_day == 1


def test_cases_that_last_until_the_end_of_fieldwork_call_for_nothing(supervisor):
    opened(1)
    operator = make_user()
    report(claimed(operator), "11", actor=operator, outcome="V1")

    [offer] = release_offers(actor=supervisor, at=SOON)

    assert offer.lasts == 5
    assert not offer.runs_out


def test_who_asked_is_shown_and_what_is_open_is_offered_no_more(supervisor):
    campaign = opened(30)
    ask_for_release(campaign.id, 2, actor=supervisor, at=SOON)
    assert release_offers(actor=supervisor, at=SOON)[0].replicate.asked_by == "演示督导甲"

    release_replicate(campaign.id, 2, actor=make_user(Role.COORDINATOR), at=SOON)
    assert release_offers(actor=supervisor, at=SOON) == ()


def test_who_does_not_see_the_whole_province_is_offered_nothing(app):
    opened(30)

    assert release_offers(actor=make_user(Role.SUPERVISOR, region=LANKAO), at=SOON) == ()
