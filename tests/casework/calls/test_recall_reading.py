"""Agreement of two interviews, read back from the calls themselves; signals too."""

from datetime import timedelta

import pytest

from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.recall_models import RecallState
from casework.calls.recall_reading import recall_report
from casework.calls.recalls import set_recall_share
from casework.calls.schedule import ALL_DAY
from casework.calls.signals import SignalKind
from casework.calls.traces import signals_of
from casework.ledgers.projects import Project
from tests.casework.calls.rows import claimed, open_replicate, report
from tests.factories import LANKAO, NOON, make_user

TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


def twice(supervisor, *pairs):
    """A campaign in which each pair of outcomes was heard by two operators."""
    first, second = make_user(login="first"), make_user(login="second")
    campaign = open_replicate(len(pairs))
    set_recall_share(campaign.id, 1, actor=supervisor, at=NOON)
    heard = {}
    for one, two in pairs:
        claim = claimed(first)
        heard[claim.case_id] = two
        report(claim, "11", outcome=one, actor=first, waiver_read_at=NOON)
    for _ in pairs:
        claim = claimed(second, at=TOMORROW)
        outcome = heard[claim.case_id]
        if outcome:
            report(claim, "11", outcome=outcome, actor=second, at=TOMORROW)
        else:
            report(claim, "22", actor=second, at=TOMORROW)
    return campaign


def test_nothing_was_called_again_yet(supervisor):
    found = recall_report(open_replicate(1).id, actor=supervisor)

    assert (found.share, found.states, found.operators, found.questions) == (0.0, {}, (), ())


def test_pairs_are_compared_by_verdict_and_by_question(supervisor):
    campaign = twice(supervisor, ("V1", "V1"), ("V1", "N2"), ("N2", "N2"), ("V1", ""))

    found = recall_report(campaign.id, actor=supervisor)
    (row,) = found.operators

    assert (found.share, found.states) == (1, {RecallState.HELD: 3, RecallState.MISSED: 1})
    assert (row.login, row.chosen, row.open, row.missed) == ("first", 4, 0, 1)
    assert (row.verdicts.pairs, row.verdicts.equal, row.verdicts.few) == (3, 2, True)
    assert row.verdicts.kappa == pytest.approx(0.4)
    work = next(q for q in found.questions if q.question == "A2")
    assert (work.project, work.agreement.pairs, work.agreement.equal) == (
        Project.RE_EMPLOYMENT,
        3,
        2,
    )
    assert (row.equal, row.answers) == (row.answers - 1, row.answers)


def test_a_contradiction_names_both_and_what_was_answered_differently(supervisor):
    campaign = twice(supervisor, ("V1", "N2"))

    (found,) = recall_report(campaign.id, actor=supervisor).contradictions

    assert (found.first, found.second) == ("V1", "N2")
    assert found.differing == (("A2", "1", "2"),)
    assert found.first_by != found.second_by


def test_questions_of_one_operator_are_told_apart(supervisor):
    campaign = twice(supervisor, ("V1", "V1"))
    (row,) = recall_report(campaign.id, actor=supervisor).operators

    assert recall_report(campaign.id, row.operator_id, actor=supervisor).questions
    assert recall_report(campaign.id, supervisor.id, actor=supervisor).questions == ()


def test_what_one_may_not_see_is_not_compared(supervisor):
    campaign = twice(supervisor, ("V1", "N2"))
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)

    found = recall_report(campaign.id, actor=elsewhere)

    assert (found.operators, found.contradictions, found.states) == ((), (), {})


def called(operator, at, seconds, *, dial=True):
    claim = claimed(operator, at=at)
    if dial:
        start_attempt(claim.case_id, claim.fence, actor=operator, at=at)
    report(claim, "11", outcome="V1", actor=operator, at=at + timedelta(seconds=seconds))
    return claim.code


def test_signals_are_read_from_the_calls(supervisor):
    campaign, hasty = open_replicate(4), make_user(login="hasty", name="演示匆忙")
    codes = [called(hasty, NOON + timedelta(minutes=n), 20) for n in range(3)]
    called(hasty, NOON + timedelta(minutes=9), 240, dial=False)

    looks = signals_of(campaign.id, NOON, NOON + timedelta(hours=1), actor=supervisor)

    found = {look.signal.kind: look for look in looks}
    assert set(found) == {SignalKind.TOO_SHORT, SignalKind.NOT_DIALLED}
    short = found[SignalKind.TOO_SHORT]
    assert (short.login, short.name, short.signal.count) == ("hasty", "演示匆忙", 4)
    assert [one.code for one in short.evidence][:3] == codes
    assert short.evidence[0].seconds == 20


def test_an_interview_at_night_is_a_signal_except_in_a_demonstration(supervisor):
    campaign, operator = open_replicate(1), make_user()
    evening = NOON + timedelta(hours=8, minutes=58)
    claim = claimed(operator, at=evening)
    night = evening + timedelta(minutes=10)
    report(claim, "11", outcome="V1", actor=operator, at=night)
    period = (NOON, NOON + timedelta(days=1))

    kinds = {look.signal.kind for look in signals_of(campaign.id, *period, actor=supervisor)}
    demo = signals_of(campaign.id, *period, actor=supervisor, hours=ALL_DAY)

    assert SignalKind.OUTSIDE_HOURS in kinds
    assert SignalKind.OUTSIDE_HOURS not in {look.signal.kind for look in demo}


def test_calls_of_another_period_or_region_raise_nothing(supervisor):
    campaign, hasty = open_replicate(3), make_user()
    for n in range(3):
        called(hasty, NOON + timedelta(minutes=n), 20)
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)
    hour = timedelta(hours=1)

    assert signals_of(campaign.id, NOON + hour, NOON + 2 * hour, actor=supervisor) == []
    assert signals_of(campaign.id, NOON, NOON + hour, actor=elsewhere) == []
