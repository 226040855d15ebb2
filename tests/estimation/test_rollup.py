"""What a region is by its parts, and how probable that is."""

import numpy as np
import pytest
from scipy.special import betaln

from estimation.classes import Cases, Strata
from estimation.decision import Decision
from estimation.domains import estimate_domains
from estimation.exchangeable_rates import hyperposterior
from estimation.rollup import Tree, roll_up, simulate_rollup
from estimation.rollup_leaves import Leaves, SharedRates, leaves_of
from estimation.survey import make_survey, run

MET, NOT_MET, UNDETERMINED, NO_TASK = Decision
#: A province of two units, the first with two counties.
PARENT = [-1, 0, 0, 1, 1]


# Three values


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([MET, MET, MET, MET, MET], (MET,) * 5),
        ([MET, MET, MET, MET, NOT_MET], (NOT_MET, NOT_MET, MET, MET, NOT_MET)),
        ([MET, MET, MET, MET, UNDETERMINED], (UNDETERMINED, UNDETERMINED, MET, MET, UNDETERMINED)),
        (
            [MET, MET, NOT_MET, MET, UNDETERMINED],
            (NOT_MET, UNDETERMINED, NOT_MET, MET, UNDETERMINED),
        ),
        ([MET, MET, NO_TASK, NO_TASK, MET], (MET, MET, NO_TASK, NO_TASK, MET)),
        ([NO_TASK] * 5, (NO_TASK,) * 5),
        (
            [NO_TASK, NO_TASK, NO_TASK, NO_TASK, NOT_MET],
            (NOT_MET, NOT_MET, NO_TASK, NO_TASK, NOT_MET),
        ),
    ],
)
def test_a_region_is_what_the_worst_of_its_lines_is(own, expected):
    assert roll_up([[word] for word in own], PARENT) == expected


def test_every_project_counts_and_none_is_no_task():
    rows = [[MET, MET], [MET, UNDETERMINED], [NO_TASK, MET], [MET, MET], [NO_TASK, NO_TASK]]

    assert roll_up(rows, PARENT) == (UNDETERMINED, UNDETERMINED, MET, MET, NO_TASK)
    assert roll_up([[], [], []], [-1, 0, 0]) == (NO_TASK,) * 3


def test_the_order_of_the_regions_plays_no_part():
    rng = np.random.default_rng(2)
    for _ in range(30):
        own = rng.choice([MET, MET, MET, UNDETERMINED, NOT_MET, NO_TASK], size=(12, 2)).tolist()
        own = [[Decision(word) for word in row] for row in own]
        parent = np.array([-1] + [int(rng.integers(0, r)) for r in range(1, 12)])
        to = rng.permutation(12)
        moved, over = [None] * 12, np.full(12, -1)
        for r in range(12):
            moved[to[r]] = own[r]
            over[to[r]] = to[parent[r]] if r else -1

        straight, turned = roll_up(own, parent), roll_up(moved, over)

        assert all(turned[to[r]] is straight[r] for r in range(12))


@pytest.mark.parametrize(
    ("parent", "words"),
    [
        ([1, 0, -1], "number 0 lies under itself"),
        ([-1, 3, 0], "number 1 has the parent 3"),
        ([-1, 0], "each of the 2 regions"),
    ],
)
def test_a_tree_that_is_none_is_refused(parent, words):
    with pytest.raises(ValueError, match=words):
        roll_up([[MET]] * 3, parent)


# Probabilities


def chances(leaves, tree, seed=1, **keywords):
    return simulate_rollup(leaves, tree, rng=np.random.default_rng(seed), **keywords)


def test_what_is_known_whole_is_certain():
    leaves = Leaves.of([2, 3, 4], [0, 0, 0], [50, 30, 20], [50, 30, 20], [45, 30, 10])
    target = [[85], [40], [45], [30], [11]]

    found = chances(leaves, Tree.of(PARENT, target), draws=50)

    assert found.met[:, 0].tolist() == [1, 1, 1, 1, 0]
    assert found.complete.tolist() == [0, 0, 1, 1, 0]
    assert np.all(found.complete_error > 0)


def test_what_has_no_task_has_no_probability_and_stands_in_nobodys_way():
    leaves = Leaves.of([2, 3], [0, 0], [50, 30], [50, 30], [50, 0])
    target = np.full((5, 2), np.nan)
    target[2, 0] = 50

    found = chances(leaves, Tree.of(PARENT, target), draws=20)

    assert np.isnan(found.met).sum() == 9
    assert found.complete[[0, 2]].tolist() == [1, 1]
    assert np.isnan(found.complete[[1, 3, 4]]).all()


