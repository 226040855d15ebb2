import ast
import inspect
import typing
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import estimation
from estimation import decision
from estimation.intervals import Precision
from estimation.small_area import (
    ModelEstimates,
    benchmark,
    beta_binomial,
    fay_herriot,
    may_show,
    smoothed_variances,
)
from tests import golden

CASES = golden.expected("fay_herriot_random")["cases"]
R_PRECISION = 1e-4  # at which R stops its search


def regression(case):
    x = np.array(case["x"])
    return np.array(case["y"]), np.array(case["v"]), np.column_stack([np.ones_like(x), x])


# Fay-Herriot


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['y'])} areas")
def test_fay_herriot_equals_r_sae(case):
    found = fay_herriot(*regression(case), tolerance=R_PRECISION)

    assert found.value == pytest.approx(case["expected"]["eblup"], rel=1e-9)
    assert found.error**2 == pytest.approx(case["expected"]["mse"], rel=1e-9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['y'])} areas")
def test_a_search_to_the_end_moves_nothing_that_shows(case):
    found = fay_herriot(*regression(case))

    assert found.value == pytest.approx(case["expected"]["eblup"], abs=1e-6)
    assert found.error**2 == pytest.approx(case["expected"]["mse"], abs=1e-6)


def test_areas_that_differ_by_chance_only_get_the_regression():
    found = fay_herriot([0.9, 0.9, 0.9, 0.9], [0.01] * 4, np.ones((4, 1)))

    assert found.value == pytest.approx([0.9] * 4)
    assert found.own_weight.tolist() == [0] * 4
    assert found.error == pytest.approx(np.sqrt([0.01 / 4 + 2 * 2 / (4 / 0.01**2) / 0.01] * 4))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{len(case['y'])} areas")
def test_an_area_without_a_sample_gets_the_regression_and_leaves_the_others_alone(case):
    y, v, X = regression(case)

    found = fay_herriot([*y, np.nan], [*v, np.inf], [*X, [1, 0.5]])

    alone = fay_herriot(y, v, X)
    assert found.value[:-1] == pytest.approx(alone.value)
    assert found.error[:-1] == pytest.approx(alone.error)
    b = case["expected"]["beta"]
    assert found.value[-1] == pytest.approx(b[0] + b[1] / 2, rel=1e-6)
    assert found.own_weight[-1] == 0
    assert found.error[-1] > np.sqrt(case["expected"]["refvar"])


def test_a_census_keeps_its_own_number_and_stays_out_of_the_fit():
    y, v, X = regression(CASES[0])

    found = fay_herriot([*y, 77], [*v, 0], [*X, [1, 0.5]])

    assert (found.value[-1], found.error[-1], found.own_weight[-1]) == (77, 0, 1)
    assert found.value[:-1] == pytest.approx(fay_herriot(y, v, X).value)


def test_a_search_whose_steps_swing_for_ever_is_halved():
    # Steps go from 0 to .53 and back; the likelihood has its maximum between.
    rng = np.random.default_rng(166)
    v = rng.uniform(0.01, 4, 39)
    y = 3 + rng.normal(0, 0.25, 39) + rng.normal(0, np.sqrt(v))

    weight = fay_herriot(y, v, np.ones((39, 1))).own_weight

    variances = weight / (1 - weight) * v
    assert variances == pytest.approx(variances[0])
    assert 0 < variances[0] < 0.53


@pytest.mark.parametrize("seed", [552, 835, 871, 968])
def test_a_search_whose_steps_creep_is_halved_as_well(seed):
    # Variances from 1e-6 to 100 on one map: scoring alone takes hundreds of steps.
    rng = np.random.default_rng(seed)
    areas = rng.integers(4, 60)
    v = 10 ** rng.uniform(-6, 2, areas)
    y = 3 + rng.normal(0, 10 ** rng.uniform(-4, 2), areas) + rng.normal(0, np.sqrt(v))
    x = np.column_stack([np.ones(areas), rng.normal(size=areas)])

    assert np.all(np.isfinite(fay_herriot(y, v, x).error))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(4, 40), st.floats(0, 5))
