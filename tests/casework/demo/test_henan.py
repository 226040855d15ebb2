"""The design of Henan at full scale."""

import numpy as np
import pytest

from casework.cases.models import PhoneClass
from casework.demo.henan import (
    NAMES,
    YES,
    henan_answers,
    henan_costs,
    henan_counties,
)
from casework.demo.scale import units


def test_it_has_every_county_of_two_projects_and_the_units_of_the_third():
    counties = henan_counties()

    by_project = {p: [c for c in counties if c.project == p] for p in {c.project for c in counties}}
    assert {p: len(rows) for p, rows in by_project.items()} == {
        "re_employment": 158,
        "hardship": 158,
        "overcapacity": 10,
    }
    targets = {p: sum(c.target for c in rows) for p, rows in by_project.items()}
    assert targets == {"re_employment": 350_000, "hardship": 120_000, "overcapacity": 32_386}
    assert {c.unit for c in counties} == set(units())
    assert all(c.frame_size > 0 for c in counties)


def test_the_phone_classes_are_those_of_the_cases():
    assert set(NAMES) == {str(each.value) for each in PhoneClass}
    assert [name for name, yes in zip(NAMES, YES, strict=True) if yes] == ["achieved", "deemed"]


def test_invented_people_are_harder_to_reach_and_say_yes_more_often():
    answers = henan_answers()
    by_name = {name: i for i, name in enumerate(NAMES)}

    dead = by_name["dead_number"]
    assert answers.true[dead] < answers.untrue[dead] < answers.made_up[dead]
    yes = by_name["achieved"]
    assert answers.untrue[yes] < answers.made_up[yes] < answers.true[yes]
    assert answers.true[by_name["not_achieved"]] == 0


def test_a_case_takes_about_two_attempts_where_people_answer_and_six_where_they_do_not():
    attempts = dict(zip(NAMES, henan_costs().attempts, strict=True))

    assert attempts["achieved"] == pytest.approx(2.14, abs=0.01)
    assert attempts["no_answer"] == 6
    assert np.all(henan_costs().attempts >= 1)
