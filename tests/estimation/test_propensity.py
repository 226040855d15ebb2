import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.class_weighting import weighted_shares
from estimation.classes import Strata
from estimation.domains import Cases, estimate_domains
from estimation.intervals import share_limits
from estimation.propensity import indicators, propensity_classes, response_propensity
from estimation.response_classes import ClassRule, ResponseClasses, Responses, response_classes
from tests import golden

RESPONSE = golden.expected("response")
NWTCO = golden.expected("twophase_nwtco")["expected"]["with_phase1_fpc"]
AS_GIVEN = ClassRule(fewest=1, heaviest=np.inf)
ONE = Strata(["s"], [1000])


def sample(*groups, strata=1):
    """Cases from (stratum, label, cases, resolved, achieved)."""
    where, labels, seen, y = [], [], [], []
    for stratum, label, cases, resolved, achieved in groups:
        where += [stratum] * cases
        labels += [label] * cases
        seen += [True] * resolved + [False] * (cases - resolved)
        y += [True] * achieved + [False] * (cases - achieved)
    return Responses(np.array(where, dtype=int), np.array(seen), np.array(y)), labels


def estimate(frame, *groups, rule=AS_GIVEN, pools=None, domains=None):
    names = [f"s{h}" for h in range(len(frame))]
    strata = Strata(names, frame)
    responses, labels = sample(*groups)
    classes = response_classes(strata, responses, labels, pool_of_stratum=pools, rule=rule)
    return weighted_shares(strata, responses, classes, domain_of_stratum=domains or names)


# Weighting classes, response as stratified phase 2


@pytest.mark.parametrize("case", RESPONSE["weighting_classes"]["cases"], ids=str)
def test_weighting_classes_equal_r_twophase(case):
    strata = Strata(["s"], [case["frame_size"]])
    responses = Responses(
        np.zeros(len(case["class"]), dtype=int),
        np.array(case["answered"], dtype=bool),
        np.array(case["achieved"], dtype=bool),
    )
    classes = response_classes(strata, responses, case["class"], rule=AS_GIVEN)

    found = weighted_shares(strata, responses, classes, domain_of_stratum=["d"])

    assert found.completed == pytest.approx([case["total"]], rel=1e-9)
    assert found.precision.share == pytest.approx([case["mean"]], rel=1e-9)
    assert found.completed_se == pytest.approx([case["total_se"]], rel=1e-9)
    assert np.sqrt(found.precision.variance) == pytest.approx([case["mean_se"]], rel=1e-9)


def test_the_tumour_study_equals_r_twophase():
    rows = golden.rows("nwtco_twophase")
    strata = Strata(["s"], [NWTCO["phase1_fpc"]])
    responses = Responses(
        np.zeros(len(rows), dtype=int),
        np.array([row["sel"] == "TRUE" for row in rows]),
        np.array([row["gold"] == "1" for row in rows]),
    )
    classes = response_classes(strata, responses, [row["p2s"] for row in rows], rule=AS_GIVEN)

    found = weighted_shares(strata, responses, classes, domain_of_stratum=["d"])

    assert found.precision.share == pytest.approx([NWTCO["mean"]["estimate"]], rel=1e-9)
    assert found.completed_se == pytest.approx([NWTCO["total"]["se"]], rel=1e-9)
    assert found.precision.df.tolist() == [NWTCO["mean"]["df"]]
    ends = np.concatenate(share_limits("wald", found.precision, 0.95))
    assert ends == pytest.approx(NWTCO["mean"]["ci_t"][0], rel=1e-9)


def test_a_class_that_answers_less_counts_as_much_as_its_cases():
    found = estimate([1000], (0, "mobile", 60, 50, 50), (0, "dead number", 40, 10, 2))

    assert found.precision.share == pytest.approx([(60 * 1 + 40 * 0.2) / 100])


def test_one_class_is_the_weighting_of_the_domain_estimates():
    found = estimate([1000], (0, "all", 100, 60, 45))

    phone = ["achieved"] * 45 + ["not_achieved"] * 15 + ["unresolved"] * 40
    same = estimate_domains(
        Strata(["s"], [1000]),
        Cases([0] * 100, phone, [""] * 100, [""] * 100),
        domain_of_stratum=["d"],
    )
    assert found.completed == pytest.approx(same.completed)
    assert found.completed_se == pytest.approx(same.completed_se, rel=0.02)


def test_strata_add_up():
    groups = (0, "a", 40, 30, 20), (1, "a", 60, 30, 27), (1, "b", 20, 10, 4)

    apart = estimate([400, 900], *groups)
    whole = estimate([400, 900], *groups, domains=["d", "d"])

    assert whole.completed == pytest.approx([apart.completed.sum()])
    assert whole.completed_se == pytest.approx([np.hypot(*apart.completed_se)])
    assert whole.precision.df.tolist() == [29 + 29 + 9]


