"""Tests and bounds of a total over strata that hold whatever its division is."""

from itertools import product

import numpy as np
import pytest
from scipy.special import comb

from estimation.exact_strata import (
    StratumSamples,
    fisher_test,
    fisher_upper_bound,
    p_values,
    wendell_schmee_test,
    wendell_schmee_upper_bound,
    wright_upper_bound,
)
from estimation.hypergeometric import fail_probability, pass_probability
from tests import golden

PRINTED = golden.expected("stratified_exact")


def printed(case):
    return StratumSamples.of(case["found"], case["n_h"], case["N_h"])


@pytest.mark.parametrize("case", PRINTED["tests"], ids=lambda case: f"{case['N_h']}")
def test_p_values_equal_those_printed_by_stark_and_by_wendell_and_schmee(case):
    found = wendell_schmee_test(printed(case), case["good"])

    assert found.p_value == pytest.approx(case["p_ws"], rel=1e-9)
    assert found.p_value == pytest.approx(case["p_ws_published"], abs=5e-6)
    assert found.division == tuple(case["alloc_ws"])
    stark = fisher_test(printed(case), case["good"])
    assert stark.p_value == pytest.approx(case["p_fisher"], rel=1e-9)
    assert sum(stark.division) == case["good"]


@pytest.mark.parametrize("case", PRINTED["upper_bounds_95"])
def test_upper_bounds_equal_those_printed(case):
    assert wendell_schmee_upper_bound(printed(case), 0.05) == case["ws"]
    assert fisher_upper_bound(printed(case), 0.05) == case["fisher"]
    assert wright_upper_bound(printed(case), 0.05) == case["wright"]


@pytest.mark.parametrize("counts", [(0, 9, 40), (7, 9, 40), (9, 9, 40), (5, 40, 40)])
def test_in_one_stratum_both_tests_are_the_hypergeometric_one(counts):
    samples = StratumSamples.of(*([c] for c in counts))

    for total in range(41):
        expected = float(fail_probability(*counts, total))
        assert fisher_test(samples, total).p_value == pytest.approx(expected, abs=1e-12)
        assert wendell_schmee_test(samples, total).p_value == pytest.approx(expected, abs=1e-12)
        both = float(pass_probability(*counts, total)), expected
        assert p_values(samples, total) == pytest.approx(both, abs=1e-12)


def test_the_smallest_losses_first_find_the_worst_division():
    rng = np.random.default_rng(3)
    for _ in range(30):
        N = rng.integers(2, 9, 3)
        n = np.array([rng.integers(1, size) for size in N])
        x = np.array([rng.integers(0, size + 1) for size in n])
        samples = StratumSamples.of(x, n, N)
        total = int(rng.integers(x.sum(), N.sum() - (n - x).sum() + 1))

        stark = fisher_test(samples, total)

        alone = [
            fisher_test(StratumSamples.of(x[h : h + 1], n[h : h + 1], N[h : h + 1]), K).p_value
            for h in range(3)
            for K in range(9)
        ]
        each = np.log(np.maximum(np.reshape(alone, (3, 9)), 1e-300))
        every = [d for d in product(*(range(size + 1) for size in N)) if sum(d) == total]
        best = max(sum(each[h, K] for h, K in enumerate(d)) for d in every)
        own = sum(each[h, K] for h, K in enumerate(stark.division))
        assert own == pytest.approx(best)


@pytest.mark.parametrize(
    "bound", [fisher_upper_bound, wright_upper_bound, wendell_schmee_upper_bound]
)
def test_the_bound_holds_19_times_in_20_for_every_population(bound):
    N, n = np.array([8, 6]), np.array([4, 3])
    bounds = {
        x: bound(StratumSamples.of(x, n, N), 0.05)
        for x in product(range(n[0] + 1), range(n[1] + 1))
    }
    for K in product(range(N[0] + 1), range(N[1] + 1)):
        chance = sum(
            np.prod(
                [
                    comb(k, i) * comb(size - k, m - i) / comb(size, m)
                    for k, i, size, m in zip(K, x, N, n, strict=True)
                ]
            )
            for x, high in bounds.items()
            if high >= sum(K)
        )
        assert chance >= 0.95 - 1e-12


def test_a_bound_is_the_last_total_that_its_test_does_not_rule_out():
    samples = StratumSamples.of([3, 1], [20, 15], [60, 40])

    for bound, test in (
        (fisher_upper_bound, fisher_test),
        (wendell_schmee_upper_bound, wendell_schmee_test),
    ):
        high = bound(samples, 0.05)
        assert test(samples, high).p_value > 0.05 >= test(samples, high + 1).p_value


def test_a_census_and_an_unsampled_stratum_take_no_power_from_the_others():
    alone = StratumSamples.of([5], [50], [300])
    with_census = StratumSamples.of([5, 20], [50, 30], [300, 30])
    with_unsampled = StratumSamples.of([5, 0], [50, 0], [300, 30])

    high = fisher_upper_bound(alone, 0.05)

    assert fisher_upper_bound(with_census, 0.05) == high + 20
    assert fisher_upper_bound(with_unsampled, 0.05) == high + 30


def test_the_province_is_tested_by_starks_method_in_one_go():
    samples = StratumSamples.of([58] * 158, [60] * 158, [700] * 158)

    met, not_met = p_values(samples, 100_000)

    assert met < 1e-6 < not_met
    assert fisher_upper_bound(samples.mirrored(), 0.05) < 10_600


def test_what_would_not_finish_is_refused_with_its_numbers():
    many = StratumSamples.of([2] * 4, [50] * 4, [300] * 4)
    wide = StratumSamples.of([200] * 5, [400] * 5, [4000] * 5)

    with pytest.raises(ValueError, match=r"4,590,551 divisions of 300, with 165 .* 606,060"):
        wendell_schmee_test(many, 300)
    with pytest.raises(ValueError, match=r"[\d,]+ samples or more, where it takes .*use Stark's"):
        wendell_schmee_test(wide, 10_100)
    assert fisher_test(many, 300).p_value < 0.05


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (([1], [2, 3], [4, 5]), "equal shapes"),
        (([], [], []), "equal shapes"),
        (([1, 3], [2, 2], [4, 4]), "3, 2, 4 in stratum number 1"),
        (([1, 1], [2, 5], [4, 4]), "1, 5, 4 in stratum number 1"),
        (([-1], [2], [4]), "stratum number 0"),
        (([float("nan")], [2], [4]), "stratum number 0"),
        (([1], [2.5], [4]), "stratum number 0"),
    ],
)
def test_impossible_counts_are_refused(counts, words):
    with pytest.raises(ValueError, match=words):
        StratumSamples.of(*counts)


def test_an_impossible_risk_and_a_stratum_without_a_sample_are_refused():
    samples = StratumSamples.of([1, 0], [2, 0], [4, 4])

    for bound in (fisher_upper_bound, wright_upper_bound, wendell_schmee_upper_bound):
        with pytest.raises(ValueError, match="between 0 and 1"):
            bound(samples, 1.0)
    with pytest.raises(ValueError, match="none in stratum number 1"):
        wendell_schmee_test(samples, 3)
