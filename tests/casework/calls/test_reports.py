from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.attempts import (
    IdentityNumberTyped,
    NoAnswerChosen,
    OutsideCallingHours,
    WaiverNotRead,
    mark_read,
    reveal_number,
    save_answer,
    start_attempt,
    walk_back,
)
from casework.calls.closing import (
    AppointmentBackwards,
    AppointmentMissing,
    AppointmentOutsideHours,
    AppointmentPast,
    AppointmentTooLate,
)
from casework.calls.dispositions import UnknownDisposition
from casework.calls.filling import (
    AnswersIncomplete,
    NewNumberMissing,
    NewNumberUnreadable,
    NoteMissing,
    OutcomeContradictsAnswers,
    WaiverMarkMissing,
)
from casework.calls.holding import CaseNotHeld, expire_leases
from casework.calls.keeping import KeyReused
from casework.calls.models import Appointment, Attempt
from casework.calls.script import NotAnAnswer, answers_leading_to
from casework.calls.signals import SignalKind
from casework.calls.traces import signals_of
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.projects import Project
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import NOON, make_user

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_engine]
HOUR = timedelta(hours=1)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def claim(operator):
    open_replicate(1)
    return claimed(operator)


def attempts() -> int:
    return db.session.scalar(select(func.count()).select_from(Attempt))


def test_a_held_interview_finishes_the_case_with_its_verdict(claim, operator):
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    recorded = report(claim, "11", outcome="N2", actor=operator)

    case = fresh(claim)
    assert (case.state, case.phone_class) == (CaseState.PHONED, PhoneClass.NOT_ACHIEVED)
    assert (case.phone_outcome, case.lead_cause) == ("N2", "N2")
    assert (recorded.state, recorded.due_at) == (CaseState.PHONED, None)
    attempt = db.session.scalars(select(Attempt)).one()
    assert (attempt.dialled_at, attempt.ended_at, attempt.outcome) == (NOON, SOON, "N2")
    assert case.holder_id is None
    assert case.lease_until is None


def test_no_answer_sends_the_case_back_for_later(claim, operator):
    recorded = report(claim, "41", actor=operator)

    assert (recorded.state, recorded.due_at) == (CaseState.READY, SOON + 3 * HOUR)


@pytest.mark.both_engines
def test_the_same_report_twice_is_recorded_once(claim, operator):
    first = report(claim, "41", actor=operator, idempotency_key="pressed twice")
    second = report(claim, "41", actor=operator, idempotency_key="pressed twice")

    assert (first.repeated, second.repeated) == (False, True)
    assert (first.code, first.due_at) == (second.code, second.due_at)
    assert attempts() == 1


def test_another_report_with_the_key_of_an_earlier_one_is_refused(claim, operator):
    report(claim, "41", actor=operator, idempotency_key="mine")

    with pytest.raises(KeyReused):
        report(claim, "43", actor=operator, idempotency_key="mine")
    assert attempts() == 1


def test_nobody_learns_of_a_report_by_its_key(claim, operator):
    report(claim, "41", actor=operator, idempotency_key="mine")

    with pytest.raises(NotFound):
        report(claim, "41", actor=make_user(), idempotency_key="mine")


def test_a_report_after_the_case_went_to_somebody_else_is_refused(claim, operator):
    later = claimed(make_user(), NOON + HOUR)

    with pytest.raises(CaseNotHeld):
        report(claim, "41", actor=operator, at=NOON + HOUR)
    assert fresh(later).state is CaseState.HELD


def test_a_late_report_counts_while_nobody_noticed(claim, operator):
    assert report(claim, "41", actor=operator, at=NOON + HOUR).state is CaseState.READY


def test_a_report_after_the_lease_was_ended_is_refused(claim, operator):
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    expire_leases(at=NOON + HOUR)

    with pytest.raises(CaseNotHeld):
        report(claim, "22", actor=operator, at=NOON + HOUR)
    assert fresh(claim).phone_class is None


@pytest.mark.both_engines
def test_somebody_elses_case_is_refused(claim):
    with pytest.raises(CaseNotHeld):
        report(claim, "41", actor=make_user())