def test_everybody_resolved_is_one_simple_random_sample():
    found = estimate([1000], (0, "a", 60, 60, 50), (0, "b", 40, 40, 20))

    assert found.precision.variance == pytest.approx([(1 - 0.1) * 0.7 * 0.3 / 99])
    assert found.flags == ((),)


def test_variances_of_classes_across_strata_are_right_on_average():
    rng = np.random.default_rng(2017)
    N, n, rates = np.array([300, 200]), np.array([90, 70]), (0.7, 0.4)
    where, kind = np.repeat([0, 1], N), rng.integers(0, 2, N.sum())
    y = rng.random(N.sum()) < np.where(kind == 0, 0.9, 0.6) - 0.1 * where
    shares, variances = [], []
    for _ in range(800):
        drawn = [rng.choice(np.flatnonzero(where == h), n[h], replace=False) for h in (0, 1)]
        cases = np.concatenate(drawn)
        seen = np.zeros(len(cases), dtype=bool)
        for c, rate in enumerate(rates):
            members = np.flatnonzero(kind[cases] == c)
            seen[rng.choice(members, round(rate * len(members)), replace=False)] = True
        of_case, sizes = kind[cases], np.bincount(kind[cases]).astype(float)
        resolved = np.bincount(of_case[seen]).astype(float)
        both = np.array([True, True])
        found = weighted_shares(
            Strata(["s", "t"], N),
            Responses(where[cases], seen, y[cases]),
            ResponseClasses(of_case, sizes, resolved, both, ~both),
            domain_of_stratum=["d", "d"],
        )
        shares.append(found.precision.share[0])
        variances.append(found.precision.variance[0])

    assert np.mean(shares) == pytest.approx(y.mean(), abs=3 * np.sqrt(np.var(shares) / 800))
    assert np.mean(variances) == pytest.approx(np.var(shares), rel=0.12)


def test_a_share_near_one_keeps_an_interval():
    found = estimate([1000], (0, "a", 60, 40, 40), (0, "b", 40, 20, 20))

    low, high = share_limits("korn_graubard_capped", found.precision, 0.95)
    assert found.precision.variance.tolist() == [0]
    assert low[0] < 0.95
    assert high[0] == 1


# Collapsing


def joined(*groups, **options):
    """The classes that are left, each by the labels that it joins."""
    names = [f"s{h}" for h in range(1 + max(group[0] for group in groups))]
    responses, labels = sample(*groups)
    classes = response_classes(Strata(names, [10**6] * len(names)), responses, labels, **options)
    cells = np.array([f"{h}{label}" for h, label in zip(responses.stratum, labels, strict=True)])
    return {
        "+".join(sorted(set(cells[classes.of_case == c]))): c for c in range(len(classes.cases))
    }, classes


def test_classes_that_keep_the_rule_stay():
    left, classes = joined((0, "a", 30, 10, 5), (0, "b", 12, 12, 5))

    assert set(left) == {"0a", "0b"}
    assert classes.weight[[left["0a"], left["0b"]]].tolist() == [3, 1]


def test_a_class_with_few_resolved_joins_the_one_that_responds_most_alike():
    left, classes = joined((0, "a", 40, 36, 5), (0, "b", 40, 20, 5), (0, "c", 15, 9, 5))

    assert set(left) == {"0a", "0b+0c"}
    assert classes.weight[left["0b+0c"]] == pytest.approx(55 / 29)


def test_a_heavy_class_joins_until_nobody_stands_for_more_than_three():
    left, classes = joined((0, "a", 100, 20, 5), (0, "b", 50, 18, 5), (0, "c", 40, 36, 5))

    # a joins b, 38 of 150 are still too few, and both join c.
    assert set(left) == {"0a+0b+0c"}
    assert classes.weight.tolist() == pytest.approx([190 / 74])
    assert not classes.thin.any()


def test_strata_that_fall_short_as_a_whole_go_to_their_pool_and_say_so_if_that_is_empty():
    groups = (0, "a", 9, 6, 5), (0, "b", 9, 3, 2), (1, "a", 9, 8, 5), (1, "b", 20, 8, 2)
    groups += ((2, "a", 30, 20, 9), (3, "a", 8, 4, 3))

    left, classes = joined(*groups, pool_of_stratum=["u", "u", "v", "v"])

    # Stratum 1 has 16 resolved of 29 and keeps to itself, so 0 has nobody left to pool with.
    assert set(left) == {"0a+0b", "1a+1b", "2a", "3a"}
    assert {name for name, c in left.items() if classes.thin[c]} == {"0a+0b", "3a"}
    assert not classes.pooled.any()


