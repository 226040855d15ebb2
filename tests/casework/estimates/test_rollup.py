"""The roll-up is three-valued, counts every child, and says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.estimates.models import Completion
from casework.estimates.rollup import AS_CHILD, Reason, roll_up, roll_up_tree
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.decision import Decision

decisions = st.sampled_from(Decision)
any_decisions = st.lists(decisions)
#: From good to bad; making a child worse may never make its parent better.
ORDER = [Completion.COMPLETE, Completion.UNDETERMINED, Completion.NOT_COMPLETE]


@given(any_decisions)
def test_one_child_not_met_makes_the_region_not_complete(children):
    assert roll_up([*children, Decision.NOT_MET]) is Completion.NOT_COMPLETE


@given(st.lists(st.sampled_from([Decision.MET, Decision.NO_TASK, Decision.UNDETERMINED])))
def test_one_undetermined_child_leaves_the_region_undetermined(children):
    assert roll_up([*children, Decision.UNDETERMINED]) is Completion.UNDETERMINED


@given(st.lists(st.sampled_from([Decision.MET, Decision.NO_TASK])))
def test_a_region_is_complete_when_every_child_with_a_task_is_met(children):
    assert roll_up([*children, Decision.MET]) is Completion.COMPLETE


@given(any_decisions)
def test_regions_without_a_task_change_nothing(children):
    assert roll_up([*children, Decision.NO_TASK]) is roll_up(children)


@given(any_decisions)
def test_the_order_of_the_children_does_not_matter(children):
    assert roll_up(children) is roll_up(reversed(children))


@given(any_decisions, st.sampled_from([Decision.MET, Decision.UNDETERMINED, Decision.NOT_MET]))
def test_rolling_up_in_two_steps_gives_the_same_as_in_one(children, further):
    """A county's completion stands for all of its lines."""
    grouped = AS_CHILD[roll_up(children)]
    assert roll_up([grouped, further]) is roll_up([*children, further])


@given(st.lists(decisions, min_size=1), st.data())
def test_a_worse_child_never_makes_the_region_better(children, data):
    worse = {Decision.MET: Decision.UNDETERMINED, Decision.UNDETERMINED: Decision.NOT_MET}
    at = data.draw(st.integers(0, len(children) - 1))
    before = roll_up(children)
    children[at] = worse.get(children[at], children[at])
    after = roll_up(children)
    if before is not Completion.NO_TASK:
        assert ORDER.index(after) >= ORDER.index(before)


def test_nothing_but_no_task_is_no_task():
    assert roll_up([]) is Completion.NO_TASK
    assert roll_up([Decision.NO_TASK]) is Completion.NO_TASK


P1, P2 = Project.RE_EMPLOYMENT, Project.HARDSHIP


def test_a_unit_falls_with_one_of_its_counties_and_the_reasons_name_it():
    own = {
        PROVINCE: {P1: Decision.MET},
        "411200": {P1: Decision.MET, P2: Decision.MET},
        "411221": {P1: Decision.MET},
        "411202": {P1: Decision.NOT_MET},
    }
    children = {PROVINCE: ["411200"], "411200": ["411202", "411221"]}
    sums = roll_up_tree(own, children)
    assert sums["411200"].completion is Completion.NOT_COMPLETE
    assert sums["411200"].reasons == (
        Reason("411200", P1, Decision.MET),
        Reason("411200", P2, Decision.MET),
        Reason("411202", None, Decision.NOT_MET),
        Reason("411221", None, Decision.MET),
    )
    assert sums[PROVINCE].completion is Completion.NOT_COMPLETE


def test_a_county_without_a_task_does_not_hold_its_unit_back():
    own = {"411200": {P1: Decision.MET}, "411221": {P1: Decision.NO_TASK}}
    sums = roll_up_tree(own, {"411200": ["411221"]}, root="411200")
    assert sums["411200"].completion is Completion.COMPLETE
    assert sums["411221"].completion is Completion.NO_TASK


def test_a_region_that_hangs_under_two_others_is_refused():
    children = {PROVINCE: ["410100", "410181"], "410100": ["410181"]}
    with pytest.raises(ValueError, match="410181 would be counted twice"):
        roll_up_tree({}, children)
