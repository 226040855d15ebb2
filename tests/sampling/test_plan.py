"""What a design is expected to cost and how precise it is expected to be."""

from dataclasses import replace

import numpy as np
import pytest

from sampling.plan import (
    Answers,
    Costs,
    Design,
    cost_of_case,
    expected_visits,
    half_widths,
    workload,
    worth_of_case,
)

ANSWERS = Answers(
    names=("achieved", "not_achieved", "no_answer"),
    yes=np.array([True, False, False]),
    true=np.array([0.6, 0.0, 0.4]),
    untrue=np.array([0.1, 0.4, 0.5]),
    made_up=np.array([0.3, 0.1, 0.6]),
)
COSTS = Costs(
    attempt=4.0, visit=100.0, attempts=np.array([2.0, 2.0, 6.0]), attempts_a_day=80, visits_a_day=4
)
SHARE = np.array([0.9, 0.9, 0.9])
RATES = np.tile([0.2, 1.0, 0.5], (3, 1))
DESIGN = Design(
    frame_size=np.array([1000, 2000, 500]),
    sizes=np.array([100, 200, 50]),
    visit_rates=RATES,
    pool=np.array([0, 0, 1]),
)


def test_the_classes_follow_from_what_is_true():
    weight, rate = ANSWERS.expected(np.array([0.9]))

    assert weight[0] == pytest.approx([0.55, 0.04, 0.41])
    assert rate[0] == pytest.approx([0.54 / 0.55, 0, 0.36 / 0.41])
    assert ANSWERS.expected(np.array([0.9]), made_up=True)[0][0] == pytest.approx(
        [0.57, 0.01, 0.42]
    )


def test_response_and_phone_truth_can_differ_by_stratum():
    changed = ANSWERS.with_response(np.array([0.9, np.nan])).with_truth(np.array([np.nan, 0.5]))

    assert changed.true == pytest.approx(np.array([[0.9, 0.0, 0.1], [0.6, 0.0, 0.4]]))
    # Untrue ones answer half the time; with .9 instead of .6 of the true ones, .75.
    assert changed.untrue[0] == pytest.approx([0.15, 0.60, 0.25])
    assert changed.untrue[1] == pytest.approx([0.25, 0.25, 0.50])
    assert changed.made_up[1] == pytest.approx([0.20, 0.20, 0.60])


def test_the_work_is_added_up():
    work = workload(DESIGN, ANSWERS, SHARE, COSTS)

    # Of each case .55 * 2 + .04 * 2 + .41 * 6 attempts and .55 * .2 + .04 + .41 * .5 visits.
    assert work.cases == 350
    assert work.attempts == pytest.approx(350 * 3.64)
    assert work.visits == pytest.approx(350 * 0.355)
    assert work.money == pytest.approx(4 * work.attempts + 100 * work.visits)
    assert work.operator_days == pytest.approx(work.attempts / 80)
    assert work.inspector_days == pytest.approx(work.visits / 4)
    each = cost_of_case(ANSWERS, SHARE, RATES, COSTS)
    assert each @ DESIGN.sizes == pytest.approx(work.money)


def test_a_unit_counts_the_visits_of_all_its_strata():
    weight, _ = ANSWERS.expected(SHARE)
    assert expected_visits(DESIGN, weight)[:, 0] == pytest.approx([33, 33, 5.5])


def test_a_half_width_is_that_of_the_many_designs_it_stands_for():
    """Draw, answer and visit one county 4,000 times, and estimate it by its classes."""
    rng = np.random.default_rng(5)
    N, n, times = 1000, 200, 4000
    design = Design(np.array([N]), np.array([n]), np.array([[0.5, 1.0, 0.5]]), np.array([0]))
    true = rng.hypergeometric(900, 100, n, times)
    said = rng.multinomial(true, ANSWERS.true)
    rows = said + rng.multinomial(n - true, ANSWERS.untrue)
    visits = np.maximum(np.rint(rows * design.visit_rates[0]), 1).astype(int)
    visits = np.minimum(visits, rows)
    found = rng.hypergeometric(said, rows - said, visits)
    rates = np.divide(found, visits, out=np.zeros(rows.shape), where=visits > 0)
    estimates = (rows * rates).sum(axis=1) / n

    expected = half_widths(design, ANSWERS, np.array([0.9]), np.array([0]))

    assert expected[0] == pytest.approx(1.96 * estimates.std(), rel=0.04)


def test_where_everybody_is_visited_only_the_calls_leave_an_error():
    whole = replace(DESIGN, visit_rates=np.ones((3, 3)))

    expected = half_widths(whole, ANSWERS, SHARE, np.arange(3))

    n, N = whole.sizes, whole.frame_size
    assert expected == pytest.approx(1.96 * np.sqrt(0.09 * (1 - n / N) / (n - 1)))
    assert half_widths(replace(whole, sizes=N), ANSWERS, SHARE, np.arange(3)).tolist() == [0, 0, 0]


def test_a_county_with_few_visits_borrows_and_the_province_is_more_precise():
    counties = half_widths(DESIGN, ANSWERS, SHARE, np.arange(3))
    alone = half_widths(replace(DESIGN, pool=np.arange(3)), ANSWERS, SHARE, np.arange(3))
    assert counties[0] < alone[0]
    assert counties[1] == pytest.approx(alone[1])  # 22 visits of its own
    assert counties[2] == pytest.approx(alone[2])  # nobody to borrow from

    province = half_widths(DESIGN, ANSWERS, SHARE, np.zeros(3, dtype=int))
    assert province[0] < counties.min()


def test_a_stratum_without_cases_has_no_half_width():
    none = replace(DESIGN, sizes=np.array([0, 200, 50]))
    found = half_widths(none, ANSWERS, SHARE, np.array([0, 0, 1]))
    assert np.isnan(found[0])
    assert np.isfinite(found[1])


def test_a_case_is_worth_less_the_fewer_are_visited():
    whole = worth_of_case(ANSWERS, SHARE, np.ones((3, 3)))
    some = worth_of_case(ANSWERS, SHARE, RATES)
    unreached_left_out = worth_of_case(ANSWERS, SHARE, np.tile([1.0, 1.0, 0.0], (3, 1)))

    assert whole == pytest.approx(1)
    # .09 against .09 + .55 * 4 * q (1 - q) + .41 * q (1 - q).
    assert some == pytest.approx(0.09 / (0.09 + 0.55 * 4 * 0.01785 + 0.41 * 0.10708), rel=1e-3)
    assert unreached_left_out == pytest.approx(0.59)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: replace(ANSWERS, true=np.array([0.5, 0.0, 0.4])), "if true must add up to 1"),
        (lambda: replace(ANSWERS, untrue=np.array([0.5, 0.5])), "need a chance from 0 of each"),
        (lambda: ANSWERS.with_response(np.array([0.5, 1.5])), "response of stratum 1 .* got 1.5"),
        (lambda: ANSWERS.with_truth(np.array([-0.5])), "phone truth of stratum 0 .* got -0.5"),
        (lambda: replace(COSTS, visit=0.0), "must be above 0"),
    ],
)
def test_impossible_assumptions_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
