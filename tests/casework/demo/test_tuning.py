from collections import Counter

import pytest

from casework.demo.ledgers import Demonstration
from casework.demo.scale import DEFAULT_SCALE, scaled_targets, units
from casework.demo.sources import DEFAULT_SEED
from casework.demo.tuning import MISSING_COUNTIES, plan_cells
from casework.ledgers.projects import Project

TRULY_MISSING = {
    (Project.RE_EMPLOYMENT, "411200"),
    (Project.RE_EMPLOYMENT, "410526"),
    (Project.RE_EMPLOYMENT, "411481"),
    (Project.HARDSHIP, "411500"),
    (Project.HARDSHIP, "411600"),
    (Project.OVERCAPACITY, "410400"),
}


def true_margins(scale: float, seed: str) -> dict[tuple[Project, str], float]:
    true: Counter[tuple[Project, str]] = Counter()
    for plan in plan_cells(seed, scale):
        true[plan.project, plan.place.unit_code] += plan.true
    return {
        (t.project, t.region): true[t.project, t.region] / t.persons - 1
        for t in scaled_targets(scale)
        if t.region in units()
    }


@pytest.mark.parametrize("scale", [0.01, 0.02, DEFAULT_SCALE, 0.1, 1.0])
def test_exactly_the_named_units_truly_miss_and_the_others_meet_by_2_to_15_percent(scale: float):
    margins = true_margins(scale, DEFAULT_SEED)
    assert {key for key, margin in margins.items() if margin < 0} == TRULY_MISSING
    assert all(0.02 <= m <= 0.15 for key, m in margins.items() if key not in TRULY_MISSING)


def test_the_tuning_holds_for_any_seed():
    for seed in ("1", "2", "另一个"):
        margins = true_margins(DEFAULT_SCALE, seed)
        assert {key for key, margin in margins.items() if margin < 0} == TRULY_MISSING


def test_the_province_exceeds_every_target():
    plans = plan_cells(DEFAULT_SEED, DEFAULT_SCALE)
    targets = scaled_targets(DEFAULT_SCALE)
    for project in (Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY):
        true = sum(plan.true for plan in plans if plan.project is project)
        of_units = [t for t in targets if t.project is project and t.region in units()]
        assert true > sum(t.persons for t in of_units)


def test_counties_of_a_complete_unit_meet_their_own_targets_but_for_the_named_ones():
    missing = {
        (plan.project, plan.place.code)
        for plan in plan_cells(DEFAULT_SEED, DEFAULT_SCALE)
        if (plan.project, plan.place.unit_code) not in TRULY_MISSING
        and plan.target is not None
        and plan.true < plan.target
    }
    assert missing == set(MISSING_COUNTIES)


def test_the_written_truth_is_the_planned_truth(demonstration: Demonstration):
    completed = demonstration.truth.completed()
    for plan in demonstration.plans:
        assert completed[plan.project, plan.place.code] == plan.true
    assert sum(f.rows for f in demonstration.ledgers) == sum(p.claim for p in demonstration.plans)


def test_overcapacity_is_claimed_by_units_with_a_task_from_two_to_six_mines(
    demonstration: Demonstration,
):
    mines: dict[str, set[str]] = {}
    for row in demonstration.truth.rows:
        if row.project is Project.OVERCAPACITY:
            mines.setdefault(row.unit, set()).add(row.enterprise)
    assert len(mines) == 10
    assert all(2 <= len(names) <= 6 for names in mines.values())
    assert all("示例煤业" in name for names in mines.values() for name in names)
