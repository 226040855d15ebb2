"""Designs for a budget, by every rule of spreading it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from casework.campaigns.deciding import Way, decided, decisive_design
from casework.campaigns.designing import (
    HalfWidths,
    Method,
    Terms,
    Visits,
    make_design,
    positions,
    task_of,
    ways_of_visiting,
)
from casework.campaigns.errors import BudgetTooSmall, HalfWidthsMissing, HalfWidthsOutOfReach
from casework.campaigns.planning import outlook
from sampling.plan import cost_of_case
from tests.casework.campaigns.planning_cases import assumptions, province

SIZES = np.array([300, 500, 800, 1200, 2000, 4000] * 3 + [900])
LINES = np.array([0.82, 0.86, 0.90, 0.96, 0.99, 1.0] * 3 + [0.85])
COUNTIES = province(LINES, SIZES)
WORLD = assumptions(COUNTIES)
WIDE = HalfWidths(county=0.08, unit=0.05)


@cache  # a design depends on nothing else and is never changed
def designed(method, visits):
    """The design for 90,000 yuan."""
    half_widths = WIDE if method is Method.PRECISION else HalfWidths()
    return make_design(COUNTIES, Terms(90_000, method, visits, half_widths), WORLD)


def money(design):
    share = WORLD.belief.expected()
    return design.sizes @ cost_of_case(WORLD.answers, share, design.visit_rates, WORLD.costs)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("visits", Visits)
def test_every_rule_keeps_the_budget_the_frame_and_the_floors(method, visits):
    design = designed(method, visits)

    assert 88_000 < money(design) <= 90_000
    assert np.all((design.sizes >= 20) & (design.sizes <= SIZES))
    for unit in set(COUNTIES.units):
        inside = [h for h, u in enumerate(COUNTIES.units) if u == unit]
        assert np.ptp(design.visit_rates[inside], axis=0).max() == 0


def test_calls_go_where_they_decide():
    design = designed(Method.DECISIONS, Visits.WHOLE)

    of_line = {line: design.sizes[line == LINES].max() for line in np.unique(LINES)}
    assert of_line[0.99] == of_line[1.0] == 20  # nothing to be proven there
    assert min(of_line[0.82], of_line[0.86]) > 30


@pytest.mark.parametrize("visits", Visits)
def test_no_other_rule_is_expected_to_decide_more(visits):
    found = {method: decided(designed(method, visits), COUNTIES.target, WORLD) for method in Method}

    assert max(found, key=found.get) is Method.DECISIONS


def test_the_best_visits_are_no_worse_than_either_way():
    found = {
        visits: decided(designed(Method.DECISIONS, visits), COUNTIES.target, WORLD)
        for visits in Visits
    }

    assert found[Visits.BEST] >= max(found[Visits.STANDARD], found[Visits.WHOLE]) - 0.05


def test_equal_and_proportional_sizes_are_what_they_say():
    small = {"visits": Visits.WHOLE, "fewest": 1}
    equal = make_design(COUNTIES, Terms(90_000, Method.EQUAL, **small), WORLD)
    in_proportion = make_design(COUNTIES, Terms(90_000, Method.PROPORTIONAL, **small), WORLD)

    assert np.ptp(equal.sizes) <= 1
    assert in_proportion.sizes / SIZES == pytest.approx(700 / SIZES.sum(), rel=0.15)


def test_half_widths_are_floors_for_the_other_rules():
    terms = Terms(300_000, visits=Visits.WHOLE, half_widths=HalfWidths(unit=0.03))

    design = make_design(COUNTIES, terms, WORLD)

    expected = outlook(design, COUNTIES.target, positions(COUNTIES.projects), WORLD)
    assert np.all(expected.unit_half_width < 0.0305)
    loose = make_design(COUNTIES, replace(terms, half_widths=HalfWidths()), WORLD)
    wide = outlook(loose, COUNTIES.target, positions(COUNTIES.projects), WORLD)
    assert wide.unit_half_width.max() > 0.04


def test_a_units_visits_keep_the_floors_of_the_protocol_in_every_project():
    twice = province(LINES[:7].tolist() + LINES[:12].tolist())
    twice = replace(twice, projects=["re_employment"] * 6 + ["hardship"] * 13)
    world = assumptions(twice)

    (way,) = ways_of_visiting(twice, Terms(1.0, visits=Visits.STANDARD), world)

    weight, _ = world.belief.nodes().mixed(world.answers)
    yes = world.answers.names.index("achieved")
    rows = np.zeros(len(set(twice.pools)))
    np.add.at(rows, positions(twice.pools), way.lower * weight[:, yes] * way.rates[:, yes])
    full = way.rates[:, yes][np.unique(positions(twice.pools), return_index=True)[1]] == 1
    assert np.all((rows >= 20) | full)
    assert way.rates[:, yes].min() >= 0.2
    assert np.all(way.rates[:, world.answers.no] == 1)


def test_a_budget_below_the_floors_is_refused_with_the_numbers():
    with pytest.raises(BudgetTooSmall) as refused:
        make_design(COUNTIES, Terms(5_000), WORLD)

    facts = refused.value.facts
    assert facts["budget"] == 5_000
    assert facts["cases"] >= 20 * 19
    assert 20_000 < facts["needed"] < 60_000


def test_half_widths_that_not_even_a_census_reaches_are_refused_by_name():
    terms = Terms(90_000, visits=Visits.STANDARD, half_widths=HalfWidths(county=0.001))

    with pytest.raises(HalfWidthsOutOfReach) as refused:
        make_design(COUNTIES, terms, WORLD)

    assert refused.value.facts["region"] in COUNTIES.names
    assert refused.value.facts["factor"] > 1
    with pytest.raises(HalfWidthsMissing):
        make_design(COUNTIES, Terms(90_000, Method.PRECISION), WORLD)


def test_there_must_be_a_way_to_visit():
    with pytest.raises(ValueError, match="no way of visiting"):
        decisive_design(task_of(COUNTIES), [], 90_000, WORLD)
    dear = Way(np.ones((19, len(WORLD.answers.names))), np.full(19, 20))
    with pytest.raises(ValueError, match="the minimum sizes cost 48,999"):
        decisive_design(task_of(COUNTIES), [dear], 5_000, WORLD)
