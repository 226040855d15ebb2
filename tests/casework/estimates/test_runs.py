"""Runs on small surveys whose figures are worked out by hand, on both engines."""

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select

import casework
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import CampaignState
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotAllowedNow, NotFound
from casework.estimates.models import EstimateRow, Level, RunState
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.projects import Project
from casework.visits.models import Visit, VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_finding,
    computed,
    make_released_campaign,
    make_stratum,
    row_of,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user

pytestmark = pytest.mark.one_engine

P1, P3 = Project.RE_EMPLOYMENT, Project.OVERCAPACITY
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


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


@pytest.mark.both_engines
def test_leads_that_are_also_random_do_not_count_twice_against_their_phone_class(app):
    """40 say yes. 20 of them are leads, all false, half of them random; the other 20 are true."""
    campaign = make_released_campaign()
    make_stratum(
        campaign,
        Said(site="N1", reason=LEAD, times=10),
        Said(site="N1", reason=RANDOM, has_lead=True, times=10),
        Said(site="V1", reason=RANDOM, times=10),
        Said(times=10),
        frame_size=40,
    )
    row = row_of(computed(campaign), Level.PLACE, LINYING)
    assert row.completed == pytest.approx(20)
    classes = {c["name"]: (c["rows"], c["visited"]) for c in row.classes["classes"]}
    assert classes == {"lead": (20, 20), "achieved": (20, 10)}
    assert row.classes["leads"] == {"achieved": [20, 20, 0]}


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


def test_a_run_is_interim_until_what_phone_and_site_say_differently_is_settled(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(site="N2", reason=RANDOM, settled=False), frame_size=4)
    assert computed(campaign).interim

    db.session.scalars(select(Case)).one().settled_outcome = "N2"
    db.session.commit()

    assert not computed(campaign).interim


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


@pytest.mark.both_engines
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


@pytest.mark.both_engines
def test_computing_twice_changes_nothing(app):
    campaign = make_released_campaign()
    make_stratum(campaign, Said(times=3), frame_size=10)
    run = computed(campaign)
    ids = db.session.scalars(select(EstimateRow.id).where(EstimateRow.run_id == run.id)).all()
    compute_run(run.uid, at=NOON)
    again = db.session.scalars(select(EstimateRow.id).where(EstimateRow.run_id == run.id)).all()
    assert ids == again
    assert (run.state, run.steps_done) == (RunState.DONE, run.steps_total)


@pytest.mark.both_engines
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


@pytest.mark.both_engines
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


@pytest.mark.both_engines
def test_a_verifier_of_another_city_does_not_find_the_campaign(app):
    campaign = make_released_campaign(units=(LANKAO,))
    with pytest.raises(NotFound):
        request_run(campaign.id, actor=make_user(Role.VERIFIER, region=LUOHE), at=NOON)


def test_the_code_version_is_that_of_the_package():
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    assert casework.__version__ == project["version"]
