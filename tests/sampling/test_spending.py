"""Spending a budget on choices."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.spending import Choices, spend


def choices(gain, cost, group=None):
    gain = np.array(gain, dtype=float)
    group = np.zeros(gain.shape[1], dtype=int) if group is None else np.array(group)
    return Choices(gain, np.array(cost, dtype=float), group)


def test_money_goes_where_it_gains_most():
    one_way = choices([[[0, 1.0], [0, 0.2], [0, 0.9]]], [[[1, 5], [1, 5], [1, 5]]])

    way, size = spend(one_way, 11)

    assert way.tolist() == [0]
    assert size.tolist() == [1, 0, 1]


def test_a_stratum_leaps_over_sizes_that_gain_nothing():
    # Nothing up to 9, then everything: no slope at the beginning would lead there.
    leap = choices([[[0, 0, 0, 1.0], [0, 0.1, 0.15, 0.2]]], [[[1, 3, 6, 9], [1, 3, 6, 9]]])

    assert spend(leap, 10)[1].tolist() == [3, 0]


def test_a_group_shares_one_way_of_working():
    # The second way is better for stratum 0 alone; together with stratum 1 the first wins.
    gain = [[[0.5, 0.6], [0.5, 0.6]], [[0.9, 0.9], [0.0, 0.0]]]
    cost = np.ones((2, 2, 2))

    assert spend(choices(gain, cost, [0, 0]), 2)[0].tolist() == [0]
    assert spend(choices(gain, cost, [0, 1]), 2)[0].tolist() == [1, 0]


def test_what_is_left_buys_single_steps():
    # Best at any price is 0 or 10; the 4 left over still buy the step to 3.
    lumpy = choices([[[0, 0.2, 1.0], [0, 0.2, 1.0]]], [[[1, 3, 10], [1, 3, 10]]])

    assert sorted(spend(lumpy, 14)[1].tolist()) == [1, 2]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_what_is_chosen_is_paid_for_and_hardly_anything_is_better(data):
    H, S = data.draw(st.integers(1, 4)), 4
    gain = np.sort(np.array(data.draw(numbers(H * S, 0, 1))).reshape(1, H, S), axis=2)
    cost = np.cumsum(np.array(data.draw(numbers(H * S, 1, 9))).reshape(1, H, S), axis=2)
    budget = data.draw(st.floats(float(cost[0, :, 0].sum()), 120))

    _, size = spend(Choices(gain, cost, np.zeros(H, dtype=int)), budget)

    at = np.arange(H)
    assert cost[0, at, size].sum() <= budget
    possible = [
        gain[0, at, each].sum()
        for each in map(np.array, product(range(S), repeat=H))
        if cost[0, at, each].sum() <= budget
    ]
    # No more is lost than one leap of one stratum.
    assert gain[0, at, size].sum() >= max(possible) - np.ptp(gain, axis=2).max() - 1e-9


def numbers(count, low, high):
    return st.lists(st.floats(low, high), min_size=count, max_size=count)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: spend(choices([[[0, 1]]], [[[7, 9]]]), 6),
            "minimum sizes cost 7, the budget is 6",
        ),
        (lambda: spend(choices([[[0, 1]]], [[[7, 0]]]), 6), "costs above 0"),
        (lambda: spend(choices([[[0, np.nan]]], [[[7, 9]]]), 6), "gains must be numbers"),
        (lambda: spend(choices([[[-np.inf] * 2]], [[[7, 9]]]), 6), "stratum 0 has no size"),
        (lambda: spend(choices([[[0, 1]]], [[[7, 9]]], [0, 1]), 6), r"need gains and costs"),
    ],
)
def test_impossible_choices_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
