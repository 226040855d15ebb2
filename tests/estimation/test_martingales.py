"""ALPHA against the authors' code, the printed simulations and the exact distribution."""

import os
from itertools import combinations

import numpy as np
import pytest

from estimation.martingales import alpha_evidence
from tests import golden

SHANGRLA = golden.expected("alpha_mart_shangrla")["cases"]
PUBLISHED = golden.expected("alpha_published")["results_a"]
SETTINGS = [
    (float(share), float(expected), int(weight))
    for share, guesses in PUBLISHED.items()
    for expected, weights in guesses.items()
    for weight in weights
]
QUICK = [(0.64, 0.55, 10), (0.64, 0.55, 1000), (0.64, 0.7, 100)]
BAR = np.log(20)


@pytest.mark.parametrize("case", SHANGRLA, ids=lambda case: f"N={case['N']}")
def test_evidence_equals_that_of_shangrla(case):
    most = round(case["N"] * case["t"])
    evidence = alpha_evidence(case["x"], case["N"], most, expected=case["eta"], weight=case["d"])
    p = np.minimum(1, np.exp(-evidence))

    assert p.min() == pytest.approx(case["p"], rel=1e-9)
    assert p[9::10] == pytest.approx(np.array(case["p_history_every10"]), rel=1e-9)


def draws(rng, samples, columns, N, achieved, before=None):
    """Zeros and ones drawn without replacement, after those drawn *before*."""
    start = 0 if before is None else before.shape[1]
    x = np.zeros((samples, columns), dtype=np.int8)
    x[:, :start] = before if start else 0
    left = achieved - x.sum(axis=1, dtype=np.int64)
    for j in range(start, columns):
        x[:, j] = rng.random(samples) * (N - j) < left
        left -= x[:, j]
    return x


def mean_rows(share, expected, weight, *, samples, N=20_000):
    """The rows until ALPHA shows that more than half of N are ones, on average over samples."""
    rng, total = np.random.default_rng(2023), 0
    for _ in range(samples // 2000):
        x = None
        for columns in (128, 512, 2048, 8192, N):
            x = draws(rng, 2000 if x is None else len(x), columns, N, int(N * share), x)
            crossed = alpha_evidence(x, N, N // 2, expected=expected, weight=weight) >= BAR
            found = crossed.any(axis=1)
            total += (crossed[found].argmax(axis=1) + 1).sum()
            x = x[~found]
            if not len(x):
                break
    return total / samples


def published(share, expected, weight):
    return PUBLISHED[f"{share:g}"][f"{expected:g}"][str(weight)]["rej_N"]


@pytest.mark.parametrize("setting", QUICK, ids=str)
def test_mean_rows_equal_those_printed_in_stark_2023(setting):
    assert mean_rows(*setting, samples=20_000) == pytest.approx(published(*setting), rel=0.01)


@pytest.mark.benchmark
@pytest.mark.skipif("HEYAN_ALL_SETTINGS" not in os.environ, reason="minutes: HEYAN_ALL_SETTINGS=1")
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_mean_rows_equal_those_printed_for_every_setting(setting):
    assert mean_rows(*setting, samples=100_000) == pytest.approx(published(*setting), rel=0.01)


def every_order(N, ones):
    return np.array([np.isin(np.arange(N), places) for places in combinations(range(N), ones)])


@pytest.mark.parametrize("alpha", [0.05, 0.2])
@pytest.mark.parametrize("ones", [11, 12, 13])
def test_a_true_hypothesis_is_rejected_at_most_at_the_risk_over_all_orders(ones, alpha):
    # At most 13 of 16: every order of the draws, looked at after each, to the census.
    evidence = alpha_evidence(every_order(16, ones), 16, 13, expected=0.95, weight=20)

    ever = (evidence >= -np.log(alpha)).any(axis=1).mean()
    assert ever <= alpha
    assert np.exp(evidence[:, 7]).mean() <= 1 + 1e-12


def test_a_census_never_proves_a_true_hypothesis_wrong():
    # Shares compared as floats do: N times the share is not the whole number it stands for.
    for N, most in [(300, 270), (300, 87), (49, 29)]:
        ones_first = (np.arange(N) < most).astype(int)
        for order in (ones_first, ones_first[::-1]):
            assert not np.isposinf(alpha_evidence(order, N, most, expected=0.99)).any()


def test_more_ones_than_allowed_prove_and_too_many_zeros_disprove():
    evidence = alpha_evidence([1, 1, 1, 0, 1], 6, 3, expected=0.9)
    assert np.isposinf(evidence).tolist() == [False, False, False, False, True]

    evidence = alpha_evidence([0, 0, 0, 0, 1], 6, 3, expected=0.9)
    assert np.isneginf(evidence).tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"draws": [0, 2]}, "zeros and ones"),
        ({"draws": [0, np.nan]}, "zeros and ones"),
        ({"draws": [0] * 11}, "at most 10"),
        ({"most": 10}, "most < N"),
        ({"expected": 0.5}, "need"),
        ({"weight": 0}, "weight"),
    ],
)
def test_impossible_numbers_are_refused(numbers, words):
    given = {"draws": [1, 0], "N": 10, "most": 6, "expected": 0.9} | numbers
    with pytest.raises(ValueError, match=words):
        alpha_evidence(**given)
