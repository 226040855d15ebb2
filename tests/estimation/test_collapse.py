"""Strata with a single row: refused, or treated as somebody declared."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.classes import Strata
from estimation.collapse import collapse, declare_single_rows, pool_single_rows
from estimation.estimates import Domains
from estimation.sample import SingleRow, make_sample
from estimation.stratified import means, totals
from tests import golden
from tests.estimation.schools import as_r
from tests.golden.figures import equal_figure, leaves, name

LONELY = golden.expected("lonely_psu")
MADE = golden.expected("stratified_domains")
TREATMENT = {
    "adjust": SingleRow.ADJUST,
    "average": SingleRow.AVERAGE,
    "certainty": SingleRow.CERTAINTY,
    "remove": SingleRow.CERTAINTY,  # R's two names for one number
}


def sample_of(names, sizes, *, corrected=True):
    labels = list(dict.fromkeys(names))
    frame = Strata(labels, [sizes[names.index(label)] for label in labels])
    return make_sample(frame, [labels.index(label) for label in names], corrected=corrected)


# The reference of R survey


@pytest.mark.parametrize(
    ("option", "path", "number"),
    [
        pytest.param(case["option"], path, number, id=f"{case['option']}.{name(path)}")
        for case in LONELY["expected"]
        for path, number in leaves({key: case[key] for key in ("total", "mean")})
    ],
)
def test_declared_treatments_equal_the_lonely_psu_options_of_r_survey(option, path, number):
    data = LONELY["data"]
    y, N = [row["y"] for row in data], [row["N"] for row in data]
    sample = sample_of([row["h"] for row in data], N)

    treated = declare_single_rows(sample, TREATMENT[option])

    mine = {"total": as_r(totals(treated, y)), "mean": as_r(means(treated, y))}
    equal_figure(mine, path, number)
    assert totals(treated, y).flags == (("single_row",),)


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize("kind", ["collapse_b_and_d", "lonely_average", "lonely_certainty"])
def test_collapsed_and_treated_strata_and_their_domains_equal_r_survey(kind, corrected):
    data, r = MADE["made"], MADE[kind]["fpc" if corrected else "no_fpc"]
    sample = sample_of(data["h"], data["N"], corrected=corrected)
    if kind == "collapse_b_and_d":
        sample = collapse(sample, ["a", "b and d", "c", "b and d", "e"])
    else:
        sample = declare_single_rows(sample, TREATMENT[kind.removeprefix("lonely_")])
    cut = Domains(r["domain"], [r["domain"].index(label) for label in data["dom"]])

    for of, estimator in (("total", totals), ("mean", means)):
        whole, parts = estimator(sample, data["y"]), estimator(sample, data["y"], cut)
        assert whole.value == pytest.approx(r[of], rel=1e-9)
        assert whole.standard_error == pytest.approx(r[f"{of}_se"], rel=1e-9)
        assert whole.df.tolist() == [r["degf"]]
        assert parts.standard_error == pytest.approx(r[f"domain_{of}_se"], rel=1e-9)
        assert parts.df.tolist() == r["domain_degf"]


# Refused unless declared


@pytest.mark.parametrize("corrected", [True, False])
def test_a_single_row_is_refused_by_the_name_of_its_stratum(corrected):
    sample = sample_of(["a", "a", "lonely"], [10, 10, 4], corrected=corrected)

    for estimator in (totals, means):
        with pytest.raises(ValueError, match="stratum 'lonely' has a single row"):
            estimator(sample, [1, 0, 1])


def test_a_domain_without_the_single_row_needs_no_declaration():
    sample = sample_of(["a", "a", "lonely"], [10, 10, 4])

    found = totals(sample, [1, 0, 1], Domains(["p"], [0, 0, -1]))

    assert found.standard_error[0] > 0
    assert found.flags == ((),)


def test_a_single_row_that_is_the_whole_stratum_is_a_census():
    assert totals(sample_of(["a"], [1]), [3]).standard_error[0] == 0
    with pytest.raises(ValueError, match="stratum 'a' has a single row"):
        totals(sample_of(["a"], [1], corrected=False), [3])


def test_an_average_of_no_other_stratum_is_missing_and_flagged():
    treated = declare_single_rows(sample_of(["a", "b"], [9, 9]), SingleRow.AVERAGE)

    found = totals(treated, [1, 2])

    assert np.isnan(found.standard_error[0])
    assert found.flags == (("no_df", "single_row"),)


# What the treatments are worth


def over_all_samples(populations, sizes, treat):
    """Totals and estimated variances of every possible sample, rows drawn in order."""
    frame = Strata([f"s{h}" for h in range(len(sizes))], [len(p) for p in populations])
    found = []
    for rows in product(*(product(p, repeat=n) for p, n in zip(populations, sizes, strict=True))):
        sample = treat(make_sample(frame, np.repeat(np.arange(len(sizes)), sizes)))
        estimate = totals(sample, np.concatenate(rows))
        found.append((estimate.value[0], estimate.standard_error[0] ** 2))
    return np.array(found).T


VALUES = st.lists(st.integers(-3, 3), min_size=2, max_size=4)


@settings(deadline=None, max_examples=20)
@given(VALUES, VALUES)
def test_a_collapse_is_never_too_small_on_average(first, second):
    values, variances = over_all_samples(
        [first, second], [1, 1], lambda sample: collapse(sample, ["both", "both"])
    )

    # One row of each: every possible sample is drawn, each once.
    assert values.mean() == pytest.approx(sum(first) + sum(second))
    assert variances.mean() >= values.var() - 1e-9
    excess = (sum(first) - sum(second)) ** 2
    assert variances.mean() == pytest.approx(values.var() + excess)


@settings(deadline=None, max_examples=20)
@given(st.permutations([0, 0, 1, 3]), st.integers(-5, 5))
def test_a_pooled_spread_is_unbiased_where_the_strata_have_one_spread(values, shift):
    frame = Strata(["alone", "with two"], [4, 4])
    found = []
    for lonely, i, j in product(range(4), range(4), range(4)):
        if i < j:
            y = [values[lonely] + shift, values[i], values[j]]
            sample = pool_single_rows(make_sample(frame, [0, 1, 1]), ["city", "city"])
            estimate = totals(sample, y)
            found.append((estimate.value[0], estimate.standard_error[0] ** 2))

    totals_, variances = np.array(found).T
    assert variances.mean() == pytest.approx(totals_.var())
    assert estimate.flags == (("single_row",),)


def test_a_pool_is_its_own_citys():
    names, sizes = ["a", "a", "b", "c", "c", "d"], [10, 10, 20, 30, 30, 40]
    sample, y = sample_of(names, sizes), [1, 3, 5, 10, 90, 7]

    both = totals(pool_single_rows(sample, ["x", "x", "y", "y"]), y).standard_error[0] ** 2

    spread = {"a": 2.0, "c": 3200.0}
    own = 100 * 0.8 * spread["a"] / 2 + 900 * (28 / 30) * spread["c"] / 2
    assert both == pytest.approx(own + 400 * 0.95 * spread["a"] + 1600 * 0.975 * spread["c"])


# Impossible declarations


def test_impossible_collapses_and_pools_are_refused():
    sample = sample_of(["a", "b", "b", "all of c"], [5, 9, 9, 1])

    with pytest.raises(ValueError, match="label for each of the 3 strata"):
        collapse(sample, ["a", "b"])
    with pytest.raises(ValueError, match="'all of c' is complete and cannot be collapsed"):
        collapse(sample, ["x", "b", "x"])
    with pytest.raises(ValueError, match="label for each of the 3 strata"):
        pool_single_rows(sample, ["x"])
    with pytest.raises(ValueError, match="use pool_single_rows"):
        declare_single_rows(sample, SingleRow.POOL)
    with pytest.raises(ValueError, match="before they are pooled"):
        collapse(pool_single_rows(sample, ["x", "x", "x"]), ["x", "x", "c"])
    with pytest.raises(ValueError, match="'a' has a single row and no stratum of its pool has two"):
        totals(pool_single_rows(sample, ["x", "y", "x"]), [1, 2, 3, 4])
