import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.decision import Decision
from estimation.sequential import boundaries, prospects
from estimation.stopping import Replicates, stopping_report


def counts(*replicates):
    """Replicates of one cell, each (rows, achieved, not achieved, unresolved)."""
    return Replicates(*([list(column)] for column in zip(*replicates, strict=True)))


def stop(*replicates, size=2000, target=1800):
    (cell,) = stopping_report(["兰考县"], [size], [target], counts(*replicates)).cells
    return cell


WAITING = (20, 0, 0, 0)


def test_a_cell_is_decided_at_the_first_replicate_that_reaches_its_boundary():
    good = stop((20, 20, 0, 0), (20, 20, 0, 0), WAITING, WAITING, WAITING)

    assert boundaries(2000, 1800, [20, 40]).met_from.tolist() == [21, 40]
    assert (good.decision, good.replicate, good.rows) == (Decision.MET, 2, 40)
    assert (good.planned, good.worked, good.saved) == (100, 40, 60)

    bad = stop((20, 12, 8, 0), WAITING, WAITING)
    assert (bad.decision, bad.replicate, bad.rows, bad.saved) == (Decision.NOT_MET, 1, 20, 40)


def test_an_undecided_cell_has_saved_nothing():
    open_ = stop((20, 18, 2, 0), (20, 18, 2, 0), WAITING)

    assert (open_.decision, open_.replicate, open_.decided) == (Decision.UNDETERMINED, 0, False)
    assert (open_.rows, open_.worked, open_.planned, open_.saved) == (40, 40, 60, 0)


def test_a_decision_stands_and_calls_made_after_it_are_not_saved():
    went_on = stop((20, 20, 0, 0), (20, 20, 0, 0), (20, 5, 15, 0), WAITING)

    assert (went_on.decision, went_on.replicate) == (Decision.MET, 2)
    assert (went_on.rows, went_on.worked, went_on.saved) == (40, 60, 20)


def test_an_unresolved_row_counts_against_met_and_for_nothing():
    # 40 of 40 achieved are enough and 39 are not; an unresolved row is no achieved one.
    assert stop((20, 20, 0, 0), (20, 19, 0, 1)).decision is Decision.UNDETERMINED
    # 12 of 20 achieved condemn the cell, but not if the other 8 may have been achieved.
    assert stop((20, 12, 8, 0)).decision is Decision.NOT_MET
    assert stop((20, 12, 0, 8)).decision is Decision.UNDETERMINED
    # Nobody was reached at all: that decides nothing, ever.
    assert stop(*[(20, 0, 0, 20)] * 5).decision is Decision.UNDETERMINED


def test_counts_alone_may_prove_the_answer():
    # 5 failures in a cell of 12 that needs 8; and 8 achieved.
    assert stop((6, 1, 5, 0), (6, 0, 0, 0), size=12, target=8).decision is Decision.NOT_MET
    assert stop((6, 6, 0, 0), (4, 2, 0, 2), size=12, target=8).decision is Decision.MET


def test_a_target_above_the_frame_is_missed_without_a_call():
    hopeless = stop(WAITING, WAITING, size=100, target=101)

    assert (hopeless.decision, hopeless.replicate, hopeless.rows) == (Decision.NOT_MET, 0, 0)
    assert hopeless.saved == 40


def test_a_cell_without_a_task_has_nothing_to_decide():
    none = stop((20, 20, 0, 0), WAITING, target=np.nan)

    assert (none.decision, none.worked, none.saved) == (Decision.NO_TASK, 20, 0)


def test_the_report_adds_up_its_cells():
    replicates = Replicates(
        rows=[[20, 20, 20], [20, 20, 0], [10, 10, 10]],
        achieved=[[20, 20, 0], [12, 0, 0], [9, 0, 0]],
        not_achieved=[[0, 0, 0], [8, 0, 0], [1, 0, 0]],
        unresolved=np.zeros((3, 3)),
    )
    report = stopping_report(["甲", "乙", "丙"], [2000, 2000, 500], [1800, 1800, 450], replicates)

    assert [cell.cell for cell in report.cells] == ["甲", "乙", "丙"]
    assert (report.planned, report.worked, report.saved) == (130, 70, 40)
    assert report.decisions == {
        Decision.MET: 1,
        Decision.NOT_MET: 1,
        Decision.UNDETERMINED: 1,
        Decision.NO_TASK: 0,
    }