def test_the_search_ends_and_the_estimate_lies_between_its_two_sources(seed, areas, sd):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 4, areas)
    y = 3 + rng.normal(0, sd, areas) + rng.normal(0, np.sqrt(v))

    found = fay_herriot(y, v, np.ones((areas, 1)))

    model = (found.value - found.own_weight * y) / (1 - found.own_weight)
    assert model == pytest.approx(model[0])
    assert np.all((found.own_weight >= 0) & (found.own_weight < 1))


@pytest.mark.parametrize(
    ("y", "v", "x", "message"),
    [
        ([1, 2], [1, 1, 1], [[1], [1]], "need .D,."),
        ([1, 2], [1, 1], [1, 1], "need .D,."),
        ([1, 2], [1, 1], [[1], [1], [1]], "need .D,."),
        ([1, np.nan, 3], [1, 1, 1], [[1]] * 3, "got nan, 1.0 .* in area number 1"),
        ([1, 2, 3], [1, 1, -1], [[1]] * 3, "got 3.0, -1.0 .* in area number 2"),
        ([1, 2, 3], [np.nan, 1, 1], [[1]] * 3, "got 1.0, nan .* in area number 0"),
        ([1, 2, 3], [1, 1, 1], [[1], [np.nan], [1]], "area number 1"),
        ([1, 2], [1, 1], [[1, 0], [1, 1]], "2 areas and 2 covariates"),
        ([1, 2, 3], [1, np.inf, 0], [[1]] * 3, "1 areas and 1 covariates"),
        ([1, 2, 3], [1, 1, 1], [[1, 2]] * 3, "none of which follows from the others"),
    ],
)
def test_a_regression_that_cannot_be_fitted_is_refused(y, v, x, message):
    with pytest.raises(ValueError, match=message):
        fay_herriot(y, v, x)


# Variances


def test_smoothed_variances_come_from_the_group_and_are_never_0_by_luck():
    v = smoothed_variances([20, 10, 0], [20, 20, 0], [100, 100, 50], ["c", "c", "c"])

    assert v[:2] == pytest.approx([0.8 * (31 / 42) * (11 / 42) / 20] * 2)
    assert v[2] == np.inf
    assert smoothed_variances([20], [20], [2000], ["c"])[0] > 0
    assert smoothed_variances([19], [20], [20], ["c"]).tolist() == [0]


# Beta-binomial


def test_the_composite_counts_the_seen_rows_as_known():
    # Alike areas: no correlation, and the unseen rows get the mean of their group.
    found = beta_binomial([9, 9, 4, 4], [10, 10, 8, 8], [100, 30, 50, 8], ["c", "c", "d", "d"])

    assert found.value == pytest.approx([0.9, 0.9, 0.5, 0.5])
    assert found.own_weight == pytest.approx([0.1, 1 / 3, 8 / 50, 1])
    assert found.error[0] == pytest.approx(np.sqrt(90 * 0.9 * 0.1) / 100)
    assert found.error[3] == 0


def test_the_composite_is_the_formula_of_its_prior():
    x, m, N = np.array([18, 12, 19, 5]), np.array([20, 20, 20, 6]), np.array([90, 200, 60, 40])

    found = beta_binomial(x, m, N, ["c"] * 4)

    mean, n = x.sum() / m.sum(), m.sum()
    b = 1 - m / n
    excess = np.sum(m * (x / m - mean) ** 2) - mean * (1 - mean) * b.sum()
    s = 1 / (excess / (mean * (1 - mean) * np.sum(b * (m - 1)))) - 1
    posterior = (x + s * mean) / (m + s)
    assert s > 0
    assert found.value == pytest.approx((x + (N - m) * posterior) / N)
    unseen, S = N - m, m + s
    variance = unseen * posterior * (1 - posterior) * (S + unseen) / (S + 1)
    assert found.error == pytest.approx(np.sqrt(variance) / N)


def test_a_group_without_answers_takes_the_mean_of_all():
    found = beta_binomial([9, 0, 0], [10, 0, 0], [100, 50, 60], ["c", "c", "empty"])

    assert found.value == pytest.approx([0.9, 0.9, 0.9])
    assert found.own_weight[1:].tolist() == [0, 0]


def test_areas_that_are_all_true_or_all_false_keep_their_own_answers():
    found = beta_binomial([20, 0, 20, 0], [20] * 4, [100] * 4, ["c"] * 4)

    assert found.value == pytest.approx([1, 0, 1, 0])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9)), min_size=1))
