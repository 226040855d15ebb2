from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.attempts import start_attempt
from casework.calls.board import floor
from casework.calls.corrections import CorrectionTooLate, correct_attempt
from casework.calls.holding import hand_back
from casework.calls.models import Appointment, Attempt
from casework.calls.overruling import (
    CallNotLast,
    CallsAreOver,
    OverrulingUnexplained,
    list_overruled,
    overrule_call,
)
from casework.calls.pushing import push_case
from casework.calls.recall_models import Recall, RecallState
from casework.calls.recalls import set_recall_share
from casework.calls.schedule import day_of
from casework.calls.supervision import OwnCorrection, finish_case, return_case
from casework.calls.watched import find_case
from casework.campaigns.models import Campaign, CampaignState
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass, Standing, Tier
from casework.db import db
from casework.errors import NotFound
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
LATER = SOON + timedelta(hours=2)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def claim(operator):
    open_replicate(1)
    return claimed(operator)


def latest() -> Attempt:
    return db.session.scalars(select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()


def overrule(disposition, *, actor, uid=None, at=LATER, **facts):
    sent = to_report(disposition, **({"note": "听录音：按错了键"} | facts))
    return overrule_call(uid or latest().uid, sent, actor=actor, at=at)


def test_a_dead_number_keyed_by_mistake_goes_back_into_the_queue(claim, operator, supervisor):
    report(claim, "51", actor=operator)
    uid, said = latest().uid, to_report("41")
    with pytest.raises(CorrectionTooLate):
        correct_attempt(uid, said, actor=operator, at=LATER)

    recorded, waits = overrule("41", actor=supervisor)

    case, row = fresh(claim), latest()
    assert (case.state, case.schedule.standing, case.schedule.tried) == (
        CaseState.READY,
        Standing.RESTING,
        1,
    )
    assert case.schedule.due_at > LATER
    assert (recorded.state, waits, row.operator_id) == (CaseState.READY, False, operator.id)
    assert (row.corrected_by_id, row.note) == (supervisor.id, "听录音：按错了键")
    kept = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.OUTCOME_CORRECT)
    ).one()
    assert kept.actor_id == supervisor.id
    (listed,) = list_overruled(case.campaign_id, NOON, LATER, actor=supervisor)
    assert (listed.before, listed.after, listed.author) == ("51", "41", supervisor.name)


@pytest.mark.parametrize(("first", "then"), [("11", "41"), ("21", "41"), ("41", "22")])
def test_another_supervisor_confirms_what_denies_a_contact_or_ends_the_calls(
    claim, operator, supervisor, first, then
):
    other = make_user(Role.SUPERVISOR)
    report(claim, first, actor=operator, **({"outcome": "V1"} if first == "11" else {}))

    _recorded, waits = overrule(then, actor=supervisor)

    assert (waits, fresh(claim).state) == (True, CaseState.ESCALATED)
    with pytest.raises(OwnCorrection):
        finish_case(claim.case_id, "是的", actor=supervisor, at=LATER)
    finish_case(claim.case_id, "已听录音", actor=other, at=LATER)
    assert latest().disposition == then
    assert fresh(claim).state is (CaseState.READY if then == "41" else CaseState.PHONED)


def test_a_correction_set_aside_leaves_what_stood_before_it(claim, operator, supervisor):
    other = make_user(Role.SUPERVISOR)
    report(claim, "11", outcome="V1", actor=operator)
    correct_attempt(latest().uid, to_report("21", note="按错了键"), actor=operator, at=SOON)
    finish_case(claim.case_id, "已听录音", actor=other, at=SOON)
    overrule("41", actor=supervisor)

    return_case(claim.case_id, actor=supervisor, at=LATER)

    assert latest().disposition == "21"
    assert fresh(claim).state is CaseState.READY


@pytest.mark.parametrize("in_time", [True, False])
def test_nobody_confirms_the_correction_of_an_own_call(supervisor, in_time):
    open_replicate(1)
    claim = claimed(supervisor)
    make_user(Role.SUPERVISOR)
    report(claim, "11", outcome="V1", actor=supervisor)
    if in_time:
        correct_attempt(latest().uid, to_report("41", note="键误"), actor=supervisor, at=SOON)
    else:
        overrule("41", actor=supervisor)

    assert fresh(claim).state is CaseState.ESCALATED
    with pytest.raises(OwnCorrection):
        finish_case(claim.case_id, "是的", actor=supervisor, at=LATER)
    (handed,) = floor(actor=supervisor, at=LATER).escalated
    seen = find_case(claim.code, actor=supervisor).handed
    assert (handed.corrected_by_id, seen.corrected_by_id) == (supervisor.id, supervisor.id)
    listed = list_overruled(fresh(claim).campaign_id, NOON, LATER, actor=supervisor)
    assert len(listed) == (0 if in_time else 1)


