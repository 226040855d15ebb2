"""Where a case goes when a correction is confirmed, and when it is set aside."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.calls.corrections import correct_attempt
from casework.calls.models import Attempt
from casework.calls.pushing import RefusalRests, push_case
from casework.calls.queue import claim_next_case
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.script import every_path, script_for
from casework.calls.supervision import finish_case, return_case
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass, Tier
from casework.db import db
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

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


def correct(disposition, *, actor, **facts):
    last = db.session.scalars(select(Attempt.uid).order_by(Attempt.id.desc()).limit(1)).one()
    sent = to_report(disposition, **({"note": "按错了键"} | facts))
    correct_attempt(last, sent, actor=actor, at=SOON + MINUTE)


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
    answers = next(
        given
        for given, end in every_path(script_for(claim.project))
        if given.get("A1") == ("2",) and end.outcome == "V1"
    )
    report(claim, "11", actor=operator, answers=answers)
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
