"""Which ledgers are criticised, which demonstrably, and what is deducted once."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.classes import Cases, Strata
from estimation.error_rates import checked_entries, deduct, error_rates, fewest_right
from estimation.hypergeometric import exact_limits, pass_probability
from estimation.p_values import p_values
from estimation.survey import make_survey, run


def check(frame, checked, wrong, domains=None):
    names = [f"s{h}" for h in range(len(frame))]
    survey = checked_entries(
        Strata(names, frame), checked, wrong, domain_of_stratum=domains or names
    )
    return error_rates(survey, run(survey, phone_accepted=False))


def test_1_of_100_is_not_above_1_per_cent_and_2_of_199_is():
    found = check([5000] * 5, [100, 200, 199, 300, 299], [1, 2, 2, 3, 3])

    assert found.flagged.tolist() == [False, False, True, False, True]
    assert not found.proven_flagged.any()


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.integers(0, 400), st.integers(0, 12)),
        min_size=1,
        max_size=6,
    )
)
def test_the_edge_of_an_aggregate_is_taken_in_fractions(strata):
    frame = [n + unseen for n, unseen, _ in strata]
    checked, wrong = [n for n, _, _ in strata], [min(n, x) for n, _, x in strata]

    found = check(frame, checked, wrong, ["u"] * len(frame))

    exact = sum(Fraction(N * x, n) for N, n, x in zip(frame, checked, wrong, strict=True))
    assert found.flagged[0] == (100 * exact > sum(frame))
    assert found.inaccurate[0] == (50 * exact > sum(frame))
    assert found.rate[0] == pytest.approx(float(exact / sum(frame)))
    assert found.confirmed[0] == sum(wrong)


def test_an_aggregate_exactly_on_the_edge_is_not_above():
    # 2 * 7 + 2 * 4 + 2 * 4 = 30 wrong entries of 3100, of 3000, and a few less of 2999.
    below = check([700, 1100, 1300], [350, 550, 650], [7, 4, 4], ["u"] * 3)
    edge = check([700, 1100, 1200], [350, 550, 600], [7, 4, 4], ["u"] * 3)
    above = check([700, 1100, 1199], [350, 550, 600], [7, 4, 4], ["u"] * 3)

    assert [found.flagged[0] for found in (below, edge, above)] == [False, False, True]
    assert edge.rate[0] == pytest.approx(0.01, abs=1e-15)


def test_both_rules_hold_at_once():
    found = check([20_000] * 3, [1000] * 3, [9, 15, 30])

    assert found.flagged.tolist() == [False, True, True]
    assert found.inaccurate.tolist() == [False, False, True]
    assert found.proven_flagged.tolist() == [False, False, True]
    assert found.proven_inaccurate.tolist() == [False, False, True]


@pytest.mark.parametrize("wrong", range(12))
def test_above_is_proven_in_a_cell_only_if_the_exact_lower_bound_is_above(wrong):
    N, n = 1234, 300

    found = check([N], [n], [wrong])

    low, high = exact_limits([wrong], [n], [N], 0.90)
    assert found.low[0] == pytest.approx(low[0] / N)
    assert found.high[0] == pytest.approx(high[0] / N)
    assert found.proven_flagged[0] == (100 * low[0] > N)
    assert found.proven_flagged[0] == (pass_probability(wrong, n, N, N // 100 + 1) <= 0.05)
    assert found.proven_inaccurate[0] == (50 * low[0] > N)
    assert found.flagged[0] == (100 * wrong > n)


def test_an_aggregate_is_proven_above_by_its_capped_limit_and_never_without_being_flagged():
    rng = np.random.default_rng(4)
    proven = 0
    for _ in range(30):
        frame = rng.integers(200, 900, 3)
        checked = rng.integers(60, 200, 3)
        wrong = rng.binomial(checked, rng.choice([0.01, 0.03, 0.06]))
        found = check(frame, checked, wrong, ["u"] * 3)

        assert found.low[0] <= found.rate[0] <= found.high[0]
        assert found.proven_flagged[0] == (found.low[0] * frame.sum() > frame.sum() // 100 + 1e-6)
        assert found.flagged[0] or not found.proven_flagged[0]
        proven += found.proven_flagged[0]
    assert 5 < proven < 25


def test_a_ledger_checked_whole_is_proven_either_way():
    found = check([300, 300], [300, 300], [3, 4])

    assert found.flagged.tolist() == found.proven_flagged.tolist() == [False, True]
    assert found.low == pytest.approx(found.rate)
    assert found.high == pytest.approx(found.rate)


def test_a_stratum_nobody_checked_leaves_no_rate():
    found = check([300, 300], [300, 0], [9, 0], ["u", "u"])

    assert np.isnan(found.rate[0])
    assert not found.flagged[0]
    assert (found.low[0], found.high[0]) == (
        pytest.approx(0, abs=0.05),
        pytest.approx(0.5, abs=0.1),
    )


def test_in_a_campaign_only_visits_confirm_and_unheard_answers_prove_nothing():
    verdicts = [
        *[("achieved", "achieved", "random")] * 30,
        *[("achieved", "not_achieved", "random")] * 10,
        *[("achieved", "", "")] * 40,
        *[("not_achieved", "", "")] * 20,
    ]
    cases = Cases([0] * 100, *([v[i] for v in verdicts] for i in range(3)))
    survey = make_survey(Strata(["s"], [1000]), cases, ["u"], None, {})

    found = error_rates(survey, run(survey, phone_accepted=False))

    assert found.confirmed[0] == 10
    assert found.rate[0] == pytest.approx(1 - 0.8 * 0.75)
    assert found.proven_flagged[0]
    held = replace(survey, target=fewest_right(np.array([1000.0]), Fraction(1, 100)))
    p = p_values(held, run(held, phone_accepted=False), phone_accepted=False)
    assert p.not_met[0] <= 0.05


def test_confirmed_and_extrapolated_persons_are_deducted_apart():
    errors = check([900, 500], [90, 500], [9, 5])

    found = deduct([1000, 500], [100, 0], errors)

    assert found.recognised.tolist() == [891, 495]
    assert found.extrapolated == pytest.approx(np.array([90, 5]))
    assert found.recognised_extrapolated == pytest.approx(np.array([810, 495]))
    assert np.all(found.claimed - found.removed - found.confirmed == found.recognised)


@pytest.mark.parametrize(
    ("claimed", "removed", "words"),
    [
        ([1000, 500], [100, 5], "'s1' claimed 500, of which 5 were removed, but its frame has 500"),
        ([1000, 500], [0, 0], "'s0' claimed 1000"),
        ([800, 500], [-100, 0], "'s0' claimed 800"),
        ([1000], [100], "persons"),
    ],
)
def test_what_was_removed_before_cannot_be_deducted_again(claimed, removed, words):
    errors = check([900, 500], [90, 500], [9, 5])

    with pytest.raises(ValueError, match=words):
        deduct(claimed, removed, errors)


@pytest.mark.parametrize(
    ("frame", "checked", "wrong", "words"),
    [
        ([10, 10], [5, 5], [0, 6], "6, 5, 10 in stratum 's1'"),
        ([10, 10], [11, 5], [0, 0], "stratum 's0'"),
        ([10, 10], [5, 5], [0, -1], "stratum 's1'"),
        ([10, 10], [5, float("nan")], [0, 0], "stratum 's1'"),
        ([10, 10], [5], [0], "need 2 strata"),
    ],
)
def test_impossible_checks_are_refused(frame, checked, wrong, words):
    with pytest.raises(ValueError, match=words):
        check(frame, checked, wrong)
    with pytest.raises(ValueError, match="a domain for each of the 2 strata"):
        check([10, 10], [5, 5], [0, 0], ["u"])
