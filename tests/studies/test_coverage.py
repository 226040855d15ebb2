"""The study itself: a small one finds what is known, and says what it misses."""

import numpy as np
import pytest

from tests.studies.coverage import (
    aggregates,
    cells,
    operators,
    propensity,
    several_cells,
    stopping,
    two_phase,
)
from tests.studies.coverage.__main__ import verdict
from tests.studies.coverage.document import BEGIN, END, as_text, replace_section
from tests.studies.coverage.results import Coverage, Goal, Part, Size, coverage_table, measure

SMALL = Size(replications=300, every=30)


@pytest.fixture(scope="module")
def one_cell():
    return cells.study(Size(replications=1, every=12), map)


def least(part, method):
    return min(point.covered for point in part.by_method[method])


def test_the_exact_interval_keeps_its_level_and_wald_is_caught(one_cell):
    assert least(one_cell, cells.EXACT) >= 0.95
    assert least(one_cell, "wald") < 0.5
    assert all(goal.met for goal in one_cell.goals)


def test_coverage_of_a_cell_is_the_chance_of_the_samples_whose_interval_holds_the_truth():
    # Of 26 all but one are achieved: a sample of 10 misses that one with chance 16/26, and then
    # Wald's interval has no width.
    found = cells.enumerate_cell((26, 10))

    at = list(found.truths).index(25)
    assert found.coverage["wald"][at].above == pytest.approx(16 / 26)
    assert found.coverage[cells.EXACT][at].covered == pytest.approx(1)


def test_strata_catch_wald_and_rs_beta_and_clear_the_conservative_interval():
    part = aggregates.study(Size(replications=300, every=50), map)

    assert least(part, "wald") < 0.8
    assert least(part, "korn_graubard") < least(part, aggregates.CONSERVATIVE)
    assert least(part, aggregates.CONSERVATIVE) > 0.93


def test_visits_take_away_the_bias_that_respondents_have():
    liars = next(s for s in two_phase.settings(Size(2000)) if s.scenario.name == "false hide")
    found = two_phase.simulate(liars)

    assert found.bias["respondents only"] > two_phase.OFF
    assert abs(found.bias["two-phase"]) < 0.005
    assert found.coverage[two_phase.PHONE_ONLY].covered < 0.7
    assert found.coverage[two_phase.CONSERVATIVE].covered > 0.93


@pytest.mark.parametrize("study", [operators, propensity, several_cells, stopping])
def test_every_study_runs_from_settings_to_text(study):
    part = study.study(SMALL, map)

    text = as_text(part)
    assert part.title in text
    assert part.settings in text
    assert all(str(goal) in text for goal in part.goals)


def test_the_same_seed_gives_the_same_figures():
    setting = next(operators.settings(SMALL))

    assert operators.simulate(setting) == operators.simulate(setting)


def test_a_limit_that_equals_the_truth_holds_it_and_misses_are_told_apart():
    low, high = np.array([0.9, 0.95, 0.1, 0.9]), np.array([1.0, 1.0, 0.5, 0.94])

    found = measure((low, high), 0.9)

    assert found == Coverage(covered=0.5, above=0.25, below=0.25, width=pytest.approx(0.1475))


def test_a_missed_goal_is_printed_and_fails_the_command(capsys):
    goals = [Goal("kept", 0.97, at_least=0.95), Goal("bias", 0.004, at_most=0.001)]

    assert verdict(goals) == 1
    assert "MISSED: bias 0.0040 (≤ 0.001)" in capsys.readouterr().out
    assert verdict(goals[:1]) == 0


def test_a_goal_without_a_figure_is_missed():
    assert not Goal("nothing measured", float("nan"), at_least=0.9).met


def test_the_section_between_the_markers_is_replaced_and_the_rest_stays(tmp_path):
    page = tmp_path / "statistics.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    methods = {"wald": [Coverage(0.5, 0.5, 0.0, 0.1)]}
    part = Part("x", "Title", "settings", (coverage_table(methods),), (), methods)

    for _ in range(2):
        replace_section(page, [part], SMALL)

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert text.count("| `wald` | 0.500 | 0.500 | 0.500 | 0.1000 |") == 1
    assert "\nold\n" not in text


def test_a_page_without_markers_is_refused(tmp_path):
    page = tmp_path / "statistics.md"
    page.write_text("no markers", encoding="utf-8")

    with pytest.raises(ValueError, match="coverage-study:begin"):
        replace_section(page, [], SMALL)
