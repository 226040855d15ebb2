"""Runs on small surveys whose figures are worked out by hand, on both engines."""

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select

import casework
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import CampaignState
from casework.cases.models import PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.models import Completion, EstimateRow, EstimateRun, Level, RollUp, RunState
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.visits.models import Visit, VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_finding,
    computed,
    enter_desk,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user

P1, P3 = Project.RE_EMPLOYMENT, Project.OVERCAPACITY
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def row_of(run: EstimateRun, level: Level, region: str, project: Project = P1) -> EstimateRow:
    return db.session.scalars(
        select(EstimateRow).where(
            EstimateRow.run_id == run.id,
            EstimateRow.level == level,
            EstimateRow.region_code == region,
            EstimateRow.project == project,
        )
    ).one()


def completion(run: EstimateRun, region: str) -> Completion:
    return db.session.get_one(RollUp, (run.id, region)).completion


def test_visits_correct_what_the_phone_said(app):
    """40 of 100 called: 30 say yes, 20 of them seen, 15 true; 10 say no and are leads, 2 true."""
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=15),
        Said(site="N1", reason=RANDOM, times=5),
        Said(times=10),
        Said(PhoneClass.NOT_ACHIEVED, "V1", LEAD, times=2),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD, times=8),
        frame_size=100,
    )
    set_target(campaign, LINYING, 90, P1)
    run = computed(campaign)
    row = row_of(run, Level.PLACE, LINYING)
    assert row.completed == pytest.approx((30 * 15 / 20 + 2) / 40 * 100)
    assert (row.frame_size, row.sampled, row.resolved) == (100, 40, 40)
    assert row.rate == pytest.approx(row.completed / 90)
    assert row.decision == "not_met"
    classes = {c["name"]: c for c in row.classes["classes"]}
    assert classes["achieved"]["rows"] == 30
    assert (classes["achieved"]["visited"], classes["achieved"]["achieved"]) == (20, 15)
    assert classes["achieved"]["rate"] == pytest.approx(0.75)
    assert (classes["lead"]["rows"], classes["lead"]["achieved"]) == (10, 2)
    assert row.classes["leads"] == {"not_achieved": [10, 10, 2]}
    assert row.classes["outcomes"] == {"V1": 27, "N1": 13}
    assert sum(c["persons"] for c in row.classes["classes"]) == pytest.approx(row.completed)


def test_a_correction_replaces_what_was_found_before(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=4), frame_size=4)
    set_target(campaign, LINYING, 4, P1)
    visit = db.session.scalars(select(Visit).order_by(Visit.id).limit(1)).one()
    add_finding(visit, "N1")
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    assert row.completed == pytest.approx(3)
    assert row.decision == "not_met"


def test_what_is_not_released_does_not_exist(app):
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=3),
        Said(phone=None, released=False, times=5),
        frame_size=3,
    )
    set_target(campaign, LINYING, 3, P1)
    run = computed(campaign)
    row = row_of(run, Level.PLACE, LINYING)
    assert (row.sampled, row.decision) == (3, "met")
    assert "census" in row.flags
    assert not run.interim


def test_a_run_with_unfinished_cases_is_interim(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=3), Said(phone=None, times=2), frame_size=20)
    run = computed(campaign)
    assert run.interim
    row = row_of(run, Level.PLACE, LINYING)
    assert (row.sampled, row.resolved) == (5, 3)
    assert "interim" in row.flags


def test_a_visit_that_established_nothing_leaves_the_case_unresolved(app):
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=5),
        Said(PhoneClass.REFUSED, "U1", RANDOM, times=5),
        frame_size=10,
    )
    set_target(campaign, LINYING, 8, P1)
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    assert row.resolved == 5
    assert (row.bounds_low, row.bounds_high) == pytest.approx((0.5, 1.0))
    assert row.decision == "undetermined"


def test_a_claim_that_says_not_resettled_counts_as_not_achieved_without_a_call(app):
    campaign = make_released_campaign(projects=(P3,))
    make_stratum(
        campaign,
        Said(site="S1", reason=RANDOM, times=6),
        Said(phone=None, claims_not_settled=True, times=4),
        frame_size=10,
        region=LUOHE,
        project=P3,
        enterprise="演示矿业公司",
    )
    set_target(campaign, LUOHE, 7, P3)
    run = computed(campaign)
    row = row_of(run, Level.UNIT, LUOHE, P3)
    assert (row.completed, row.resolved, row.decision) == (pytest.approx(6), 10, "not_met")
    levels = set(db.session.scalars(select(EstimateRow.level).where(EstimateRow.run_id == run.id)))
    assert levels == {Level.STRATUM, Level.UNIT, Level.PROVINCE}
    assert not run.interim


