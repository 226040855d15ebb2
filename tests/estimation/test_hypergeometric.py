"""Tails and limits of many samples at once."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from estimation.hypergeometric import exact_limits, fail_probability, pass_probability, upper_tail


def samples(size, number=300):
    """Random x of n of N, K of them successes, with N up to *size*."""
    rng = np.random.default_rng(size)
    N = rng.integers(1, size, number)
    n = rng.integers(0, N + 1)
    K = np.minimum(rng.binomial(N, rng.choice([0.02, 0.5, 0.97], number)), N)
    return rng.hypergeometric(K, N - K, n), n, N, K


@pytest.mark.parametrize("size", [20, 2_000, 200_000])
def test_the_tails_of_many_samples_equal_scipys(size):
    x, n, N, K = samples(size)

    # Log-factorials of N lose some digits where N is large.
    assert upper_tail(x, n, N, K) == pytest.approx(hypergeom.sf(x - 1, N, K, n), rel=1e-7)


def test_a_tail_far_out_keeps_its_digits():
    # All of 100 sampled are successes, 500 of 1,000 in the frame: 500!/400! / (1000!/900!).
    exact = np.prod(np.arange(401.0, 501) / np.arange(901.0, 1001))

    assert upper_tail(100, 100, 1000, 500) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("size", [20, 2_000])
def test_a_target_at_the_edge_or_outside_needs_no_sample(size):
    x, n, N, _ = samples(size)
    zero = np.zeros_like(N)

    assert np.all(pass_probability(x, n, N, zero) == 0)
    assert np.all(pass_probability(x, n, N, N + 1) == 1)
    assert np.all(fail_probability(x, n, N, -1) == 1)
    assert np.all(fail_probability(x, n, N, N + 1) == 0)
    assert np.all(fail_probability(x, n, N, zero) == 1)


@pytest.mark.parametrize("mid_p", [False, True])
def test_limits_are_the_last_counts_that_the_sample_does_not_rule_out(mid_p):
    x, n, N, _ = samples(2_000)
    low, high = exact_limits(x, n, N, 0.95, mid_p=mid_p)

    def beyond(K, x):
        """P(X >= x), less half of P(X = x) for mid-p."""
        return hypergeom.sf(x - 1, N, K, n) - mid_p * hypergeom.pmf(x, N, K, n) / 2

    assert np.all(beyond(low, x) > 0.025)
    assert np.all(beyond(np.maximum(low - 1, 0), x)[low > x] <= 0.025)
    assert np.all(beyond(N - high, n - x) > 0.025)
    assert np.all(beyond(np.maximum(N - high - 1, 0), n - x)[N - high > n - x] <= 0.025)


def test_limits_of_one_sample_do_not_depend_on_the_others():
    x, n, N, _ = samples(2_000, 40)
    together = np.stack(exact_limits(x, n, N, 0.95), axis=1)

    for i, limits in enumerate(together):
        assert np.all(limits == np.ravel(exact_limits(x[i], n[i], N[i], 0.95)))


@pytest.mark.parametrize(
    ("x", "level", "words"),
    [
        ([3, 7], 0.95, "got 7 of 5 of 10 in sample number 1"),
        ([3, np.nan], 0.95, "got nan of 5 of 10 in sample number 1"),
        ([3, 2.5], 0.95, "got 2.5 of 5 of 10 in sample number 1"),
        ([3, 4], 1.5, "the level must lie between 0 and 1, got 1.5"),
        ([3, 4], 0, "the level must lie between 0 and 1, got 0"),
    ],
)
def test_impossible_samples_and_levels_are_refused(x, level, words):
    with pytest.raises(ValueError, match=words):
        exact_limits(x, [5, 5], [10, 10], level)