def test_a_composite_is_a_share_with_an_error(areas):
    x, missed, unseen = np.array(areas).T
    if not (x + missed).any():
        return
    group = [str(d % 2) for d in range(len(areas))]
    found = beta_binomial(x, x + missed, x + missed + unseen, group)

    assert np.all((found.value >= 0) & (found.value <= 1))
    assert np.all(np.isfinite(found.error) & (found.error >= 0))
    assert np.all((found.own_weight >= 0) & (found.own_weight <= 1))


COUNTS = ([5, 5], [10, 10], [20, 20], ["c", "c"])


@pytest.mark.parametrize("estimator", [beta_binomial, smoothed_variances])
@pytest.mark.parametrize(
    ("position", "wrong", "message"),
    [
        (0, [5, 11], "area number 1"),
        (0, [-1, 5], "area number 0"),
        (0, [5, np.nan], "area number 1"),
        (0, [5, 4.5], "area number 1"),
        (0, [5], "equal 1-d shapes"),
        (1, [10, 21], "area number 1"),
        (2, [20, np.inf], "area number 1"),
        (2, [20, 9], "area number 1"),
        (3, ["c"], "equal 1-d shapes"),
    ],
)
def test_counts_that_cannot_be_are_refused(estimator, position, wrong, message):
    counts = [wrong if i == position else column for i, column in enumerate(COUNTS)]
    with pytest.raises(ValueError, match=message):
        estimator(*counts)


def test_nothing_is_estimated_from_no_areas_or_no_answers():
    with pytest.raises(ValueError, match="need"):
        beta_binomial([], [], [], [])
    with pytest.raises(ValueError, match="answers from at least one area"):
        beta_binomial([0, 0], [0, 0], [9, 9], ["c", "c"])


# Benchmarks


def shares(*values, own=0.5):
    value = np.array(values, dtype=float)
    return ModelEstimates(value, np.full(len(value), 0.02), np.full(len(value), own), "model")


def test_a_ratio_benchmark_multiplies_and_an_additive_one_shifts():
    N = [100, 300]

    ratio = benchmark(shares(0.4, 0.8), N, 252, how="ratio")
    additive = benchmark(shares(0.4, 0.8), N, 252, how="additive")

    assert ratio.value == pytest.approx([0.36, 0.72])
    assert additive.value == pytest.approx([0.33, 0.73])
    assert ratio.error == pytest.approx(np.hypot(0.02, [0.04, 0.08]))
    assert (ratio.method, additive.method) == ("model_ratio", "model_additive")


@pytest.mark.parametrize("how", ["ratio", "additive"])
@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.integers(1, 500)), min_size=1, max_size=8),
    st.floats(0, 1),
)
def test_benchmarked_areas_add_up_and_stay_shares(how, areas, part):
    value, N = (np.array(column) for column in zip(*areas, strict=True))
    total = part * N.sum()

    found = benchmark(shares(*value), N, total, how=how)

    assert N @ found.value == pytest.approx(total, abs=1e-6)
    assert np.all((found.value >= 0) & (found.value <= 1))


def test_a_census_does_not_move():
    known = replace(shares(0.5, 0.5, 0.5), own_weight=np.array([1, 0.5, 0.5]))

    found = benchmark(known, [100, 100, 100], 180)

    assert found.value == pytest.approx([0.5, 0.65, 0.65])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"how": "raking"}, "not 'raking'"),
        ({"frame_size": [100]}, "frame size above 0 for each of 2"),
        ({"frame_size": [100, 0]}, "frame size above 0"),
        ({"frame_size": [100, np.nan]}, "frame size above 0"),
        ({"total": 201}, "between 0 and 200"),
        ({"total": -1}, "between 0 and 200"),
        ({"total": np.nan}, "between 0 and 200"),
        ({"estimates": shares(0.5, 1.2)}, "only shares"),
        ({"estimates": shares(0.5, np.nan)}, "only shares"),
        ({"estimates": shares(0.5, 0.0), "total": 150}, "cannot reach 150 persons, only 100"),
        ({"estimates": shares(0.5, 0.5, own=1)}, "cannot reach 90 persons, only 100"),
    ],
)
def test_benchmarks_that_cannot_be_are_refused(change, message):
    given = {"estimates": shares(0.5, 0.5), "frame_size": [100, 100], "total": 90, **change}
    with pytest.raises(ValueError, match=message):
        benchmark(
            given["estimates"], given["frame_size"], given["total"], how=given.get("how", "ratio")
        )


