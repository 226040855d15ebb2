"""Blind re-calls: another operator holds the interview again and cannot tell."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.blind_calls import seed_of
from casework.calls.board import floor
from casework.calls.corrections import correct_attempt
from casework.calls.desk import open_case
from casework.calls.holding import LEASE, expire_leases, hand_back
from casework.calls.late_outcomes import accept_late_outcome, list_late_outcomes
from casework.calls.models import Attempt
from casework.calls.my_day import my_day
from casework.calls.queue import claim_next_case
from casework.calls.recall_models import Recall, RecallReason, RecallState, Settlement
from casework.calls.recalls import (
    OF_ONE_OPERATOR,
    ExplanationMissing,
    LeftToCall,
    ShareUnusable,
    left_to_call,
    recall_operator,
    set_recall_share,
    settle_recall,
)
from casework.calls.reports import OutcomeKeptLate
from casework.calls.script import answers_leading_to
from casework.calls.waiting import Waiting, why_empty
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass, Tier
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.visits.leads import raise_leads
from casework.visits.models import Lead, Visit
from casework.visits.selection import close_calling
from casework.visits.worklist import visit_file
from sampling.visits import sealed_number
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report, to_report
from tests.factories import NOON, make_drawn_campaign, make_user

TOMORROW = NOON + timedelta(days=1)
LATE = TOMORROW + LEASE + timedelta(seconds=1)


@pytest.fixture
def first(app):
    return make_user()


@pytest.fixture
def second(app):
    return make_user()


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


def interviewed(first, supervisor, *, cases=1, share=1.0, outcome="V1"):
    """A campaign whose cases *first* has interviewed, all of them to be called again."""
    campaign = open_replicate(cases)
    set_recall_share(campaign.id, share, actor=supervisor, at=NOON)
    for _ in range(cases):
        report(claimed(first), "11", outcome=outcome, actor=first)
    return campaign


def the_recall():
    return db.session.scalars(select(Recall).execution_options(populate_existing=True)).one()


def state_of(claim):
    case = fresh(claim)
    return case.state, case.phone_class, case.phone_outcome, case.lead_cause


def test_another_operator_gets_it_the_next_day_as_if_it_were_fresh(first, second, supervisor):
    interviewed(first, supervisor)

    assert claim_next_case(actor=second, at=SOON) is None
    claim = claimed(second, at=TOMORROW)
    start_attempt(claim.case_id, claim.fence, actor=second, at=TOMORROW)
    shown = open_case(actor=second)

    assert (claim.reason.tier, claim.reason.tried) == (Tier.FRESH, 0)
    assert shown.calls_before == ()
    assert shown.walk.answered == ()


def test_the_first_operator_never_gets_it_and_sees_nothing_of_it(first, second, supervisor):
    interviewed(first, supervisor)

    assert claim_next_case(actor=first, at=TOMORROW) is None
    assert why_empty(actor=first, at=TOMORROW).rows == ()
    assert why_empty(actor=second, at=SOON).rows == ()
    due = why_empty(actor=second, at=TOMORROW).rows
    assert [(row.reason, row.cases) for row in due] == [(Waiting.DUE_NOW, 1)]
    assert sum(row.due + row.later for row in floor(actor=supervisor, at=TOMORROW).queue) == 0


def test_it_changes_nothing_of_what_the_phone_established(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)
    before = state_of(claim)

    recorded = report(claim, "11", outcome="N2", actor=second, at=TOMORROW)

    assert before == (CaseState.PHONED, PhoneClass.ACHIEVED, "V1", "")
    assert state_of(claim) == before
    assert (recorded.state, recorded.due_at, recorded.outcome) == (CaseState.PHONED, None, "N2")
    assert fresh(claim).holder_id is None
    recall = the_recall()
    assert (recall.state, recall.contradicts) == (RecallState.HELD, True)
    assert db.session.get(Attempt, recall.second_id).blind
    assert claim_next_case(actor=make_user(), at=TOMORROW + timedelta(days=30)) is None


@pytest.mark.parametrize(("again", "contradicts"), [("V2", False), ("D1", False), ("N1", True)])
def test_two_true_outcomes_do_not_contradict_each_other(
    first, second, supervisor, again, contradicts
):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)

    report(claim, "11", outcome=again, actor=second, at=TOMORROW, waiver_read_at=TOMORROW)

    assert the_recall().contradicts is contradicts


def test_nobody_answers_and_it_comes_again_like_any_case(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)

    recorded = report(claim, "41", actor=second, at=TOMORROW)

    assert (recorded.state, recorded.due_at) == (CaseState.READY, TOMORROW + timedelta(hours=3))
    again = claimed(make_user(), at=recorded.due_at)
    assert (again.case_id, again.reason.tier) == (claim.case_id, Tier.RECALL)
    assert state_of(claim)[0] is CaseState.PHONED


def test_an_agreed_time_belongs_to_who_agreed_to_it(first, second, supervisor):
    interviewed(first, supervisor)
    window = (TOMORROW + timedelta(hours=2), TOMORROW + timedelta(hours=3))
    report(claimed(second, at=TOMORROW), "31", actor=second, at=TOMORROW, window=window)

    assert [time.start for time in my_day(actor=second, at=TOMORROW).appointments] == [window[0]]
    assert claim_next_case(actor=make_user(), at=window[0]) is None
    assert claimed(second, at=window[0]).reason.window == window


@pytest.mark.parametrize("taken_for", ["11", "41", "22"])
def test_whoever_called_it_again_corrects_the_call_like_any_other(
    first, second, supervisor, taken_for
):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)
    facts = {"outcome": "V1"} if taken_for == "11" else {}
    report(claim, taken_for, actor=second, at=TOMORROW, **facts)
    (row,) = my_day(actor=second, at=TOMORROW).rows

    answers = answers_leading_to(claim.project, "N2")
    meant = to_report("11", answers=answers)
    recorded = correct_attempt(row.attempt_uid, meant, actor=second, at=TOMORROW)

    assert row.correctable_until is not None
    assert recorded.state is CaseState.PHONED
    assert state_of(claim) == (CaseState.PHONED, PhoneClass.ACHIEVED, "V1", "")
    recall = the_recall()
    assert (recall.state, recall.contradicts) == (RecallState.HELD, True)
    assert (recall.second.blind, recall.second.outcome) == (True, "N2")


@pytest.mark.parametrize("disposition", ["22", "51", "38"])
def test_who_cannot_be_asked_again_is_missed(first, second, supervisor, disposition):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)

    recorded = report(claim, disposition, actor=second, at=TOMORROW)

    assert (the_recall().state, the_recall().contradicts) == (RecallState.MISSED, False)
    assert recorded.state is CaseState.PHONED
    assert state_of(claim) == (CaseState.PHONED, PhoneClass.ACHIEVED, "V1", "")


def test_nobody_is_persuaded_for_a_comparison_and_the_operator_sees_what_is_usual(
    first, second, supervisor
):
    interviewed(first, supervisor)

    recorded = report(claimed(second, at=TOMORROW), "21", actor=second, at=TOMORROW)

    assert (recorded.state, recorded.due_at) == (CaseState.READY, TOMORROW + timedelta(days=7))
    assert the_recall().state is RecallState.MISSED
    assert claim_next_case(actor=make_user(), at=TOMORROW + timedelta(days=8)) is None


def test_what_is_handed_over_ends_the_re_call_and_looks_handed_over(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)

    recorded = report(claim, "71", actor=second, at=TOMORROW)

    assert recorded.state is CaseState.ESCALATED
    assert the_recall().state is RecallState.MISSED
    assert state_of(claim)[0] is CaseState.PHONED


def test_a_report_sent_twice_is_kept_once(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)
    facts = {"idempotency_key": "once", "actor": second, "at": TOMORROW}

    one = report(claim, "41", **facts)
    two = report(claim, "41", **facts)

    assert two.repeated
    assert (two.state, two.due_at) == (one.state, one.due_at)


def test_a_lease_that_runs_out_leaves_it_due_and_the_verdict_alone(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)
    start_attempt(claim.case_id, claim.fence, actor=second, at=TOMORROW)

    assert expire_leases(at=TOMORROW + LEASE + timedelta(seconds=1)) == 1

    assert state_of(claim)[0] is CaseState.PHONED
    again = claimed(make_user(), at=TOMORROW + LEASE + timedelta(minutes=1))
    assert again.case_id == claim.case_id
    assert again.fence > claim.fence


def reported_late(first, second, supervisor, disposition="11", **facts):
    """An interview that is called again, and the number of the report that came too late."""
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)
    start_attempt(claim.case_id, claim.fence, actor=second, at=TOMORROW)
    expire_leases(at=LATE)
    with pytest.raises(OutcomeKeptLate) as told:
        report(claim, disposition, actor=second, at=LATE, **facts)
    return claim, told.value.facts["number"]


def test_a_report_that_comes_late_is_kept_as_its_answers(first, second, supervisor):
    claim, number = reported_late(first, second, supervisor, outcome="N2")
    before = state_of(claim)
    (row,) = list_late_outcomes(actor=supervisor)

    accept_late_outcome(number, actor=supervisor, at=LATE)

    recall = the_recall()
    answers = db.session.get_one(Attempt, recall.second_id)
    assert row.acceptable
    assert state_of(claim) == before
    assert (recall.state, recall.contradicts) == (RecallState.HELD, True)
    assert (answers.blind, answers.outcome, answers.operator_id) == (True, "N2", second.id)
    assert db.session.get_one(Attempt, answers.supersedes_id).interrupted
    assert claim_next_case(actor=make_user(), at=TOMORROW + timedelta(days=1)) is None


def test_a_late_no_answer_counts_as_one_of_its_calls(first, second, supervisor):
    claim, number = reported_late(first, second, supervisor, "41")

    accept_late_outcome(number, actor=supervisor, at=LATE)

    assert the_recall().state is RecallState.OPEN
    assert fresh(claim).schedule.tried == 1
    assert claimed(make_user(), at=LATE + timedelta(hours=3)).case_id == claim.case_id


def test_a_late_report_is_not_kept_for_what_a_colleague_holds_or_held(first, second, supervisor):
    claim, number = reported_late(first, second, supervisor, outcome="V1")
    third = make_user()
    again = claimed(third, at=LATE)

    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATE)
    report(again, "11", outcome="V1", actor=third, at=LATE)
    with pytest.raises(NotAllowedNow):
        accept_late_outcome(number, actor=supervisor, at=LATE)

    (row,) = list_late_outcomes(actor=supervisor)
    assert not row.acceptable
    assert the_recall().second.operator_id == third.id
    assert again.case_id == claim.case_id


def test_it_is_handed_back_and_resumed_like_any_case(first, second, supervisor):
    interviewed(first, supervisor)
    claim = claimed(second, at=TOMORROW)

    assert claimed(second, at=TOMORROW).resumed
    hand_back(claim.case_id, claim.fence, actor=second, at=TOMORROW)

    assert open_case(actor=second) is None
    assert claimed(second, at=TOMORROW).case_id == claim.case_id


def test_the_sealed_number_chooses_and_a_share_that_rises_only_adds(first, supervisor):
    campaign = interviewed(first, supervisor, cases=12, share=0.3)
    seed = seed_of(db.session(), campaign.id)
    numbers = {
        case.id: sealed_number(seed, case.entry_uid, "recall")
        for case in db.session.scalars(select(Case))
    }
    under = {case_id for case_id, number in numbers.items() if number < 0.3}
    more = {case_id for case_id, number in numbers.items() if number < 0.6}
    chosen = select(Recall.case_id)

    assert set(db.session.scalars(chosen)) == under
    added = set_recall_share(campaign.id, 0.6, actor=supervisor, at=SOON)
    assert added == len(more) - len(under)
    assert set(db.session.scalars(chosen)) == more
    assert set_recall_share(campaign.id, 0.1, actor=supervisor, at=SOON) == 0


def test_re_calls_and_visits_are_chosen_by_different_numbers():
    assert sealed_number("seed", "entry") != sealed_number("seed", "entry", "recall")


def test_nothing_is_called_again_unless_a_share_is_set(first):
    open_replicate()
    report(claimed(first), "11", outcome="V1", actor=first)

    assert db.session.scalars(select(Recall)).all() == []


@pytest.mark.parametrize("disposition", ["22", "51"])
def test_only_interviews_are_called_again(first, supervisor, disposition):
    campaign = open_replicate()
    set_recall_share(campaign.id, 1, actor=supervisor, at=NOON)
    report(claimed(first), disposition, actor=first)
    set_recall_share(campaign.id, 1, actor=supervisor, at=SOON)

    assert db.session.scalars(select(Recall)).all() == []


def test_of_one_operator_twenty_are_called_again_and_never_more_by_asking_twice(
    first, second, supervisor
):
    campaign = interviewed(first, supervisor, cases=23, share=0)
    arguments = {"actor": supervisor, "at": SOON}

    assert left_to_call(campaign.id) == {first.id: LeftToCall(exist=23, taken=OF_ONE_OPERATOR)}
    assert recall_operator(campaign.id, second.id, **arguments) == 0
    assert recall_operator(campaign.id, first.id, **arguments) == OF_ONE_OPERATOR
    assert left_to_call(campaign.id) == {first.id: LeftToCall(exist=3, taken=0)}
    assert recall_operator(campaign.id, first.id, **arguments) == 0
    reasons = db.session.execute(select(Recall.reason, Recall.chosen_by_id)).all()
    assert set(reasons) == {(RecallReason.SIGNAL, supervisor.id)}


def test_who_has_few_interviews_has_all_of_them_called_again(first, supervisor):
    campaign = interviewed(first, supervisor, cases=3, share=0)

    assert recall_operator(campaign.id, first.id, actor=supervisor, at=SOON) == 3


def test_on_the_last_day_nothing_more_is_chosen(first, supervisor):
    campaign = interviewed(first, supervisor, share=0)
    last_day = NOON.replace(day=31)

    assert set_recall_share(campaign.id, 1, actor=supervisor, at=last_day) == 0


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_share(app, supervisor, share):
    with pytest.raises(ShareUnusable):
        set_recall_share(open_replicate().id, share, actor=supervisor, at=NOON)


def test_there_is_nothing_to_call_again_before_calling(app, supervisor):
    campaign = make_drawn_campaign()

    with pytest.raises(NotAllowedNow):
        set_recall_share(campaign.id, 0.1, actor=supervisor, at=NOON)
    with pytest.raises(NotFound):
        recall_operator(campaign.id + 99, supervisor.id, actor=supervisor, at=NOON)


@pytest.fixture
def contradiction(first, second, supervisor):
    """A claim that the first interview found true and the second did not."""
    interviewed(first, supervisor)
    report(claimed(second, at=TOMORROW), "11", outcome="N2", actor=second, at=TOMORROW)
    return the_recall()


def test_a_contradiction_becomes_a_lead_by_the_supervisor_alone(contradiction, supervisor):
    case, actor = contradiction.case, {"actor": supervisor, "at": TOMORROW}
    raise_leads(case.campaign_id, **actor)
    assert db.session.scalars(select(Lead)).all() == []

    settle_recall(contradiction.id, Settlement.LEAD, "", **actor)
    raise_leads(case.campaign_id, **actor)

    assert [lead.cause for lead in db.session.scalars(select(Lead))] == ["N2"]
    db.session.refresh(case)
    assert (case.phone_class, case.phone_outcome) == (PhoneClass.ACHIEVED, "V1")


def test_a_contradiction_is_explained_in_words_and_only_once(contradiction, supervisor):
    actor = {"actor": supervisor, "at": TOMORROW}

    with pytest.raises(ExplanationMissing):
        settle_recall(contradiction.id, Settlement.KEPT, " ", **actor)
    settle_recall(contradiction.id, Settlement.KEPT, "第二次接电话的是家属", **actor)
    with pytest.raises(NotAllowedNow):
        settle_recall(contradiction.id, Settlement.LEAD, "", **actor)

    settled = the_recall()
    assert (settled.settlement, settled.note) == (Settlement.KEPT, "第二次接电话的是家属")
    assert fresh_lead_cause(settled) == ""


def fresh_lead_cause(recall):
    return db.session.get_one(Case, recall.case_id, populate_existing=True).lead_cause


def test_agreement_leaves_nothing_to_settle(first, second, supervisor):
    interviewed(first, supervisor)
    report(claimed(second, at=TOMORROW), "11", outcome="V1", actor=second, at=TOMORROW)

    with pytest.raises(NotAllowedNow):
        settle_recall(the_recall().id, Settlement.LEAD, "", actor=supervisor, at=TOMORROW)


def test_a_supervisor_of_another_region_does_not_find_it(contradiction):
    elsewhere = make_user(Role.SUPERVISOR, region="410100")

    with pytest.raises(NotFound):
        settle_recall(contradiction.id, Settlement.LEAD, "", actor=elsewhere, at=TOMORROW)


def test_the_inspector_reads_the_interview_that_counts(contradiction, supervisor):
    case = contradiction.case
    settle_recall(contradiction.id, Settlement.LEAD, "", actor=supervisor, at=TOMORROW)
    coordinator, inspector = make_user(Role.COORDINATOR), make_user(Role.INSPECTOR)
    close_calling(case.campaign_id, actor=coordinator, at=TOMORROW)
    visit = db.session.scalars(select(Visit)).one()
    visit.inspector_id = inspector.id
    db.session.commit()

    assert visit_file(visit.uid, actor=inspector).interview.outcome == "V1"