def test_one_leaf_has_the_beta_binomial_probability_of_its_prior():
    x, n, N, T = 27, 30, 200, 180
    found = chances(Leaves.of([0], [0], [N], [n], [x]), Tree.of([-1], [[T]]), draws=40_000)

    prior = hyperposterior(np.array([float(x)]), np.array([float(n)]))
    a, b = prior.mean * prior.size + x, (1 - prior.mean) * prior.size + n - x
    k = np.arange(T - x, N - n + 1.0)[:, np.newaxis]
    ways = -np.log(N - n + 1) - betaln(k + 1, N - n - k + 1)
    p = np.exp(ways + betaln(a + k, b + N - n - k) - betaln(a, b)).sum(axis=0)
    assert found.complete[0] == pytest.approx(
        prior.probability @ p, abs=5 * found.complete_error[0]
    )
    assert found.complete_error[0] == pytest.approx(0.0025, rel=0.1)


def test_a_leaf_without_rows_is_known_by_the_others_of_its_project():
    def met(achieved):
        rows = [60] * 8 + [0]
        leaves = Leaves.of(range(1, 10), [0] * 9, [500] * 9, rows, [achieved] * 8 + [0])
        return chances(leaves, Tree.of([-1] + [0] * 9, [[np.nan]] + [[450]] * 9)).met[9, 0]

    assert met(59) > 0.9
    assert met(40) < 0.1


def test_children_who_borrow_one_rate_stand_and_fall_together():
    leaves = Leaves.of([1, 2], [0, 0], [4000] * 2, [4000] * 2, [3800] * 2)
    shared = SharedRates.of([40], [38], [0], [[1.0], [1.0]])
    tree = Tree.of([-1, 0, 0], [[np.nan], [3800], [3800]])

    together = chances(leaves, tree, shared=shared)
    apart = SharedRates.of([40] * 2, [38] * 2, [0, 1], np.eye(2))
    alone = chances(leaves, tree, shared=apart)

    assert 0.2 < together.met[1, 0] < 0.8
    assert together.complete[0] == pytest.approx(together.met[1, 0], abs=1e-9)
    assert alone.complete[0] == pytest.approx(alone.met[1, 0] * alone.met[2, 0], abs=0.05)
    assert chances(leaves, tree).complete[0] == 1


def test_draws_come_from_the_generator_alone():
    leaves = Leaves.of([0, 0], [0, 0], [500] * 2, [50] * 2, [45, 46])
    tree = Tree.of([-1], [[905]])

    assert chances(leaves, tree, 3).complete == chances(leaves, tree, 3).complete
    assert chances(leaves, tree, 3).complete != chances(leaves, tree, 4).complete


def calibration(world, reps, seed):
    """Standardised sums of truth less probability, in bins of the probability."""
    rng = np.random.default_rng(seed)
    bins, sums = [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.01)], []
    for _ in range(reps):
        leaves, totals, tree = world(rng)
        p = simulate_rollup(leaves, tree, rng=rng, draws=300)
        own = np.zeros(len(tree.parent))
        np.add.at(own, leaves.region, totals)
        for r in reversed(range(1, len(own))):
            own[tree.parent[r]] += own[r]
        met = own >= tree.target[:, 0]
        for r in reversed(range(1, len(own))):
            met[tree.parent[r]] &= met[r]
        said = p.complete
        sums.append([(met - said)[(said >= a) & (said < b)].sum() for a, b in bins])
    sums = np.array(sums)
    assert np.all((sums != 0).sum(axis=0) > 25)
    return sums.sum(axis=0) / np.sqrt((sums**2).sum(axis=0))


NINE = np.array([-1, 0, 0, 0] + [1] * 3 + [2] * 3 + [3] * 3)


def world_of(rng, rate):
    """Nine counties in three units with targets near what their samples show."""
    N = rng.integers(60, 500, 9)
    n = rng.integers(10, 60, 9)
    totals = rng.binomial(N, rate)
    x = rng.hypergeometric(totals, N - totals, n)
    target = np.full((13, 1), np.nan)
    target[4:, 0] = np.clip(np.rint(x / n * N + rng.normal(-0.05, 0.05, 9) * N), 0, None)
    for r in range(1, 4):
        target[r, 0] = target[r == NINE, 0].sum()
    target[0, 0] = target[1:4, 0].sum()
    return Leaves.of(range(4, 13), [0] * 9, N, n, x), totals, Tree.of(NINE, target)


def test_probabilities_are_calibrated_where_the_truth_comes_from_the_prior():
    def world(rng):
        mean, size = rng.random(), rng.random() ** -2.0
        return world_of(rng, rng.beta(mean * size + 1e-9, (1 - mean) * size + 1e-9, 9))

    assert np.all(np.abs(calibration(world, 150, seed=17)) < 3.5)


def test_probabilities_are_calibrated_for_counties_as_they_are():
    def world(rng):
        return world_of(rng, rng.beta(0.95 * 50, 0.05 * 50, 9))

    assert np.all(np.abs(calibration(world, 150, seed=18)) < 3.5)


