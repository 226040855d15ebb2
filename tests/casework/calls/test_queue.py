from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.calls.attempts import start_attempt
from casework.calls.holding import CaseNotHeld, expire_leases, hand_back, renew_lease
from casework.calls.models import Attempt
from casework.calls.queue import claim_next_case
from casework.calls.waiting import Waiting, why_empty
from casework.campaigns.models import CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, transaction
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import LUOHE, NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_two_operators_never_get_the_same_case():
    open_replicate(2)
    first, second = make_user(), make_user()

    assert claimed(first).case_id != claimed(second).case_id
    assert claim_next_case(actor=make_user(), at=NOON) is None


def test_who_holds_a_case_gets_it_again():
    open_replicate(2)
    operator = make_user()

    first, again = claimed(operator), claimed(operator, SOON)

    assert (again.case_id, again.fence, again.resumed) == (first.case_id, first.fence, True)


def test_a_case_is_not_called_before_it_is_due():
    open_replicate(1)
    operator = make_user()
    report(claimed(operator), "41", actor=operator)

    assert claim_next_case(actor=operator, at=SOON + 3 * HOUR - MINUTE) is None
    assert claim_next_case(actor=operator, at=SOON + 3 * HOUR) is not None


def test_a_due_appointment_comes_before_cases_that_waited_longer():
    open_replicate(2)
    operator = make_user()
    agreed = claimed(operator)
    window = (NOON + HOUR, NOON + HOUR + 30 * MINUTE)
    report(agreed, "31", actor=operator, window=window)

    assert claimed(operator, NOON + HOUR).case_id == agreed.case_id


@pytest.mark.parametrize(("hour", "open_"), [(7, False), (8, True), (20, True), (21, False)])
def test_nobody_is_called_early_or_late(hour, open_):
    open_replicate(1)
    at = NOON + (hour - 12) * HOUR + 24 * HOUR

    assert (claim_next_case(actor=make_user(), at=at) is not None) == open_


def test_nobody_is_called_after_the_end_of_fieldwork_or_calling():
    campaign = open_replicate(1)

    assert claim_next_case(actor=make_user(), at=NOON + timedelta(days=60)) is None
    with transaction() as session:
        session.get_one(type(campaign), campaign.id).state = CampaignState.VISITING
    assert claim_next_case(actor=make_user(), at=NOON) is None


def test_a_closed_laptop_frees_the_case_and_the_call_counts_as_interrupted():
    open_replicate(1)
    away, there = make_user(), make_user()
    lost = claimed(away)
    start_attempt(lost.case_id, lost.fence, actor=away, at=NOON)

    assert claim_next_case(actor=there, at=NOON + 19 * MINUTE) is None
    again = claimed(there, NOON + 20 * MINUTE)

    assert (again.case_id, again.fence) == (lost.case_id, lost.fence + 1)
    attempt = db.session.scalars(select(Attempt)).one()
    assert (attempt.interrupted, attempt.disposition) == (True, "")


def test_a_renewed_lease_does_not_expire():
    open_replicate(1)
    operator = make_user()
    claim = claimed(operator)
    renew_lease(claim.case_id, claim.fence, actor=operator, at=NOON + 15 * MINUTE)

    assert expire_leases(at=NOON + 30 * MINUTE) == 0
    assert expire_leases(at=NOON + 35 * MINUTE) == 1


def test_a_lost_case_cannot_be_renewed_or_handed_back():
    open_replicate(1)
    operator = make_user()
    claim = claimed(operator)
    expire_leases(at=NOON + HOUR)

    for late in (renew_lease, hand_back):
        with pytest.raises(CaseNotHeld):
            late(claim.case_id, claim.fence, actor=operator, at=NOON + HOUR)


def test_a_case_handed_back_is_due_as_before():
    open_replicate(1)
    operator = make_user()
    claim = claimed(operator)
    hand_back(claim.case_id, claim.fence, actor=operator, at=SOON)

    case = fresh(claim)
    assert (case.state, case.schedule.due_at, case.holder_id) == (CaseState.READY, NOON, None)


def test_operators_of_one_region_get_no_case_of_another():
    open_replicate(1)

    assert claim_next_case(actor=make_user(region="410100"), at=NOON) is None


def test_the_empty_queue_accounts_for_every_open_case():
    campaign = open_replicate(6)
    one, two, three, four = (make_user() for _ in range(4))
    claimed(one)
    report(claimed(two), "41", actor=two)
    report(claimed(three), "31", actor=three, window=(NOON + HOUR, NOON + 2 * HOUR))
    report(claimed(four), "71", actor=four)

    empty = why_empty(actor=one, at=SOON)

    counts = {row.reason: row.cases for row in empty.rows}
    assert counts == {
        Waiting.DUE_NOW: 2,
        Waiting.HELD: 1,
        Waiting.REST_LATER: 1,
        Waiting.APPOINTMENT_LATER: 1,
        Waiting.ESCALATED: 1,
    }
    states = select(Case).where(Case.campaign_id == campaign.id, Case.state != CaseState.PHONED)
    assert empty.cases == len(db.session.scalars(states).all())


def test_the_empty_queue_says_when_the_next_call_is_possible():
    open_replicate(1)
    operator = make_user()
    report(claimed(operator), "31", actor=operator, window=(NOON + HOUR, NOON + 2 * HOUR))

    assert why_empty(actor=operator, at=SOON).next_at == NOON + HOUR


def test_at_night_the_next_call_is_at_eight():
    open_replicate(1)

    empty = why_empty(actor=make_user(), at=NOON + 10 * HOUR)

    assert empty.outside_hours
    assert (empty.due_now, empty.next_at) == (1, NOON + 20 * HOUR)


def test_how_much_of_the_sample_is_sealed_is_told_to_the_province_alone():
    open_replicate(4, replicates=2)

    waiting = why_empty(actor=make_user(), at=NOON)
    below = why_empty(actor=make_user(region=LUOHE), at=NOON)

    assert Waiting.NOT_RELEASED in {row.reason for row in waiting.rows}
    assert Waiting.NOT_RELEASED not in {row.reason for row in below.rows}
