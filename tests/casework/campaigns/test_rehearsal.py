"""Rehearsing a design on paper."""

from dataclasses import replace

import numpy as np
import pytest

from casework.campaigns.designing import Terms, Visits, make_design, positions
from casework.campaigns.rehearsal import Scene, rehearse
from sampling.plan import Design
from tests.casework.campaigns.planning_cases import assumptions, province

COUNTIES = province(0.85)
SCENE = Scene(COUNTIES.names, COUNTIES.pools, COUNTIES.projects, COUNTIES.target)
WORLD = assumptions(COUNTIES)
TIMES = 8


def tried(design, world=WORLD, scene=SCENE, seed=1):
    return rehearse(scene, design, world, times=TIMES, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def design():
    return make_design(COUNTIES, Terms(150_000, visits=Visits.WHOLE), WORLD)


def test_a_rehearsal_covers_the_truth_and_seldom_decides_wrongly(design):
    found = tried(design)

    county, unit, project = found.tallies
    assert [tally.level for tally in found.tallies] == ["county", "unit", "project"]
    assert (county.judged, unit.judged, project.judged) == (19 * TIMES, 4 * TIMES, TIMES)
    assert sum(county.decisions.values()) == county.judged
    assert county.coverage > 0.93
    assert county.wrong_met + county.wrong_not_met <= 0.03 * county.judged
    assert 0.05 < county.undetermined < 0.6
    assert found.undetermined.sum() == county.decisions["undetermined"]
    assert found.calls == design.sizes.sum()
    assert found.visits == design.sizes.sum()
    assert found.money == pytest.approx(150_000, rel=0.02)


def test_the_same_seed_rehearses_the_same_and_designs_meet_the_same_truths(design):
    again, other = tried(design), tried(replace(design, sizes=design.sizes + 5))

    assert tried(design).undetermined.tolist() == again.undetermined.tolist()
    assert other.tallies[0].truly_met == again.tallies[0].truly_met
    assert tried(design, seed=2).tallies[0].truly_met != again.tallies[0].truly_met


def test_a_census_decides_everything_and_is_never_wrong():
    census = Design(
        COUNTIES.frame_size,
        COUNTIES.frame_size,
        np.ones((19, len(WORLD.answers.names))),
        positions(COUNTIES.pools),
    )

    found = tried(census)

    assert found.undetermined.tolist() == [0] * TIMES
    assert all(t.wrong_met + t.wrong_not_met == 0 for t in found.tallies)
    assert all(t.coverage == 1 for t in found.tallies)


def test_lies_that_nobody_checks_decide_nothing(design):
    unchecked = replace(design, visit_rates=np.where(WORLD.answers.yes, 0.0, design.visit_rates))

    found = tried(unchecked)

    assert found.tallies[0].decisions["met"] == 0


def test_counties_without_a_target_are_not_judged(design):
    target = COUNTIES.target.copy()
    target[:6] = np.nan
    found = tried(design, scene=replace(SCENE, target=target))

    county, unit, project = found.tallies
    assert county.judged == 13 * TIMES
    assert unit.judged == 3 * TIMES  # the first unit has none either
    assert project.judged == 0
    assert project.undetermined == 0


def test_false_counties_are_found_out_or_left_open():
    world = assumptions(COUNTIES, false=1.0)
    design = make_design(COUNTIES, Terms(150_000, visits=Visits.STANDARD), world)

    county = tried(design, world).tallies[0]

    missing = county.judged - county.truly_met
    assert missing > 0.6 * county.judged
    assert county.wrong_met < 0.05 * missing


def test_a_rehearsal_takes_place_once_at_least(design):
    with pytest.raises(ValueError, match="once or more, got 0"):
        rehearse(SCENE, design, WORLD, times=0, rng=np.random.default_rng(1))
