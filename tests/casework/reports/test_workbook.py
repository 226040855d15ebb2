"""The workbook says the same as the database, in as many rows, and names nobody."""

from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.errors import NotFound
from casework.estimates.models import EstimateRow, Level
from casework.estimates.runs import request_run
from casework.ledgers.projects import Project
from casework.reports.workbook import export_run
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    computed,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, NOON, make_user

RANDOM, LEAD = VisitReason.RANDOM, VisitReason.LEAD


def codes_as_words(kind: str, code: str) -> str:
    return str(code)


@pytest.fixture
def run(app):
    campaign = make_released_campaign(units=(LUOHE, LANKAO))
    make_stratum(
        campaign,
        Said(site="V1", reason=RANDOM, times=4),
        Said(PhoneClass.NOT_ACHIEVED, "N1", LEAD),
        frame_size=12,
    )
    make_stratum(campaign, Said(times=3), frame_size=20, region=WUYANG)
    make_stratum(
        campaign, Said(site="V1", reason=RANDOM, times=2), frame_size=2, region=LANKAO, unit=LANKAO
    )
    set_target(campaign, LUOHE, 25, Project.RE_EMPLOYMENT)
    return computed(campaign)


def sheets_of(run, actor, *, demonstration=True):
    book = export_run(
        run.uid, actor=actor, at=NOON, words=codes_as_words, demonstration=demonstration
    )
    workbook = load_workbook(BytesIO(book.content), read_only=True)
    return book, {
        sheet.title: [dict(zip(head, row, strict=True)) for row in rows]
        for sheet in workbook
        for head, *rows in [list(sheet.iter_rows(values_only=True))]
    }


def test_the_figures_are_those_of_the_run(run):
    _book, sheets = sheets_of(run, make_user(Role.VERIFIER))
    assert list(sheets) == ["units", "places", "cases", "about"]
    for sheet, levels in (("units", (Level.UNIT, Level.PROVINCE)), ("places", (Level.PLACE,))):
        stored = db.session.scalars(
            select(EstimateRow).where(EstimateRow.run_id == run.id, EstimateRow.level.in_(levels))
        ).all()
        written = {row["region_code"]: row for row in sheets[sheet]}
        assert len(written) == len(stored)
        for row in stored:
            for name in ("completed", "completed_low", "rate", "share_se", "target", "frame_size"):
                value = getattr(row, name)
                expected = None if value is None else pytest.approx(value)
                assert written[row.region_code][name] == expected
            assert written[row.region_code]["decision"] == row.decision


def test_there_is_one_row_for_each_released_case(run):
    book, sheets = sheets_of(run, make_user(Role.VERIFIER))
    codes = db.session.scalars(select(Case.code).order_by(Case.code)).all()
    assert [row["case"] for row in sheets["cases"]] == codes
    assert book.cases == len(codes) == 10
    leads = [row for row in sheets["cases"] if row["visit_reason"] == "lead"]
    assert [(row["phone_outcome"], row["site_outcome"], row["verdict"]) for row in leads] == [
        ("N1", "N1", "not_achieved")
    ]


def test_it_says_what_it_rests_on(run):
    verifier = make_user(Role.VERIFIER)
    _book, sheets = sheets_of(run, verifier)
    about = {row["item"]: row["value"] for row in sheets["about"]}
    assert about["data"] == "demonstration"
    assert about["input_digest"] == run.input_digest
    assert (about["run"], about["unit_rows"], about["place_rows"], about["case_rows"]) == (
        1,
        3,
        2,
        10,
    )
    assert about["exported_by"] == verifier.name
    assert about["exported_at"] == "2017-12-04T12:00:00+08:00"
    assert "hypergeometric_mid_p" in about["method"]


def test_real_data_are_not_called_a_demonstration(run):
    _book, sheets = sheets_of(run, make_user(Role.VERIFIER), demonstration=False)
    assert "data" not in {row["item"] for row in sheets["about"]}


def test_nobody_is_named_in_it(run):
    _book, sheets = sheets_of(run, make_user(Role.VERIFIER))
    everything = str(sheets["cases"])
    assert "演示2" not in everything
    assert "41010219850315" not in everything
    assert "13800000000" not in everything


def test_a_city_verifier_takes_the_own_unit_home_and_no_more(run):
    _book, sheets = sheets_of(run, make_user(Role.VERIFIER, region=LUOHE))
    assert {row["region_code"] for row in sheets["units"]} == {LUOHE}
    assert {row["region_code"] for row in sheets["places"]} == {LINYING, WUYANG}
    assert {row["region_code"] for row in sheets["cases"]} == {LINYING, WUYANG}


def test_an_export_is_kept_in_the_trail(run):
    verifier = make_user(Role.VERIFIER)
    sheets_of(run, verifier)
    kept = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == AuditAction.ESTIMATE_EXPORT)
    ).one()
    assert (kept.actor_id, kept.facts) == (verifier.id, {"units": 3, "places": 2, "cases": 10})


def test_a_run_without_figures_cannot_be_exported(run):
    verifier = make_user(Role.VERIFIER)
    waiting = request_run(run.campaign_id, actor=verifier, at=NOON)
    with pytest.raises(NotFound):
        export_run(waiting.uid, actor=verifier, at=NOON, words=codes_as_words, demonstration=True)
