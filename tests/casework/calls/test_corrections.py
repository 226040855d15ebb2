from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.calls.board import floor
from casework.calls.corrections import (
    CORRECTABLE_FOR,
    CorrectionTooLate,
    CorrectionUnexplained,
    correct_attempt,
)
from casework.calls.filling import NoteMissing
from casework.calls.keeping import KeyReused
from casework.calls.models import Appointment, Attempt
from casework.calls.my_day import my_day
from casework.calls.recall_models import Recall, RecallState
from casework.calls.recalls import set_recall_share
from casework.calls.script import answers_leading_to
from casework.calls.supervision import finish_case, return_case
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass, Standing, Tier
from casework.cases.number_index import cases_with
from casework.db import db, transaction
from casework.errors import NotFound
from casework.ledgers.projects import Project
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def claim(operator):
    open_replicate(1)
    return claimed(operator)


def latest() -> Attempt:
    return db.session.scalars(select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()


def correct(disposition: str, *, actor: User, at=SOON + MINUTE, **facts):
    if "outcome" in facts:
        facts.setdefault("answers", answers_leading_to(Project.RE_EMPLOYMENT, facts["outcome"]))
    return correct_attempt(latest().uid, to_report(disposition, **facts), actor=actor, at=at)


def test_a_correction_is_a_new_row_that_alone_decides(claim, operator):
    report(claim, "22", actor=operator)

    recorded = correct("11", outcome="V1", actor=operator)

    old, new = db.session.scalars(select(Attempt).order_by(Attempt.id))
    assert (old.disposition, new.disposition, new.supersedes_id) == ("22", "11", old.id)
    case = fresh(claim)
    assert (case.state, case.phone_class) == (CaseState.PHONED, PhoneClass.ACHIEVED)
    assert (recorded.state, case.schedule.tried) == (CaseState.PHONED, 1)


def test_an_interview_taken_back_leaves_no_verdict_and_no_lead(claim, operator):
    report(claim, "11", outcome="N2", actor=operator)

    correct("41", actor=operator, note="按错了键")
    finish_case(claim.case_id, "已听录音", actor=make_user(Role.SUPERVISOR), at=SOON + HOUR)

    case = fresh(claim)
    assert (case.state, case.phone_class) == (CaseState.READY, None)
    assert (case.phone_outcome, case.lead_cause) == ("", "")
    assert (case.schedule.standing, case.schedule.tier) == (Standing.RESTING, Tier.RECALL)


def test_a_wrong_time_is_agreed_anew(claim, operator):
    report(claim, "31", actor=operator, window=(NOON + HOUR, NOON + 2 * HOUR))

    correct("31", actor=operator, window=(NOON + 3 * HOUR, NOON + 4 * HOUR))

    pending = db.session.scalars(select(Appointment).where(Appointment.kept_at.is_(None))).one()
    assert pending.window_start == NOON + 3 * HOUR
    assert fresh(claim).schedule.due_at == NOON + 3 * HOUR


def test_a_case_referred_by_mistake_comes_back(claim, operator):
    report(claim, "71", actor=operator)

    assert correct("41", actor=operator).state is CaseState.READY


def test_a_number_written_down_wrongly_finds_the_case_no_more(claim, operator):
    report(claim, "54", actor=operator, new_number="13900000001")

    correct("54", actor=operator, new_number="13900000002")

    with transaction() as session:
        assert cases_with(session, "13900000001") == []
        assert cases_with(session, "13900000002") == [claim.case_id]


def test_a_correction_is_corrected_again_within_the_same_ten_minutes(claim, operator):
    report(claim, "22", actor=operator)
    correct("11", outcome="V1", actor=operator)
    correct("14", actor=operator, at=SOON + 2 * MINUTE, note="又按错了键")

    assert fresh(claim).state is CaseState.ESCALATED
    with pytest.raises(CorrectionTooLate):
        correct("22", actor=operator, at=SOON + CORRECTABLE_FOR + MINUTE)


def test_the_same_correction_twice_is_one(claim, operator):
    report(claim, "22", actor=operator)
    uid = latest().uid
    sent = to_report("41")
    correct_attempt(uid, sent, actor=operator, at=SOON)

    assert correct_attempt(uid, sent, actor=operator, at=SOON).repeated
    with pytest.raises(KeyReused):
        correct_attempt(
            uid, to_report("43", idempotency_key=sent.idempotency_key), actor=operator, at=SOON
        )


def test_what_moved_on_is_not_corrected(claim, operator):
    report(claim, "71", actor=operator)
    return_case(claim.case_id, actor=make_user(Role.SUPERVISOR), at=SOON)

    with pytest.raises(CorrectionTooLate):
        correct("41", actor=operator)
    claimed(make_user(), SOON)
    with pytest.raises(CorrectionTooLate):
        correct("41", actor=operator)


def test_nobody_corrects_somebody_elses_call(claim, operator):
    report(claim, "22", actor=operator)

    with pytest.raises(NotFound):
        correct("41", actor=make_user())


@pytest.mark.parametrize(
    ("disposition", "facts", "state"),
    [("11", {"outcome": "N2"}, RecallState.OPEN), ("14", {}, RecallState.MISSED)],
)
def test_an_interview_chosen_to_be_held_again_is_corrected_all_the_same(
    operator, disposition, facts, state
):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1.0, actor=make_user(Role.SUPERVISOR), at=NOON)
    claim = claimed(operator)
    report(claim, "11", outcome="V1", actor=operator)

    correct(disposition, actor=operator, note="按错了键", **facts)

    recall = db.session.scalars(select(Recall)).one()
    case = fresh(claim)
    assert recall.state is state
    assert (recall.first_id == latest().id) == (state is RecallState.OPEN)
    assert (case.schedule.not_for_id == operator.id) == (state is RecallState.OPEN)
    # What waits for the supervisor is called by nobody.
    assert (case.schedule.standing is Standing.RESTING) == (state is RecallState.OPEN)