def test_a_region_with_a_task_and_no_entries_is_not_met(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=2)
    set_target(campaign, WUYANG, 5, P1)
    run = computed(campaign)
    assert row_of(run, Level.PLACE, WUYANG).decision == "not_met"
    assert row_of(run, Level.PLACE, LINYING).decision == "no_task"
    assert completion(run, LUOHE) is Completion.NOT_COMPLETE


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


def test_phone_answers_that_nobody_audited_decide_nothing(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=10), frame_size=10)
    set_target(campaign, LINYING, 5, P1)
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    assert row.decision == "undetermined"
    assert "phone_unaudited" in row.flags


def test_a_county_borrows_the_audit_rate_of_its_unit_and_says_so(app):
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=20),
        Said(site="N1", reason=RANDOM, times=10),
        Said(times=10),
        frame_size=80,
        region=WUYANG,
    )
    make_stratum(campaign, Said(times=20), frame_size=40)
    set_target(campaign, LINYING, 38, P1)
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    assert "pooled_audit" in row.flags
    assert row.completed == pytest.approx(40 * 20 / 30)
    (achieved,) = row.classes["classes"]
    assert (achieved["basis"], achieved["basis_visits"]) == ("borrowed", 30)


def test_computing_twice_changes_nothing(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=3), frame_size=10)
    run = computed(campaign)
    ids = db.session.scalars(select(EstimateRow.id).where(EstimateRow.run_id == run.id)).all()
    compute_run(run.uid, at=NOON)
    again = db.session.scalars(select(EstimateRow.id).where(EstimateRow.run_id == run.id)).all()
    assert ids == again
    assert (run.state, run.steps_done) == (RunState.DONE, run.steps_total)


def test_the_digest_names_the_inputs_and_nothing_else(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=3), Said(reason=RANDOM), frame_size=10)
    first = computed(campaign).input_digest
    assert computed(campaign).input_digest == first
    visit = db.session.scalars(select(Visit)).one()
    add_finding(visit, "V1")
    second = computed(campaign).input_digest
    assert second != first
    set_target(campaign, LINYING, 5, P1)
    assert computed(campaign).input_digest != second


def test_data_that_contradict_each_other_fail_the_run_and_leave_no_row(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=3), frame_size=2)
    run = computed(campaign)
    assert run.state is RunState.FAILED
    assert "has 3 cases but 2 entries" in run.failure
    assert db.session.scalar(select(EstimateRow.id).where(EstimateRow.run_id == run.id)) is None


def test_an_outcome_that_no_table_has_fails_the_run(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=9)
    add_finding(db.session.scalars(select(Visit).limit(1)).one(), "X9")
    run = computed(campaign)
    assert run.state is RunState.FAILED
    assert "not in the table: X9" in run.failure


def test_a_second_request_joins_the_one_that_waits(app):
    campaign = make_released_campaign()
    verifier = make_user(Role.VERIFIER)
    first = request_run(campaign.id, actor=verifier, at=NOON)
    assert request_run(campaign.id, actor=verifier, at=NOON).id == first.id
    other = request_run(campaign.id, actor=verifier, at=NOON, interval="wilson_capped")
    assert other.id != first.id


def test_a_request_is_audited(app):
    campaign = make_released_campaign()
    request_run(campaign.id, actor=make_user(Role.VERIFIER), at=NOON)
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.ESTIMATE_REQUEST)
    ).one()
    assert event.subject == f"campaign:{campaign.id}"


def test_nothing_is_estimated_before_anything_is_released(app):
    campaign = make_released_campaign()
    campaign.state = CampaignState.DRAWN
    db.session.commit()
    with pytest.raises(NotAllowedNow):
        request_run(campaign.id, actor=make_user(Role.VERIFIER), at=NOON)


def test_a_verifier_of_another_city_does_not_find_the_campaign(app):
    campaign = make_released_campaign(units=(LANKAO,))
    with pytest.raises(NotFound):
        request_run(campaign.id, actor=make_user(Role.VERIFIER, region=LUOHE), at=NOON)


def test_the_code_version_is_that_of_the_package():
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert casework.__version__ == project["version"]
