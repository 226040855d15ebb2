"""Kappa and its bounds on tables whose answers are known."""

import numpy as np
import pytest
from scipy import stats

from estimation.agreement import FEW, agreement


def pairs(table):
    """Two readings whose cross table is *table*."""
    rows = [(i, j) for i, line in enumerate(table) for j, n in enumerate(line) for _ in range(n)]
    return [i for i, _ in rows], [j for _, j in rows]


def test_kappa_takes_off_what_chance_gives():
    found = agreement(*pairs([[20, 5], [10, 15]]))  # p_o = .7, p_e = .5 by the margins

    assert (found.pairs, found.equal) == (50, 35)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)


def test_opposite_readings_agree_less_than_chance():
    assert agreement(*pairs([[0, 10], [10, 0]])).kappa == pytest.approx(-1)


def test_equal_readings_agree_wholly_whatever_the_labels_are():
    found = agreement([("1", "3"), ("2",), ("2",)], [("1", "3"), ("2",), ("2",)])

    assert (found.share, found.kappa) == (1, 1)


def test_one_answer_throughout_has_no_kappa():
    found = agreement(["1"] * 30, ["1"] * 30)

    assert found.share == 1
    assert found.kappa is None


def test_kappa_does_not_depend_on_the_order_of_pairs():
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    shuffled = rng.permutation(40)

    assert agreement(list(first), list(second)).kappa == pytest.approx(
        agreement(list(first[shuffled]), list(second[shuffled])).kappa
    )


def test_the_limits_are_those_of_the_binomial():
    found = agreement(*pairs([[20, 5], [10, 15]]))
    exact = stats.binomtest(35, 50).proportion_ci(0.95, method="exact")

    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))
    assert agreement([1], [1]).high == 1
    assert agreement([1], [2]).low == 0


def test_few_pairs_are_marked():
    assert agreement(["1"] * (FEW - 1), ["1"] * (FEW - 1)).few
    assert not agreement(["1"] * FEW, ["1"] * FEW).few


@pytest.mark.parametrize(
    ("first", "second", "level"), [([], [], 0.95), ([1], [1, 2], 0.95), ([1], [1], 1)]
)
def test_what_cannot_be_compared_is_refused(first, second, level):
    with pytest.raises(ValueError, match=r"need two readings|level"):
        agreement(first, second, level=level)
