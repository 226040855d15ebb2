from datetime import date

import pytest
from sqlalchemy import func, select

from casework.campaigns.design import CampaignPlan, open_campaign, set_targets
from casework.campaigns.errors import DatesOutOfOrder, NameTaken, NothingChosen, TargetsUnreadable
from casework.campaigns.models import Target
from casework.campaigns.target_tables import (
    TargetRow,
    official_overcapacity_targets,
    read_targets,
    target_table,
)
from casework.db import db
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from tests.factories import LUOHE, NOON, make_campaign, make_user

pytestmark = pytest.mark.usefixtures("app")


def plan(**changes) -> CampaignPlan:
    facts = {
        "name": "演示批次",
        "year": 2017,
        "cutoff_on": date(2017, 11, 30),
        "fieldwork_ends_on": date(2017, 12, 31),
        "results_from": date(2018, 1, 15),
        "projects": frozenset({Project.HARDSHIP}),
        "units": frozenset({LUOHE}),
    }
    return CampaignPlan(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"projects": frozenset()}, NothingChosen),
        ({"units": frozenset()}, NothingChosen),
        ({"results_from": date(2017, 12, 1)}, DatesOutOfOrder),
        ({"year": 2015}, DatesOutOfOrder),
        ({"year": 2018}, DatesOutOfOrder),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changes, error):
    with pytest.raises(error):
        open_campaign(plan(**changes), actor=make_user(), at=NOON)


def test_a_name_is_used_once():
    coordinator = make_user()
    open_campaign(plan(), actor=coordinator, at=NOON)

    with pytest.raises(NameTaken):
        open_campaign(plan(), actor=coordinator, at=NOON)


def test_the_official_overcapacity_targets_load_exactly():
    campaign = make_campaign(projects=(Project.OVERCAPACITY,))

    set_targets(campaign.id, official_overcapacity_targets(), actor=make_user(), at=NOON)

    units = [unit.code for unit in load_tree().units]
    of_units = db.session.scalars(select(Target).where(Target.region_code.in_(units))).all()
    province = db.session.scalars(select(Target).where(Target.region_code == PROVINCE)).one()
    assert len(of_units) == 10
    assert sum(t.carry_over for t in of_units) == province.carry_over == 5_459
    assert sum(t.planned for t in of_units) == province.planned == 26_927
    assert sum(t.persons for t in of_units) == province.persons == 32_386


def test_a_region_left_out_has_no_task_and_no_row():
    campaign = make_campaign(projects=(Project.OVERCAPACITY,))

    set_targets(campaign.id, official_overcapacity_targets(), actor=make_user(), at=NOON)

    assert db.session.scalar(select(func.count()).where(Target.region_code == LUOHE)) == 0


@pytest.mark.parametrize(
    "rows",
    [
        [TargetRow(Project.HARDSHIP, "999999", 1)],
        [TargetRow(Project.HARDSHIP, LUOHE, -1)],
        [TargetRow(Project.HARDSHIP, LUOHE, 1), TargetRow(Project.HARDSHIP, LUOHE, 2)],
        [TargetRow(Project.OVERCAPACITY, LUOHE, 5, 1, 3)],
    ],
)
def test_targets_that_cannot_be_right_change_nothing(rows):
    campaign = make_campaign()

    with pytest.raises(TargetsUnreadable):
        set_targets(campaign.id, rows, actor=make_user(), at=NOON)

    assert db.session.scalar(select(func.count()).select_from(Target)) == 0


@pytest.mark.parametrize("text", ["", "project,persons\n", "project,region_code,persons\nx,1,2\n"])
def test_a_table_of_targets_that_cannot_be_read_is_refused_by_line(text):
    with pytest.raises(TargetsUnreadable):
        read_targets(text)


def test_the_table_to_fill_in_is_read_back_without_the_rows_that_were_left_empty():
    campaign = make_campaign(projects=(Project.HARDSHIP, Project.OVERCAPACITY))
    row = TargetRow(Project.HARDSHIP, LUOHE, 7, 3, 4)
    set_targets(campaign.id, [row], actor=make_user(), at=NOON)

    table = target_table(campaign, load_tree())

    assert table.startswith("项目,地区代码,地区,目标任务,上年结转,本年计划\r\n")
    assert f"就业困难人员就业,{LUOHE},漯河市,7,3,4" in table
    assert "就业困难人员就业,411122,漯河市 临颍县\r\n" in table
    assert f"去产能职工安置,{LUOHE},漯河市\r\n" in table
    assert "去产能职工安置,411122" not in table
    assert read_targets(table) == [row]
    filled = table.replace("临颍县", "临颍县,八", 1)
    with pytest.raises(TargetsUnreadable) as refused:
        read_targets(filled)
    assert refused.value.facts == {"line": 1 + filled[: filled.index("八")].count("\n")}


def test_a_table_of_targets_is_read_with_its_components():
    text = "\ufeffproject,region_code,persons,carry_over,planned\novercapacity,410482,26,0,26\n"

    assert read_targets(text) == [TargetRow(Project.OVERCAPACITY, "410482", 26, 0, 26)]