# When to show, and never to decide


def test_only_areas_with_few_answers_or_a_wide_interval_are_shown():
    p, n = np.array([0.9, 0.9, 0.5, 0.5]), np.array([29.0, 30, 35, 200])
    precision = Precision(p, p * (1 - p) / (n - 1), n, n - 1, n - 1)

    assert may_show(precision).tolist() == [True, False, True, False]


def test_an_area_without_any_answer_is_shown():
    nothing = Precision(*(np.array([a]) for a in (np.nan, np.nan, 0.0, 0.0, np.inf)))

    assert may_show(nothing).tolist() == [True]


def test_estimates_of_a_model_say_so_and_cannot_be_told_to_say_otherwise():
    assert shares(0.5).model_based is True
    assert benchmark(shares(0.5), [10], 4).model_based is True
    with pytest.raises(TypeError):
        ModelEstimates(*(np.array([0.5]),) * 3, "model", model_based=False)


def test_no_decision_takes_estimates_of_a_model():
    target = np.array([50.0])
    verdicts = [decision.reached, decision.missed]
    for verdict in verdicts:
        with pytest.raises(AttributeError):
            verdict(shares(0.5), target)
    for name, function in inspect.getmembers(decision, inspect.isfunction):
        hints = typing.get_type_hints(function)
        assert ModelEstimates not in hints.values(), name


def test_no_other_module_of_the_package_knows_the_estimates_of_a_model():
    folder = Path(estimation.__file__).parent
    others = [path for path in folder.glob("*.py") if path.stem != "small_area"]
    assert len(others) > 10
    for path in others:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "estimation.small_area" not in imported, path.name


def test_estimates_of_a_model_share_no_column_with_what_decisions_read():
    names = {field.name for field in fields(ModelEstimates)}

    assert not names & {"completed", "share", "variance", "decision", "certified", "two_phase"}


def test_the_bad_county_is_pulled_towards_its_good_neighbours():
    # Why nothing is decided by it: 10 of 20 true, among counties where 19 of 20 are.
    found = beta_binomial([10] + [19] * 8, [20] * 9, [500] * 9, ["city"] * 9)

    assert found.value[0] > 0.55
    assert np.all(found.value[1:] < 0.95)


# How well they do


def simulated(answers, spread, rounds=40, cities=18, counties=9):
    """Return the root mean squared errors of each county's estimates, by estimator."""
    rng = np.random.default_rng(2017)
    city = np.arange(cities * counties) // counties
    N = rng.integers(200, 3000, city.size)
    m = np.maximum(rng.poisson(answers, city.size), 2)
    p = np.clip(rng.uniform(0.88, 0.96, cities)[city] + rng.normal(0, spread, city.size), 0, 1)
    done = np.rint(p * N).astype(np.int64)
    dummies = (city[:, np.newaxis] == np.arange(cities)).astype(float)
    squares = {}
    for _ in range(rounds):
        x = rng.hypergeometric(done, N - done, m)
        composite = beta_binomial(x, m, N, city)
        found = {
            "direct": x / m,
            "fay_herriot": fay_herriot(x / m, smoothed_variances(x, m, N, city), dummies).value,
            "beta_binomial": composite.value,
            "benchmarked": benchmark(composite, N, float(N @ (x / m))).value,
        }
        for name, value in found.items():
            squares[name] = squares.get(name, 0) + (value - done / N) ** 2 / rounds
    return {name: np.sqrt(square) for name, square in squares.items()}


@pytest.mark.parametrize(
    ("answers", "spread", "gain"),
    [(20, 0.01, 0.6), (20, 0.06, 0.9), (40, 0.03, 0.8), (80, 0.06, 1)],
)
def test_models_err_less_than_direct_estimates_on_average(answers, spread, gain):
    errors = simulated(answers, spread)

    for name in ("fay_herriot", "beta_binomial", "benchmarked"):
        assert errors[name].mean() < gain * errors["direct"].mean()


def test_models_err_more_for_the_county_that_is_unlike_the_others():
    errors = simulated(20, 0.06)

    assert np.any(errors["beta_binomial"] > 1.3 * errors["direct"])