def test_my_day_shows_the_corrected_row_with_what_stood_before(claim, operator):
    report(claim, "41", actor=operator, note="先前的备注")
    correct("43", actor=operator, note="后来的备注")
    correct("44", actor=operator, at=SOON + 2 * MINUTE, note="")

    [row] = my_day(actor=operator, at=SOON + 3 * MINUTE).rows

    assert (row.disposition, row.note) == ("44", "")
    before = [(old.disposition, old.note) for old in row.before]
    assert before == [("43", "后来的备注"), ("41", "先前的备注")]


@pytest.mark.parametrize(("first", "then"), [("41", "22"), ("11", "39"), ("11", "41")])
def test_a_correction_that_ends_the_calls_or_denies_an_interview_says_why_and_is_confirmed(
    claim, operator, first, then
):
    facts = {"outcome": "V1"} if first == "11" else {}
    report(claim, first, actor=operator, note="先前的备注", **facts)

    for says_nothing_new in ("", "先前的备注"):
        with pytest.raises((CorrectionUnexplained, NoteMissing)):
            correct(then, actor=operator, note=says_nothing_new)
    recorded = correct(then, actor=operator, note="按错了键")

    supervisor = make_user(Role.SUPERVISOR)
    (listed,) = floor(actor=supervisor, at=SOON + MINUTE).escalated
    assert (recorded.state, fresh(claim).phone_class) == (CaseState.ESCALATED, None)
    assert (listed.corrected_from, listed.disposition, listed.note) == (first, then, "按错了键")
    finish_case(claim.case_id, "已听录音", actor=supervisor, at=SOON + HOUR)
    assert fresh(claim).state is (CaseState.READY if then == "41" else CaseState.PHONED)
    assert latest().disposition == then


def test_a_correction_that_is_not_confirmed_leaves_the_call_as_first_reported(claim, operator):
    report(claim, "31", actor=operator, window=(NOON + HOUR, NOON + 2 * HOUR))
    correct("22", actor=operator, note="按错了键")
    correct("39", actor=operator, note="又按错了键")

    return_case(claim.case_id, actor=make_user(Role.SUPERVISOR), at=SOON + 2 * MINUTE)

    case = fresh(claim)
    assert (latest().disposition, case.schedule.tried) == ("31", 1)
    assert (case.state, case.schedule.tier) == (CaseState.READY, Tier.HARD_APPOINTMENT)
    assert case.schedule.due_at == NOON + HOUR
    later = claimed(operator, NOON + HOUR)
    assert report(later, "41", actor=operator, at=NOON + HOUR).state is CaseState.READY


def test_an_interview_that_a_correction_denied_counts_again_and_is_called_again(operator):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1.0, actor=make_user(Role.SUPERVISOR), at=NOON)
    claim = claimed(operator)
    report(claim, "11", outcome="V1", actor=operator)
    correct("22", actor=operator, note="按错了键")

    return_case(claim.case_id, actor=make_user(Role.SUPERVISOR), at=SOON + 2 * MINUTE)

    case, recall = fresh(claim), db.session.scalars(select(Recall)).one()
    assert (case.state, case.phone_class) == (CaseState.PHONED, PhoneClass.ACHIEVED)
    assert (recall.state, recall.first_id) == (RecallState.OPEN, latest().id)
    assert case.schedule.due_at > SOON + HOUR


def test_who_ended_the_calls_before_corrects_how_without_anybody(claim, operator):
    report(claim, "22", actor=operator)

    assert correct("11", outcome="V1", actor=operator).state is CaseState.PHONED
