"""What a supervisor decides about cases that were handed over."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.attempts import IdentityNumberTyped
from casework.calls.desk import open_case
from casework.calls.queue import claim_next_case
from casework.calls.release_requests import ask_for_release
from casework.calls.supervision import (
    ConfirmingUnexplained,
    DuplicateUnknown,
    EndUnexplained,
    NobodyHasSkill,
    confirm_out_of_sample,
    finish_case,
    replies_to,
    require_skill,
    return_case,
)
from casework.calls.supervision_models import Ruling, SupervisorReply
from casework.calls.watched import find_case
from casework.cases.lifecycle import CaseState, TransitionNotAllowed
from casework.cases.models import Case, PhoneClass
from casework.cases.release import release_replicate
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from tests.casework.calls.rows import claimed, fresh, open_replicate, report
from tests.factories import LANKAO, NOON, make_drawn_campaign, make_user


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def operator(app):
    return make_user()


def handed_over(operator, code="71", cases=1):
    open_replicate(cases)
    claim = claimed(operator)
    report(claim, code, actor=operator)
    return claim


def test_a_returned_case_is_due_now_and_carries_the_reply(supervisor, operator):
    claim = handed_over(operator)

    return_case(claim.case_id, "公函已寄出，请再拨", actor=supervisor, at=NOON)

    (reply,) = replies_to(claim.case_id)
    assert (reply.ruling, reply.author, reply.words) == (
        Ruling.RETURN,
        supervisor.name,
        "公函已寄出，请再拨",
    )
    assert claim_next_case(actor=operator, at=NOON).case_id == claim.case_id
    assert [seen.words for seen in open_case(actor=operator).replies] == ["公函已寄出，请再拨"]


def test_a_reply_cannot_be_changed_afterwards(supervisor, operator):
    claim = handed_over(operator)
    return_case(claim.case_id, "第一次", actor=supervisor, at=NOON)
    db.session.scalars(select(SupervisorReply)).one().words = "改写"

    with pytest.raises(IntegrityError, match="append-only"):
        db.session.commit()
    db.session.rollback()


def test_calls_are_not_ended_without_a_reason(supervisor, operator):
    claim = handed_over(operator)

    with pytest.raises(EndUnexplained):
        finish_case(claim.case_id, " \n", actor=supervisor, at=NOON)
    assert fresh(claim).state is CaseState.ESCALATED


def test_two_supervisors_decide_once(supervisor, operator):
    claim = handed_over(operator)
    finish_case(claim.case_id, "演示理由", actor=supervisor, at=NOON)

    with pytest.raises(TransitionNotAllowed):
        return_case(claim.case_id, "", actor=supervisor, at=NOON)
    with pytest.raises(NotAllowedNow):
        finish_case(claim.case_id, "演示理由", actor=supervisor, at=NOON)
    assert len(replies_to(claim.case_id)) == 1


@pytest.mark.parametrize("code", ["61", "62"])
def test_a_person_not_to_be_surveyed_is_confirmed_and_stays_in_the_accounts(
    supervisor, operator, code
):
    claim = handed_over(operator, code, cases=2)
    other = db.session.scalars(select(Case).where(Case.id != claim.case_id)).one()
    with pytest.raises(ConfirmingUnexplained):
        confirm_out_of_sample(claim.case_id, " ", other.code, actor=supervisor, at=NOON)
    reason = "户口已迁出全省"

    confirm_out_of_sample(claim.case_id, reason, other.code, actor=supervisor, at=NOON)

    case = fresh(claim)
    assert (case.state, case.phone_class) == (CaseState.PHONED, PhoneClass.NO_ANSWER)
    told = db.session.scalars(select(AuditEvent.facts).order_by(AuditEvent.id.desc())).first()
    assert told["disposition"] == code
    assert told.get("duplicate_of", "") == (other.code if code == "62" else "")
    (reply,) = replies_to(claim.case_id)
    assert (reply.ruling, reply.words) == (Ruling.OUT_OF_SAMPLE, reason)
    assert reply.duplicate_of == (other.code if code == "62" else "")


def test_a_duplicate_names_the_other_case_in_which_the_person_stays(supervisor, operator):
    claim = handed_over(operator, "62", cases=2)
    other = db.session.scalars(select(Case).where(Case.id != claim.case_id)).one()

    for wrong in ("", claim.code, "P9-999999"):
        with pytest.raises(DuplicateUnknown):
            confirm_out_of_sample(claim.case_id, "同一人", wrong, actor=supervisor, at=NOON)
    confirm_out_of_sample(claim.case_id, "同一人", other.code, actor=supervisor, at=NOON)
    report(claimed(operator), "62", actor=operator)
    with pytest.raises(DuplicateUnknown):  # or nobody would be left of the two
        confirm_out_of_sample(other.id, "同一人", claim.code, actor=supervisor, at=NOON)
    assert fresh(claim).state is CaseState.PHONED


def test_only_codes_that_say_so_are_confirmed(supervisor, operator):
    claim = handed_over(operator, "71")

    with pytest.raises(NotAllowedNow):
        confirm_out_of_sample(claim.case_id, "已核实", actor=supervisor, at=NOON)
    assert fresh(claim).state is CaseState.ESCALATED


def test_a_reply_never_carries_an_identity_number(supervisor, operator):
    claim = handed_over(operator)

    with pytest.raises(IdentityNumberTyped):
        return_case(claim.case_id, "410102198503159912", actor=supervisor, at=NOON)
    assert fresh(claim).state is CaseState.ESCALATED


def test_a_refusal_is_sent_by_hand_to_whoever_wins_people_over(supervisor, operator):
    open_replicate(1)
    claim = claimed(operator)
    due = report(claim, "21", actor=operator).due_at
    converter = make_user(skills=[Skill.REFUSAL])

    require_skill(claim.case_id, Skill.REFUSAL, actor=supervisor, at=NOON)

    assert claim_next_case(actor=converter, at=due - timedelta(minutes=1)) is None
    assert claim_next_case(actor=operator, at=due) is None
    assert claim_next_case(actor=converter, at=due).case_id == claim.case_id


def test_a_skill_that_nobody_has_is_refused(supervisor, operator):
    open_replicate(1)
    claim = claimed(operator)
    report(claim, "41", actor=operator)

    with pytest.raises(NobodyHasSkill):
        require_skill(claim.case_id, Skill.DIALECT, actor=supervisor, at=NOON)


def test_a_case_that_does_not_wait_needs_no_skill(supervisor, operator):
    claim = handed_over(operator)

    with pytest.raises(NotAllowedNow):
        require_skill(claim.case_id, "", actor=supervisor, at=NOON)


def test_a_replicate_is_asked_for_once_and_kept_in_the_trail(supervisor):
    campaign = make_drawn_campaign(entries=10, sampled=10, replicates=2)
    with pytest.raises(NotAllowedNow):
        ask_for_release(campaign.id, 1, actor=supervisor, at=NOON)
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)

    for _ in range(2):
        ask_for_release(campaign.id, 2, actor=supervisor, at=NOON)

    asked = select(AuditEvent).where(AuditEvent.action == AuditAction.REPLICATE_ASK)
    assert [event.facts for event in db.session.scalars(asked)] == [{"replicate": 2}]
    with pytest.raises(NotAllowedNow):
        ask_for_release(campaign.id, 1, actor=supervisor, at=NOON)
    with pytest.raises(NotFound):
        ask_for_release(campaign.id, 9, actor=supervisor, at=NOON)


def test_one_case_is_found_by_its_code_with_all_that_was_done(supervisor, operator):
    claim = handed_over(operator)
    return_case(claim.case_id, "请再拨", actor=supervisor, at=NOON)

    found = find_case(f" {claim.code.lower()} ", actor=supervisor)

    assert found.waits
    assert [(done.disposition, done.operator) for done in found.attempts] == [("71", operator.name)]
    assert [reply.words for reply in found.replies] == ["请再拨"]


def test_what_one_may_not_see_is_not_found(operator):
    claim = handed_over(operator)
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)
    act = {"actor": elsewhere, "at": NOON}

    for service in (return_case, finish_case, confirm_out_of_sample):
        with pytest.raises(NotFound):
            service(claim.case_id, "演示理由", **act)
    with pytest.raises(NotFound):
        require_skill(claim.case_id, "", **act)
    with pytest.raises(NotFound):
        find_case(claim.code, actor=elsewhere)
