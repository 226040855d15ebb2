"""A call that was corrected is one call in every figure, and two rows in the evidence."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from casework.accounts.roles import Role
from casework.calls.board import floor
from casework.calls.corrections import correct_attempt
from casework.calls.my_day import my_day
from casework.calls.progress import progress
from casework.calls.rates import By, Letter, rate_table
from casework.calls.recall_models import Recall
from casework.calls.recalls import recall_operator, set_recall_share
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.script import answers_leading_to
from casework.calls.signals import SignalKind
from casework.calls.supervision import finish_case
from casework.calls.traces import signals_of
from casework.cases.models import Case, CaseSchedule, PhoneClass, Tier
from casework.db import db
from casework.estimates.evidence import show_case
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_user

pytestmark = pytest.mark.one_engine

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def operator(app):
    return make_user(login="operator-a")


def corrected(operator, *, first="22", then="11", outcome="V1"):
    """Take a case, close its call as *first*, and correct it; return the claim."""
    claim = claimed(operator)
    report(claim, first, actor=operator)
    uid = my_day(actor=operator, at=SOON).rows[0].attempt_uid
    answers = answers_leading_to(claim.project, outcome) if then == "11" else None
    correct_attempt(uid, to_report(then, answers=answers), actor=operator, at=SOON + MINUTE)
    return claim


def test_figures_of_the_day_count_it_once_and_as_it_stands_now(operator, supervisor):
    campaign = open_replicate(2)
    corrected(operator)

    (row,) = [r for r in floor(actor=supervisor, at=SOON).operators if r.login == "operator-a"]
    day = my_day(actor=operator, at=SOON)

    assert (row.calls, row.interviews, row.refused, row.reached) == (1, 1, 0, 1)
    assert (day.calls, day.completed, day.refused) == (1, 1, 0)
    assert progress(campaign.id, actor=supervisor, at=SOON).hours == ()  # it was not dialled


def test_a_break_off_is_counted_apart_from_refusals(operator):
    open_replicate(1)
    report(claimed(operator), "14", actor=operator)

    day = my_day(actor=operator, at=SOON)
    assert (day.completed, day.provisional, day.refused, day.broken_off) == (0, 0, 0, 1)


@pytest.mark.parametrize("by", By)
def test_rates_hold_the_case_under_its_last_word_alone(operator, supervisor, by):
    campaign = open_replicate(1)
    corrected(operator, first="22", then="41")

    table = rate_table(campaign.id, by, weighted=False, actor=supervisor)

    assert table.total.cases == 1
    assert table.total.counts[Letter.UH] == 1  # nothing is left of the refusal


def test_signals_read_it_once(operator, supervisor):
    campaign = open_replicate(1)
    corrected(operator)

    looks = signals_of(campaign.id, NOON - DAY, NOON + DAY, actor=supervisor)

    (undialled,) = [look.signal for look in looks if look.signal.kind is SignalKind.NOT_DIALLED]
    assert (undialled.count, undialled.of) == (1, 1)


@pytest.mark.both_engines
def test_it_is_one_turn_of_its_operator(operator):
    campaign = open_replicate(3)
    set_calling_rules(campaign.id, Rules(fresh_share=60), actor=operator, at=NOON)
    claim = corrected(operator, then="41")
    other = db.session.query(Case.id).where(Case.id != claim.case_id).limit(1).scalar()
    known = update(CaseSchedule).where(CaseSchedule.case_id == other).values(tier=Tier.RECALL)
    db.session.execute(known)
    db.session.commit()

    # One fresh call of two would be less than its share; two of three would be more.
    assert claimed(operator, SOON + MINUTE).reason.tier is Tier.FRESH


def test_an_interview_is_chosen_for_a_re_call_once(operator, supervisor):
    campaign = open_replicate(2)
    corrected(operator)

    assert recall_operator(campaign.id, operator.id, actor=supervisor, at=SOON + MINUTE) == 1


@pytest.mark.both_engines
def test_a_number_told_and_told_anew_is_one_call_of_the_re_call(operator, supervisor):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    claim = claimed(operator)
    report(claim, "54", actor=operator, new_number="13900000001")
    uid = my_day(actor=operator, at=SOON).rows[0].attempt_uid
    again = to_report("54", new_number="13900000002")
    correct_attempt(uid, again, actor=operator, at=SOON + MINUTE)
    at = fresh(claim).schedule.due_at
    report(claimed(operator, at), "11", outcome="V1", actor=operator, at=at)

    assert db.session.query(Recall).one().case_id == claim.case_id
    assert fresh(claim).schedule.tried == 1


def test_a_case_handed_over_is_listed_once_with_its_last_word(operator, supervisor):
    open_replicate(1)
    claim = corrected(operator, first="71", then="73")

    seen = floor(actor=supervisor, at=SOON + MINUTE)
    finish_case(claim.case_id, "演示理由", actor=supervisor, at=SOON + MINUTE)

    assert [case.disposition for case in seen.escalated] == ["73"]
    assert seen.handed_over == 1
    assert fresh(claim).phone_class is not PhoneClass.REFUSED


def test_the_evidence_keeps_both_rows(operator):
    open_replicate(1)
    claim = corrected(operator)

    rows = show_case(fresh(claim).uid, actor=make_user(Role.VERIFIER), at=NOON).attempts

    assert [row.disposition for row in rows] == ["22", "11"]
    assert rows[1].supersedes_id == rows[0].id
