"""Two-phase figures of R survey on nwtco: every one is tested, or named with why it is not."""

import numpy as np
import pytest

from estimation.answers import Answers
from estimation.classes import Strata
from estimation.difference import class_estimates, difference_estimates
from estimation.estimates import Estimates
from estimation.intervals import Precision
from tests import golden
from tests.estimation.schools import as_r, ciprop, several
from tests.golden.figures import equal_figure, leaves, name

EXPECTED = golden.expected("twophase_nwtco")["expected"]
METHODS = {case["method"]: case for case in EXPECTED["methods"]}
WITH_FRAME = EXPECTED["with_phase1_fpc"]
STRATA = golden.expected("twophase_strata")
# Without a frame R's "full" takes the number of rows of phase 1 for random, as if each had been
# drawn on its own, and the rows for the population. This product always has a frame.
NOT_OFFERED = ("full", "total")


@pytest.fixture(scope="module")
def children():
    """The Wilms tumour data: phase 1 all rows, phase 2 at random within the groups p2s."""
    return golden.rows("nwtco_twophase")


def estimated(children, truth, estimator=class_estimates):
    """An estimate for a frame of 20,000, of which all rows of the file were drawn."""
    seen = np.array([child["sel"] == "TRUE" for child in children])
    on_site = np.where(seen, [float(child[truth]) for child in children], np.nan)
    answers = Answers(
        np.zeros(len(children), dtype=int),
        [float(child["phone"]) for child in children],
        on_site,
        [child["p2s"] for child in children],
    )
    return estimator(Strata(["s"], [WITH_FRAME["phase1_fpc"]]), answers, ["d"])


@pytest.mark.parametrize(
    ("path", "number"),
    [
        pytest.param(path, number, id=name(path))
        for path, number in leaves(WITH_FRAME)
        if path != ("phase1_fpc",)
    ],
)
def test_both_phases_with_both_corrections_equal_r_survey(children, path, number):
    found = estimated(children, "gold")

    equal_figure({"mean": as_r(found.means()), "total": as_r(found.totals())}, path, number)


@pytest.fixture(scope="module")
def without_frame(children):
    """What R's three methods make of our phases when phase 1 has no frame.

    Ours estimates the spread without bias. R's "approx" and "simple" take the squares around the
    estimated mean, which is too small by the variance of phase 2 by n - 1; "full" divides by n
    where they divide by n - 1.
    """
    by_truth = {truth: estimated(children, truth) for truth in ("gold", "age")}
    return {method: figures(method, by_truth) for method in METHODS}


def figures(method, by_truth):
    means, n = [], len(golden.rows("nwtco_twophase"))
    for found in by_truth.values():
        first, second = (v / found.frame_size**2 for v in (found.phase_1, found.phase_2))
        spread = first / (1 - n / found.frame_size) - second / (n - 1)
        variance = second + spread * ((n - 1) / n if method == "full" else 1)
        means.append(mean_of(found, found.means().value, np.sqrt(variance)))
    gold = means[0]
    rows = by_truth["gold"].visits.astype(float)
    shares = Precision(
        gold.value, gold.standard_error**2, rows, gold.df.astype(float), np.full(1, np.inf)
    )
    total = mean_of(by_truth["gold"], n * gold.value, n * gold.standard_error)
    return {"mean": several(*means), "total": as_r(total), "ciprop95": ciprop(shares, 0.95)}


def mean_of(found, value, error):
    return Estimates(found.domain, value, error, found.df, found.rows, ((),))


@pytest.mark.parametrize(
    ("method", "path", "number"),
    [
        pytest.param(method, path, number, id=f"{method}.{name(path)}")
        for method, case in METHODS.items()
        for path, number in leaves(case)
        if (method, path[0]) != NOT_OFFERED
    ],
)
def test_rs_approximations_without_a_frame_differ_by_known_terms(
    without_frame, method, path, number
):
    equal_figure(without_frame[method], path, number)


@pytest.mark.parametrize("truth", ["gold", "age"])
def test_several_strata_of_phase_1_are_each_what_r_survey_says_and_add_up(children, truth):
    r = STRATA[truth]
    stage = np.array([int(child["stage"]) - 1 for child in children])
    seen = np.array([child["sel"] == "TRUE" for child in children])
    on_site = np.where(seen, [float(child[truth]) for child in children], np.nan)
    phone = [float(child["phone"]) for child in children]
    answers = Answers(stage, phone, on_site, [child["p2s"] for child in children])
    frame = Strata(["1", "2", "3", "4"], STRATA["frame_size"])

    each = class_estimates(frame, answers, frame.names).totals()
    together = class_estimates(frame, answers, ["all"] * 4).totals()

    assert each.value == pytest.approx(r["total"], rel=1e-9)
    assert each.standard_error == pytest.approx(r["se"], rel=1e-9)
    assert each.df.tolist() == STRATA["degf"]
    assert together.value == pytest.approx(sum(r["total"]), rel=1e-9)
    assert together.standard_error**2 == pytest.approx(np.square(r["se"]).sum(), rel=1e-9)


def test_answers_that_follow_from_the_groups_change_nothing(children):
    # The groups are relapse by the phone's answer.
    ours, corrected = (
        estimated(children, "gold", estimator)
        for estimator in (class_estimates, difference_estimates)
    )

    assert corrected.total == pytest.approx(ours.total, rel=1e-9)
    assert corrected.phase_1 == pytest.approx(ours.phase_1, rel=1e-9)
    assert corrected.phase_2 == pytest.approx(ours.phase_2, rel=1e-9)
