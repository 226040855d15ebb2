"""Each signal by a small scene that raises it and one beside it that does not."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import numpy as np
import pytest

from casework.calls.schedule import CALLING_HOURS
from casework.calls.signals import (
    LISTED_WRONGLY,
    SignalKind,
    Trace,
    find_signals,
    least_seconds,
)
from tests.factories import NOON

ME, OTHERS = 1, (2, 3, 4)
MORNING = NOON - timedelta(hours=3)  # 9:00 in Shanghai
_attempt = count(1)
YES = (("G1", ("1",)), ("A1", ("1",)), ("A2", ("1",)), ("A3", ("6",)), ("A4", ("1",)))


def answers(number):
    """The answers of somebody, different for each number."""
    digits = [str(1 + number // 3**place % 3) for place in range(6)]
    return tuple((f"A{place}", (digit,)) for place, digit in enumerate(digits))


def trace(operator=ME, minute=0, **facts):
    start = MORNING + timedelta(minutes=minute)
    standing = {
        "attempt_id": next(_attempt),
        "project": "re_employment",
        "started_at": start,
        "dialled_at": start + timedelta(seconds=5),
        "ended_at": start + timedelta(minutes=4),
        "interview": True,
        "needs_dial": True,
        "achieved": True,
        "dealt": True,
        "answers": answers(minute + 100 * operator),
        "least_seconds": 60.0,
        "hours": CALLING_HOURS,
    }
    return Trace(operator_id=operator, **standing | facts)


def kinds(traces, operator=ME):
    return {signal.kind for signal in find_signals(traces) if signal.operator_id == operator}


def the(kind, traces):
    return next(signal for signal in find_signals(traces) if signal.kind is kind)


def test_an_honest_day_raises_nothing():
    day = [trace(who, minute) for who in (ME, *OTHERS) for minute in range(0, 300, 6)]

    assert find_signals(day) == []
    assert find_signals([]) == []


def test_interviews_shorter_than_the_script_count_from_three():
    short = [
        replace(t, ended_at=t.dialled_at + timedelta(seconds=59))
        for t in (trace(minute=minute) for minute in (0, 10, 20))
    ]
    long = [trace(minute=minute) for minute in (30, 40)]

    found = the(SignalKind.TOO_SHORT, short + long)

    assert (found.count, found.of) == (3, 5)
    assert found.evidence == tuple(t.attempt_id for t in short)
    assert kinds(short[:2] + long) == set()


def test_a_sentence_that_was_marked_before_it_can_have_been_read_counts_at_once():
    marked = [trace(minute=0, unread=True), trace(minute=10, unread=False), trace(minute=20)]

    found = the(SignalKind.UNREAD, marked)

    assert (found.count, found.of, found.evidence) == (1, 2, (marked[0].attempt_id,))
    assert kinds(marked[1:]) == set()


def test_the_least_time_grows_with_what_is_read_out():
    assert least_seconds(["八个字的问题是吗", "八个字的问题是吗"]) == pytest.approx(4)
    assert least_seconds([]) == 0


def test_two_calls_at_one_time_are_impossible():
    first, second = trace(minute=0), trace(minute=3)
    touching = replace(second, dialled_at=first.ended_at - timedelta(seconds=4))

    assert the(SignalKind.OVERLAPPING, [second, first]).evidence == (second.attempt_id,)
    assert kinds([first, touching]) == set()
    assert kinds([first, replace(second, operator_id=2)]) == set()


def test_a_result_without_a_call_is_named_and_a_fault_of_the_line_is_not():
    undialled = trace(dialled_at=None, interview=False)

    assert kinds([undialled]) == {SignalKind.NOT_DIALLED}
    assert kinds([replace(undialled, needs_dial=False)]) == set()


def test_an_interview_at_night_is_named_and_one_before_closing_is_not():
    assert kinds([trace(minute=12 * 60)]) == {SignalKind.OUTSIDE_HOURS}
    assert kinds([trace(minute=12 * 60 - 1)]) == set()
    assert kinds([trace(minute=12 * 60, interview=False)]) == set()


def test_equal_interviews_in_a_row_are_named_if_colleagues_seldom_hear_them():
    others = [trace(who, minute) for who in OTHERS for minute in range(0, 60, 6)]
    run = [trace(minute=6 * n, answers=YES) for n in range(5)]

    assert the(SignalKind.SAME_ANSWERS, run + others).count == 5
    assert SignalKind.SAME_ANSWERS not in kinds(run[:4] + others)
    alike = [replace(t, answers=YES) for t in others]
    assert SignalKind.SAME_ANSWERS not in kinds(run + alike)
    assert SignalKind.SAME_ANSWERS not in kinds(run)  # with nobody to compare


def test_a_run_is_broken_by_another_interview():
    others = [trace(who, minute) for who in OTHERS for minute in range(0, 60, 6)]
    run = [trace(minute=6 * n, answers=YES) for n in range(8)]
    run[4] = trace(minute=24)

    assert SignalKind.SAME_ANSWERS not in kinds(run + others)


def test_the_first_answer_to_everything_is_compared_with_colleagues():
    line = tuple((f"A{n}", ("1",)) for n in range(5))
    mine = [trace(minute=6 * n, answers=line) for n in range(20)]
    others = [
        trace(who, 6 * n, answers=line if n < 4 else answers(7 * n + who))
        for who in OTHERS
        for n in range(20)
    ]

    found = the(SignalKind.STRAIGHT_LINE, mine + others)

    assert (found.operator_id, found.count, found.of) == (ME, 20, 20)
    assert found.others == pytest.approx(0.2)
    assert found.p_value < 0.001


def test_few_questions_are_no_straight_line():
    assert not trace(answers=(("G1", ("1",)), ("A1", ("1",)), ("A2", ("1",)))).first_answers
    assert trace(answers=tuple((f"A{n}", ("1",)) for n in range(4))).first_answers


def test_more_yes_than_colleagues_counts_on_cases_dealt_at_random_only():
    mine = [trace(minute=6 * n, achieved=True) for n in range(40)]
    others = [trace(who, 6 * n, achieved=n % 10 < 7) for who in OTHERS for n in range(40)]

    found = the(SignalKind.MANY_YES, mine + others)

    assert (found.operator_id, found.count, found.of) == (ME, 40, 40)
    assert found.others == pytest.approx(0.7)
    assert kinds([replace(t, dealt=False) for t in mine] + others) == set()


def test_a_project_in_which_everybody_hears_yes_accuses_nobody():
    """The mixture of projects differs between operators; each is compared inside its own."""
    mine = [trace(minute=6 * n, project="overcapacity", achieved=True) for n in range(40)]
    theirs = [
        trace(who, 6 * n, project=project, achieved=project == "overcapacity" or n % 2 == 0)
        for who in OTHERS
        for project in ("overcapacity", "re_employment")
        for n in range(20)
    ]

    assert SignalKind.MANY_YES not in kinds(mine + theirs)


def test_interviews_that_crowd_at_the_end_of_the_shift():
    even = [trace(minute=n) for n in range(0, 360, 20)]
    crowd = [trace(minute=335 + 2 * n, ended_at=None) for n in range(12)]
    crowd = [replace(t, ended_at=t.started_at + timedelta(seconds=100)) for t in crowd]

    found = the(SignalKind.LATE_BURST, even + crowd)

    assert found.count >= 11
    assert SignalKind.LATE_BURST not in kinds(even)
    assert SignalKind.LATE_BURST not in kinds(crowd)  # a shift of 24 minutes has no end


def test_of_honest_operators_few_are_marked():
    rng = np.random.default_rng(11)
    marked = 0
    for _ in range(40):
        floor = [
            trace(who, int(minute), achieved=bool(rng.random() < 0.8))
            for who in range(1, 13)
            for minute in np.arange(0, 480, 12)
        ]
        marked += any(s.kind is SignalKind.MANY_YES for s in find_signals(floor))

    # With nobody guilty every mark is wrong: no more than one floor in twenty has any.
    assert marked <= 40 * LISTED_WRONGLY + 4


def test_the_order_of_the_traces_is_of_no_effect():
    rng = np.random.default_rng(3)
    day = [trace(who, 6 * n, achieved=n % 3 > 0) for who in OTHERS for n in range(30)]
    day += [trace(minute=6 * n) for n in range(30)]
    shuffled = [day[place] for place in rng.permutation(len(day))]

    assert find_signals(shuffled) == find_signals(day)
