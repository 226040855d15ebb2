"""Naming and worklists keep their promise over many regions."""

from itertools import combinations

import numpy as np
import pytest

from estimation.hypergeometric import fail_probability
from estimation.multiplicity import METHODS, adjust, name_failing, worklist
from tests import golden

R = golden.expected("padjust")


@pytest.mark.parametrize("method", list(R["expected"]))
def test_adjusted_p_values_equal_those_of_rs_p_adjust(method):
    assert adjust(R["p"], method) == pytest.approx(np.array(R["expected"][method]), rel=1e-9)
    assert set(R["expected"]) == set(METHODS)


def closed(p, of_set):
    """The largest p-value of the sets of tests that each test belongs to."""
    largest = np.zeros(len(p))
    for size in range(1, len(p) + 1):
        for chosen in map(list, combinations(range(len(p)), size)):
            largest[chosen] = np.maximum(largest[chosen], of_set(np.sort(p[chosen])))
    return largest


@pytest.mark.parametrize(
    ("method", "of_set"),
    [
        ("holm", lambda p: min(len(p) * p[0], 1)),
        ("hommel", lambda p: np.min(len(p) * p / np.arange(1, len(p) + 1))),
    ],
)
def test_holm_closes_bonferroni_and_hommel_closes_simes(method, of_set):
    rng = np.random.default_rng(8)
    for _ in range(25):
        p = rng.choice([rng.random(6), rng.random(6) ** 4]).round(3)
        assert adjust(p, method) == pytest.approx(closed(p, of_set))


@pytest.mark.parametrize("method", list(METHODS))
def test_no_test_is_not_counted_and_a_single_test_needs_no_adjustment(method):
    p = np.array([0.03, np.nan, 0.2, 0.01, np.nan])

    adjusted = adjust(p, method)

    assert np.array_equal(np.isnan(adjusted), np.isnan(p))
    assert adjusted[[0, 2, 3]] == pytest.approx(adjust([0.03, 0.2, 0.01], method))
    assert adjust([0.04], method).tolist() == [0.04]
    assert adjust([], method).tolist() == []


def test_named_are_those_that_stand_after_holm_and_listed_those_after_benjamini_hochberg():
    p = [0.5, 0.02, np.nan, 0.001, 0.012]

    assert name_failing(p, 0.05).tolist() == [False, True, False, True, True]
    assert name_failing(p, 0.03).tolist() == [False, False, False, True, False]
    assert worklist(p, 0.03).tolist() == [3, 4, 1]
    assert worklist([0.9, np.nan], 0.05).tolist() == []


@pytest.mark.parametrize(
    ("p", "method", "words"),
    [
        ([0.1, 1.2], "holm", "number 1 must lie in"),
        ([-0.1], "BH", "number 0 must lie in"),
        ([[0.1]], "holm", "shape"),
        ([0.1], "sidak", "known are bonferroni"),
    ],
)
def test_impossible_p_values_and_methods_are_refused(p, method, words):
    with pytest.raises(ValueError, match=words):
        adjust(p, method)


@pytest.mark.parametrize("rule", [name_failing, worklist])
@pytest.mark.parametrize("risk", [0, 1, float("nan")])
def test_impossible_risks_are_refused(rule, risk):
    with pytest.raises(ValueError, match="between 0 and 1"):
        rule([0.1], risk)


@pytest.mark.parametrize("sampled", [60, 120, 240])
def test_raw_naming_wrongs_somebody_nearly_always_and_holm_hardly_ever(sampled):
    rng, N, T, runs = np.random.default_rng(sampled), 2000, 1800, 400
    # 40 counties of 158 fail by 2 to 20 points; of the others 40 just reach their target.
    completed = np.concatenate([rng.integers(1400, 1760, 40), [T] * 40, rng.integers(T, N, 78)])
    fails = completed < T
    x = rng.hypergeometric(completed, N - completed, sampled, size=(runs, 158))
    p = fail_probability(x, sampled, N, T)

    named = np.array([name_failing(row, 0.05) for row in p])
    raw, listed = p <= 0.05, np.zeros_like(named)
    for row, run in zip(p, listed, strict=True):
        run[worklist(row, 0.05)] = True

    def any_wrong(found):
        return (found & ~fails).any(axis=1).mean()

    def power(found):
        return found[:, fails].mean()

    false_share = (listed & ~fails).sum(axis=1) / np.maximum(listed.sum(axis=1), 1)
    assert any_wrong(raw) > 0.5
    assert any_wrong(named) <= 0.05  # the measured chance is under .02, its error under .01
    assert false_share.mean() <= 0.05
    assert power(named) < power(listed) < power(raw)
