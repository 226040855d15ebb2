import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampling import allocation
from tests.golden import expected

POPULATION = {"a": 1000, "b": 300, "c": 12}
SPREAD = {"a": 0.3, "b": 0.4, "c": 0.2}


def test_proportional_sizes_follow_the_strata_by_largest_remainders():
    # 100 of 1312: 76.22, 22.87, 0.91; the two largest remainders get the rows left over.
    assert allocation.proportional(POPULATION, 100) == {"a": 76, "b": 23, "c": 1}


def test_a_small_stratum_gets_the_minimum_or_is_taken_whole():
    # 68 and 20.4 of the 88 rows that the whole stratum leaves.
    assert allocation.proportional(POPULATION, 100, minimum=20) == {"a": 68, "b": 20, "c": 12}
    assert allocation.equal(POPULATION, 100, minimum=20) == {"a": 44, "b": 44, "c": 12}


def test_given_sizes_are_raised_to_the_minimum_and_capped_at_the_stratum():
    assert allocation.given(POPULATION, {"a": 50, "c": 40}, minimum=20) == {
        "a": 50,
        "b": 20,
        "c": 12,
    }


def test_neymans_sizes_are_practools_in_whole_numbers():
    book = expected("allocation")["strAlloc"]
    names = [f"h{i}" for i in range(6)]
    population = dict(zip(names, book["Nh"], strict=True))

    sizes = allocation.neyman(population, dict(zip(names, book["Sh"], strict=True)), book["n"])

    assert sum(sizes.values()) == book["n"]
    assert list(sizes.values()) == pytest.approx(book["neyman"]["nh"], abs=1)


def test_neyman_calls_more_where_people_differ_more():
    # 1000 * .3, 300 * .4 and 12 * .2 are 300, 120 and 2.4: of 100, 71.0, 28.4 and 0.6.
    assert allocation.neyman(POPULATION, SPREAD, 100) == {"a": 71, "b": 28, "c": 1}
    assert allocation.neyman(POPULATION, SPREAD, 100, minimum=10) == {"a": 64, "b": 26, "c": 10}


def test_money_buys_fewer_of_the_dear_cases_and_is_not_overspent():
    cost = {"a": 1.0, "b": 4.0, "c": 1.0}

    sizes = allocation.neyman_within_budget(POPULATION, SPREAD, cost, 200.0)

    spent = sum(cost[s] * n for s, n in sizes.items())
    assert 196 < spent <= 200
    # 300 / 1 to 120 / 2 is 5 to 1.
    assert sizes["a"] / sizes["b"] == pytest.approx(5, rel=0.05)


def test_money_for_everybody_takes_everybody():
    cost = dict.fromkeys(POPULATION, 2.0)
    assert allocation.neyman_within_budget(POPULATION, SPREAD, cost, 1e6) == POPULATION


def test_a_power_of_the_size_lies_between_equal_and_proportional_sizes():
    assert allocation.power(POPULATION, 90, exponent=0) == {"a": 39, "b": 39, "c": 12}
    assert allocation.power(POPULATION, 131, exponent=1) == {"a": 100, "b": 30, "c": 1}
    # 1000**.3, 300**.3 and 12**.3 are 7.94, 5.53 and 2.11: of 77, 39.3, 27.3 and 10.4.
    assert allocation.power(POPULATION, 77) == {"a": 39, "b": 28, "c": 10}
    assert allocation.power(POPULATION, 78, deviation=SPREAD)["b"] > 30


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(st.text(min_size=1), st.integers(0, 500), min_size=1, max_size=12),
    st.integers(0, 4000),
    st.integers(0, 30),
)
def test_the_total_is_spread_whole_and_within_bounds(population, total, minimum):
    lower = sum(min(minimum, N) for N in population.values())
    assume(lower <= total <= sum(population.values()))
    deviation = dict.fromkeys(population, 0.3)

    for sizes in (
        allocation.equal(population, total, minimum=minimum),
        allocation.proportional(population, total, minimum=minimum),
        allocation.power(population, total, minimum=minimum),
        allocation.neyman(population, deviation, total, minimum=minimum),
    ):
        assert sum(sizes.values()) == total
        assert all(min(minimum, N) <= sizes[s] <= N for s, N in population.items())


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.text(min_size=1),
        st.tuples(st.integers(1, 500), st.floats(0, 0.5), st.floats(0.5, 200)),
        min_size=1,
        max_size=12,
    ),
    st.floats(1, 30_000),
)
def test_no_more_than_the_budget_is_spent(strata, budget):
    population = {s: N for s, (N, _, _) in strata.items()}
    deviation = {s: S for s, (_, S, _) in strata.items()}
    cost = {s: c for s, (_, _, c) in strata.items()}

    sizes = allocation.neyman_within_budget(population, deviation, cost, budget)

    assert sum(cost[s] * n for s, n in sizes.items()) <= budget + 1e-6
    assert all(0 <= sizes[s] <= N for s, N in population.items())
    assert not any(np.isnan(list(sizes.values())))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: allocation.equal(POPULATION, 30, minimum=20), "needs 52"),
        (lambda: allocation.proportional(POPULATION, 2000), "the frame has 1312"),
        (lambda: allocation.equal(POPULATION, 100, minimum=-1), "minimum must be 0"),
        (lambda: allocation.equal({"a": -3}, 0), "'a'"),
        (lambda: allocation.given(POPULATION, {"d": 4}), "'d' is not in the frame"),
        (lambda: allocation.given(POPULATION, {"a": -4}), "'a'"),
        (lambda: allocation.neyman(POPULATION, {"a": 1, "b": 1}, 9), "'c' has no deviation"),
        (lambda: allocation.neyman(POPULATION, SPREAD | {"b": -1}, 9), "'b' cannot be -1"),
        (lambda: allocation.power(POPULATION, 9, exponent=2), "between 0 and 1, got 2"),
        (
            lambda: allocation.neyman_within_budget(POPULATION, SPREAD, SPREAD | {"b": 0}, 9),
            "cost of stratum 'b' must be above 0",
        ),
        (
            lambda: allocation.neyman_within_budget(
                POPULATION, SPREAD, dict.fromkeys(POPULATION, 10.0), 99, minimum=5
            ),
            "cannot spend 99: the minimum sizes need 150",
        ),
    ],
)
def test_impossible_sizes_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
