"""Sequential tests of a cell: against exact fractions, enumeration and METHOD's simulations."""

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.sequential import boundaries, evidence_met, evidence_not_met, log_bar, prospects

BAR = log_bar(0.05)


def exact_evidence(x, n, N, claimed, rivals):
    """The e-value in fractions, from the counts of orders that each truth allows."""

    def probability(K):
        orders = comb(N - n, K - x) if 0 <= K - x <= N - n else 0
        return Fraction(orders, comb(N, K))

    def weight(K):  # beta-binomial (19, 1), but for a constant
        return Fraction(comb(N, K), comb(N + 18, K + 18))

    average = sum(weight(K) * probability(K) for K in claimed) / sum(map(weight, claimed))
    largest = max(probability(K) for K in rivals)
    return average / largest if largest else None


@pytest.mark.parametrize("target", [1, 7, 10, 12])
def test_evidence_equals_the_ratio_of_exact_fractions(target):
    N = 12
    reached, missed = range(target, N + 1), range(target)
    for n in range(N + 1):
        for x in range(n + 1):
            for evidence, parts in [
                (evidence_met, (reached, missed)),
                (evidence_not_met, (missed, reached)),
            ]:
                e = exact_evidence(x, n, N, *parts)
                found = np.exp(evidence([x], [n], N, target)[0])
                assert found == (np.inf if e is None else pytest.approx(float(e), rel=1e-10))


def test_boundaries_are_exactly_the_results_whose_evidence_decides():
    N = 60
    for target in (1, 30, 54, 57, 60):
        plan = boundaries(N, target, range(1, N + 1))
        for n, met_from, not_met_to in zip(plan.rows, plan.met_from, plan.not_met_to, strict=True):
            x, rows = np.arange(n + 1), np.full(n + 1, n)
            met = evidence_met(x, rows, N, target) >= BAR
            not_met = evidence_not_met(x, rows, N, target) >= BAR
            assert met.tolist() == (x >= met_from).tolist()
            assert not_met.tolist() == (x <= not_met_to).tolist()
            assert not_met_to < met_from


@pytest.mark.parametrize(("N", "target"), [(120, 108), (300, 270), (300, 285), (600, 540)])
@pytest.mark.parametrize("step", [1, 20])
def test_the_wrong_decision_is_ever_taken_at_most_at_the_risk(N, target, step):
    # Exact, over all orders of a cell on its line, looked at until everybody was called.
    looks = sorted({*range(step, N + 1, step), N})
    plan = boundaries(N, target, looks)

    missing_one = prospects(plan, N, target - 1)
    reached = prospects(plan, N, target)

    assert 0 < missing_one.met <= 0.05
    assert 0 < reached.not_met <= 0.05
    # Everybody was called: the census decides what no look before did.
    assert missing_one.met + missing_one.not_met == pytest.approx(1)
    assert reached.met + reached.not_met == pytest.approx(1)


def test_the_risk_is_kept_for_every_truth():
    N, target = 80, 72
    plan = boundaries(N, target, range(1, N), alpha=0.10)

    wrong = [prospects(plan, N, K).met for K in range(target)]
    wrong += [prospects(plan, N, K).not_met for K in range(target, N + 1)]
    assert 0.01 < max(wrong) <= 0.10


def test_prospects_equal_an_enumeration_of_all_orders():
    N, target, achieved = 12, 9, 8
    plan = boundaries(N, target, [3, 6, 9, 11], alpha=0.4)
    ends = []
    for places in combinations(range(N), achieved):
        order = np.isin(np.arange(N), places)
        for n, met_from, not_met_to in zip(plan.rows, plan.met_from, plan.not_met_to, strict=True):
            x = order[:n].sum()
            if x >= met_from or x <= not_met_to:
                break
        ends.append((x >= met_from, x <= not_met_to, n))

    expected = prospects(plan, N, achieved)
    assert (expected.met, expected.not_met, expected.rows) == pytest.approx(np.mean(ends, axis=0))
    assert 0.2 < expected.met < 0.5 < expected.not_met < 0.7