def test_the_rows_used_are_those_the_test_was_expected_to_use():
    # 400 cells with 97 % achieved: the mean of the report is that of the exact distribution.
    rng, N, achieved, waves = np.random.default_rng(7), 2000, 1940, 12
    left = np.full(400, achieved)
    drawn = np.zeros((400, waves), dtype=int)
    for r in range(waves):
        drawn[:, r] = rng.hypergeometric(left, N - 20 * r - left, 20)
        left -= drawn[:, r]
    replicates = Replicates(np.full((400, waves), 20), drawn, 20 - drawn, np.zeros((400, waves)))

    report = stopping_report([f"{c}" for c in range(400)], [N] * 400, [1800] * 400, replicates)

    rows = np.array([cell.rows for cell in report.cells])
    expected = prospects(boundaries(N, 1800, range(20, 241, 20)), N, achieved)
    assert rows.mean() == pytest.approx(expected.rows, abs=3 * rows.std() / 20)
    assert report.decisions[Decision.MET] / 400 == pytest.approx(expected.met, abs=0.03)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=6),
    st.integers(0, 80),
    st.integers(0, 300),
)
def test_a_resolved_row_never_turns_a_decision_round(verdicts, target, more):
    worked = [(sum(v), *v) for v in verdicts if sum(v)]
    if not worked:
        return
    size = sum(rows for rows, *_ in worked) + more
    as_achieved = [(n, a + u, f, 0) for n, a, f, u in worked]
    as_failed = [(n, a, f + u, 0) for n, a, f, u in worked]

    found = stop(*worked, size=size, target=target).decision

    if found is Decision.MET:
        assert stop(*as_achieved, size=size, target=target).decision is Decision.MET
        assert stop(*as_failed, size=size, target=target).decision is not Decision.NOT_MET
    if found is Decision.NOT_MET:
        assert stop(*as_failed, size=size, target=target).decision is Decision.NOT_MET
        assert stop(*as_achieved, size=size, target=target).decision is not Decision.MET


@pytest.mark.parametrize(
    ("replicates", "words"),
    [
        ([(20, 17, 1, 1)], "'兰考县', replicate 1: 19 of 20 rows are worked"),
        ([(20, 20, 0, 0), (20, 20, 1, 0)], "replicate 2: 21 of 20"),
        ([(20, 20, 0, 0), WAITING, (20, 20, 0, 0)], "replicate 2 is not worked"),
        ([(20, 21, -1, 0)], "'兰考县': counts must be whole"),
        ([(20, np.nan, 1, 0)], "'兰考县': counts must be whole"),
        ([(20, 19.5, 0.5, 0)], "'兰考县': counts must be whole"),
    ],
)
def test_a_look_needs_replicates_that_are_fully_worked_in_their_order(replicates, words):
    with pytest.raises(ValueError, match=words):
        stop(*replicates)


@pytest.mark.parametrize(
    ("size", "target", "words"),
    [
        (19, 5, "'兰考县': need a frame of 20"),
        (0, 5, "'兰考县': need a frame of 20 or more entries, got 0"),
        (np.nan, 5, "'兰考县': need a frame"),
        (100.5, 5, "'兰考县': need a frame"),
        (100, -1, "'兰考县': the target"),
        (100, 5.5, "'兰考县': the target"),
        (100, np.inf, "'兰考县': the target"),
    ],
)
def test_a_cell_whose_size_or_target_cannot_be_is_named(size, target, words):
    with pytest.raises(ValueError, match=words):
        stop((20, 20, 0, 0), size=size, target=target)


def test_a_cell_without_entries_is_named():
    with pytest.raises(ValueError, match="'兰考县': need a frame of 1 or more entries, got 0"):
        stop((0, 0, 0, 0), size=0)


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="equal"):
        stopping_report(["甲"], [9], [5], Replicates([[5]], [[5]], [[0]], [[0, 0]]))
    with pytest.raises(ValueError, match="equal"):
        stopping_report(["甲", "乙"], [9, 9], [5, 5], counts((5, 5, 0, 0)))
    with pytest.raises(ValueError, match="1 sizes and targets"):
        stopping_report(["甲"], [9, 9], [5], counts((5, 5, 0, 0)))
    with pytest.raises(ValueError, match="alpha"):
        stopping_report(["甲"], [9], [5], counts((5, 5, 0, 0)), alpha=2)
