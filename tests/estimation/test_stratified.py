import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.stratified import (
    stratified_mean,
    stratified_proportion,
    stratified_ratio,
    stratified_total,
)
from tests import golden

# The weights of the reference are rounded in the 10th digit.
CLOSE = {"rel": 2e-8}


def column(schools, name):
    return [float(school[name]) for school in schools]


def test_totals_means_and_ratios_equal_those_of_r():
    names, sizes, stratum, schools = golden.apistrat()
    r = golden.expected("apistrat")["expected"]

    total = stratified_total(column(schools, "enroll"), stratum, sizes)
    assert total.value == pytest.approx(r["total"]["estimate"], **CLOSE)
    assert total.standard_error == pytest.approx(r["total"]["se"], **CLOSE)
    assert total.df == r["degf"] == sum(map(len, [schools])) - len(names)

    mean = stratified_mean(column(schools, "api00"), stratum, sizes)
    assert mean.value == pytest.approx(r["mean"]["estimate"][0], **CLOSE)
    assert mean.standard_error == pytest.approx(r["mean"]["se"][0], **CLOSE)

    ratio = stratified_ratio(column(schools, "api.stu"), column(schools, "enroll"), stratum, sizes)
    assert ratio.value == pytest.approx(r["ratio"]["estimate"], **CLOSE)
    assert ratio.standard_error == pytest.approx(r["ratio"]["se"], **CLOSE)


def test_the_mean_of_a_domain_is_a_ratio_over_all_rows():
    _, sizes, stratum, schools = golden.apistrat()
    r = golden.expected("apistrat")["expected"]["by_comp_imp"]
    score = np.array(column(schools, "api00"))

    for i, key in enumerate(r["keys"]):
        inside = np.array([school["comp.imp"] == key["comp.imp"] for school in schools], float)
        mean = stratified_ratio(score * inside, inside, stratum, sizes)
        assert mean.value == pytest.approx(r["estimate"][i], **CLOSE)
        assert mean.standard_error == pytest.approx(r["se"][i], **CLOSE)


def test_a_proportion_from_counts_is_the_mean_of_zeros_and_ones():
    _, sizes, stratum, schools = golden.apistrat()
    y = np.array([school["sch.wide"] == "Yes" for school in schools], float)

    counted = stratified_proportion(np.bincount(stratum, weights=y), np.bincount(stratum), sizes)

    mean = stratified_mean(y, stratum, sizes)
    assert counted.value == pytest.approx(mean.value, rel=1e-12)
    assert counted.standard_error == pytest.approx(mean.standard_error, rel=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1))
def test_a_census_has_no_sampling_error(strata):
    population = np.array([max(pair) for pair in strata])
    hits = np.array([min(hit, size) for (hit, _), size in zip(strata, population, strict=True)])

    estimate = stratified_proportion(hits, population, population)

    assert estimate.value == pytest.approx(hits.sum() / population.sum())
    assert estimate.standard_error == 0


@pytest.mark.parametrize(
    ("hits", "sampled", "population"),
    [
        ([3], [2], [10]),
        ([1], [2], [1]),
        ([0], [1], [10]),
        ([0], [0], [10]),
        ([1, 1], [2], [10]),
        ([np.nan], [2], [10]),
        ([1], [2], [np.nan]),
    ],
)
def test_impossible_counts_are_refused(hits, sampled, population):
    with pytest.raises(ValueError, match="need"):
        stratified_proportion(hits, sampled, population)


@pytest.mark.parametrize(
    ("y", "stratum", "population"),
    [
        ([1, 0], [0], [10]),
        ([1, np.nan], [0, 0], [10]),
        ([1, 0], [0, 1], [10]),
        ([1, 0], [0, 0], [10, 5]),
        ([1, 0, 1], [0, 0, 0], [2]),
    ],
)
def test_impossible_rows_are_refused(y, stratum, population):
    with pytest.raises(ValueError, match="need"):
        stratified_total(y, stratum, population)
