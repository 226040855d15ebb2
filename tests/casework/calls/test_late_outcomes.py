from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.roles import Role
from casework.calls.attempts import save_answer, start_attempt
from casework.calls.corrections import correct_attempt
from casework.calls.dialling import NotDialled
from casework.calls.filling import NoteMissing
from casework.calls.holding import CaseNotHeld, expire_leases
from casework.calls.interruptions import (
    interrupted_calls,
    report_interrupted,
    resolve_interrupted,
)
from casework.calls.keeping import KeyReused
from casework.calls.late_models import LateOutcome, WhatHappened
from casework.calls.late_outcomes import (
    DismissalUnexplained,
    accept_late_outcome,
    dismiss_late_outcome,
    list_late_outcomes,
)
from casework.calls.models import Attempt
from casework.calls.reports import OutcomeKeptLate
from casework.calls.script import answers_leading_to
from casework.calls.supervision import return_case
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import LANKAO, NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]
HOUR = timedelta(hours=1)
LATER = NOON + HOUR


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def lost(operator):
    """A claim that was dialled and then lost."""
    open_replicate(1)
    claim = claimed(operator)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    expire_leases(at=LATER)
    return claim


def kept(claim, disposition="22", *, actor, at=LATER, **facts) -> int:
    with pytest.raises(OutcomeKeptLate) as told:
        report(claim, disposition, actor=actor, at=at, **facts)
    return told.value.facts["number"]


def attempts() -> list[Attempt]:
    return list(db.session.scalars(select(Attempt).order_by(Attempt.id)))


def test_a_report_after_the_case_went_on_is_kept_and_its_number_told(lost, operator, supervisor):
    claimed(make_user(), LATER)

    number = kept(lost, "11", actor=operator, outcome="V1", note="演示备注")

    (row,) = list_late_outcomes(actor=supervisor)
    assert (row.number, row.code, row.operator) == (number, lost.code, operator.name)
    assert (row.disposition, row.outcome, row.note) == ("11", "V1", "演示备注")
    assert (row.state, row.acceptable) == (CaseState.HELD, False)


@pytest.mark.both_engines
def test_the_same_late_report_again_is_kept_once(lost, operator):
    first = kept(lost, actor=operator, idempotency_key="late")

    assert kept(lost, actor=operator, idempotency_key="late") == first
    assert db.session.scalar(select(func.count()).select_from(LateOutcome)) == 1


@pytest.mark.both_engines
def test_another_late_report_with_the_same_key_is_refused(lost, operator):
    kept(lost, actor=operator, idempotency_key="late")

    with pytest.raises(KeyReused):
        report(lost, "41", actor=operator, at=LATER, idempotency_key="late")
    with pytest.raises(NotFound):
        report(lost, "22", actor=make_user(), at=LATER, idempotency_key="late")


def test_a_late_report_is_checked_like_any_other(lost, operator):
    with pytest.raises(NoteMissing):
        report(lost, "22", actor=operator, at=LATER, note="")


def test_who_never_held_the_case_keeps_nothing(lost):
    with pytest.raises(CaseNotHeld) as refused:
        report(lost, "22", actor=make_user(), at=LATER)
    assert type(refused.value) is CaseNotHeld


def test_a_claim_lost_before_dialling_can_be_reported_too(operator):
    open_replicate(1)
    claim = claimed(operator)
    expire_leases(at=LATER)

    assert kept(claim, actor=operator)


def test_an_accepted_report_counts_in_place_of_the_interrupted_call(lost, operator, supervisor):
    number = kept(lost, "11", actor=operator, outcome="N2")

    accept_late_outcome(number, actor=supervisor, at=LATER)

    case = fresh(lost)
    assert (case.state, case.phone_outcome) == (CaseState.PHONED, "N2")
    interrupted, accepted = attempts()
    assert accepted.supersedes_id == interrupted.id
    assert (accepted.operator_id, accepted.dialled_at) == (operator.id, NOON)
    assert case.schedule.tried == 1
    assert list_late_outcomes(actor=supervisor) == []


def test_the_answers_saved_before_the_hold_was_lost_count(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    for question, keys in answers_leading_to(claim.project, "V1").items():
        save_answer(claim.case_id, claim.fence, question, keys, actor=operator, at=NOON)
    expire_leases(at=LATER)
    number = kept(claim, "11", actor=operator)

    accept_late_outcome(number, actor=supervisor, at=LATER)

    assert fresh(claim).phone_class is PhoneClass.ACHIEVED


def test_an_accepted_appointment_belongs_to_who_agreed_to_it(lost, operator, supervisor):
    window = (NOON + 3 * HOUR, NOON + 4 * HOUR)
    accept_late_outcome(kept(lost, "31", actor=operator, window=window), actor=supervisor, at=LATER)

    schedule = fresh(lost).schedule
    assert (schedule.due_at, schedule.owner_id) == (window[0], operator.id)


def test_nothing_is_accepted_for_a_case_that_is_held_or_finished(lost, operator, supervisor):
    number = kept(lost, actor=operator)
    again = claimed(make_user(), LATER)

    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATER)
    report(again, "11", outcome="V1", actor=fresh(again).holder, at=LATER)
    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATER)
    assert fresh(lost).phone_class is PhoneClass.ACHIEVED


