"""Numbers that are not called: put on the list and taken off it, with reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.attempts import NumberIsSpared, OutsideCallingHours, start_attempt
from casework.calls.corrections import correct_attempt
from casework.calls.dialler import Simulator
from casework.calls.dialling import hang_up, place_call
from casework.calls.filling import CallReport
from casework.calls.models import Attempt
from casework.calls.no_call import (
    SparingUnexplained,
    add_no_call,
    lift_no_call,
    spared_numbers,
)
from casework.calls.queue import claim_next_case
from casework.calls.reports import record_outcome
from casework.cases.lifecycle import CaseState
from casework.db import db
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
NUMBER = "13800000000"  # of every entry of the factory


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


def test_a_number_comes_off_the_list_with_a_reason_and_its_cases_come_back(operator, supervisor):
    open_replicate(2)
    add_no_call(NUMBER, "本人来电", actor=supervisor, at=NOON)
    [spared] = spared_numbers(actor=supervisor)
    with pytest.raises(SparingUnexplained):
        lift_no_call(spared.id, "  ", actor=supervisor, at=SOON)

    assert lift_no_call(spared.id, "登记有误", actor=supervisor, at=SOON) == 2
    assert lift_no_call(spared.id, "再按一次", actor=supervisor, at=SOON) == 2
    assert claim_next_case(actor=operator, at=SOON) is not None
    for reason in ("又来电", "律师来函"):
        add_no_call(NUMBER, reason, actor=supervisor, at=SOON)

    [spared] = spared_numbers(actor=supervisor)
    assert spared.listed
    assert [change.reason for change in spared.changes] == [
        *("律师来函", "又来电", "登记有误", "本人来电")
    ]
    assert len(spared.codes) == 2


def test_a_call_of_a_number_that_was_listed_meanwhile_has_none_after_it(operator, supervisor):
    open_replicate(1)
    claim = claim_next_case(actor=operator, at=NOON)
    add_no_call(NUMBER, "本人来电", actor=supervisor, at=SOON)

    report = CallReport(disposition="41", idempotency_key="spared")
    recorded = record_outcome(claim.case_id, claim.fence, report, actor=operator, at=SOON)
    assert (recorded.state, recorded.due_at) == (CaseState.READY, None)


def test_a_case_stays_spared_while_another_of_its_numbers_is_on_the_list(operator, supervisor):
    open_replicate(1, phones="13800000001\n13800000002")
    for number in ("13800000001", "13800000002"):
        add_no_call(number, "本人来电", actor=supervisor, at=NOON)
    second, first = spared_numbers(actor=supervisor)

    lift_no_call(first.id, "登记有误", actor=supervisor, at=SOON)
    assert claim_next_case(actor=operator, at=SOON) is None
    lift_no_call(second.id, "登记有误", actor=supervisor, at=SOON)
    assert claim_next_case(actor=operator, at=SOON) is not None


def test_a_number_listed_while_its_case_is_held_is_not_dialled(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    add_no_call(NUMBER, "本人来电", actor=supervisor, at=SOON)

    with pytest.raises(NumberIsSpared):
        start_attempt(claim.case_id, claim.fence, actor=operator, at=SOON)


def test_whoever_hung_up_dials_again_only_while_the_person_may_be_called(operator, supervisor):
    open_replicate(1)
    claim, dialler = claimed(operator), Simulator()
    held = claim.case_id, claim.fence
    first = start_attempt(*held, actor=operator, at=NOON)
    place_call(*held, dialler=dialler, actor=operator, at=NOON)
    night = NOON + timedelta(hours=9)
    ringing = start_attempt(*held, actor=operator, at=night)
    hang_up(*held, dialler=dialler, actor=operator, at=SOON)

    again = start_attempt(*held, actor=operator, at=SOON)
    with pytest.raises(OutsideCallingHours):
        start_attempt(*held, actor=operator, at=night)
    add_no_call(NUMBER, "本人来电", actor=supervisor, at=SOON)
    with pytest.raises(NumberIsSpared):
        start_attempt(*held, actor=operator, at=SOON)

    assert {ringing, again} == {first}


def test_a_listed_number_that_was_mistyped_spares_the_case_no_longer(operator, supervisor):
    open_replicate(1)
    add_no_call("13900000001", "本人来电", actor=supervisor, at=NOON)
    claim = claimed(operator)
    report(claim, "54", actor=operator, new_number="13900000001")
    spared = fresh(claim).schedule.no_call
    uid = db.session.scalars(select(Attempt.uid)).one()

    right = to_report("54", new_number="13900000002", note="听错了一位")
    correct_attempt(uid, right, actor=operator, at=SOON)

    assert (spared, fresh(claim).schedule.no_call) == (True, False)
