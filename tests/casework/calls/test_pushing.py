from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.attempts import NumberIsSpared, OutsideCallingHours
from casework.calls.no_call import NotANumber, add_no_call
from casework.calls.pushing import (
    PUSHED_FOR,
    HoldsAnotherCase,
    NotACode,
    RefusalRests,
    find_by_code,
    find_by_number,
    push_case,
    take_back_push,
    take_case,
)
from casework.calls.queue import claim_next_case
from casework.calls.recalls import set_recall_share
from casework.calls.schedule import CALLING_HOURS
from casework.calls.waiting import Waiting, why_empty
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, Tier
from casework.cases.number_models import CaseNumber
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import LANKAO, NOON, make_user

pytestmark = pytest.mark.usefixtures("app")
HOUR = timedelta(hours=1)
_LOOK_UPS = select(AuditEvent.id).where(AuditEvent.action == AuditAction.CASE_FIND)
NUMBER = "13800000000"  # of every entry of the factory


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


def case_ids() -> list[int]:
    return list(db.session.scalars(select(Case.id).order_by(Case.id)))


def test_a_pushed_case_comes_first_to_its_operator_and_to_nobody_else(operator, supervisor):
    open_replicate(3)
    pushed = case_ids()[-1]
    push_case(pushed, operator.id, actor=supervisor, at=NOON)

    others = {claimed(make_user()).case_id, claimed(make_user()).case_id}
    claim = claimed(operator)

    assert pushed not in others
    assert (claim.case_id, claim.reason.tier) == (pushed, Tier.PUSHED)


def test_after_half_an_hour_a_pushed_case_is_anybodys(operator, supervisor):
    open_replicate(1)
    push_case(case_ids()[0], operator.id, actor=supervisor, at=NOON)

    assert claim_next_case(actor=make_user(), at=NOON + PUSHED_FOR - HOUR / 60) is None
    assert claim_next_case(actor=make_user(), at=NOON + PUSHED_FOR) is not None


def test_a_case_pushed_at_night_is_its_operators_for_half_an_hour_of_the_morning(
    operator, supervisor
):
    open_replicate(1)
    push_case(case_ids()[0], operator.id, actor=supervisor, at=NOON + 12 * HOUR)
    opens = CALLING_HOURS.next_day(NOON)

    assert claim_next_case(actor=make_user(), at=opens + PUSHED_FOR - HOUR / 60) is None
    assert claim_next_case(actor=operator, at=opens) is not None


def test_a_push_brings_a_resting_or_escalated_case_forward(operator, supervisor):
    open_replicate(2)
    resting, escalated = claimed(operator), claimed(make_user())
    report(resting, "41", actor=operator)
    report(escalated, "71", actor=fresh(escalated).holder)

    for claim in (resting, escalated):
        push_case(claim.case_id, operator.id, actor=supervisor, at=SOON)
        assert claimed(operator, SOON).case_id == claim.case_id
        report(claimed(operator, SOON), "41", actor=operator)


def test_who_refused_is_left_alone_by_all_but_whom_the_supervisor_chose(operator, supervisor):
    colleague = make_user(skills=["refusal"])
    open_replicate(1)
    claim = claimed(operator)
    report(claim, "21", actor=operator)
    rest = fresh(claim).schedule.due_at

    with pytest.raises(RefusalRests):
        push_case(claim.case_id, operator.id, actor=supervisor, at=SOON)
    for _ in range(2):  # the second time the case is pushed already
        until = push_case(
            claim.case_id, operator.id, although_resting=True, actor=supervisor, at=SOON
        )

    assert until == rest
    assert claim_next_case(actor=colleague, at=rest - HOUR / 60) is None
    take_back_push(claim.case_id, actor=supervisor, at=SOON + HOUR)
    schedule = fresh(claim).schedule
    assert (schedule.tier, schedule.due_at, schedule.skill) == (Tier.RECALL, rest, "refusal")
    push_case(claim.case_id, operator.id, although_resting=True, actor=supervisor, at=SOON + HOUR)
    assert claim_next_case(actor=make_user(), at=rest) is None
    assert claimed(colleague, rest).case_id == claim.case_id