@pytest.mark.parametrize(
    ("disposition", "facts", "broken"),
    [
        ("57", {}, UnknownDisposition),
        ("91", {}, UnknownDisposition),
        ("no", {}, UnknownDisposition),
        ("22", {"note": " "}, NoteMissing),
        ("41", {"outcome": "V1"}, OutcomeContradictsAnswers),
        ("11", {}, AnswersIncomplete),
        ("11", {"answers": {"G1": ["1"], "G2": ["1"]}}, AnswersIncomplete),
        ("13", {"answers": {"G1": ["1"], "G2": ["1"]}}, AnswersIncomplete),
        (
            "11",
            {"outcome": "V1", "answers": answers_leading_to(Project.RE_EMPLOYMENT, "N1")},
            OutcomeContradictsAnswers,
        ),
        ("11", {"outcome": "D1"}, WaiverMarkMissing),
        ("31", {}, AppointmentMissing),
        ("31", {"window": (NOON - HOUR, NOON - HOUR / 2)}, AppointmentPast),
        ("31", {"window": (NOON + 2 * HOUR, NOON + HOUR)}, AppointmentBackwards),
        ("31", {"window": (NOON + 9 * HOUR, NOON + 10 * HOUR)}, AppointmentOutsideHours),
        (
            "31",
            {"window": (NOON + timedelta(days=40), NOON + timedelta(days=41))},
            AppointmentTooLate,
        ),
        ("54", {}, NewNumberMissing),
        ("54", {"new_number": "12345"}, NewNumberUnreadable),
        ("41", {"note": "身份证 410102198503159912"}, IdentityNumberTyped),
        ("41", {"note": "卡号 6222 0210 0111 2345 678"}, IdentityNumberTyped),
    ],
)
def test_a_report_that_breaks_a_rule_changes_nothing(claim, operator, disposition, facts, broken):
    with pytest.raises(broken):
        report(claim, disposition, actor=operator, **facts)

    assert fresh(claim).state is CaseState.HELD
    assert attempts() == 0


def test_a_waiver_counts_with_the_time_mark_of_its_sentence(claim, operator):
    recorded = report(claim, "11", outcome="D1", waiver_read_at=SOON, actor=operator)

    assert recorded.phone_class is PhoneClass.DEEMED


def test_a_partial_interview_waits_for_the_rest_and_then_counts(claim, operator):
    answers = {"G1": ["1"], "G2": ["1"], "G3": ["1"], "A1": ["1"], "A2": ["1"], "A3": ["6"]}
    first = report(claim, "13", answers=answers, actor=operator)
    again = claimed(operator, SOON + 3 * HOUR)
    second = report(again, "13", answers=answers, actor=operator, at=SOON + 3 * HOUR)

    assert (first.state, first.outcome) == (CaseState.READY, "V2")
    assert (second.state, second.phone_class) == (CaseState.PHONED, PhoneClass.ACHIEVED)


@pytest.mark.both_engines
def test_an_appointment_brings_the_case_back_at_its_time(claim, operator):
    window = (NOON + 2 * HOUR, NOON + 3 * HOUR)
    recorded = report(claim, "31", window=window, actor=operator)

    case, appointment = fresh(claim), db.session.scalars(select(Appointment)).one()
    assert (recorded.due_at, case.schedule.has_appointment) == (window[0], True)
    assert (appointment.owner_id, appointment.window_end) == (operator.id, window[1])


def test_the_call_at_the_agreed_time_keeps_the_appointment(claim, operator):
    report(claim, "31", window=(NOON + HOUR, NOON + 2 * HOUR), actor=operator)
    again = claimed(operator, NOON + HOUR)
    report(again, "41", actor=operator, at=NOON + HOUR)

    assert db.session.scalars(select(Appointment)).one().kept_at is not None
    assert not fresh(again).schedule.has_appointment


def test_a_dead_number_leads_to_the_other_one_at_once(operator):
    open_replicate(1, phones="13800000001\n0395-6123456")
    recorded = report(claimed(operator), "51", actor=operator)
    again = claimed(operator, SOON)
    start_attempt(again.case_id, again.fence, actor=operator, at=SOON)
    over = report(again, "51", actor=operator)

    assert (recorded.state, recorded.due_at) == (CaseState.READY, SOON)
    assert (over.state, over.phone_class) == (CaseState.PHONED, PhoneClass.DEAD_NUMBER)


def test_without_a_word_the_call_was_on_the_number_whose_turn_it_was(operator):
    open_replicate(1, phones="13800000001\n0395-6123456")
    report(claimed(operator), "51", actor=operator)

    assert report(claimed(operator, SOON), "51", actor=operator).state is CaseState.PHONED


def test_a_new_number_is_dialled_next(claim, operator):
    report(claim, "54", new_number="139 0000 0009", actor=operator)
    again = claimed(operator, SOON)

    number = reveal_number(again.case_id, again.fence, 1, actor=operator, at=SOON)
    assert number == "13900000009"


def test_a_referred_case_waits_for_the_supervisor(claim, operator):
    recorded = report(claim, "73", actor=operator)

    assert (recorded.state, recorded.due_at) == (CaseState.ESCALATED, None)
    assert fresh(claim).lease_until is None


def test_calls_after_the_end_of_calling_settle_the_case(claim, operator):
    recorded = report(claim, "41", actor=operator, at=NOON + timedelta(days=60))

    assert (recorded.state, recorded.phone_class) == (CaseState.PHONED, PhoneClass.NO_ANSWER)


def test_a_number_is_shown_to_the_holder_and_the_showing_is_kept(claim, operator):
    with pytest.raises(CaseNotHeld):
        reveal_number(claim.case_id, claim.fence, 0, actor=make_user(), at=NOON)
    with pytest.raises(NotFound):
        reveal_number(claim.case_id, claim.fence, 1, actor=operator, at=NOON)

    assert reveal_number(claim.case_id, claim.fence, 0, actor=operator, at=NOON) == "13800000000"
    shown = select(AuditEvent).where(AuditEvent.action == AuditAction.CASE_REVEAL)
    assert db.session.scalars(shown).one().facts == {"number": 0}


