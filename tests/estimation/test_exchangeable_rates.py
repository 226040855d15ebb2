"""Rates learn from each other as much as they are alike."""

import numpy as np
import pytest

from estimation.exchangeable_rates import RatePosterior, hyperposterior


def moments(prior):
    mean = prior.probability @ prior.mean
    spread = prior.probability @ prior.size**-0.5
    return mean, spread


@pytest.mark.parametrize(("mean", "size"), [(0.95, 40.0), (0.5, 4.0), (0.985, 60.0)])
def test_mean_and_size_are_found_from_many_rates(mean, size):
    rng = np.random.default_rng(6)
    rates = rng.beta(mean * size, (1 - mean) * size, 400)
    rows = np.full(400, 100.0)

    prior = hyperposterior(rng.binomial(100, rates).astype(float), rows)

    assert prior.probability.sum() == pytest.approx(1)
    assert moments(prior) == pytest.approx((mean, size**-0.5), rel=0.15)


def test_a_place_is_drawn_towards_the_others_the_less_the_more_rows_it_has():
    achieved = np.array([60.0, 600.0] + [95.0] * 30)
    rows = np.array([100.0, 1000.0] + [100.0] * 30)

    drawn = RatePosterior.of(achieved, rows, np.zeros(32, dtype=np.int64)).draw(
        4000, np.random.default_rng(1)
    )

    few, many, other = drawn.mean(axis=0)[:3]
    assert 0.6 < many < few < 0.8
    assert other == pytest.approx(0.95, abs=0.01)


def test_groups_do_not_learn_from_each_other():
    achieved, rows = np.array([50.0] * 8 + [0.0] * 8), np.array([50.0] * 16)
    group = np.repeat([0, 1], 8)

    drawn = RatePosterior.of(achieved, rows, group).draw(2000, np.random.default_rng(1))

    assert drawn[:, :8].mean() > 0.99
    assert drawn[:, 8:].mean() < 0.01
    assert np.all((drawn >= 0) & (drawn <= 1))


def test_without_any_rows_the_prior_remains():
    prior = hyperposterior(np.zeros(0), np.zeros(0))

    assert moments(prior) == pytest.approx((0.5, 0.5), abs=0.01)
