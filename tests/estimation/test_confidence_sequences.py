"""Confidence sequences: against the authors' code, and their coverage over all orders, exactly."""

from itertools import product

import numpy as np
import pytest

from estimation.confidence_sequences import (
    betting_capital,
    betting_limits,
    prior_posterior_limits,
)
from tests import golden

CASES = golden.expected("betting_cs_wor")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"N={case['N']}")
def test_betting_limits_equal_those_of_confseq_on_its_grid(case):
    x, N, breaks = np.array(case["x"]), case["N"], case["breaks"]
    shares = np.arange(0, 1 + 1 / breaks, step=1 / breaks)
    inside = betting_capital(x, N, N * shares, case["alpha"]) <= np.log(1 / case["alpha"])
    # That code widens the limits by one break, then cuts off what the counts exclude.
    low = shares[inside.argmax(axis=0)] - 1 / breaks
    high = shares[len(shares) - 1 - inside[::-1].argmax(axis=0)] + 1 / breaks
    low = np.maximum.accumulate(np.maximum(low, np.cumsum(x) / N))
    high = np.minimum.accumulate(np.minimum(high, 1 - np.cumsum(1 - x) / N))

    assert low[19::20] == pytest.approx(np.array(case["lower_every20"]), rel=1e-9)
    assert high[19::20] == pytest.approx(np.array(case["upper_every20"]), rel=1e-9)

    # Whole persons need no grid and no widening.
    fewest, most = betting_limits(x, N, 1 - case["alpha"])
    assert np.all(fewest[19::20] >= low[19::20] * N - 1e-9)
    assert np.all(most[19::20] <= high[19::20] * N + 1e-9)
    assert np.all(np.abs(fewest[19::20] - low[19::20] * N) <= 1.001)


def test_betting_limits_hold_at_all_looks_for_at_least_the_level_of_all_orders():
    N, level = 10, 0.8
    orders = np.array(list(product((0, 1), repeat=N)))
    ends = np.array([betting_limits(order, N, level) for order in orders])
    ones = orders.sum(axis=1)
    held = ((ends[:, 0] <= ones[:, None]) & (ends[:, 1] >= ones[:, None])).all(axis=1)

    coverage = [held[ones == K].mean() for K in range(N + 1)]
    assert min(coverage) >= level
    # It excludes something: not every set is the whole range.
    assert min(coverage) < 1


def test_prior_posterior_limits_hold_at_all_looks_exactly():
    N, level = 60, 0.95
    outside = np.zeros((N + 1, N + 1, N + 1), dtype=bool)  # truth, rows, achieved
    for n in range(N + 1):
        for x in range(n + 1):
            (low,), (high,) = prior_posterior_limits([x], [n], N, level)
            outside[:low, n, x] = outside[high + 1 :, n, x] = True

    missed = [probability_of_ever(N, K, outside[K]) for K in range(N + 1)]
    assert 0.002 < max(missed) <= 1 - level


def probability_of_ever(N, K, out):
    """The probability that x achieved of n drawn ever lies *out*, by (n, x), exactly."""
    x, p, ever = np.arange(N + 1), np.zeros(N + 1), 0.0
    p[0] = 1
    for n in range(1, N + 1):
        hit = p * np.clip((K - x) / (N - n + 1), 0, 1)
        p = p - hit
        p[1:] += hit[:-1]
        ever += p[out[n]].sum()
        p[out[n]] = 0
    return ever


def test_prior_posterior_limits_narrow_and_end_at_the_truth():
    x = np.array([19, 39, 58, 97])
    low, high = prior_posterior_limits(x, [20, 40, 60, 100], 100)

    assert np.all(np.diff(low) >= 0)
    assert np.all(np.diff(high) <= 0)
    assert (low[-1], high[-1]) == (97, 97)
    # The prior weighs each K alike: by hand for one row, 1/101 against (K/100) * (2/101)...
    (low,), (high,) = prior_posterior_limits([1], [1], 100)
    assert (low, high) == (3, 100)  # 0.5 < 20 * K/100 from K = 3


def test_before_any_row_everything_is_possible():
    (low,), (high,) = prior_posterior_limits([0], [0], 50)
    assert (low, high) == (0, 50)
    assert [len(ends) for ends in betting_limits([], 50)] == [0, 0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: prior_posterior_limits([3], [2], 10), "0 <= x <= n"),
        (lambda: prior_posterior_limits([1], [11], 10), "n <= 10"),
        (lambda: prior_posterior_limits([1, 2], [2], 10), "equal 1-d shapes"),
        (lambda: prior_posterior_limits([0.5], [2], 10), "whole numbers"),
        (lambda: prior_posterior_limits([3, 2], [4, 5], 10), "order of calling"),
        (lambda: prior_posterior_limits([1], [2], 10, level=1), "alpha"),
        (lambda: betting_limits([0, 2], 10), "zeros and ones"),
        (lambda: betting_limits([1] * 11, 10), "at most 10"),
        (lambda: betting_limits([[1]], 10), "zeros and ones"),
        (lambda: betting_limits([1], 10, level=0), "alpha"),
    ],
)
def test_impossible_numbers_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