def test_thin_strata_of_one_pool_form_their_classes_together():
    groups = [(h, *label) for h in range(5) for label in (("a", 9, 7, 5), ("b", 5, 2, 1))]

    left, classes = joined(*groups, pool_of_stratum=["u"] * 5)

    assert set(left) == {"0a+1a+2a+3a+4a", "0b+1b+2b+3b+4b"}
    assert (classes.pooled.tolist(), classes.thin.tolist()) == ([True] * 2, [False] * 2)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from("abcd"), st.integers(0, 40), st.floats(0, 1)),
        min_size=1,
    ),
    st.booleans(),
)
def test_classes_keep_the_rule_or_say_so(groups, pooled):
    cases = [(h, label, n, round(part * n), 0) for h, label, n, part in groups]
    responses, labels = sample(*cases)
    strata = Strata(["s", "t", "u"], [10**6] * 3)
    pools = ["p", "p", "q"] if pooled else None

    found = response_classes(strata, responses, labels, pool_of_stratum=pools)

    kept = (found.resolved >= 10) & (found.cases <= 3 * found.resolved)
    assert np.array_equal(found.thin, ~kept)
    assert found.cases.sum() == len(labels)
    assert np.array_equal(np.bincount(found.of_case, minlength=len(found.cases)), found.cases)


# Flags, never a silent number


def test_a_stratum_without_resolved_cases_leaves_its_domain_without_a_number():
    found = estimate(
        [100, 100, 100, 0], (0, "a", 10, 0, 0), (2, "a", 40, 20, 10), domains=["x", "y", "x", "z"]
    )

    assert np.isnan(found.completed[:2]).all()
    assert np.isnan(found.completed_se[:2]).all()
    assert found.completed[2] == 0
    assert np.isnan(found.precision.share).all()
    assert found.flags[0] == ("assumes_mar", "thin_class", "no_resolved:s0")
    assert found.flags[1:] == (("no_sample:s1",), ("no_frame",))


def test_a_single_resolved_case_gets_the_largest_spread():
    found = estimate([100], (0, "a", 10, 1, 1))

    assert "single_row" in found.flags[0]
    assert found.precision.variance[0] > 0.2


def test_pooled_and_thin_classes_are_flagged_in_their_domains_only():
    found = estimate(
        [500, 500, 500],
        (0, "a", 9, 6, 5),
        (1, "a", 9, 8, 5),
        (2, "a", 9, 9, 9),
        rule=None,
        pools=["u", "u", "v"],
    )

    assert found.flags == (
        ("assumes_mar", "pooled_class"),
        ("assumes_mar", "pooled_class"),
        ("thin_class",),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stratum": np.array([0, 3])}, "from 0 to 1"),
        ({"stratum": np.array([0, -1])}, "from 0 to 1"),
        ({"stratum": np.array([0.0, 1.0])}, "from 0 to 1"),
        ({"stratum": np.array([0])}, "equal 1-d shapes"),
        ({"resolved": np.array([True])}, "equal 1-d shapes"),
        ({"achieved": np.array([0.5, np.nan])}, "truth values"),
        ({"frame": [1, 10]}, "'s' has 2 cases but 1 entries"),
        ({"frame": [-1, 10]}, "frame size of stratum 's'"),
        ({"frame": [10, np.nan]}, "frame size"),
        ({"frame": [10]}, "frame size"),
        ({"label": ["a"]}, "need a label for each of the 2"),
        ({"pools": ["p"]}, "need a pool for each of the 2"),
        ({"rule": ClassRule(fewest=0)}, "1 resolved case or more"),
        ({"rule": ClassRule(heaviest=0.5)}, "1 resolved case or more"),
        ({"rule": ClassRule(heaviest=np.nan)}, "1 resolved case or more"),
    ],
)
def test_classes_that_cannot_be_formed_are_refused(change, message):
    given = {"stratum": np.array([0, 0]), "resolved": np.array([True, False])}
    given |= {"achieved": np.array([True, False]), "frame": [10, 10], "label": ["a", "a"], **change}
    responses = Responses(given["stratum"], given["resolved"], given["achieved"])

    with pytest.raises(ValueError, match=message):
        response_classes(
            Strata(["s", "t"], given["frame"]),
            responses,
            given["label"],
            pool_of_stratum=given.get("pools"),
            rule=given.get("rule"),
        )


def test_shares_need_the_classes_of_their_own_cases():
    responses, labels = sample((0, "a", 20, 15, 9))
    others, more = sample((0, "a", 21, 15, 9))
    classes = response_classes(ONE, others, more)

    with pytest.raises(ValueError, match="a class for each of the 20 cases"):
        weighted_shares(ONE, responses, classes, domain_of_stratum=["d"])
    with pytest.raises(ValueError, match="a domain for each of the 1 strata"):
        weighted_shares(
            ONE, responses, response_classes(ONE, responses, labels), domain_of_stratum=[]
        )


