"""The judge of a storm finds what was planted, and nothing where nothing was."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.bars.journal import Asked, Granted, History, Journal, Reported, Vanished, read_journal
from tests.bars.judge import Stored, StoredOutcome, Verdict, judge

LEASE, UNTIL = 8.0, 100.0
Plant = Callable[[History, Stored], None]


def a_day() -> tuple[History, Stored]:
    """Two operators: one reports twice, the other walks away and comes back too late."""
    granted = [
        Granted("ann", 1, fence=1, seen=1.1, lease_until=9.0),
        Granted("bob", 2, fence=1, seen=1.2, lease_until=9.1, abandoned=True),
        Granted("ann", 2, fence=2, seen=12.0, lease_until=19.9),
    ]
    reported = [
        Reported("ann", 1, 1, "k1", "22", sent=3.0, done=3.1, status=303, said=["P1-1: 22"]),
        Reported("ann", 1, 1, "k1", "22", sent=3.2, done=3.3, status=303, said=["P1-1: 22"]),
        Reported("bob", 2, 1, "k2", "22", sent=14.0, done=14.1, status=409),
        Reported("ann", 2, 2, "k3", "41", sent=15.0, done=15.1, status=303, said=["P1-2: 41"]),
    ]
    asked = [
        Asked("ann", "claim", sent=1.0, done=1.05, status=303),
        Asked("bob", "claim", sent=1.0, done=1.05, status=None),
    ]
    stored = Stored(
        outcomes=[StoredOutcome("k1", 1, 1, "ann", "22"), StoredOutcome("k3", 2, 2, "ann", "41")],
        claims={1: [1.0], 2: [1.1, 11.9]},
        finished={1: 1},
        held={},
        late={"k2"},
        audited_outcomes=2,
        audited_claims=3,
        audited_late=1,
        broken_link=None,
    )
    return History(asked=asked, granted=granted, reported=reported), stored


def verdict(history: History, stored: Stored) -> Verdict:
    return judge(history, stored, lease=LEASE, until=UNTIL)


def test_a_day_without_fault_is_clear():
    found = verdict(*a_day())

    assert found.clear, found.findings
    assert found.figures["acknowledged"] == 2
    assert found.figures["replays"] == 1
    assert found.figures["late"] == 1
    assert found.figures["regrant_max_s"] == pytest.approx(2.8)


def lose_an_outcome(history: History, stored: Stored) -> None:
    del stored.outcomes[0]


def lose_a_late_report(history: History, stored: Stored) -> None:
    stored.late.clear()


def store_it_under_another_hold(history: History, stored: Stored) -> None:
    stored.outcomes[0] = replace(stored.outcomes[0], fence=2)


def invent_an_outcome(history: History, stored: Stored) -> None:
    stored.outcomes.append(StoredOutcome("k9", 9, 1, "bob", "41"))


def close_a_case_twice(history: History, stored: Stored) -> None:
    stored.outcomes.append(replace(stored.outcomes[0], key="k2", fence=2))


def finish_a_case_twice(history: History, stored: Stored) -> None:
    stored.finished[1] = 2


def give_a_held_case_away(history: History, stored: Stored) -> None:
    history.granted.append(Granted("bob", 1, fence=2, seen=2.0, lease_until=10.0))


def give_one_hold_to_two(history: History, stored: Stored) -> None:
    history.granted.append(Granted("bob", 1, fence=1, seen=1.1, lease_until=9.0))


def show_no_case_after_giving_one(history: History, stored: Stored) -> None:
    history.vanished.append(Vanished("bob", asked=20.0, seen=20.5))


def accept_a_late_report(history: History, stored: Stored) -> None:
    history.reported[2] = replace(history.reported[2], status=303)


def refuse_a_report_in_time(history: History, stored: Stored) -> None:
    history.reported[3] = replace(history.reported[3], status=409)


def answer_a_replay_otherwise(history: History, stored: Stored) -> None:
    history.reported[1] = replace(history.reported[1], said=["P1-1: 41"])


def forget_an_abandoned_case(history: History, stored: Stored) -> None:
    stored.claims[2] = [1.1, 30.0]


def never_free_a_case(history: History, stored: Stored) -> None:
    stored.held[7] = UNTIL - 16


def leave_an_act_out_of_the_trail(history: History, stored: Stored) -> None:
    stored.claims[3] = [50.0]


def answer_with_a_bare_error(history: History, stored: Stored) -> None:
    history.asked.append(Asked("ann", "page", sent=20.0, done=20.1, status=500))


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_an_outcome, "lost"),
        (lose_a_late_report, "late_lost"),
        (store_it_under_another_hold, "changed"),
        (invent_an_outcome, "never_sent"),
        (close_a_case_twice, "double_outcomes"),
        (finish_a_case_twice, "double_outcomes"),
        (give_a_held_case_away, "double_holders"),
        (give_one_hold_to_two, "double_holders"),
        (show_no_case_after_giving_one, "double_holders"),
        (accept_a_late_report, "late_accepted"),
        (refuse_a_report_in_time, "refused_too_early"),
        (answer_a_replay_otherwise, "replays_differ"),
        (forget_an_abandoned_case, "not_granted_again"),
        (never_free_a_case, "still_held"),
        (leave_an_act_out_of_the_trail, "audit"),
        (answer_with_a_bare_error, "odd_answers"),
    ],
)
def test_what_is_planted_is_found(plant: Plant, kind: str):
    history, stored = a_day()
    plant(history, stored)

    assert verdict(history, stored).findings[kind]


def test_a_broken_chain_is_found():
    history, stored = a_day()

    assert verdict(history, replace(stored, broken_link=5)).findings["audit"]


def test_a_journal_is_read_as_it_was_written(tmp_path):
    history, _ = a_day()
    with Journal(tmp_path / "acks.jsonl") as journal:
        for line in [*history.asked, *history.granted, *history.reported]:
            journal.write(line)

    assert read_journal(tmp_path / "acks.jsonl") == history
