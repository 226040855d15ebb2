"""Which decisions a region rests on: its projects, the desk's, its lower regions."""

import pytest
from sqlalchemy import select

from casework.cases.models import PhoneClass
from casework.db import db
from casework.estimates.models import Completion, EstimateRow, EstimateRun, Level, RollUp
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    computed,
    enter_desk,
    make_released_campaign,
    make_stratum,
    row_of,
    set_target,
)
from tests.factories import LANKAO, LUOHE

pytestmark = pytest.mark.one_engine

P1 = Project.RE_EMPLOYMENT
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def completion(run: EstimateRun, region: str) -> Completion:
    return db.session.get_one(RollUp, (run.id, region)).completion


@pytest.mark.both_engines
def test_a_region_with_a_task_and_no_entries_is_not_met(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=2)
    set_target(campaign, WUYANG, 5, P1)
    run = computed(campaign)
    assert row_of(run, Level.PLACE, WUYANG).decision == "not_met"
    assert row_of(run, Level.PLACE, LINYING).decision == "no_task"
    assert completion(run, LUOHE) is Completion.NOT_COMPLETE


@pytest.mark.both_engines
def test_the_province_adds_up_its_units_and_a_direct_county_counts_once(app):
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3)
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=4),
        frame_size=4,
        region=LANKAO,
        unit=LANKAO,
    )
    set_target(campaign, LUOHE, 3, P1)
    set_target(campaign, LANKAO, 4, P1)
    run = computed(campaign)
    total = row_of(run, Level.PROVINCE, PROVINCE)
    assert (total.frame_size, total.completed, total.target) == (7, pytest.approx(7), 7)
    assert total.decision == "met"
    places = db.session.scalars(
        select(EstimateRow.region_code).where(
            EstimateRow.run_id == run.id, EstimateRow.level == Level.PLACE
        )
    ).all()
    assert places == [LINYING]
    assert completion(run, LANKAO) is Completion.COMPLETE
    assert completion(run, PROVINCE) is Completion.UNDETERMINED  # 26 units do not take part


def test_a_county_not_met_takes_its_unit_down_and_the_reasons_name_it(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=5), frame_size=5)
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=1),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD, times=2),
        frame_size=3,
        region=WUYANG,
    )
    set_target(campaign, LUOHE, 6, P1)
    set_target(campaign, LINYING, 4, P1)
    set_target(campaign, WUYANG, 2, P1)
    run = computed(campaign)
    assert row_of(run, Level.UNIT, LUOHE).decision == "met"
    rolled = db.session.get_one(RollUp, (run.id, LUOHE))
    assert rolled.completion is Completion.NOT_COMPLETE
    assert {"region": WUYANG, "project": None, "decision": "not_met"} in rolled.reasons
    assert {"region": LUOHE, "project": "re_employment", "decision": "met"} in rolled.reasons


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, Completion.UNDETERMINED),
        (True, Completion.COMPLETE),
        (False, Completion.NOT_COMPLETE),
    ],
)
def test_a_unit_waits_for_the_outcome_of_its_desk_project(app, entry, expected):
    campaign = make_released_campaign(projects=(Project.NEW_EMPLOYMENT, P1), units=(LANKAO,))
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=3), frame_size=3, region=LANKAO, unit=LANKAO
    )
    set_target(campaign, LANKAO, 3, P1)
    if entry is not None:
        enter_desk(campaign, LANKAO, met=entry)
    assert completion(computed(campaign), LANKAO) is expected


def test_the_province_never_meets_a_desk_task_that_nobody_entered(app):
    campaign = make_released_campaign(projects=(Project.NEW_EMPLOYMENT, P1))
    set_target(campaign, PROVINCE, 1_100_000, Project.NEW_EMPLOYMENT)
    rolled = db.session.get_one(RollUp, (computed(campaign).id, PROVINCE))
    desk = {"region": PROVINCE, "project": "new_employment", "decision": "undetermined"}
    assert desk in rolled.reasons
