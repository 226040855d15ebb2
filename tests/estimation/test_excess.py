"""The exact tests against scipy for one stratum and against enumeration for several."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from estimation.excess import more_often_than_others, more_than_expected


@pytest.mark.parametrize("table", [(9, 10, 40, 80), (0, 5, 3, 5), (5, 5, 0, 9), (3, 3, 7, 7)])
def test_one_stratum_is_fishers_exact_test(table):
    hits, tries, others, other_tries = table
    cross = [[hits, tries - hits], [others, other_tries - others]]

    found = more_often_than_others([hits], [tries], [others], [other_tries])

    assert found == pytest.approx(stats.fisher_exact(cross, alternative="greater").pvalue)


def test_several_strata_add_up_as_by_enumeration():
    hits, tries, others, other_tries = (2, 4), (3, 5), (1, 3), (4, 6)
    parts = [
        stats.hypergeom(n + m, x + o, n)
        for x, n, o, m in zip(hits, tries, others, other_tries, strict=True)
    ]
    expected = sum(
        parts[0].pmf(a) * parts[1].pmf(b)
        for a, b in product(range(4), range(6))
        if a + b >= sum(hits)
    )

    assert more_often_than_others(hits, tries, others, other_tries) == pytest.approx(expected)


def test_a_stratum_in_which_everybody_says_yes_is_no_evidence():
    alone = more_often_than_others([8], [10], [40], [80])

    assert more_often_than_others([8, 7], [10, 7], [40, 9], [80, 9]) == pytest.approx(alone)


def test_binomials_with_their_own_chances():
    hits, tries, chance = (3, 2), (5, 4), (0.2, 0.5)
    first, second = stats.binom(5, 0.2).pmf(range(6)), stats.binom(4, 0.5).pmf(range(5))

    found = more_than_expected(hits, tries, chance)

    assert found == pytest.approx(np.convolve(first, second)[5:].sum())


def test_certain_and_impossible_days():
    assert more_than_expected([4, 0], [4, 3], [1, 0]) == pytest.approx(1)
    assert more_than_expected([1], [3], [0]) == 0


def test_under_equal_rates_the_test_keeps_its_risk():
    rng = np.random.default_rng(2)
    tests = [
        more_often_than_others([own], [15], [rest], [60])
        for own, rest in zip(rng.binomial(15, 0.8, 2000), rng.binomial(60, 0.8, 2000), strict=True)
    ]

    assert np.mean(np.array(tests) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


@pytest.mark.parametrize(
    "arguments", [([3], [2], [0], [1]), ([1, 1], [2], [0], [1]), ([0.5], [2], [0], [1])]
)
def test_impossible_counts_are_refused(arguments):
    with pytest.raises(ValueError, match=r"hits|shape"):
        more_often_than_others(*arguments)


def test_a_probability_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="probabilities"):
        more_than_expected([1], [2], [1.5])
