import numpy as np
import pytest

from casework.demo.scale import (
    full_table,
    largest_remainder,
    overcapacity_targets,
    scaled_targets,
    units,
)
from casework.ledgers.projects import Project


def test_a_split_is_exact_and_close_to_its_shares():
    weights = np.array([3.0, 1.0, 1.0, 2.0])
    parts = largest_remainder(weights, 100)
    assert parts.sum() == 100
    assert np.all(np.abs(parts - weights / weights.sum() * 100) < 1)


def test_equal_remainders_go_to_the_earlier_places():
    assert largest_remainder([1, 1, 1, 1], 6).tolist() == [2, 2, 1, 1]


def test_nothing_can_be_split_by_weights_of_zero():
    with pytest.raises(ValueError, match="cannot split 3"):
        largest_remainder([0, 0], 3)


def test_at_full_scale_the_targets_are_the_tables():
    by_key = {(t.project, t.region): t for t in scaled_targets(1.0)}
    counties = full_table(Project.RE_EMPLOYMENT)
    assert sum(counties.values()) == 350_000
    assert all(by_key[Project.RE_EMPLOYMENT, code].persons == n for code, n in counties.items())
    overcapacity = overcapacity_targets(1.0)
    assert sum(t.persons for t in overcapacity) == 32_386
    assert sum(t.carry_over or 0 for t in overcapacity) == 5_459
    assert sum(t.planned or 0 for t in overcapacity) == 26_927
    assert next(t for t in overcapacity if t.region == "410482").persons == 26


@pytest.mark.parametrize("scale", [0.01, 0.05, 0.1, 0.37])
def test_totals_stay_exact_at_every_scale(scale: float):
    targets = scaled_targets(scale)
    persons = {(t.project, t.region): t.persons for t in targets}
    for project, full in ((Project.RE_EMPLOYMENT, 350_000), (Project.HARDSHIP, 120_000)):
        of_units = [t.persons for t in targets if t.project is project and t.region in units()]
        assert sum(of_units) == round(full * scale)
        for unit, own in units().items():
            assert sum(persons[project, p.code] for p in own) == persons[project, unit]
    overcapacity = [t for t in targets if t.project is Project.OVERCAPACITY]
    assert sum(t.persons for t in overcapacity) == round(32_386 * scale)
    assert sum(t.carry_over or 0 for t in overcapacity) == round(5_459 * scale)


def test_each_region_has_one_target_a_project_and_direct_counties_are_not_repeated():
    keys = [(t.project, t.region) for t in scaled_targets(0.05)]
    assert len(keys) == len(set(keys))
    assert len([k for k in keys if k[0] is Project.HARDSHIP]) == 17 + 158
    assert len([k for k in keys if k[0] is Project.OVERCAPACITY]) == 10


def test_carry_over_and_plan_add_up_and_are_never_negative():
    for scale in (0.01, 0.05, 0.5):
        for target in overcapacity_targets(scale):
            assert target.carry_over is not None
            assert target.planned is not None
            assert min(target.carry_over, target.planned) >= 0
            assert target.carry_over + target.planned == target.persons
            assert target.persons >= 20
