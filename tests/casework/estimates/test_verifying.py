"""A run can be repeated, bit for bit, from what it kept, however the data have moved."""

import json

import pytest
from sqlalchemy import select, text, update

from casework.accounts.roles import Role
from casework.campaigns.models import Campaign
from casework.cases.models import PhoneClass
from casework.db import db, new_uid
from casework.errors import NotFound
from casework.estimates.evidence import show_case, shown_photo
from casework.estimates.inputs import read_inputs
from casework.estimates.kept import inputs_of, lines, packed, unpacked
from casework.estimates.models import EstimateRow, EstimateRun, Level, RunInputs
from casework.estimates.verifying import InputsNotKept, verify_run
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.sealing import SealBroken
from casework.visits.findings import record_finding
from casework.visits.models import Photo, Visit, VisitReason
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
from tests.casework.visits.factories import make_assigned_visit, make_photo, make_report
from tests.factories import LANKAO, LUOHE, NOON, make_user, saved
from tests.grounds import begins_with, nothing
from webapp.cli import main
from webapp.cli import run as command

P0, P1, P3 = Project.NEW_EMPLOYMENT, Project.RE_EMPLOYMENT, Project.OVERCAPACITY
RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def make_survey() -> Campaign:
    campaign = make_released_campaign(projects=(P0, P1, P3), units=(LUOHE, LANKAO))
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=20),
        Said(site="N1", reason=RANDOM, times=2),
        Said(PhoneClass.NOT_ACHIEVED, "N4", LEAD, times=3),
        Said(PhoneClass.REFUSED, times=3),
        frame_size=120,
    )
    make_stratum(campaign, Said(times=5), frame_size=40, region=WUYANG)
    make_stratum(
        campaign,
        Said(site="S1", reason=RANDOM, times=3),
        Said(phone=None, claims_not_settled=True),
        frame_size=4,
        region=LUOHE,
        project=P3,
        enterprise="演示矿业公司",
    )
    for region, persons in ((LUOHE, 130), (LINYING, 90), (WUYANG, 20)):
        set_target(campaign, region, persons, P1)
    enter_desk(campaign, LANKAO, met=True)
    return campaign


pytestmark = begins_with(make_survey)


@pytest.fixture
def campaign(begun):
    return begun


def test_the_inputs_are_kept_as_they_were(campaign):
    inputs = read_inputs(campaign)
    assert inputs_of(unpacked(packed(lines(inputs)))) == inputs


def test_a_run_is_the_same_when_it_is_computed_again(campaign):
    run = computed(campaign)
    found = verify_run(run.uid)
    assert found.equal, found.differences
    assert found.since == []
    assert found.kept.seed == run.input_digest[:32]


def test_it_is_still_the_same_when_the_data_have_moved_and_says_which(campaign):
    run = computed(campaign)
    add_finding(db.session.scalars(select(Visit).order_by(Visit.id).limit(1)).one(), "N1")
    set_target(campaign, LANKAO, 3, P1)
    found = verify_run(run.uid)
    assert found.equal
    assert [(c.part, c.gone, c.new) for c in found.since] == [("cases", 1, 1), ("targets", 0, 1)]


def test_a_stored_number_that_somebody_changed_is_named(campaign):
    run = computed(campaign)
    guards_off("estimate_row")
    db.session.execute(
        update(EstimateRow)
        .where(EstimateRow.run_id == run.id, EstimateRow.region_code == LINYING)
        .where(EstimateRow.level == Level.PLACE)
        .values(completed=100.0)
    )
    (difference,) = verify_run(run.uid).differences
    assert difference.where[:3] == ("place", "re_employment", LINYING)
    assert (difference.what, difference.stored) == ("completed", 100.0)


def test_inputs_that_somebody_changed_are_noticed(campaign):
    run = computed(campaign)
    parts = lines(read_inputs(campaign))
    parts["targets"][0][2] += 1
    guards_off("run_inputs")
    db.session.execute(update(RunInputs).values(content=packed(parts)))
    db.session.expire_all()
    found = verify_run(run.uid)
    assert not found.equal
    assert {("inputs", "digest"), ("inputs", "targets")} <= {
        (d.where[0], d.what) for d in found.differences
    }


def test_a_run_that_kept_nothing_or_does_not_exist_cannot_be_repeated(campaign):
    run = computed(campaign)
    guards_off("run_inputs")
    db.session.execute(text("DELETE FROM run_inputs"))
    db.session.expire_all()
    with pytest.raises(InputsNotKept):
        verify_run(run.uid)
    with pytest.raises(NotFound):
        verify_run("0" * 32)


def test_how_likely_a_region_is_complete_is_kept_and_decides_nothing(campaign):
    run = computed(campaign)
    chances = db.session.get_one(RunInputs, run.id).chances
    assert chances[WUYANG]["complete"] > chances[LUOHE]["complete"]
    assert chances[PROVINCE]["complete"] <= chances[LUOHE]["complete"]
    assert chances[LINYING]["met"].keys() == {"re_employment"}


def test_the_command_says_equal_or_what_differs(campaign, app, monkeypatch, capsys):
    uid = computed(campaign).uid
    monkeypatch.setattr(command, "create_app", lambda settings: app)
    assert main(["run", "verify", uid]) == 0
    assert "相等 (equal)" in capsys.readouterr().out
    guards_off("estimate_run")
    db.session.execute(update(EstimateRun).values(input_digest="0" * 64))
    assert main(["run", "verify", uid, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["equal"] is False
    assert answer["differences"][0]["where"] == ["inputs"]
    assert main(["run", "verify", "f" * 32]) == 1
    assert "没有这次推算" in capsys.readouterr().err


def guards_off(table: str) -> None:
    """Take the guards of a table away, within the test's transaction."""
    connection = db.session.connection()
    for verb in ("UPDATE", "DELETE"):
        name = f"guard_{table}_{verb.lower()}"
        of = f' ON "{table}"' if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER {name}{of}"))


@begins_with(nothing)
def test_a_photo_that_is_gone_is_named(app):
    visit, inspector = make_assigned_visit("V1")
    report = make_report("V1", photos=[make_photo()])
    record_finding(visit.uid, report, actor=inspector, at=NOON)
    run = computed(db.session.scalars(select(Campaign)).one())
    assert verify_run(run.uid).vanished == []
    (finding,) = visit.findings
    photo = saved(
        Photo(
            uid=new_uid(),
            finding_id=finding.id,
            digest="d" * 64,
            original_sealed=b"",
            shown_sealed=b"",
            received_at=NOON,
        )
    )

    found = verify_run(run.uid)

    assert found.equal
    assert [(lost.case_code, lost.digest) for lost in found.vanished] == [
        (visit.case.code, photo.digest)
    ]
    verifier = make_user(Role.VERIFIER)
    shown = show_case(visit.case.uid, actor=verifier, at=NOON)
    assert len(shown.findings[-1].photos) == 2
    assert shown.lost == {photo.uid}
    with pytest.raises(SealBroken):
        shown_photo(photo.uid, actor=verifier, at=NOON)