def test_a_late_report_decides_no_correction_that_waits(lost, operator, supervisor):
    colleague = make_user()
    later = claimed(colleague, LATER)
    number = kept(lost, "41", actor=operator)
    report(later, "11", outcome="V1", actor=colleague, at=LATER)
    correct_attempt(attempts()[-1].uid, to_report("41", note="键误"), actor=colleague, at=LATER)

    assert not list_late_outcomes(actor=supervisor)[0].acceptable
    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATER)
    return_case(later.case_id, actor=supervisor, at=LATER)
    assert fresh(later).phone_class is PhoneClass.ACHIEVED


@pytest.mark.both_engines
def test_a_late_report_is_put_aside_with_a_reason(lost, operator, supervisor):
    number = kept(lost, actor=operator)

    with pytest.raises(DismissalUnexplained):
        dismiss_late_outcome(number, " ", actor=supervisor, at=LATER)
    dismiss_late_outcome(number, "演示理由", actor=supervisor, at=LATER)

    assert list_late_outcomes(actor=supervisor) == []
    late = db.session.get_one(LateOutcome, number)
    assert (late.reason, late.decided_by_id) == ("演示理由", supervisor.id)
    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATER)


@pytest.mark.both_engines
def test_a_supervisor_of_another_region_does_not_see_it(lost, operator):
    number = kept(lost, actor=operator)
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)

    assert list_late_outcomes(actor=elsewhere) == []
    with pytest.raises(NotFound):
        accept_late_outcome(number, actor=elsewhere, at=LATER)


@pytest.mark.both_engines
def test_an_interrupted_call_is_asked_about_until_it_is_told(lost, operator):
    (call,) = interrupted_calls(actor=operator)
    assert (call.code, call.dialled_at) == (lost.code, NOON)
    assert interrupted_calls(actor=make_user()) == []

    resolve_interrupted(call.attempt_uid, WhatHappened.NO_ANSWER, actor=operator, at=LATER)

    assert interrupted_calls(actor=operator) == []
    with pytest.raises(NotAllowedNow):
        resolve_interrupted(call.attempt_uid, WhatHappened.NO_ANSWER, actor=operator, at=LATER)
    assert fresh(lost).schedule.tried == 1


def test_what_was_not_dialled_after_all_is_not_counted(lost, operator):
    (call,) = interrupted_calls(actor=operator)

    resolve_interrupted(call.attempt_uid, WhatHappened.NOT_DIALLED, actor=operator, at=LATER)

    assert fresh(lost).schedule.tried == 0


def test_a_call_in_which_somebody_answered_was_dialled_and_reached_somebody(operator):
    open_replicate(1)
    claim = claimed(operator)
    save_answer(claim.case_id, claim.fence, "G1", ["1"], actor=operator, at=NOON)
    expire_leases(at=LATER)
    (call,) = interrupted_calls(actor=operator)

    for nobody in (WhatHappened.NOT_DIALLED, WhatHappened.NO_ANSWER):
        with pytest.raises(NotAllowedNow):
            resolve_interrupted(call.attempt_uid, nobody, actor=operator, at=LATER)
    resolve_interrupted(call.attempt_uid, WhatHappened.NOT_FINISHED, actor=operator, at=LATER)
    assert call.spoke


def test_a_finished_call_is_reported_late(lost, operator, supervisor):
    (call,) = interrupted_calls(actor=operator)
    with pytest.raises(NotAllowedNow):
        resolve_interrupted(call.attempt_uid, WhatHappened.FINISHED, actor=operator, at=LATER)

    number = report_interrupted(call.attempt_uid, to_report("22"), actor=operator, at=LATER)
    accept_late_outcome(number, actor=supervisor, at=LATER)

    assert fresh(lost).phone_class is PhoneClass.REFUSED
    assert interrupted_calls(actor=operator) == []


def test_a_call_that_the_desk_did_not_dial_was_dialled_by_hand_or_is_none(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    save_answer(claim.case_id, claim.fence, "G1", ["1"], actor=operator, at=NOON)
    expire_leases(at=LATER)
    (call,) = interrupted_calls(actor=operator)

    with pytest.raises(NotDialled):
        report_interrupted(
            call.attempt_uid, to_report("22", by_hand=False), actor=operator, at=LATER
        )
    sent = to_report("22", by_hand=True)
    number = report_interrupted(call.attempt_uid, sent, actor=operator, at=LATER)
    accept_late_outcome(number, actor=supervisor, at=LATER)

    counted = db.session.scalars(select(Attempt).where(Attempt.disposition == "22")).one()
    assert counted.dialled_at == NOON


def test_nobody_tells_of_somebody_elses_call(lost, operator):
    (call,) = interrupted_calls(actor=operator)

    with pytest.raises(NotFound):
        resolve_interrupted(call.attempt_uid, WhatHappened.NO_ANSWER, actor=make_user(), at=SOON)


@pytest.mark.both_engines
def test_an_interrupted_call_that_is_reported_twice_is_one_late_report(lost, operator):
    (interrupted,) = attempts()
    sent = to_report("41")
    number = report_interrupted(interrupted.uid, sent, actor=operator, at=LATER)

    assert report_interrupted(interrupted.uid, sent, actor=operator, at=LATER) == number
    with pytest.raises(NotAllowedNow):
        report_interrupted(interrupted.uid, to_report("22"), actor=operator, at=LATER)
