"""What a design is expected to decide, against the decisions of the estimation itself."""

import time

import numpy as np
import pytest
from scipy.stats import hypergeom

from casework.campaigns.belief import Belief, Nodes
from casework.campaigns.designing import positions
from casework.campaigns.extrapolating import Trial
from casework.campaigns.planning import decision_chances, outlook
from casework.campaigns.rehearsal import Scene, rehearse
from casework.demo.henan import NAMES, henan_answers
from sampling.plan import Design
from tests.casework.campaigns.planning_cases import assumptions, province, rates

ANSWERS = henan_answers()


def whole(N, T, n):
    """Trials of counties in which everybody is visited."""
    N, T, n = (np.atleast_1d(v) for v in (N, T, n))
    R, G = len(N), len(NAMES)
    ones = np.ones((R, G))
    return Trial(N, T.astype(float), n, ones, ones * 0, np.zeros(R, dtype=bool))


def surely(share, R=1):
    return Nodes(np.full((R, 1), share), np.array([1.0]), np.array([False]))


@pytest.mark.parametrize(
    ("N", "T", "n", "share"),
    [
        *((800, 680, 30, 0.965), (800, 680, 60, 0.80), (120, 100, 40, 0.95), (60, 50, 55, 0.9)),
        *((2000, 1900, 300, 0.98), (3000, 2700, 400, 0.90), (31, 31, 30, 0.97), (30, 25, 30, 0.9)),
    ],
)
def test_where_everybody_is_visited_the_chances_are_those_of_the_exact_test(N, T, n, share):
    true = round(N * share)
    x = np.arange(n + 1)
    weight = hypergeom.pmf(x, N, true, n)
    met = hypergeom.sf(x - 1, N, T - 1, n) <= 0.05
    not_met = hypergeom.cdf(x, N, T, n) <= 0.05

    found = decision_chances(whole(N, T, n), surely(share), ANSWERS)

    assert found.met[0] == pytest.approx(weight[met].sum(), abs=0.01)
    assert found.not_met[0] == pytest.approx(weight[not_met].sum(), abs=0.01)
    assert found.undetermined[0] == pytest.approx(1 - found.met[0] - found.not_met[0])


def test_what_needs_no_sample_is_decided_and_what_has_no_target_is_not():
    trial = whole([100, 100, 100], [101, np.nan, 90], [20, 20, 0])
    found = decision_chances(trial, surely(0.9, R=3), ANSWERS)

    assert found.not_met.tolist() == [1, 0, 0]
    assert found.met.tolist() == [0, 0, 0]


def design_of(counties, sizes, visit_rates):
    H = len(counties.names)
    return Design(
        counties.frame_size,
        np.full(H, sizes),
        np.tile(visit_rates, (H, 1)),
        positions(counties.pools),
    )


@pytest.mark.parametrize(
    ("yes", "unresolved", "sizes", "line"),
    [(1, 1, 45, 0.85), (0.25, 1, 70, 0.85), (0.3, 0.5, 150, 0.85), (0.4, 1, 120, 0.90)],
    ids=["whole", "borrowing", "all by part", "half borrowing"],
)
def test_the_share_expected_to_be_decided_is_what_rehearsals_decide(yes, unresolved, sizes, line):
    counties = province(line)
    world = assumptions(counties)
    design = design_of(counties, sizes, rates(yes, unresolved))
    scene = Scene(counties.names, counties.pools, counties.projects, counties.target)

    expected = outlook(design, counties.target, positions(counties.projects), world)
    tried = rehearse(scene, design, world, times=60, rng=np.random.default_rng(2))

    judged = len(counties.names)
    spread = tried.undetermined.std() / np.sqrt(60) / judged
    found = tried.undetermined.mean() / judged
    assert 0.05 < found < 0.9
    assert expected.undetermined / judged == pytest.approx(found, abs=0.04 + 2 * spread)
    assert expected.work.visits == pytest.approx(tried.visits, rel=0.02)
    assert expected.work.attempts == pytest.approx(tried.attempts, rel=0.02)


def test_more_calls_and_more_audits_decide_more():
    counties = province()
    world = assumptions(counties)
    project = positions(counties.projects)

    def undetermined(sizes, yes):
        design = design_of(counties, sizes, rates(yes, 1))
        return outlook(design, counties.target, project, world).undetermined

    assert undetermined(120, 0.25) < undetermined(60, 0.25)
    assert undetermined(60, 1) < undetermined(60, 0.25)


def test_a_unit_alone_cannot_be_met_with_fewer_than_twenty_audits():
    counties = province(0.5)
    world = assumptions(counties, false=0.0)
    design = design_of(counties, 40, rates(0.25, 1))

    found = outlook(design, counties.target, positions(counties.projects), world)

    assert found.audits[-1] < 12  # and one deemed or two
    assert found.chances.met[-1] < 0.02
    assert found.chances.met[:-1].min() > 0.9


def test_a_belief_is_averaged_over_honest_and_false_counties():
    belief = Belief(np.array([0.965]), spread=0.45, false=0.2, false_shares=(0.7, 0.9))
    shares, false = zip(*(belief.draw(np.random.default_rng(k)) for k in range(4000)), strict=True)

    assert belief.nodes().weight.sum() == pytest.approx(1)
    assert belief.expected()[0] == pytest.approx(np.mean(shares), abs=0.003)
    assert np.mean(false) == pytest.approx(0.2, abs=0.02)
    assert np.all(
        (np.array(shares)[np.array(false)] > 0.7) & (np.array(shares)[np.array(false)] < 0.9)
    )


@pytest.mark.parametrize("wrong", [{"mean": np.array([1.0])}, {"false": 1.2}, {"spread": -1}])
def test_an_impossible_belief_is_refused(wrong):
    with pytest.raises(ValueError, match="need"):
        Belief(**({"mean": np.array([0.9])} | wrong))


@pytest.mark.benchmark
def test_sliders_can_ask_for_474_counties_at_once():
    rng = np.random.default_rng(1)
    H = 474
    N = rng.integers(200, 6000, H)
    pool = np.sort(rng.integers(0, 54, H))
    design = Design(
        N, np.minimum(rng.integers(20, 200, H), N), np.tile(rates(0.3, 0.5), (H, 1)), pool
    )
    counties = province()
    world = assumptions(counties)
    world = type(world)(Belief(np.full(H, 0.965)), world.answers, world.costs)

    seconds = []
    for _ in range(5):
        begin = time.process_time()
        outlook(design, np.floor(N * rng.uniform(0.8, 1.0, H)), pool % 3, world)
        seconds.append(time.process_time() - begin)

    print(f"outlook of 474 counties: {min(seconds) * 1000:.0f} ms of processor time")
    assert min(seconds) < 0.5
