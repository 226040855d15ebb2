"""The cheapest sizes for many regions at once."""

import numpy as np
import pytest

from sampling.demands import Demands, Level, precision_demands
from sampling.optimum import fewest_cases, whole_cases, within_budget
from tests.golden import expected, rows

GOLDEN = expected("bethel")


def bethel_demands():
    """Two totals of one population, to coefficients of variation of 4 and 6 percent."""
    columns = [[float(r[name]) for r in rows("bethel_strata")] for name in ("N", "M1", "S1")]
    more = [[float(r[name]) for r in rows("bethel_strata")] for name in ("M2", "S2")]
    N, M1, S1, M2, S2 = map(np.array, columns + more)
    totals = ((N * M1).sum(), (N * M2).sum())
    asked = GOLDEN["errors"][0]
    return N, Demands(
        names=("Y1", "Y2"),
        region=np.array([[0] * len(N), [1] * len(N)]),
        load=np.array([(N * S / t) ** 2 for S, t in zip((S1, S2), totals, strict=True)]),
        allowed=np.array([asked["CV1"] ** 2, asked["CV2"] ** 2]),
        correction=np.array(
            [(N * S**2).sum() / t**2 for S, t in zip((S1, S2), totals, strict=True)]
        ),
    )


def test_the_sizes_keep_every_demand_with_no_more_cases_than_samplingstrata():
    N, demands = bethel_demands()
    theirs = np.array(GOLDEN["expected_n"])
    assert theirs.sum() == GOLDEN["expected_total"]
    assert np.all(demands.variance(theirs.astype(float)) <= demands.bound)

    ours = whole_cases(demands, 2, N)

    assert np.all(demands.variance(ours.astype(float)) <= demands.bound * (1 + 1e-9))
    assert ours.sum() <= GOLDEN["expected_total"] * (1 + 1e-6)


def province(strata=474, seed=3):
    """Cells in three projects and 18 units, with a half-width for each of five levels."""
    rng = np.random.default_rng(seed)
    cell = np.arange(strata)
    project, unit = cell % 3, cell // 3 % 18
    N = np.rint(rng.lognormal(6.8, 0.8, strata)).clip(26, 8820)
    levels = [
        Level([f"cell {c}" for c in cell], 0.10),
        Level([f"unit {u} project {p}" for u, p in zip(unit, project, strict=True)], 0.05),
        Level([f"unit {u}" for u in unit], 0.03),
        Level([f"project {p}" for p in project], 0.015),
        Level(["province"] * strata, 0.01),
    ]
    response = rng.uniform(0.6, 0.9, strata)
    return N, precision_demands(N, rng.uniform(0.85, 0.97, strata), response, levels)


