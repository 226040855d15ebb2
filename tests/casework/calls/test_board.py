"""The floor at one moment: what it shows, and at what cost."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, event

from casework.accounts.models import LoginSession, User
from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.board import floor, yields
from casework.calls.case_list import CaseColumn, CaseFilter, list_cases
from casework.calls.dialler import Simulator
from casework.calls.dialling import hang_up, place_call
from casework.calls.holding import LEASE, expire_leases
from casework.calls.operators import Doing
from casework.calls.recalls import set_recall_share
from casework.calls.release_requests import ask_for_release
from casework.cases.lifecycle import CaseState
from casework.cases.models import Tier
from casework.cases.release import release_replicate
from casework.db import db
from casework.ledgers.projects import Project
from tests.casework.calls.rows import SOON, claimed, fresh, open_replicate, report
from tests.factories import LANKAO, LINYING, NOON, make_drawn_campaign, make_user, saved

MOST_QUERIES = 15
LATER = NOON + timedelta(minutes=10)


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR)


@pytest.fixture
def operator(app):
    return make_user(login="op-a")


def on_the_floor(supervisor, at=LATER):
    return floor(actor=supervisor, at=at)


def row_of(supervisor, tier, at=LATER):
    return next(row for row in on_the_floor(supervisor, at).queue if row.tier is tier)


def the_operator(supervisor, at=LATER):
    return next(row for row in on_the_floor(supervisor, at).operators if row.login == "op-a")


def queries(read):
    """Return how many statements *read* sends."""
    sent = []
    listen = (db.engine, "before_cursor_execute", lambda *a: sent.append(a[2]))
    event.listen(*listen)
    read()
    event.remove(*listen)
    return len(sent)


def test_nobody_and_nothing(supervisor):
    seen = on_the_floor(supervisor)

    assert (seen.due, seen.overdue, seen.held, seen.handed_over) == (0, 0, 0, 0)
    assert seen.operators == seen.escalated == seen.agreed == ()
    assert [row.tier for row in seen.queue] == [1, 2, 3, 4, 5]
    assert yields(actor=supervisor) == ({}, ())


def test_waiting_cases_are_counted_by_why_they_come_up(supervisor, operator):
    open_replicate(4)
    report(claimed(operator), "41", actor=operator)
    window = (NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    report(claimed(operator, at=SOON), "31", actor=operator, at=SOON, window=window)

    fresh, again = row_of(supervisor, Tier.FRESH), row_of(supervisor, Tier.RECALL)
    agreed = row_of(supervisor, Tier.HARD_APPOINTMENT)
    late = row_of(supervisor, Tier.HARD_APPOINTMENT, at=window[1] + timedelta(minutes=1))

    assert (fresh.due, fresh.later, fresh.oldest) == (2, 0, NOON)
    assert (again.due, again.later, again.oldest) == (0, 1, None)
    assert (agreed.due, agreed.later, agreed.overdue) == (0, 1, 0)
    assert (late.due, late.overdue) == (1, 1)


def test_an_agreed_time_is_shown_with_its_note_from_half_an_hour_before(supervisor, operator):
    open_replicate(1)
    window = (NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    claim = claimed(operator)
    report(claim, "32", actor=operator, window=window, note="下午在单位，请打手机")

    early = on_the_floor(supervisor, NOON + timedelta(minutes=29))
    (near,) = on_the_floor(supervisor, NOON + timedelta(minutes=30)).agreed
    (past,) = on_the_floor(supervisor, window[1] + timedelta(minutes=1)).agreed

    assert early.agreed == ()
    assert (near.code, near.owner, near.note) == (claim.code, operator.name, "下午在单位，请打手机")
    assert (near.hard, near.overdue, past.overdue) == (False, False, True)


def test_a_time_that_was_kept_is_not_shown(supervisor, operator):
    open_replicate(1)
    window = (NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    report(claimed(operator), "31", actor=operator, window=window)
    report(claimed(operator, at=window[0]), "11", outcome="V1", actor=operator, at=window[0])

    assert on_the_floor(supervisor, window[1] + timedelta(hours=1)).agreed == ()


def test_what_operators_do(supervisor, operator):
    open_replicate(2)

    def doing(at=NOON):
        row = the_operator(supervisor, at)
        return row.doing, row.case_code

    out = doing()
    saved(
        LoginSession(
            token_digest="d", user_id=operator.id, content={}, created_at=NOON, seen_at=NOON
        )
    )
    free, claim = doing(), claimed(operator)
    working = doing()
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)

    assert out == (Doing.OUT, "")
    assert free == (Doing.FREE, "")
    assert working == (Doing.WORKING, claim.code)
    assert doing() == (Doing.CALLING, claim.code)
    assert doing(NOON + timedelta(minutes=3)) == (Doing.LOST, claim.code)
    assert the_operator(supervisor, NOON).since == NOON


def test_the_board_does_not_tell_who_holds_a_re_call_or_a_case_of_another_region(
    supervisor, operator
):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    first = claimed(make_user())
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)
    far = [row for row in floor(actor=elsewhere, at=NOON).operators if row.lease_until]
    report(first, "11", outcome="V1", actor=db.session.get(User, fresh(first).holder_id))
    again = claimed(operator, NOON + timedelta(days=1))

    row = the_operator(supervisor, NOON + timedelta(days=1))

    assert [(other.case_id, other.case_code) for other in far] == [(None, "")]
    assert (row.case_id, row.case_code) == (again.case_id, "")


def test_the_list_of_cases_does_not_tell_which_interviews_are_held_again(supervisor, operator):
    campaign = open_replicate(1)
    counted = [row.tried for row in list_cases(CaseFilter(), actor=supervisor).rows]
    set_recall_share(campaign.id, 1.0, actor=supervisor, at=NOON)
    report(claimed(operator), "11", outcome="V1", actor=operator)

    (row,) = list_cases(CaseFilter(), CaseColumn.TRIED, actor=supervisor).rows

    assert counted == [0]
    assert (row.state, row.tried) == (CaseState.PHONED, None)


def test_who_hung_up_or_logged_out_is_not_on_the_phone(supervisor, operator):
    open_replicate(1)
    there = {"token_digest": "d", "user_id": operator.id, "content": {}}
    saved(LoginSession(**there, created_at=NOON, seen_at=NOON))
    claim, dialler = claimed(operator), Simulator()
    start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
    place_call(claim.case_id, claim.fence, dialler=dialler, actor=operator, at=NOON)

    ringing = the_operator(supervisor, NOON)
    over_at = NOON + timedelta(minutes=1)
    hang_up(claim.case_id, claim.fence, dialler=dialler, actor=operator, at=over_at)
    over = the_operator(supervisor, over_at)
    db.session.execute(delete(LoginSession))
    db.session.commit()
    gone = the_operator(supervisor, over_at)

    assert ringing.doing is Doing.CALLING
    assert (over.doing, over.since) == (Doing.HUNG_UP, over_at)
    assert (gone.doing, gone.case_code) == (Doing.LEFT, claim.code)


def test_the_day_rests_on_closed_calls_and_interrupted_ones_stand_apart(supervisor, operator):
    open_replicate(4)
    for disposition, facts in (("11", {"outcome": "V1"}), ("22", {})):
        claim = claimed(operator)
        start_attempt(claim.case_id, claim.fence, actor=operator, at=NOON)
        report(claim, disposition, actor=operator, **facts)
    claim = claimed(operator, at=SOON)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=SOON)
    expire_leases(at=SOON + LEASE + timedelta(seconds=1))

    row = the_operator(supervisor, SOON + LEASE + timedelta(minutes=1))

    assert (row.calls, row.interviews, row.refused, row.reached) == (2, 1, 1, 2)
    assert row.interrupted == 1
    assert row.refusal_share == 0.5
    assert row.seconds == 180
    assert row.last_seen == SOON + LEASE + timedelta(seconds=1)


def test_hours_leave_out_pauses_and_a_short_time_has_no_pace(supervisor, operator):
    open_replicate(4)
    first = claimed(operator)
    start_attempt(first.case_id, first.fence, actor=operator, at=NOON)
    report(first, "11", outcome="V1", actor=operator)
    assert the_operator(supervisor, SOON).an_hour is None

    for minutes in (10, 40, 50):  # half an hour's pause before the second of them
        at = NOON + timedelta(minutes=minutes)
        claim = claimed(operator, at=at)
        start_attempt(claim.case_id, claim.fence, actor=operator, at=at)
        ended = at + timedelta(minutes=8)
        report(claim, "11", outcome="V1", actor=operator, at=ended)

    row = the_operator(supervisor, NOON + timedelta(hours=1))
    assert row.hours == pytest.approx((18 + 18) / 60)
    assert row.an_hour == pytest.approx(4 / 0.6)


def test_yesterday_is_not_today(supervisor, operator):
    open_replicate(1)
    report(claimed(operator), "41", actor=operator)

    assert the_operator(supervisor, NOON + timedelta(days=1)).calls == 0


def test_what_was_handed_over_waits_with_its_note(supervisor, operator):
    open_replicate(2)
    for code in ("61", "71"):
        report(claimed(operator), code, actor=operator, note="对方要求公函")

    seen = on_the_floor(supervisor)

    assert seen.handed_over == 2
    assert [(row.disposition, row.may_be_confirmed) for row in seen.escalated] == [
        ("61", True),
        ("71", False),
    ]
    assert {row.note for row in seen.escalated} == {"对方要求公函"}


def test_contradictions_wait_for_the_supervisor(supervisor, operator):
    campaign = open_replicate(1)
    set_recall_share(campaign.id, 1, actor=supervisor, at=NOON)
    report(claimed(operator), "11", outcome="V1", actor=operator)
    other, tomorrow = make_user(), NOON + timedelta(days=1)
    before = on_the_floor(supervisor, tomorrow).contradictions
    report(claimed(other, at=tomorrow), "11", outcome="N2", actor=other, at=tomorrow)

    assert (before, on_the_floor(supervisor, tomorrow).contradictions) == (0, 1)


def test_refusals_that_wait_to_be_won_over_are_counted(supervisor, operator):
    make_user(skills=["refusal"])
    open_replicate(2)
    report(claimed(operator), "21", actor=operator)

    assert on_the_floor(supervisor).refusals == 1


def test_a_replicate_asked_for_is_shown_until_it_is_open(supervisor):
    campaign = make_drawn_campaign(entries=10, sampled=10, replicates=2)
    coordinator = make_user(Role.COORDINATOR)
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)
    ask_for_release(campaign.id, 2, actor=supervisor, at=NOON)
    ask_for_release(campaign.id, 2, actor=supervisor, at=NOON)
    asked = on_the_floor(supervisor).requests

    release_replicate(campaign.id, 2, actor=coordinator, at=NOON)

    assert (asked, on_the_floor(supervisor).requests) == (1, 0)


def test_the_yield_of_a_place_counts_verdicts_among_what_is_finished(supervisor, operator):
    open_replicate(5)
    for ending in ("11", "22", "41"):
        facts = {"outcome": "N1"} if ending == "11" else {}
        report(claimed(operator), ending, actor=operator, **facts)

    states, (place,) = yields(actor=supervisor)

    assert place.region_code == LINYING
    assert (place.cases, place.finished, place.resolved, place.unfinished) == (5, 2, 1, 3)
    assert place.share == 0.5
    assert states == {Project.RE_EMPLOYMENT: {CaseState.READY: 3, CaseState.PHONED: 2}}


def test_a_supervisor_of_another_region_sees_no_case(operator):
    open_replicate(2)
    report(claimed(operator), "71", actor=operator)
    elsewhere = make_user(Role.SUPERVISOR, region=LANKAO)

    seen = on_the_floor(elsewhere)

    assert (seen.due, seen.handed_over, seen.escalated) == (0, 0, ())
    assert yields(actor=elsewhere) == ({}, ())


@pytest.mark.parametrize("cases", [2, 40])
def test_the_board_takes_as_many_queries_whatever_the_number_of_cases(supervisor, operator, cases):
    open_replicate(cases)
    window = (NOON + timedelta(minutes=20), NOON + timedelta(minutes=50))
    for n in range(cases // 2):
        claim = claimed(operator)
        report(claim, "71" if n % 2 else "31", actor=operator, window=None if n % 2 else window)
    db.session.expire_all()
    on_the_floor(supervisor)

    sent = queries(lambda: (on_the_floor(supervisor), yields(actor=supervisor)))

    assert sent <= MOST_QUERIES
