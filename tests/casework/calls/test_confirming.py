"""Where a case goes when a correction is confirmed, and when it is set aside."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.calls.corrections import correct_attempt
from casework.calls.models import Attempt
from casework.calls.overruling import RecallSettled, closed_call, overrule_call
from casework.calls.pushing import RefusalRests, push_case
from casework.calls.queue import claim_next_case
from casework.calls.rates import By, Letter, rate_table
from casework.calls.recall_models import Recall, Settlement
from casework.calls.recalls import set_recall_share, settle_recall
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.script import every_path, script_for
from casework.calls.supervision import confirm_out_of_sample, finish_case, return_case
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass, Tier
from casework.db import db
from casework.visits.selection import CorrectionsWait, close_calling
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.one_engine
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def operator(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def campaign(operator):
    return open_replicate(1)


def latest() -> str:
    return db.session.scalars(select(Attempt.uid).order_by(Attempt.id.desc()).limit(1)).one()


def with_remark(claim):
    """Return answers that find the claim true, with a remark that calls for a look on site."""
    return next(
        given
        for given, end in every_path(script_for(claim.project))
        if given.get("A1") == ("2",) and end.outcome == "V1"
    )


def correct(disposition, *, actor, **facts):
    sent = to_report(disposition, **({"note": "按错了键"} | facts))
    correct_attempt(latest(), sent, actor=actor, at=SOON + MINUTE)


def has_skill(operator):
    operator.skills = [Skill.REFUSAL]
    db.session.commit()


@pytest.mark.parametrize("skilled", [True, False])
def test_who_refused_rests_on_when_a_correction_is_set_aside(
    campaign, operator, supervisor, skilled
):
    if skilled:
        has_skill(operator)
    claim = claimed(operator)
    report(claim, "21", actor=operator)
    rests_until = fresh(claim).schedule.due_at
    correct("22", actor=operator)

    with pytest.raises(RefusalRests):
        push_case(claim.case_id, operator.id, actor=supervisor, at=SOON + 2 * MINUTE)
    return_case(claim.case_id, actor=supervisor, at=SOON + 2 * MINUTE)

    case = fresh(claim)
    assert (case.state, case.schedule.due_at) == (CaseState.READY, rests_until)
    # Nobody who wins people over is there: then anybody may call, not nobody.
    assert case.schedule.skill == (Skill.REFUSAL if skilled else "")
    assert claim_next_case(actor=operator, at=SOON + 3 * MINUTE) is None


def test_a_confirmed_correction_does_what_it_says(campaign, operator, supervisor):
    claim = claimed(operator)
    report(claim, "11", outcome="V1", actor=operator)
    window = (NOON + 2 * DAY, NOON + 2 * DAY + 30 * MINUTE)
    correct("31", actor=operator, window=window)

    finish_case(claim.case_id, "已听录音", actor=supervisor, at=SOON + 2 * MINUTE)

    schedule = fresh(claim).schedule
    assert (schedule.tier, schedule.due_at) == (Tier.HARD_APPOINTMENT, window[0])
    assert schedule.owner_id == operator.id


def test_a_confirmed_refusal_rests_and_goes_to_whoever_wins_people_over(
    campaign, operator, supervisor
):
    has_skill(make_user())
    claim = claimed(operator)
    report(claim, "11", outcome="V1", actor=operator)
    correct("21", actor=operator)

    finish_case(claim.case_id, "已听录音", actor=supervisor, at=SOON + 2 * MINUTE)

    schedule = fresh(claim).schedule
    assert (schedule.skill, schedule.due_at > SOON + DAY) == (Skill.REFUSAL, True)


def test_a_remark_still_raises_its_lead_when_its_interview_counts_again(
    campaign, operator, supervisor
):
    claim = claimed(operator)
    report(claim, "11", actor=operator, answers=with_remark(claim))
    assert fresh(claim).lead_cause == "A1:2"
    correct("41", actor=operator)

    return_case(claim.case_id, actor=supervisor, at=SOON + 2 * MINUTE)

    case = fresh(claim)
    assert (case.phone_outcome, case.lead_cause) == ("V1", "A1:2")


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_case_with_all_its_calls_waits_for_no_other(campaign, operator, supervisor, confirmed):
    set_calling_rules(campaign.id, Rules(calls_of_a_case=1), actor=supervisor, at=NOON)
    claim = claimed(operator)
    first, then = ("11", "41") if confirmed else ("41", "22")
    report(claim, first, actor=operator, **({"outcome": "V1"} if confirmed else {}))
    correct(then, actor=operator)

    if confirmed:
        finish_case(claim.case_id, "已听录音", actor=supervisor, at=SOON + 2 * MINUTE)
    else:
        return_case(claim.case_id, actor=supervisor, at=SOON + 2 * MINUTE)

    case = fresh(claim)
    assert (case.state, case.phone_class) == (CaseState.PHONED, PhoneClass.NO_ANSWER)


@pytest.mark.parametrize("kept", [True, False])
def test_who_was_ruled_out_is_surveyed_if_another_supervisor_finds_so(
    campaign, operator, supervisor, kept
):
    other, later = make_user(Role.SUPERVISOR), SOON + 60 * MINUTE
    claim = claimed(operator)
    report(claim, "61", actor=operator)
    confirm_out_of_sample(claim.case_id, "已核对", actor=supervisor, at=SOON)
    uid = db.session.scalars(select(Attempt.uid)).one()

    _recorded, waits = overrule_call(uid, to_report("41", note="录音"), actor=other, at=later)

    assert waits
    if kept:
        return_case(claim.case_id, actor=supervisor, at=later)
        assert (fresh(claim).state, counted(campaign, supervisor)) == (CaseState.PHONED, Letter.NE)
        return
    finish_case(claim.case_id, "已听录音", actor=supervisor, at=later)
    assert counted(campaign, supervisor) is not Letter.NE
    again = claimed(operator, SOON + DAY)
    report(again, "11", outcome="V1", actor=operator, at=SOON + DAY)
    assert counted(campaign, supervisor) is Letter.I


def counted(campaign, actor):
    total = rate_table(campaign.id, By.UNIT, weighted=False, actor=actor).total
    (letter,) = [letter for letter, cases in total.counts.items() if cases]
    return letter


def test_an_interview_stays_as_it_is_once_its_contradiction_was_settled(
    campaign, operator, supervisor
):
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    report(claimed(operator), "11", outcome="V1", actor=operator)
    first, tomorrow, colleague = latest(), SOON + DAY, make_user()
    again = claimed(colleague, tomorrow)
    report(again, "11", outcome="N1", actor=colleague, at=tomorrow)
    recall = db.session.scalars(select(Recall)).one()
    settle_recall(recall.id, Settlement.LEAD, "", actor=supervisor, at=tomorrow)

    with pytest.raises(RecallSettled):
        closed_call(first, actor=supervisor)
    with pytest.raises(RecallSettled):
        overrule_call(first, to_report("11", note="笔误"), actor=supervisor, at=tomorrow)

    assert fresh(again).lead_cause == "N1"


def test_calling_is_not_closed_over_a_correction_that_nobody_decided(
    campaign, operator, supervisor
):
    coordinator, later = make_user(Role.COORDINATOR), SOON + 60 * MINUTE
    claim = claimed(operator)
    report(claim, "11", outcome="V1", actor=operator)
    correct("41", actor=operator)

    with pytest.raises(CorrectionsWait):
        close_calling(campaign.id, actor=coordinator, at=later)
    return_case(claim.case_id, actor=supervisor, at=later)
    close_calling(campaign.id, actor=coordinator, at=later)

    assert fresh(claim).phone_class is PhoneClass.ACHIEVED


def test_closing_the_calls_keeps_the_remark_of_a_partial_interview(campaign, operator):
    claim = claimed(operator)
    report(claim, "13", actor=operator, answers=with_remark(claim))
    assert fresh(claim).state is CaseState.READY

    close_calling(campaign.id, actor=make_user(Role.COORDINATOR), at=SOON + 60 * MINUTE)

    assert (fresh(claim).phone_outcome, fresh(claim).lead_cause) == ("V1", "A1:2")
