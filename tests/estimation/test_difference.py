"""Phone answers put right by visits: three estimators, their variances, and independent draws."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.answers import Answers
from estimation.classes import Cases, Strata
from estimation.difference import (
    class_estimates,
    difference_estimates,
    ppi_mean,
    tuned_estimates,
)
from estimation.domains import Protocol, estimate_domains
from tests import golden
from tests.golden.figures import equal_figure, leaves, name

ESTIMATORS = [class_estimates, difference_estimates, tuned_estimates]

# Independent draws, as in ppi-python

PPI = golden.expected("ppi_mean")["cases"]


@pytest.mark.parametrize(
    ("case", "kind", "path", "number"),
    [
        pytest.param(case, kind, path, number, id=f"{kind}.{name(path)}")
        for case in PPI
        for kind in ("lam1", "power_tuned")
        for path, number in leaves(case[kind])
    ],
)
def test_the_mean_of_independent_draws_equals_ppi_python(case, kind, path, number):
    ones = case["Yhat_unlabeled_sum"]
    others = np.arange(case["N"]) < ones

    found = ppi_mean(case["Y"], case["Yhat"], others, power=1.0 if kind == "lam1" else None)

    assert len(case["Y"]) == case["n"]
    equal_figure({"point": found.value, "ci": found.limits(0.95)}, path, number)


def test_power_0_is_the_mean_of_the_truth_and_useless_answers_have_power_0():
    truth, answer = [1, 0, 1, 1], [1, 1, 1, 1]

    assert ppi_mean(truth, answer, [1, 0, 1], power=0.0).value == pytest.approx(0.75)
    assert ppi_mean(truth, answer, [1, 1, 1]).power == 0
    assert ppi_mean(truth, [0, 1, 0, 0], [1, 0, 1]).power == 0


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([1, 0], [1], [1, 0]), "equal numbers"),
        (([1], [1], [1, 0]), "two rows or more"),
        (([1, 0], [1, 0], [1]), "two rows or more"),
        (([[1, 0]], [[1, 0]], [1, 0]), "equal numbers"),
        (([1, np.nan], [1, 0], [1, 0]), "finite numbers"),
        (([1, 0], [1, 0], [1, np.inf]), "finite numbers"),
    ],
)
def test_impossible_draws_are_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        ppi_mean(*columns)


# Unbiased over every possible sample and every possible choice of visits


def two_phase_samples(group, n):
    """Every sample of n entries and every choice of visits: two of each group, or all of one."""
    for called in combinations(range(len(group)), n):
        members = [[i for i in called if group[i] == g] for g in sorted(set(group))]
        choices = [list(combinations(m, min(2, len(m)))) for m in members if m]
        ways = list(product(*choices))
        for way in ways:
            yield list(called), [i for part in way for i in part], 1 / len(ways)


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=4, max_size=5),
    st.integers(1, 2),
    st.data(),
)
@pytest.mark.parametrize("estimator", [class_estimates, difference_estimates])
def test_totals_and_variances_are_unbiased_over_all_samples_and_visits(
    estimator, entries, groups, data
):
    truth, phone = (np.array(column, dtype=float) for column in zip(*entries, strict=True))
    group = [i % groups for i in range(len(entries))]
    n = data.draw(st.integers(3, len(entries)))
    found = []
    for called, visited, chance in two_phase_samples(group, n):
        on_site = np.array([truth[i] if i in visited else np.nan for i in called])
        answers = Answers([0] * n, phone[called], on_site, [str(group[i]) for i in called])
        estimate = estimator(Strata(["s"], [len(entries)]), answers, ["d"])
        found.append((estimate.total[0], estimate.phase_1[0] + estimate.phase_2[0], chance))

    totals, variances, chances = np.array(found).T
    p = chances / chances.sum()
    assert p @ totals == pytest.approx(truth.sum())
    assert p @ variances == pytest.approx(p @ (totals - truth.sum()) ** 2, abs=1e-9)


# The estimators beside each other


def phoned(rng, *, n=60, N=400, lies=0.3, strata=1):
    """Answers with a quarter of the rows visited, whatever they said."""
    truth = (rng.random((strata, n)) < 0.8).astype(float)
    phone = np.where(rng.random((strata, n)) < lies, 1, truth)
    on_site = np.where(np.arange(n) < n // 4, truth, np.nan)
    stratum = np.repeat(np.arange(strata), n)
    names = [f"s{h}" for h in range(strata)]
    return Strata(names, [N] * strata), stratum, phone.ravel(), on_site.ravel()


@pytest.mark.parametrize("seed", range(5))
def test_with_a_rectifier_for_each_class_all_estimators_are_that_of_the_domains(seed):
    rng = np.random.default_rng(seed)
    number = np.array([[30, 9], [25, 4], [40, 12]])  # answers yes and no by stratum
    visits = np.array([[11, 9], [5, 2], [12, 3]])
    stratum, phone = (
        np.repeat([0, 0, 1, 1, 2, 2], number.ravel()),
        np.repeat([1, 0] * 3, number.ravel()),
    )
    seen = np.concatenate([np.arange(n) < m for n, m in zip(number.flat, visits.flat, strict=True)])
    on_site = np.where(seen, rng.random(len(seen)) < 0.7, np.nan)
    words = np.where(phone == 1, "achieved", "not_achieved").tolist()
    visit = np.where(seen, np.where(on_site == 1, "achieved", "not_achieved"), "").tolist()
    frame, domains = Strata(["s0", "s1", "s2"], [400, 29, 300]), ["p", "q", "p"]

    of_product = estimate_domains(
        frame,
        Cases(stratum, words, visit, np.where(seen, "random", "").tolist()),
        domain_of_stratum=domains,
        protocol=Protocol(interval="wald"),
    )

    for estimator in ESTIMATORS:
        found = estimator(frame, Answers(stratum, phone, on_site, words), domains)
        assert found.domain == of_product.domain
        assert found.total == pytest.approx(of_product.completed, rel=1e-9)
        assert found.totals().standard_error == pytest.approx(of_product.completed_se, rel=1e-9)
        assert found.means().value == pytest.approx(of_product.share, rel=1e-9)
        assert np.transpose(found.means().limits(0.95)) == pytest.approx(
            np.transpose([of_product.share_low, of_product.share_high]), rel=1e-9
        )
        assert found.df.tolist() == [35 - 4, 7 - 2]


def test_answers_that_are_worth_something_make_the_error_smaller():
    rng = np.random.default_rng(3)
    frame, stratum, phone, on_site = phoned(rng, n=400, N=4000, lies=0.1)

    errors = [
        estimator(frame, Answers(stratum, phone, on_site), ["d"]).totals().standard_error[0]
        for estimator in ESTIMATORS
    ]

    assert errors[1] < 0.9 * errors[0]
    assert errors[2] <= errors[1] * 1.01


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.5, 100), st.floats(-50, 50))
def test_a_tuned_score_may_be_on_any_scale(seed, scale, shift):
    rng = np.random.default_rng(seed)
    frame, stratum, phone, on_site = phoned(rng)
    score = phone + rng.random(len(phone))

    found = tuned_estimates(frame, Answers(stratum, score, on_site), ["d"])
    scaled = tuned_estimates(frame, Answers(stratum, shift + scale * score, on_site), ["d"])

    assert scaled.total == pytest.approx(found.total)
    assert scaled.power * scale == pytest.approx(found.power)
    assert scaled.phase_1 == pytest.approx(found.phase_1)
    assert scaled.phase_2 == pytest.approx(found.phase_2)


def test_the_tuned_estimator_is_the_regression_estimator_of_one_stratum():
    rng = np.random.default_rng(8)
    frame, stratum, phone, on_site = phoned(rng)
    score, seen = phone + rng.random(60), ~np.isnan(on_site)
    y, f = on_site[seen], score[seen]

    found = tuned_estimates(frame, Answers(stratum, score, on_site), ["d"])

    slope = np.cov(y, f)[0, 1] / np.var(f, ddof=1)
    error = y - y.mean() - slope * (f - f.mean())
    assert found.power[0] == pytest.approx(slope)
    assert found.total[0] == pytest.approx(400 * (y.mean() + slope * (score.mean() - f.mean())))
    # The residual squares by m - 2, as always in a regression.
    assert found.phase_2[0] == pytest.approx(400**2 * (1 - 15 / 60) * (error @ error) / 13 / 15)
    assert found.df.tolist() == [13]


def test_intervals_cover_the_truth_at_about_their_level():
    rng = np.random.default_rng(21)
    covered = np.zeros(3)
    for _ in range(400):
        y = (rng.random(1000) < 0.7).astype(float)
        phone = np.where(rng.random(1000) < 0.25, 1, y)
        on_site = np.where(np.arange(300) < 80, y[:300], np.nan)  # in random order already
        answers = Answers(np.zeros(300, dtype=int), phone[:300], on_site)
        for k, estimator in enumerate(ESTIMATORS):
            low, high = estimator(Strata(["s"], [1000]), answers, ["d"]).totals().limits(0.95)
            covered[k] += low[0] <= y.sum() <= high[0]

    # 400 intervals at 95 %: 380 expected, the standard deviation is 4.4.
    assert (covered >= 362).all()


def test_a_census_on_site_is_certain_and_groups_visited_whole_speak_for_themselves():
    truth = np.array([1, 0, 1, 1, 0.5])
    frame = Strata(["s"], [5])

    for estimator in ESTIMATORS:
        found = estimator(frame, Answers([0] * 5, [1, 1, 1, 0, 0], truth), ["d"])
        assert found.total[0] == pytest.approx(3.5)
        assert found.totals().standard_error[0] == pytest.approx(0, abs=1e-9)

    leads = Answers([0] * 5, [1] * 5, [1, 0, np.nan, 0, 0], ["yes", "yes", "yes", "lead", "lead"])
    assert class_estimates(Strata(["s"], [50]), leads, ["d"]).total[0] == pytest.approx(15)


def test_numbers_far_from_zero_lose_no_digits():
    rng = np.random.default_rng(5)
    frame, stratum, phone, on_site = phoned(rng)
    for estimator in ESTIMATORS:
        near = estimator(frame, Answers(stratum, phone, on_site), ["d"])
        far = estimator(frame, Answers(stratum, phone + 1e6, on_site + 1e6), ["d"])
        assert far.phase_1 == pytest.approx(near.phase_1, rel=1e-6)
        assert far.phase_2 == pytest.approx(near.phase_2, rel=1e-6)


# What is missing or impossible


def test_a_domain_without_entries_is_a_flagged_row():
    found = class_estimates(
        Strata(["a", "b"], [10, 0]), Answers([0, 0, 0], [1, 1, 0], [1, 0, np.nan]), ["d", "e"]
    )

    assert found.means().flags == ((), ("no_frame",))
    assert np.isnan([found.totals().value[1], found.means().standard_error[1]]).all()
    assert found.totals().value[0] == pytest.approx(5)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sizes": [10]}, "one frame size for each of the 2 strata"),
        ({"sizes": [10, -1]}, "frame size of stratum 't'"),
        ({"sizes": [10, np.nan]}, "frame size of stratum 't'"),
        ({"sizes": [10, 2]}, "stratum 't' has 3 rows and 2 entries"),
        ({"stratum": [0] * 6}, "stratum 't' has 0 rows and 10 entries"),
        ({"stratum": [0] * 5 + [1]}, "stratum 't' has 1 rows and 10 entries"),
        ({"stratum": [0] * 5 + [2]}, "from 0 to 1"),
        ({"stratum": [0.0] * 6}, "from 0 to 1"),
        ({"stratum": [0] * 5}, "equal length"),
        ({"phone": [1, 1, 1]}, "equal length"),
        ({"on_site": [1, 1, 1]}, "equal length"),
        ({"group": ["g"]}, "equal length"),
        ({"phone": [1, 1, 1, 1, 1, np.nan]}, "finite numbers, got phone nan .* 't'"),
        ({"on_site": [1, 1, np.inf, 1, 1, 1]}, "on site inf in stratum 's'"),
        ({"on_site": [1, 0, 1, np.nan, np.nan, np.nan]}, "of stratum 't' has 0 visits to 3 rows"),
        ({"group": list("gggggh"), "on_site": [1, 1, 1, 1, 1, np.nan]}, "group 'h' of stratum 't'"),
        ({"group": list("gggghh"), "on_site": [1, 1, 1, 1, 1, np.nan]}, "has 1 visits to 2 rows"),
        ({"domains": ["d"]}, "a domain for each of the 2 strata"),
    ],
)
def test_impossible_answers_are_refused(estimator, change, words):
    given_ = {"sizes": [10, 10], "stratum": [0, 0, 0, 1, 1, 1], "phone": [1, 0, 1, 1, 0, 1]}
    given_ |= {"on_site": [1, 0, np.nan, 0, 1, np.nan], "group": None, "domains": ["d", "d"]}
    given_ |= change
    columns = [given_[key] for key in ("stratum", "phone", "on_site", "group")]

    with pytest.raises(ValueError, match=words):
        estimator(Strata(["s", "t"], given_["sizes"]), Answers(*columns), given_["domains"])