@pytest.mark.both_engines
def test_dialling_twice_under_one_hold_is_one_attempt(claim, operator):
    first = start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)

    assert start_attempt(claim.case_id, claim.fence, actor=operator, at=SOON) == first
    assert attempts() == 1


def test_nobody_dials_at_night(claim, operator):
    with pytest.raises(OutsideCallingHours):
        start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON + 9 * HOUR)


def answer(claim, operator, *given):
    for question, key in given:
        walk = save_answer(claim.case_id, claim.fence, question, [key], actor=operator, at=SOON)
    return walk


TO_THE_WAIVER = [("G1", "1"), ("G2", "1"), ("G3", "1"), ("A1", "1"), ("A2", "2"), ("A6", "1")]


def test_answers_are_kept_as_they_come(claim, operator):
    answer(claim, operator, ("G1", "1"), ("G2", "1"))
    again = claimed(operator, SOON)

    walk = answer(again, operator, ("G3", "1"))
    assert walk.question.id == "A1"


def test_the_saved_answers_are_the_interview(claim, operator):
    given = answers_leading_to(Project.RE_EMPLOYMENT, "V1")
    answer(claim, operator, *((question, keys[0]) for question, keys in given.items()))

    assert report(claim, "11", actor=operator).outcome == "V1"


def test_only_questions_on_the_way_are_answered(claim, operator):
    for question, keys in [("A1", ["1"]), ("G1", ["7"]), ("G1", ["1", "2"])]:
        with pytest.raises(NotAnAnswer):
            save_answer(claim.case_id, claim.fence, question, keys, actor=operator, at=SOON)
    with pytest.raises(NoAnswerChosen):
        save_answer(claim.case_id, claim.fence, "G1", [], actor=operator, at=SOON)


def test_going_back_keeps_what_was_answered(claim, operator):
    answer(claim, operator, ("G1", "1"), ("G2", "1"))

    walk = walk_back(claim.case_id, claim.fence, actor=operator, at=SOON)
    assert (walk.before("").id, walk.before("G2").id, walk.question.id) == ("G2", "G1", "G3")


def test_answers_off_the_way_come_again_and_are_not_reported(claim, operator):
    answer(claim, operator, *TO_THE_WAIVER)
    elsewhere = answer(claim, operator, ("A2", "1"))
    again = answer(claim, operator, ("A2", "2"))
    answer(claim, operator, ("A2", "1"))
    report(claim, "14", actor=operator, note="突然挂断")

    assert (elsewhere.question.id, again.question.id) == ("A3", "A7")
    assert "A6" not in db.session.scalars(select(Attempt)).one().answers


def test_the_same_answer_once_more_keeps_its_time_and_another_one_no_old_words(claim, operator):
    answer(claim, operator, ("G1", "1"))
    given = {}
    for key, at in [("2", SOON), ("2", SOON + HOUR), ("1", SOON + HOUR)]:
        words = "郾城区"
        save_answer(claim.case_id, claim.fence, "G2", [key], words, actor=operator, at=at)
        kept = db.session.scalars(select(Attempt)).one().answers["G2"]
        given[key, at] = (kept["words"], kept["at"])

    assert given["2", SOON + HOUR] == ("郾城区", SOON.isoformat())
    assert given["1", SOON + HOUR] == ("", (SOON + HOUR).isoformat())


@pytest.mark.parametrize(("seconds", "unread"), [(1, True), (9, False)])
def test_how_long_a_sentence_was_read_is_known(claim, operator, seconds, unread):
    answer(claim, operator, *TO_THE_WAIVER)
    read_at = SOON + timedelta(seconds=seconds)
    mark_read(claim.case_id, claim.fence, actor=operator, at=read_at)
    for question, key in [("A7", "1"), ("A7a", "2")]:
        save_answer(claim.case_id, claim.fence, question, [key], actor=operator, at=read_at)
    report(claim, "11", actor=operator, at=read_at)

    campaign_id = db.session.scalars(select(Case.campaign_id)).first()
    supervisor = make_user(Role.SUPERVISOR)
    looks = signals_of(campaign_id, NOON - HOUR, NOON + HOUR, actor=supervisor)
    assert (SignalKind.UNREAD in {look.signal.kind for look in looks}) == unread


@pytest.mark.both_engines
def test_the_sentence_is_read_before_its_answer_counts(claim, operator):
    answer(claim, operator, *TO_THE_WAIVER)
    with pytest.raises(WaiverNotRead):
        answer(claim, operator, ("A7", "1"))

    mark_read(claim.case_id, claim.fence, actor=operator, at=SOON)
    answer(claim, operator, ("A7", "1"), ("A7a", "2"))
    assert report(claim, "11", actor=operator).phone_class is PhoneClass.DEEMED
