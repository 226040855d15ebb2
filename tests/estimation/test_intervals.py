import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaincinv, stdtrit

from estimation.hypergeometric import exact_limits, fail_probability, pass_probability, upper_tail
from estimation.intervals import ADDED_FAILURE, INTERVALS, Precision, interval_method, share_limits
from tests import golden

CASES = golden.expected("hypergeom_ci")["phyper_inversion"]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda c: f"{c['x']} of {c['n']} of {c['N']}")
def test_exact_limits_equal_the_inversion_of_rs_phyper(case):
    counts = case["x"], case["n"], case["N"]

    def limits(level, *, mid_p=False):
        return [int(end[0]) for end in exact_limits(*counts, level, mid_p=mid_p)]

    assert limits(case["level"]) == case["exact"]
    assert limits(case["level"], mid_p=True) == case["midp"]
    assert limits(0.90) == [case["lower_1sided"], case["upper_1sided"]]


@pytest.mark.parametrize("case", CASES["pvalues"])
def test_tail_probabilities_equal_those_of_r(case):
    counts = case["x"], case["n"], case["N"], case["target"]

    assert pass_probability(*counts) == pytest.approx(case["p_pass_H0_K_lt_T"], rel=1e-9)
    assert fail_probability(*counts) == pytest.approx(case["p_fail_H0_K_ge_T"], rel=1e-9)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_exact_limits_hold_what_was_seen_and_a_census_is_certain(x, missed, unseen):
    n, N = x + missed, x + missed + unseen
    exact = [int(end[0]) for end in exact_limits(x, n, N, 0.95)]
    mid_p = [int(end[0]) for end in exact_limits(x, n, N, 0.95, mid_p=True)]

    assert x <= exact[0] <= mid_p[0] <= mid_p[1] <= exact[1] <= N - missed
    if not unseen:
        assert exact == [x, x]


def test_exact_limits_cover_whatever_the_truth_is():
    # All samples of 12 in 30, for every number of successes: coverage must reach the level.
    x = np.arange(13)
    low, high = exact_limits(x, np.full(13, 12), np.full(13, 30), 0.95)
    for K in range(31):
        p = [upper_tail(i, 12, 30, K) - upper_tail(i + 1, 12, 30, K) for i in range(13)]
        assert np.sum(p, where=(low <= K) & (high >= K)) >= 0.95 - 1e-12


@pytest.mark.parametrize("counts", [(3, 2, 10), (1, 5, 4), (-1, 2, 4), ([1, 2], [2], [4])])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="need"):
        exact_limits(*counts, 0.95)


@pytest.mark.parametrize(
    ("reference", "table", "level"),
    [
        ("apistrat", "ciprop95", 0.95),
        ("apistrat", "ciprop90", 0.90),
        ("apistrat_nofpc", "ciprop95", 0.95),
    ],
)
@pytest.mark.parametrize(
    ("name", "of_r"),
    [
        ("korn_graubard", "beta"),
        ("wilson", "wilson"),
        ("logit", "xlogit"),
        ("arcsine", "asin"),
        ("wald", "mean"),
    ],
)
def test_intervals_of_shares_equal_those_of_r(reference, table, level, name, of_r):
    r = golden.expected(reference)["expected"][table]
    # The reference prints no standard error of the share; its Wald interval has one in it.
    low, high = r["mean"]["ci"]
    t = -stdtrit(197, (1 - level) / 2)
    parts = r["mean"]["estimate"], ((high - low) / (2 * t)) ** 2, 200.0, 197.0, 1e9

    ends = share_limits(name, Precision(*(np.array([v]) for v in parts)), level)

    assert [end[0] for end in ends] == pytest.approx(r[of_r]["ci"], abs=1e-6)


def precision(share, variance, *, planned=100.0):
    return Precision(*(np.array([v]) for v in (share, variance, 100.0, 98.0, planned)))


@pytest.mark.parametrize("name", [n for n in INTERVALS if n != "wald"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_nothing_but_wald_takes_a_spotless_sample_for_certainty(name, share):
    low, high = share_limits(name, precision(share, 0.0), 0.95)

    assert 0 <= low[0] < high[0] <= 1
    assert low[0] <= share <= high[0]


@pytest.mark.parametrize("name", list(INTERVALS))
def test_a_census_has_no_width(name):
    low, high = share_limits(name, precision(0.5, 0.0, planned=np.inf), 0.95)

    assert low[0] == pytest.approx(0.5)
    assert high[0] == pytest.approx(0.5)


def test_a_capped_interval_ignores_a_variance_that_is_too_good():
    believed = share_limits("korn_graubard", precision(0.99, 1e-7), 0.95)
    capped = share_limits("korn_graubard_capped", precision(0.99, 1e-7), 0.95)

    assert believed[0] - capped[0] > 0.03


def test_every_interval_names_its_source():
    assert all(method.source for method in INTERVALS.values())
    with pytest.raises(ValueError, match="known are hypergeometric_mid_p"):
        interval_method("clopper")
    with pytest.raises(ValueError, match="between 0 and 1"):
        share_limits("wald", precision(0.5, 0.1), 1.0)


def test_the_added_row_of_a_simple_random_sample_is_a_row_more():
    x, n = np.array([0.0, 30.0, 38.0, 40.0]), 40.0
    p, same = x / n, np.full(4, n)
    precision = Precision(p, p * (1 - p) / n, same, same - 1, same)

    low, high = share_limits("added_row", precision, 0.95)

    rest = 1 - ADDED_FAILURE
    assert low[1:] == pytest.approx(betaincinv(x + rest, n - x + ADDED_FAILURE, 0.025)[1:])
    assert high[:3] == pytest.approx(betaincinv(x + ADDED_FAILURE, n - x + rest, 0.975)[:3])
    assert (low[0], high[3]) == (0, 1)


def test_the_added_row_takes_a_census_for_certain():
    precision = Precision(*(np.array([v]) for v in (0.9, 0.0, 50.0, 49.0, np.inf)))

    assert [end[0] for end in share_limits("added_row", precision, 0.95)] == [0.9, 0.9]
