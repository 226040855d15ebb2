"""Weights that meet known totals, and what that does to the variance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.calibration import Margin, calibrate, post_stratify, rake
from estimation.classes import Strata
from estimation.collapse import collapse
from estimation.estimates import Domains
from estimation.sample import make_sample
from estimation.stratified import means, ratios, totals
from tests import golden
from tests.estimation import schools
from tests.golden.figures import equal_figure, leaves, name

CASES = golden.expected("apistrat_calibration")["cases"]
BY_AWARDS = golden.expected("stratified_domains")["calibrated_by_awards"]


def calibrated(case, *, weight):
    """The schools calibrated as the reference says."""
    sample, r = schools.schools(weight=weight), CASES[case]
    if case == "postStratify":
        sizes = {group["comp.imp"]: group["Freq"] for group in r["population"]}
        return post_stratify(sample, margin("comp.imp", sizes))
    if case == "rake":
        margins = [margin(column, sizes) for column, sizes in r["margins"].items()]
        return rake(sample, margins, tolerance=1.0)  # R's own end of the rounds
    stype = np.array([school["stype"] for school in schools.rows()])
    columns = [np.ones(len(stype)), stype == "H", stype == "M", schools.column("api99")]
    return calibrate(sample, np.transpose(columns), list(r["totals"].values()))


def margin(column, sizes):
    cut = schools.by(column)
    return Margin(cut, [sizes[label] for label in cut.names])


# The reference of R survey


@pytest.fixture(scope="module")
def mine():
    samples = {case: calibrated(case, weight="pw") for case in CASES}
    return {
        case: schools.usual_figures(sample) | {"weights_first10": sample.weight[:10]}
        for case, sample in samples.items()
    }


@pytest.mark.parametrize(
    ("of", "path", "number"),
    [
        pytest.param(of, path, number, id=f"{of}.{name(path)}")
        for of, reference in CASES.items()
        for path, number in leaves(reference["expected"])
        if "likelihood" not in path  # not offered, see test_stratified
    ],
)
def test_equals_r_survey_on_apistrat(mine, of, path, number):
    equal_figure(mine[of], path, number)


@pytest.mark.parametrize(
    ("of", "key"),
    [("postStratify", "postStratify"), ("linear_calibrate", "calibrate"), ("rake", "rake")],
)
def test_domains_of_a_calibrated_sample_equal_r_surveys_subsets(of, key):
    sample, r = calibrated(of, weight=None), BY_AWARDS[key]
    cut, enrolled = schools.by("awards"), schools.column("enroll")

    for quantity, found in {
        "total": totals(sample, enrolled, cut),
        "mean": means(sample, schools.column("api00"), cut),
        "ratio": ratios(sample, schools.column("api.stu"), enrolled, cut),
    }.items():
        assert list(found.domain) == r["domain"]
        assert found.value == pytest.approx(r[quantity], rel=1e-9)
        assert found.standard_error == pytest.approx(r[f"{quantity}_se"], rel=1e-9)
        assert found.df.tolist() == r["degf"]


# What calibration promises


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 30), min_size=4, max_size=4), st.integers(2, 9))
def test_known_totals_are_met_without_error(sizes, rows):
    # Two strata, two groups in both; the frame is what the four joint groups hold.
    n = np.full(4, rows)
    joint = np.repeat(np.arange(4), n)
    frame = np.array(sizes) + n
    sample = make_sample(Strata(["a", "b"], frame.reshape(2, 2).sum(axis=1)), joint // 2)
    groups = Margin(Domains(("g", "h"), joint % 2), frame.reshape(2, 2).sum(axis=0))
    strata = Margin(Domains(("a", "b"), joint // 2), frame.reshape(2, 2).sum(axis=1))
    columns = np.column_stack([joint % 2 == 0, joint % 2 == 1])

    for found in (
        post_stratify(sample, groups),
        rake(sample, [strata, groups]),
        calibrate(sample, columns, groups.frame_size),
    ):
        for g in (0, 1):
            known = totals(found, joint % 2 == g)
            assert known.value[0] == pytest.approx(groups.frame_size[g], rel=1e-6)
            assert known.standard_error[0] == pytest.approx(0, abs=1e-6)


def test_post_strata_are_a_regression_on_their_indicators_and_a_margin_that_is_raked_alone():
    sample = schools.schools()
    cut, y = schools.by("comp.imp"), schools.column("enroll")
    of_row = np.asarray(cut.of_row)

    alone = post_stratify(sample, Margin(cut, [2062, 4132]))
    regression = calibrate(sample, np.column_stack([of_row == 0, of_row == 1]), [2062, 4132])
    raked = rake(sample, [Margin(cut, [2062, 4132])])

    assert regression.weight == pytest.approx(alone.weight, rel=1e-12)
    assert raked.weight == pytest.approx(alone.weight, rel=1e-12)
    assert totals(regression, y).standard_error == pytest.approx(
        totals(alone, y).standard_error, rel=1e-12
    )


# What cannot be met

SAMPLE = make_sample(Strata(["a", "b"], [10, 6]), [0, 0, 0, 1, 1])
GROUPS = Domains(("g", "h"), [0, 1, 0, 1, 0])


@pytest.mark.parametrize(
    ("groups", "sizes", "words"),
    [
        (GROUPS, [10], "a frame size for each of 2 groups"),
        (GROUPS, [10, np.nan], "group 'h' has 2 rows but nan entries"),
        (GROUPS, [18, -2], "group 'h' has 2 rows but -2 entries"),
        (GROUPS, [16, 0], "group 'h' has 2 rows but 0 entries"),
        (GROUPS, [10, 5], "groups have 15 entries but the frame 16"),
        (Domains(("g", "h", "i"), GROUPS.of_row), [8, 4, 4], "group 'i' has 0 rows but 4"),
        (Domains(("g", "h"), [0, 1, 0, 1, -1]), [8, 8], "a row outside all groups"),
        (Domains(("g", "h"), [0, 1]), [8, 8], "one domain for each of the 5 rows"),
    ],
)
def test_impossible_margins_are_refused(groups, sizes, words):
    for attempt in (post_stratify, lambda s, m: rake(s, [m])):
        with pytest.raises(ValueError, match=words):
            attempt(SAMPLE, Margin(groups, sizes))


@pytest.mark.parametrize(
    ("columns", "frame_totals", "words"),
    [
        (np.ones(5), [16], "5 rows and a total a column"),
        (np.ones((4, 1)), [16], "5 rows and a total a column"),
        (np.ones((5, 2)), [16], "5 rows and a total a column"),
        (np.full((5, 1), np.nan), [16], "finite columns"),
        (np.ones((5, 1)), [np.inf], "finite columns"),
        (np.ones((5, 2)), [16, 17], "contradict each other"),
        (np.zeros((5, 1)), [3], "contradict each other"),
        (np.arange(5.0).reshape(5, 1), [-40], "a row of stratum 'a' would weigh"),
    ],
)
def test_impossible_calibrations_are_refused(columns, frame_totals, words):
    with pytest.raises(ValueError, match=words):
        calibrate(SAMPLE, columns, frame_totals)


def test_margins_that_contradict_each_other_and_second_calibrations_are_refused():
    # With no row in g and i together, g must be as large as j; it is not.
    first = Margin(Domains(("g", "h"), [0, 1, 0, 1, 0]), [4, 12])
    second = Margin(Domains(("i", "j"), [1, 0, 1, 0, 1]), [4, 12])

    with pytest.raises(ValueError, match="cannot be met together"):
        rake(SAMPLE, [first, second])
    with pytest.raises(ValueError, match="need a margin"):
        rake(SAMPLE, [])
    with pytest.raises(ValueError, match="tolerance above 0"):
        rake(SAMPLE, [first], tolerance=0.0)
    once = post_stratify(SAMPLE, first)
    with pytest.raises(ValueError, match="calibrated already"):
        calibrate(once, np.ones((5, 1)), [16])
    with pytest.raises(ValueError, match="before they are pooled or calibrated"):
        collapse(once, ["x", "x"])


def test_a_domain_without_rows_stays_a_flagged_row():
    sample = post_stratify(SAMPLE, Margin(GROUPS, [8, 8]))

    found = totals(sample, [1, 2, 3, 4, 5], Domains(("p", "q"), [0, 0, 0, 0, 0]))

    assert found.flags == ((), ("no_rows",))
    assert np.isnan([found.value[1], found.standard_error[1]]).all()
