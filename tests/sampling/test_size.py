"""How many cases one stratum needs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from sampling import size
from tests.golden import expected

AUDITS = expected("allocation")["nAuditAttr"]
MANY = 10**6  # a frame so large that drawing with or without replacement is the same


def tolerating(N, rate):
    """The target that is missed by one person at this rate of failures."""
    return N - round(N * rate) + 1


@pytest.mark.parametrize("case", AUDITS, ids=[f"{a['TolRate']:.0%}" for a in AUDITS])
def test_the_size_that_proves_is_that_of_practools(case):
    def found(N):
        return size.size_to_prove(
            [N], [tolerating(N, case["TolRate"])], failures=case["AccDev"], alpha=1 - case["CL"]
        )

    stated = case["expected"]
    assert stated["Pop.Size"] == case["N"]
    assert stated["Tol.Dev.Rate"] == case["TolRate"]
    assert stated["Acceptable.Errors"] == case["AccDev"]
    assert found(case["N"]) == stated["Sample.Size.Hypergeometric"]
    assert found(MANY) == stated["Sample.Size.Binomial"]


def test_a_sample_of_this_size_without_failures_just_proves_the_target():
    N, T = 2000, 1800
    (n,) = size.size_to_prove([N], [T])

    # P(no failure) with the target missed by one person.
    assert hypergeom.cdf(0, N, N - T + 1, n) <= 0.05 < hypergeom.cdf(0, N, N - T + 1, n - 1)


def test_no_sample_proves_a_target_that_is_the_whole_ledger():
    assert size.size_to_prove([26, 2000], [26, 2000]).tolist() == [26, 2000]
    assert size.provable([26, 26, 26], [26, 27, 25]).tolist() == [False, False, True]


def test_nobody_can_prove_what_is_impossible_and_nobody_needs_to_prove_nothing():
    assert size.size_to_prove([100, 100, 100], [101, 95, 0], failures=[0, 6, 0]).tolist() == [
        *(101, 101, 0),
    ]


@pytest.mark.parametrize(
    ("N", "line", "share", "sample"),
    [
        (300, 0.90, 0.97, 80),
        (2000, 0.90, 0.97, 101),
        (20_000, 0.90, 0.97, 103),
        (2000, 0.95, 0.98, 274),
        (2000, 0.95, 0.99, 148),
    ],
)
def test_sizes_for_a_decision_are_those_of_the_published_table(N, line, share, sample):
    assert size.size_for_decision([N], [round(N * line)], share) == [sample]


def chance(N, T, failing, n):
    """The chance of the right decision, by counting out every outcome."""
    f = np.arange(n + 1)
    if failing <= N - T:
        right = hypergeom.cdf(f, N, N - T + 1, n) <= size.ALPHA + 1e-9
    else:
        right = hypergeom.sf(f - 1, N, N - T, n) <= size.ALPHA + 1e-9
    return hypergeom.pmf(f, N, failing, n)[right].sum()


@settings(deadline=None, max_examples=25)
@given(st.integers(5, 60), st.data())
def test_the_decision_is_as_sure_as_asked_for_and_no_smaller_sample_is(N, data):
    T = data.draw(st.integers(max(1, N - 16), N - 1))
    failing = data.draw(st.integers(0, N))

    (n,) = size.size_for_decision([N], [T], (N - failing) / N, power=0.8)

    assert chance(N, T, failing, n) >= 0.8 - 1e-9
    assert all(chance(N, T, failing, smaller) < 0.8 + 1e-9 for smaller in range(1, n))


def test_a_chance_that_is_exactly_the_limit_counts():
    # 4 of 16 with 2 failures in the frame: both are found with a chance of 12 / 240, just .05.
    assert size.size_for_decision([16], [14], 7 / 16, power=0.8) == [4]


def test_what_needs_no_sample_gets_none():
    assert size.size_for_decision([100, 100], [101, 0], 0.9).tolist() == [0, 0]


def test_more_people_are_called_where_fewer_answer():
    assert size.size_for_decision([2000], [1800], 0.97, response=0.5) == [202]
    assert size.size_for_half_width([2000], 0.05, share=0.9, response=0.5) == [260]


def test_the_half_width_of_so_many_verdicts_is_the_one_asked_for():
    N, e, p = np.array([300, 2000, 8820]), 0.04, 0.9

    n = size.size_for_half_width(N, e, share=p)

    half_width = 1.96 * np.sqrt(p * (1 - p) * (1 / n - 1 / N))
    assert np.all(half_width <= e)
    assert np.all(half_width > e * 0.98)


def test_a_stratum_is_shown_from_twenty_verdicts_and_a_tiny_one_is_taken_whole():
    assert size.minimum_size([12, 26, 30, 31, 500], response=0.6).tolist() == [12, 26, 30, 31, 34]


def test_a_province_of_cells_is_sized_at_once():
    rng = np.random.default_rng(0)
    N = rng.integers(200, 9000, 474)
    sizes = size.size_for_decision(N, np.rint(N * rng.uniform(0.8, 1.02, 474)), 0.965)

    assert sizes.shape == (474,)
    assert np.all((sizes >= 0) & (sizes <= N))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: size.size_for_half_width([9000, 100], 0.02, share=0.9, response=0.6),
            "stratum 1 needs 90 verdicts .* its 100 entries give 60 at a response of 60%",
        ),
        (lambda: size.size_for_half_width([100], 0), "half-width of stratum 0 cannot be 0"),
        (lambda: size.minimum_size([100], response=0), "response of stratum 0 cannot be 0"),
        (lambda: size.size_to_prove([10, 2.5], [5, 5]), "stratum 1 cannot be 2.5"),
        (lambda: size.size_to_prove([10], [-5]), "stratum 0 cannot be -5"),
        (lambda: size.size_to_prove([[10]], [5]), "one number for each stratum"),
        (lambda: size.size_for_decision([10], [5], 1.1), "share of stratum 0 cannot be 1.1"),
    ],
)
def test_impossible_numbers_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