def slsqp(demands, cost, low, high):
    """The same problem by another method, as a check."""
    from scipy.optimize import minimize

    def slopes(n):
        of_stratum = np.zeros((len(demands.names), len(n)))
        for region, load in zip(demands.region, demands.load, strict=True):
            of_stratum[region, np.arange(len(n))] += load / n**2
        return of_stratum / demands.bound[:, np.newaxis]

    found = minimize(
        lambda n: (cost * n).sum() / 1000,
        np.sqrt(low * high),
        jac=lambda _: cost / 1000,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints={
            "type": "ineq",
            "fun": lambda n: 1 - demands.variance(n) / demands.bound,
            "jac": slopes,
        },
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert found.success, found.message
    return found.x


def test_the_sizes_are_those_of_another_solver():
    N, demands = province(strata=24)
    cost = np.where(np.arange(24) % 2, 1.0, 2.5)
    low = np.minimum(20.0, N)

    ours, theirs = fewest_cases(demands, low, N, cost=cost), slsqp(demands, cost, low, N)

    assert cost @ ours == pytest.approx(cost @ theirs, rel=1e-4)
    assert ours == pytest.approx(theirs, rel=0.02)


def test_every_region_of_a_province_is_as_precise_as_asked_for_and_some_just_so():
    N, demands = province()
    assert len(demands.names) == 474 + 54 + 18 + 3 + 1

    sizes = whole_cases(demands, np.minimum(20, N), N)

    used = demands.variance(sizes.astype(float)) / demands.bound
    assert used.max() <= 1 + 1e-9
    assert used.max() > 0.999
    assert np.all((sizes >= np.minimum(20, N)) & (sizes <= N))
    # Not one case less will do anywhere it is more than the minimum.
    for h in np.flatnonzero(sizes > np.minimum(20, N)):
        fewer = sizes.astype(float)
        fewer[h] -= 1
        assert np.any(demands.variance(fewer) > demands.bound)


def test_the_half_width_of_a_region_is_the_one_asked_for():
    N = np.array([400.0, 900.0])
    demands = precision_demands(N, 0.9, 1.0, [Level(["city", "city"], 0.03)])

    n = fewest_cases(demands, 2, N)

    variance = ((N / N.sum()) ** 2 * 0.09 * (1 / n - 1 / N)).sum()
    assert 1.96 * np.sqrt(variance) == pytest.approx(0.03, rel=1e-6)
    assert n[0] / n[1] == pytest.approx(4 / 9)  # alike people: in proportion


def test_a_region_may_have_a_half_width_of_its_own_and_a_stratum_may_be_in_none():
    N = np.array([900.0, 900.0, 900.0])
    level = Level(["sharp", "blunt", ""], {"sharp": 0.02, "blunt": 0.10})
    demands = precision_demands(N, 0.9, 1.0, [level])

    n = fewest_cases(demands, 10, N)

    assert n[0] > 5 * n[1] > 100
    assert n[2] == 10


def test_a_budget_makes_all_half_widths_wider_by_one_factor():
    N, demands = province()
    low = np.minimum(20, N)

    sizes, factor = within_budget(demands, 11_000, low, N)

    assert factor > 1.2
    assert 10_900 < sizes.sum() <= 11_000
    relaxed = demands.relaxed(factor)
    assert np.all(relaxed.variance(sizes.astype(float)) <= relaxed.bound * (1 + 1e-9))
    more, narrower = within_budget(demands, 60_000, low, N)
    assert narrower < 1
    assert more.sum() > 59_900


def test_a_budget_for_everybody_takes_everybody():
    N, demands = province(strata=24)
    sizes, factor = within_budget(demands, 1e9, 20, N)
    assert sizes.tolist() == N.tolist()
    assert factor == 0


def test_regions_that_cannot_be_so_precise_are_named_with_what_they_can_reach():
    N = np.array([100.0, 5000.0])
    demands = precision_demands(N, 0.9, 0.5, [Level(["small", "large"], 0.01)])

    # Half of the 100 answer: 1.96 * sqrt(.09 / 50 - .09 / 100) is 5.9 points.
    with pytest.raises(ValueError, match=r"'small' \(5\.88 times the half-width asked for\)$"):
        fewest_cases(demands, 2, N)

    with pytest.raises(ValueError, match=r" and \d+ more regions$"):
        fewest_cases(province()[1], 2, 20)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda N, d: within_budget(d, 300, 20, N), "minimum sizes cost 480, the budget is 300"),
        (lambda N, d: fewest_cases(d, 0, N), "lower bound of stratum 0 cannot be 0"),
        (lambda N, d: fewest_cases(d, 20, N * 0), "upper bound of stratum 0 cannot be 0"),
        (lambda N, d: fewest_cases(d, 20, N, cost=-1), "cost of stratum 0 cannot be -1"),
        (lambda N, _: precision_demands(N, 0.9, 1.2, []), "response of stratum 0 cannot be 1.2"),
        (lambda N, _: precision_demands(N * 0, 0.9, 1, []), "frame size of stratum 0 cannot be 0"),
        (lambda N, _: precision_demands(N, 0.9, 1, [Level(["x"], 0.1)]), "need 24 regions a level"),
        (
            lambda N, _: precision_demands(N, 0.9, 1, [Level(["x"] * 24, 0)]),
            "half-width of 'x' must be above 0",
        ),
    ],
)
def test_impossible_wishes_are_refused_with_the_numbers(call, words):
    N, demands = province(strata=24)
    with pytest.raises(ValueError, match=words):
        call(N, demands)