def test_a_pushed_case_needs_no_skill_of_whom_the_supervisor_chose(operator, supervisor):
    open_replicate(1)
    (case_id,) = case_ids()
    db.session.get_one(CaseSchedule, case_id).skill = "dialect"
    db.session.commit()

    assert claim_next_case(actor=operator, at=NOON) is None
    push_case(case_id, operator.id, actor=supervisor, at=NOON)
    assert claim_next_case(actor=operator, at=NOON) is not None


def test_what_is_held_or_finished_or_elsewhere_is_not_pushed(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)

    with pytest.raises(NotAllowedNow):
        push_case(claim.case_id, operator.id, actor=supervisor, at=NOON)
    report(claim, "22", actor=operator)
    with pytest.raises(NotAllowedNow):
        push_case(claim.case_id, operator.id, actor=supervisor, at=SOON)
    with pytest.raises(NotFound):
        push_case(claim.case_id, make_user(region=LANKAO).id, actor=supervisor, at=SOON)
    with pytest.raises(NotFound):
        push_case(claim.case_id, make_user(Role.CLERK).id, actor=supervisor, at=SOON)


def test_a_spared_number_is_in_no_queue_now_or_later(operator, supervisor):
    open_replicate(2)

    assert add_no_call("138 0000 0000", "演示理由", actor=operator, at=NOON) == 2
    open_replicate(1)

    assert claim_next_case(actor=operator, at=NOON) is None
    counts = {row.reason: row.cases for row in why_empty(actor=operator, at=NOON).rows}
    assert counts == {Waiting.NO_CALL: 3}
    with pytest.raises(NumberIsSpared):
        push_case(case_ids()[0], operator.id, actor=supervisor, at=NOON)
    with pytest.raises(NumberIsSpared):
        take_case(case_ids()[0], actor=operator, at=NOON)


def test_a_number_spared_before_it_is_told_takes_the_case_out(operator):
    open_replicate(1)
    add_no_call("13900000001", "演示理由", actor=operator, at=NOON)
    claim = claimed(operator)

    report(claim, "54", actor=operator, new_number="13900000001")

    assert fresh(claim).schedule.no_call


def test_a_number_is_spared_once_and_must_be_one(operator):
    open_replicate(1)
    add_no_call(NUMBER, "演示理由", actor=operator, at=NOON)

    assert add_no_call(NUMBER, "演示理由", actor=operator, at=SOON) == 1
    for text in ("", "1234", "13800000000/13900000000"):
        with pytest.raises(NotANumber):
            add_no_call(text, "演示理由", actor=operator, at=NOON)


def test_who_calls_back_is_found_by_the_whole_number_or_code(operator):
    open_replicate(1)
    (case_id,) = case_ids()

    (found,) = find_by_number("138-0000-0000", actor=operator, at=NOON)
    assert (found.case_id, found.free) == (case_id, True)
    assert found.name.endswith("*")
    assert [c.case_id for c in find_by_code(" p1-000001", actor=operator, at=NOON)] == [case_id]
    assert find_by_number("13800000001", actor=operator, at=NOON) == ()
    assert find_by_code("P1-00000", actor=operator, at=NOON) == ()
    assert find_by_number(NUMBER, actor=make_user(region=LANKAO), at=NOON) == ()


def test_a_re_call_is_found_by_whoever_makes_it_as_any_case_on_the_screen(operator, supervisor):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    report(claimed(operator), "11", outcome="V1", actor=operator)
    colleague, tomorrow = make_user(), NOON + timedelta(days=1)
    again = claimed(colleague, tomorrow)

    (found,) = find_by_code(again.code, actor=colleague, at=tomorrow)

    assert (found.state, found.mine) == (CaseState.HELD, True)