# Leaves of a survey


def test_leaves_are_worth_the_sample_behind_their_interval():
    phone = ["achieved"] * 45 + ["not_achieved"] * 5
    everyone = ["achieved"] * 28 + ["not_achieved"] * 2
    stratum = [0] * 50 + [1] * 50 + [2] * 50 + [3] * 30
    strata = Strata(["a", "b", "c", "d", "e"], [500, 500, 300, 30, 80])
    cases = Cases(stratum, phone * 3 + everyone, [""] * 180, [""] * 180)
    survey = make_survey(strata, cases, ["one", "two", "two", "census", "none"], None, {})

    leaves, shared = leaves_of(
        [(survey, run(survey, phone_accepted=True))],
        {"one": 3, "two": 2, "census": 4, "none": 1},
    )

    assert leaves.region.tolist() == [3, 2, 4, 1]
    assert leaves.rows[[0, 2, 3]].tolist() == [50, 30, 0]
    assert leaves.achieved[[0, 2, 3]] == pytest.approx([45, 28, 0])
    # Two halves of a simple random sample are worth a little less than 100 of 800.
    assert 85 < leaves.rows[1] < 100
    assert leaves.achieved[1] == pytest.approx(0.9 * leaves.rows[1])
    assert shared.lent.shape == (4, 0)


def test_borrowed_rates_are_found_with_their_borrowers():
    def audited(h, number, achieved, visits):
        return [
            *[(h, "achieved", "achieved", "random")] * achieved,
            *[(h, "achieved", "not_achieved", "random")] * (visits - achieved),
            *[(h, "achieved", "", "")] * (number - visits),
            *[(h, "not_achieved", "", "")] * (100 - number),
        ]

    rows = audited(0, 80, 4, 5) + audited(1, 90, 3, 3) + audited(2, 90, 50, 60)
    cases = Cases(*([row[i] for row in rows] for i in range(4)))
    strata = Strata(["a", "b", "c"], [1000] * 3)
    survey = make_survey(strata, cases, ["a", "b", "c"], ["u"] * 3, {})
    runs = run(survey, phone_accepted=False)

    leaves, shared = leaves_of([(survey, runs)] * 2, {"a": 0, "b": 1, "c": 2})

    assert shared.visits.tolist() == [68, 68]
    assert shared.achieved.tolist() == [57, 57]
    assert shared.alike[0] != shared.alike[1]
    # Of 80 and 90 yes answers, those whom nobody visited.
    lent = [[0.75, 0], [0.87, 0], [0, 0], [0, 0.75], [0, 0.87], [0, 0]]
    assert shared.lent == pytest.approx(np.array(lent))
    share = estimate_domains(
        strata, cases, domain_of_stratum=["a", "b", "c"], pool_of_stratum=["u"] * 3
    ).share
    assert leaves.achieved / leaves.rows == pytest.approx(np.tile(share, 2))


# Bad input


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([0], [0], [10], [5], [6]), "6, 5, 10 in leaf number 0"),
        (([0, 0], [0, 0], [10, 10], [5, 11], [1, 1]), "leaf number 1"),
        (([0], [0], [10], [float("nan")], [1]), "leaf number 0"),
        (([0], [0], [10], [5, 5], [1]), "equal shapes"),
        (([-1], [0], [10], [5], [1]), "leaf number 0"),
    ],
)
def test_impossible_leaves_are_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        Leaves.of(*columns)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([5], [6], [0], [[1.0]]), "6, 5 in rate number 0"),
        (([0], [0], [0], [[1.0]]), "rate number 0"),
        (([5], [5], [0], [[1.5]]), "rate number 0"),
        (([5], [5], [0], [1.0]), "shapes"),
    ],
)
def test_impossible_rates_are_refused(columns, words):
    with pytest.raises(ValueError, match=words):
        SharedRates.of(*columns)


def test_impossible_trees_and_places_are_refused():
    leaves = Leaves.of([0, 1], [0, 0], [10, 10], [5, 5], [5, 5])

    with pytest.raises(ValueError, match="region number 1 has the target -1"):
        Tree.of([-1, 0], [[5], [-1]])
    with pytest.raises(ValueError, match=r"shapes \(R,\) and \(R, J\)"):
        Tree.of([-1, 0], [5, 5])
    with pytest.raises(ValueError, match="leaf number 1 is outside the 1 regions and 1 projects"):
        chances(leaves, Tree.of([-1], [[5]]))
    tree = Tree.of([-1, 0], [[5], [5]])
    with pytest.raises(ValueError, match="lent to 2 leaves, got 1"):
        chances(leaves, tree, shared=SharedRates.of([5], [5], [0], [[1.0]]))
    with pytest.raises(ValueError, match="need draws, got 0"):
        chances(leaves, tree, draws=0)