def test_alone_on_the_floor_a_supervisor_corrects_at_once(claim, operator, supervisor):
    report(claim, "11", outcome="V1", actor=operator)

    _recorded, waits = overrule("22", actor=supervisor)

    assert (waits, fresh(claim).phone_class) == (False, PhoneClass.REFUSED)


def test_what_is_not_to_be_corrected_is_refused_by_its_reason(claim, operator, supervisor):
    report(claim, "51", actor=operator)

    with pytest.raises(OverrulingUnexplained):
        overrule("41", actor=supervisor, note=" ")
    with pytest.raises(NotFound):
        overrule("41", actor=make_user(Role.SUPERVISOR, region="410300"))
    db.session.scalars(select(Campaign)).one().state = CampaignState.VISITING
    db.session.commit()
    with pytest.raises(CallsAreOver):
        overrule("41", actor=supervisor)
    assert fresh(claim).state is CaseState.PHONED


def test_only_the_last_call_is_corrected_and_while_nobody_works_on_the_case(
    claim, operator, supervisor
):
    report(claim, "41", actor=operator)
    first = latest().uid
    overrule("42", actor=supervisor)
    again = claimed(operator, LATER + timedelta(days=1))

    with pytest.raises(CallNotLast):
        overrule("43", actor=supervisor, at=LATER + timedelta(days=1))
    report(again, "41", actor=operator, at=LATER + timedelta(days=1))
    with pytest.raises(CallNotLast):
        overrule("43", actor=supervisor, uid=first, at=LATER + timedelta(days=1))


def test_a_call_of_another_day_that_is_corrected_takes_the_place_of_none_of_today(
    claim, operator, supervisor
):
    report(claim, "41", actor=operator)
    tomorrow = NOON + timedelta(days=1)
    again = claimed(operator, tomorrow)
    start_attempt(again.case_id, again.fence, actor=operator, at=tomorrow)
    hand_back(again.case_id, again.fence, actor=operator, at=tomorrow)

    uid = db.session.scalars(select(Attempt.uid).where(Attempt.disposition != "")).one()
    overrule("42", actor=supervisor, uid=uid, at=tomorrow)

    schedule = fresh(claim).schedule
    assert (schedule.tried, schedule.tried_on, schedule.tried_that_day) == (2, day_of(tomorrow), 1)


def test_an_interview_that_is_held_again_is_corrected_as_any_other_and_its_re_call_is_not(
    claim, operator, supervisor
):
    campaign = db.session.scalars(select(Campaign)).one()
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    report(claim, "11", outcome="V1", actor=operator)
    interview, tomorrow = latest().uid, SOON + timedelta(days=1)
    colleague = make_user()
    report(claimed(colleague, tomorrow), "11", outcome="V1", actor=colleague, at=tomorrow)
    with pytest.raises(NotFound):
        overrule("41", actor=supervisor, at=tomorrow)

    overrule("22", actor=supervisor, uid=interview, at=tomorrow)

    case, recall = fresh(claim), db.session.scalars(select(Recall)).one()
    assert (case.phone_class, case.schedule.standing) == (PhoneClass.REFUSED, Standing.OUT)
    assert recall.state is RecallState.HELD


def test_a_call_that_is_corrected_kept_no_time_that_was_agreed_for_later(
    claim, operator, supervisor
):
    tomorrow = NOON + timedelta(days=1)
    window = (tomorrow, tomorrow + timedelta(minutes=30))
    report(claim, "31", actor=operator, window=window)
    push_case(claim.case_id, operator.id, actor=supervisor, at=LATER)
    report(claimed(operator, LATER), "41", actor=operator, at=LATER)
    overrule("42", actor=supervisor, at=tomorrow + timedelta(minutes=5))

    schedule = fresh(claim).schedule

    assert (schedule.tier, schedule.due_at) == (Tier.HARD_APPOINTMENT, window[0])
    assert db.session.scalars(select(Appointment.kept_at)).one() is None