@pytest.mark.parametrize("typed", ["41010119900101123X", "张三丰"])
def test_what_is_no_code_is_not_looked_up_and_stands_in_no_trail(operator, typed):
    with pytest.raises(NotACode):
        find_by_code(typed, actor=operator, at=NOON)

    assert db.session.scalar(_LOOK_UPS) is None


def test_a_number_told_in_a_call_finds_the_case_too(operator):
    open_replicate(1)
    claim = claimed(operator)
    report(claim, "54", actor=operator, new_number="13900000001")

    (found,) = find_by_number("13900000001", actor=operator, at=SOON)
    assert found.case_id == claim.case_id


def test_cases_released_before_numbers_were_indexed_are_found(operator):
    open_replicate(1)
    db.session.query(CaseNumber).delete()
    db.session.commit()

    assert len(find_by_number(NUMBER, actor=operator, at=NOON)) == 1


def test_each_look_up_is_in_the_trail_without_the_number(operator):
    open_replicate(1)
    find_by_number(NUMBER, actor=operator, at=NOON)

    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.CASE_FIND)
    ).one()
    assert (event.actor_id, event.facts) == (operator.id, {"found": 1})
    assert NUMBER not in event.subject


def test_who_calls_back_is_taken_out_of_turn(operator):
    open_replicate(2)
    other = make_user()
    agreed = claimed(other)
    report(agreed, "31", actor=other, window=(NOON + 5 * HOUR, NOON + 6 * HOUR))

    claim = take_case(agreed.case_id, actor=operator, at=NOON + HOUR)

    assert (claim.case_id, claim.reason.tier) == (agreed.case_id, Tier.CALLED_BACK)
    with pytest.raises(HoldsAnotherCase):
        take_case(agreed.case_id, actor=operator, at=NOON + HOUR)
    with pytest.raises(NotAllowedNow):
        take_case(agreed.case_id, actor=other, at=NOON + HOUR)


def test_nobody_is_taken_outside_the_hours(operator):
    open_replicate(1)

    with pytest.raises(OutsideCallingHours):
        take_case(case_ids()[0], actor=operator, at=NOON + 12 * HOUR)


def test_a_push_is_taken_back_and_the_case_is_anybodys_again(operator, supervisor):
    open_replicate(1)
    push_case(case_ids()[0], operator.id, actor=supervisor, at=NOON)

    take_back_push(case_ids()[0], actor=supervisor, at=NOON)

    assert claim_next_case(actor=make_user(), at=NOON).reason.tier is Tier.FRESH
    with pytest.raises(NotAllowedNow):
        take_back_push(case_ids()[0], actor=supervisor, at=NOON)


def test_a_time_agreed_on_is_kept_when_a_push_is_taken_back(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    window = (SOON + timedelta(hours=2), SOON + timedelta(hours=3))
    report(claim, "31", actor=operator, window=window)
    push_case(claim.case_id, make_user().id, actor=supervisor, at=SOON)

    take_back_push(claim.case_id, actor=supervisor, at=SOON)

    schedule = fresh(claim).schedule
    assert (schedule.tier, schedule.due_at) == (Tier.HARD_APPOINTMENT, window[0])
    assert schedule.owner_id == operator.id


def test_a_time_agreed_on_outlives_a_push_that_nobody_answered(operator, supervisor):
    open_replicate(1)
    claim = claimed(operator)
    window = (SOON + timedelta(hours=2), SOON + timedelta(hours=3))
    report(claim, "31", actor=operator, window=window)
    other = make_user()
    push_case(claim.case_id, other.id, actor=supervisor, at=SOON)

    report(claimed(other, at=SOON), "42", actor=other)

    schedule = fresh(claim).schedule
    assert (schedule.tier, schedule.due_at) == (Tier.HARD_APPOINTMENT, window[0])
    assert schedule.owner_id == operator.id