# Propensity


def nwtco_covariates():
    rows = golden.rows("nwtco_twophase")
    covariates = np.column_stack(
        [[float(row["age"]) for row in rows], indicators([row["stage"] for row in rows])]
    )
    return covariates, np.array([row["sel"] == "TRUE" for row in rows]), rows


def test_the_propensity_equals_r_glm():
    r = RESPONSE["propensity"]
    covariates, seen, _ = nwtco_covariates()

    found = response_propensity(covariates, seen)

    assert found.coefficients == pytest.approx(r["coefficients"], rel=1e-9)
    assert found.probability[:20] == pytest.approx(r["fitted_first_20"], rel=1e-9)
    p = np.where(seen, found.probability, 1 - found.probability)
    assert -2 * np.log(p).sum() == pytest.approx(r["deviance"], rel=1e-9)
    assert not found.separated


def test_a_covariate_that_separates_is_held_by_a_ridge():
    # Every case with an unfavourable histology was selected: R's coefficient runs to 28.
    covariates, seen, rows = nwtco_covariates()
    found = response_propensity(
        np.column_stack([covariates, [float(row["instit"]) for row in rows]]), seen
    )

    assert found.separated
    assert np.all((found.probability > 0) & (found.probability < 1))
    assert 1 < found.coefficients[-1] < 15


@pytest.mark.parametrize("scale", [1e-6, 1, 1e9])
def test_the_ridge_does_not_depend_on_the_unit_of_a_covariate(scale):
    x = np.arange(20.0)[:, np.newaxis]

    found = response_propensity(x * scale, x[:, 0] > 11)

    assert found.separated
    assert found.probability == pytest.approx(response_propensity(x, x[:, 0] > 11).probability)


def test_indicators_leave_the_first_label_out():
    assert indicators(["b", "a", "c", "b"]).tolist() == [[1, 0], [0, 0], [0, 1], [1, 0]]


def test_quintiles_are_equally_large_and_do_not_cut_ties():
    assert propensity_classes(np.linspace(0, 1, 10)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    tied = propensity_classes([0.3] * 7 + [0.9] * 3)
    assert len(set(tied[:7])) == len(set(tied[7:])) == 1
    assert tied[0] < tied[9]
    assert set(propensity_classes([0.5] * 4)) == {0}


def test_weighting_by_propensity_takes_off_the_bias_of_the_respondents():
    # People who work away answer less and have work less: respondents alone look too good.
    rng = np.random.default_rng(7)
    x = rng.normal(size=4000)
    y = rng.random(4000) < 0.85 + 0.1 * np.tanh(x)
    seen = rng.random(4000) < 1 / (1 + np.exp(-0.4 - 1.2 * x))
    responses, strata = Responses(np.zeros(4000, dtype=int), seen, y), Strata(["s"], [10**6])

    p = response_propensity(x[:, np.newaxis], seen).probability
    classes = response_classes(strata, responses, propensity_classes(p))
    found = weighted_shares(strata, responses, classes, domain_of_stratum=["d"])

    assert len(classes.cases) >= 4
    assert y[seen].mean() - y.mean() > 0.02
    assert found.precision.share == pytest.approx([y.mean()], abs=0.01)


@pytest.mark.parametrize(
    ("covariates", "seen", "message"),
    [
        ([[1], [2], [3]], [True, False], "covariates of n cases"),
        ([1, 2, 3], [True, False, True], "covariates of n cases"),
        (np.zeros((3, 0)), [True, False, True], "covariates of n cases"),
        ([[1], [np.nan], [3]], [True, False, True], "of case 1"),
        ([[1], [2], [np.inf]], [True, False, True], "of case 2"),
        ([[1], [2], [3]], [1, 0, 1], "truth values"),
        ([[1], [2], [3]], [True, True, True], "with and without a verdict"),
        ([[1], [2], [3]], [False, False, False], "with and without a verdict"),
        ([[1], [1], [1]], [True, False, True], "must vary"),
        ([[1, 2], [2, 4], [3, 6]], [True, False, True], "must not follow"),
    ],
)
def test_a_propensity_that_cannot_be_fitted_is_refused(covariates, seen, message):
    with pytest.raises(ValueError, match=message):
        response_propensity(covariates, np.array(seen))


@pytest.mark.parametrize("wrong", [[], [[0.5]], [0.5, 1.5], [0.5, -0.1], [0.5, np.nan]])
def test_probabilities_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="probability between 0 and 1"):
        propensity_classes(wrong)
    with pytest.raises(ValueError, match="at least one class"):
        propensity_classes([0.5], 0)
