"""Sizes within bounds, real and whole."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampling.bounded import best_sizes, whole_sizes
from tests.golden import expected

GOLDEN = expected("allocation")
BOX, ALLOC = GOLDEN["stratallo"], GOLDEN["strAlloc"]


@pytest.mark.parametrize(
    ("n", "lower", "upper", "answer"),
    [
        (BOX["n"], BOX["m"], BOX["M"], BOX["expected_box"]),
        (BOX["n_neyman"], 0, 1e9, BOX["expected_neyman"]),
        (BOX["n"], 0, BOX["M"], BOX["expected_upper"]),
        (BOX["n"], BOX["m"], 1e9, BOX["expected_lower"]),
    ],
    ids=["box", "neyman", "upper", "lower"],
)
def test_the_best_real_sizes_are_those_of_stratallo(n, lower, upper, answer):
    assert best_sizes(BOX["A"], n, lower, upper) == pytest.approx(answer, rel=1e-9)


@pytest.mark.parametrize(
    ("weights", "answer"),
    [
        (np.multiply(ALLOC["Nh"], ALLOC["Sh"]), ALLOC["neyman"]),
        (ALLOC["Nh"], ALLOC["prop"]),
    ],
    ids=["neyman", "prop"],
)
def test_the_best_real_sizes_are_those_of_practools(weights, answer):
    sizes = best_sizes(weights, ALLOC["n"], 0, 1e9)

    assert sizes == pytest.approx(answer["nh"], rel=1e-9)
    assert sizes / sizes.sum() == pytest.approx(answer["nh/n"], rel=1e-9)


def test_the_precision_of_neymans_sizes_is_that_of_practools():
    N, S = np.array(ALLOC["Nh"]), np.array(ALLOC["Sh"])
    n = best_sizes(N * S, ALLOC["n"], 0, 1e9)

    variance = ((N / N.sum()) ** 2 * (1 - n / N) * S**2 / n).sum()

    stated = ALLOC["neyman"]["anticipated SE of estimated mean"]
    assert np.sqrt(variance) == pytest.approx(stated, rel=1e-9)


def test_a_dear_stratum_gets_fewer_cases_and_the_money_is_spent():
    sizes = best_sizes([10, 10], 300, 0, 1e9, cost=[1, 4])

    assert sizes == pytest.approx([100, 50])  # 100 * 1 + 50 * 4


def test_strata_without_weight_take_only_what_the_others_cannot():
    assert best_sizes([5, 0], 12, 1, [8, 9]) == pytest.approx([8, 4])
    assert whole_sizes([5, 0], 12, 1, [8, 9]).tolist() == [8, 4]
    assert whole_sizes([5, 0], 6, 1, [8, 9]).tolist() == [5, 1]


def variance(weights, sizes):
    return sum(a * a / n for a, n in zip(weights, sizes, strict=True) if a)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 2), st.integers(2, 6)), min_size=1)
    .filter(lambda strata: len(strata) <= 4)
    .flatmap(lambda strata: st.tuples(st.just(strata), st.integers(1, 24)))
)
def test_no_other_whole_sizes_are_more_precise(drawn):
    strata, total = drawn
    weights, lower, upper = zip(*strata, strict=True)
    assume(sum(lower) <= total <= sum(upper))

    sizes = whole_sizes(weights, total, lower, upper)

    choices = product(*(range(a, b + 1) for a, b in zip(lower, upper, strict=True)))
    best = min(variance(weights, n) for n in choices if sum(n) == total)
    assert sizes.sum() == total
    assert np.all((sizes >= lower) & (sizes <= upper))
    assert variance(weights, sizes) == pytest.approx(best)


def test_every_stratum_gets_a_first_case_before_any_gets_many():
    assert whole_sizes([1000, 1000, 1], 3, 0, 50).tolist() == [1, 1, 1]


def test_whole_sizes_lie_next_to_the_real_ones_of_a_province():
    rng = np.random.default_rng(1)
    weights, N = rng.lognormal(0, 1, 474), rng.integers(50, 3000, 474)

    whole, real = whole_sizes(weights, 60_000, 20, N), best_sizes(weights, 60_000, 20, N)

    assert whole.sum() == 60_000
    assert np.abs(whole - real).max() < 1.01


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: best_sizes([1, 2], 3, 4, 9), "the minimum sizes need 8"),
        (lambda: whole_sizes([1, 2], 30, 4, 9), "all that may be taken is 18"),
        (lambda: best_sizes([1, -2], 3, 0, 9), "weight of stratum 1 cannot be -2"),
        (lambda: best_sizes([1, np.nan], 3, 0, 9), "weight of stratum 1 cannot be nan"),
        (lambda: best_sizes([1, 2], 3, 5, [9, 4]), "upper bound of stratum 1 cannot be 4"),
        (lambda: best_sizes([1, 2], 3, 0, 9, cost=[1, 0]), "cost of stratum 1 cannot be 0"),
        (lambda: best_sizes([], 0, 0, 9), "one weight for each stratum"),
        (lambda: best_sizes([1, 2], 3, [0, 0, 0], 9), "must have the shape"),
    ],
)
def test_what_cannot_be_is_refused_with_the_numbers(call, words):
    with pytest.raises(ValueError, match=words):
        call()
