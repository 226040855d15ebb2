import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampling import allocation

POPULATION = {"a": 1000, "b": 300, "c": 12}


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


@settings(deadline=None)
@given(
    st.dictionaries(st.text(min_size=1), st.integers(0, 500), min_size=1, max_size=12),
    st.integers(0, 4000),
    st.integers(0, 30),
)
def test_the_total_is_spread_whole_and_within_bounds(population, total, minimum):
    lower = sum(min(minimum, N) for N in population.values())
    assume(lower <= total <= sum(population.values()))

    for spread in (allocation.equal, allocation.proportional):
        sizes = spread(population, total, minimum=minimum)
        assert sum(sizes.values()) == total
        assert all(min(minimum, N) <= sizes[s] <= N for s, N in population.items())


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: allocation.equal(POPULATION, 30, minimum=20), "needs 52"),
        (lambda: allocation.proportional(POPULATION, 2000), "the frame has 1312"),
        (lambda: allocation.equal(POPULATION, 100, minimum=-1), "minimum must be 0"),
        (lambda: allocation.equal({"a": -3}, 0), "'a'"),
        (lambda: allocation.given(POPULATION, {"d": 4}), "'d' is not in the frame"),
        (lambda: allocation.given(POPULATION, {"a": -4}), "'a'"),
    ],
)
def test_impossible_sizes_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
