"""Acceptance plans: against R's AcceptanceSampling, exact fractions and METHOD's tables."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.acceptance import (
    Plan,
    Quality,
    acceptance_probability,
    assurance_size,
    find_plan,
    operating_characteristic,
    risks,
    share_rule,
    shipped_plan,
)
from tests import golden

R = golden.expected("acceptance")


@pytest.mark.parametrize("case", R["plans"], ids=lambda case: f"{case['type']} {case['PRP']}")
def test_plans_equal_those_of_acceptance_sampling(case):
    (good, accepted), (bad, risk) = case["PRP"], case["CRP"]

    plan = find_plan(case.get("N"), Quality(good, bad, 1 - accepted, risk))

    assert (plan.n, plan.c, plan.c + 1) == tuple(case["expected"].values())


@pytest.mark.parametrize("case", R["oc"], ids=lambda case: f"({case['n']}, {case['c']})")
def test_operating_characteristics_equal_those_of_acceptance_sampling(case):
    plan = Plan(case["n"], case["c"], case["N"])

    assert operating_characteristic(plan, case["pd"]) == pytest.approx(
        np.array(case["p_accept"]), rel=1e-9
    )


def exact(n, c, N, wrong):
    ways = sum(comb(wrong, k) * comb(N - wrong, n - k) for k in range(min(c, n) + 1))
    return float(Fraction(ways, comb(N, n)))


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_probability_of_acceptance_is_exact(N, n, c, wrong):
    n, wrong = min(n, N), min(wrong, N)

    assert acceptance_probability(n, c, N, wrong) == pytest.approx(exact(n, c, N, wrong), rel=1e-10)


def test_many_ledgers_and_whole_curves_are_computed_at_once():
    n, c, N = (
        np.array([[20], [85], [233]]),
        np.array([[0], [6], [17]]),
        np.array([[50], [120], [20000]]),
    )
    wrong = np.arange(51)

    curves = acceptance_probability(n, c, N, wrong)

    assert curves.shape == (3, 51)
    for i, j in [(0, 0), (0, 3), (0, 50), (1, 12), (2, 50)]:
        assert curves[i, j] == pytest.approx(exact(n[i, 0], c[i, 0], N[i, 0], wrong[j]), rel=1e-9)
    assert np.all(np.diff(curves, axis=1) <= 1e-10)


@pytest.mark.parametrize(
    ("good", "bad", "plans"),
    [
        (0.05, 0.10, {26: (21, 1), 120: (85, 6), 300: (128, 9), 1000: (193, 14), 20000: (233, 17)}),
        (0.04, 0.15, {120: (39, 3), 1000: (51, 4), 20000: (60, 5)}),
        (0.01, 0.04, {120: (70, 1), 1000: (189, 4), 20000: (198, 4)}),
    ],
)
def test_plans_are_those_of_the_method(good, bad, plans):
    found = {N: find_plan(N, Quality(good, bad)) for N in plans}

    assert {N: (plan.n, plan.c) for N, plan in found.items()} == plans


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.integers(0, 19), st.integers(1, 20))
def test_no_smaller_check_keeps_both_risks(N, good, apart):
    quality = Quality(good / 40, (good + apart) / 40)
    least, most = good * N // 40, -(-(good + apart) * N // 40)

    def kept(n):
        return any(
            exact(n, c, N, least) >= 0.95 - 1e-9 and exact(n, c, N, most) <= 0.10 + 1e-9
            for c in range(n + 1)
        )

    assert find_plan(N, quality).n == next(n for n in range(1, N + 1) if kept(n))


def test_a_risk_that_is_exactly_the_one_allowed_is_kept():
    # 3 checks of 5 entries miss both of 2 errors once in 10 times, in floats a little oftener.
    assert find_plan(5, Quality(0, 0.4)) == Plan(3, 0, 5)
    # 19 checks of 20 miss a single error once in 20.
    assert assurance_size(20, 0) == 19


def test_a_share_that_a_float_cannot_hold_counts_the_entries_it_means():
    # 0.29 * 100 is 28.999999999999996 and 0.07 * 100 is 7.000000000000001.
    plan = find_plan(100, Quality(0.07, 0.29))

    kept = risks(plan, Quality(0.07, 0.29))
    assert kept.producer == pytest.approx(1 - exact(plan.n, plan.c, 100, 7))
    assert kept.consumer == pytest.approx(exact(plan.n, plan.c, 100, 29))
    assert share_rule(700) == Plan(21, 2, 700)


@pytest.mark.parametrize(
    ("N", "rule", "accepted"),
    [
        (26, (1, 0), [0.96, 0.96, 0.885, 0.85, 0.81]),
        (120, (4, 0), [0.93, 0.81, 0.65, 0.52, 0.40]),
        (300, (9, 0), [0.83, 0.63, 0.38, 0.23, 0.13]),
        (1000, (30, 3), [1, 0.94, 0.65, 0.32, 0.12]),
        (8820, (265, 26), [1, 1, 0.51, 0.01, 0]),
    ],
)
def test_the_official_rule_tells_little_in_small_ledgers(N, rule, accepted):
    plan = share_rule(N)

    assert (plan.n, plan.c) == rule
    assert operating_characteristic(plan, [0.02, 0.05, 0.10, 0.15, 0.20]) == pytest.approx(
        np.array(accepted), abs=0.006
    )


@pytest.mark.parametrize("N", [1, 2, 26, 120, 1000, 8820, 20000, 100_000])
@pytest.mark.parametrize("bad", [0.10, 0.15])
def test_the_plan_to_use_keeps_the_official_rule_and_the_consumers_risk(N, bad):
    quality = Quality(0.04, bad)
    plan, searched = shipped_plan(N, quality), find_plan(N, quality)

    assert plan.n == min(N, max(-(-3 * N // 100), searched.n))
    assert plan.n - plan.c >= 0.9 * plan.n
    assert risks(plan, quality).consumer <= 0.10 + 1e-9
    if plan.n == searched.n:
        assert plan.c <= searched.c
    # One error more would break the rule or the risk.
    more = Plan(plan.n, min(plan.c + 1, plan.n), N)
    assert more.n - more.c < 0.9 * more.n or risks(more, quality).consumer > 0.10 + 1e-9


@pytest.mark.parametrize(
    ("N", "n"), [(120, 76), (300, 104), (1000, 132), (5000, 145), (20000, 148)]
)
def test_checks_without_an_error_assure_two_per_cent(N, n):
    assert assurance_size(N, 0.02) == n
    wrong = N * 2 // 100 + 1
    assert exact(n, 0, N, wrong) <= 0.05 < exact(n - 1, 0, N, wrong)


def test_assurance_at_the_ends():
    assert assurance_size(50, 0) == 48  # one error among 50 is missed once in 25
    assert assurance_size(50, 1) == 0
    assert assurance_size(1, 0.02) == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Plan(0, 0), "1 <= n"),
        (lambda: Plan(5, 6), "c <= n"),
        (lambda: Plan(5, 0, 4), "n <= N"),
        (lambda: Plan(5, 0, 0), "n <= N"),
        (lambda: Quality(0.1, 0.1), "good < bad"),
        (lambda: Quality(-0.1, 0.1), "0 <= good"),
        (lambda: Quality(0.1, float("nan")), "bad <= 1"),
        (lambda: Quality(0.01, 0.1, producer_risk=0), "risks"),
        (lambda: find_plan(0, Quality(0.01, 0.1)), "1 entry"),
        (lambda: share_rule(0), "need"),
        (lambda: assurance_size(0, 0.02), "cannot assure"),
        (lambda: assurance_size(10, 1.2), "cannot assure"),
        (lambda: assurance_size(10, 0.1, confidence=1), "cannot assure"),
        (lambda: acceptance_probability(5, 1, 4, 2), "n <= N"),
        (lambda: acceptance_probability(5, 1, 9, 10), "wrong <= N"),
        (lambda: acceptance_probability(5, -1, 9, 2), "whole numbers from 0"),
        (lambda: acceptance_probability(5, 1, 9, np.nan), "whole numbers from 0"),
        (lambda: operating_characteristic(Plan(5, 1), [0.1, 1.2]), "between 0 and 1"),
        (lambda: operating_characteristic(Plan(5, 1), np.nan), "between 0 and 1"),
    ],
)
def test_impossible_numbers_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