@pytest.mark.parametrize(
    ("N", "line", "share", "rows", "in_waves"),
    [
        (300, 0.90, 0.97, 66, 80),
        (2000, 0.90, 0.97, 87, 103),
        (2000, 0.90, 0.99, 48, 57),
        (20000, 0.90, 0.97, 90, 109),
        (2000, 0.95, 0.98, 232, 251),
        (2000, 0.95, 0.99, 130, 141),
    ],
)
def test_mean_rows_to_a_decision_are_those_of_the_simulations(N, line, share, rows, in_waves):
    # The figures are means of 2,000 simulated cells, these are exact.
    cap, target, achieved = min(N, 800), round(line * N), round(share * N)

    def mean_rows(step):
        return prospects(boundaries(N, target, range(step, cap + 1, step)), N, achieved).rows

    assert mean_rows(1) == pytest.approx(rows, rel=0.06)
    assert mean_rows(20) == pytest.approx(in_waves, rel=0.06)


def test_a_bad_cell_is_found_soon():
    plan = boundaries(2000, 1800, range(1, 801))

    assert prospects(plan, 2000, 1600).rows == pytest.approx(86, rel=0.06)
    assert prospects(plan, 2000, 1600).not_met > 0.999
    assert prospects(plan, 2000, 1700).rows == pytest.approx(240, rel=0.06)
    assert prospects(plan, 2000, 1700).not_met > 0.99


def test_counts_that_leave_one_answer_prove_it():
    assert evidence_met([9, 8], [9, 9], 10, 9).tolist()[0] == np.inf
    assert evidence_not_met([9], [9], 10, 9).tolist() == [-np.inf]
    assert evidence_not_met([7], [9], 10, 9).tolist() == [np.inf]
    assert evidence_met([7], [9], 10, 9).tolist() == [-np.inf]
    assert evidence_met([8], [9], 10, 9)[0] < BAR


def test_a_target_above_the_frame_needs_no_call_and_neither_does_a_target_of_nobody():
    assert evidence_not_met([0], [0], 10, 11).tolist() == [np.inf]
    assert evidence_met([10], [10], 10, 11).tolist() == [-np.inf]
    assert evidence_met([0], [0], 10, 0).tolist() == [np.inf]

    plan = boundaries(10, 11, [5])
    assert (plan.met_from.tolist(), plan.not_met_to.tolist()) == ([6], [5])


def test_a_target_of_the_whole_ledger_is_met_only_when_all_but_nobody_is_left_to_call():
    plan = boundaries(400, 400, [20, 200, 360, 390, 400])

    # One missing among 400 is overlooked by 390 calls once in 40 times, by 360 once in 10.
    assert plan.met_from.tolist() == [21, 201, 361, 390, 400]
    assert plan.not_met_to.tolist() == (plan.rows - 1).tolist()


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 400), st.floats(0, 1), st.lists(st.integers(1, 400), min_size=1, max_size=8))
def test_at_no_look_are_both_decisions_possible(N, line, looks):
    rows = sorted({min(n, N) for n in looks})
    plan = boundaries(N, round(line * N), rows)

    assert np.all(plan.not_met_to < plan.met_from)
    assert np.all(np.diff(plan.met_from) >= 0)
    assert np.all(np.diff(plan.not_met_to) >= 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: boundaries(10, 5, [3, 3]), "must rise"),
        (lambda: boundaries(10, 5, [0, 3]), "must rise"),
        (lambda: boundaries(10, 5, [5, 11]), "10 or less"),
        (lambda: boundaries(10, 5, [2.5]), "whole numbers"),
        (lambda: boundaries(10, 5, [float("nan")]), "whole numbers"),
        (lambda: boundaries(10, -1, [5]), "target >= 0"),
        (lambda: boundaries(0, 0, []), "N >= 1"),
        (lambda: boundaries(10, 5, [5], alpha=0), "alpha"),
        (lambda: evidence_met([3], [2], 10, 5), "0 <= x <= n"),
        (lambda: evidence_met([-1], [2], 10, 5), "0 <= x <= n"),
        (lambda: evidence_met([1], [11], 10, 5), "n <= 10"),
        (lambda: evidence_not_met([1, 2], [2], 10, 5), "equal 1-d shapes"),
        (lambda: prospects(boundaries(10, 5, [5]), 10, 11), "achieved <= 10"),
        (lambda: prospects(boundaries(10, 5, [5]), 4, 4), "within 4 rows"),
    ],
)
def test_impossible_numbers_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
