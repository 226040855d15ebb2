"""The workbook says the same as the database, in as many rows, and names nobody."""

import hashlib
import subprocess
import sys
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.estimates.models import EstimateRow, Level
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE, Region
from casework.reports.handouts import Order
from casework.reports.sheets import Sheet, write_sheets
from casework.reports.workbook import write_workbook
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

pytestmark = pytest.mark.one_engine

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


def export(run, actor, *, words=codes_as_words, demonstration=True):
    """Write the workbook of all that *actor* may see; return it and the rows of each sheet."""
    region = db.session.get_one(Region, PROVINCE if actor.sees_all_regions else actor.region_code)
    order = Order(run, region, "zh", actor, NOON, lambda _done, _total: None)
    out = BytesIO()
    sheets = write_workbook(order, out, words=words, demonstration=demonstration)
    return out.getvalue(), [sheet.written for sheet in sheets]


def sheets_of(run, actor, *, demonstration=True):
    content, written = export(run, actor, demonstration=demonstration)
    workbook = load_workbook(BytesIO(content), read_only=True)
    return written, {
        sheet.title: [dict(zip(head, row, strict=True)) for row in rows]
        for sheet in workbook
        for head, *rows, _ending in [list(sheet.iter_rows(values_only=True))]
    }


@pytest.mark.both_engines
def test_the_figures_are_those_of_the_run(run):
    _written, sheets = sheets_of(run, make_user(Role.VERIFIER))
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
                expected = None if value is None else pytest.approx(value, abs=0.05)
                assert written[row.region_code][name] == expected
            assert written[row.region_code]["decision"] == row.decision


@pytest.mark.both_engines
def test_there_is_one_row_for_each_released_case(run):
    written, sheets = sheets_of(run, make_user(Role.VERIFIER))
    codes = db.session.scalars(select(Case.code).order_by(Case.code)).all()
    assert [row["case"] for row in sheets["cases"]] == codes
    assert written[2] == len(codes) == 10
    leads = [row for row in sheets["cases"] if row["visit_reason"] == "lead"]
    assert [(row["phone_outcome"], row["site_outcome"], row["verdict"]) for row in leads] == [
        ("N1", "N1", "not_achieved")
    ]


def test_it_says_what_it_rests_on(run):
    verifier = make_user(Role.VERIFIER)
    _written, sheets = sheets_of(run, verifier)
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
    assert about["interval"] == "hypergeometric_mid_p"


def test_real_data_are_not_called_a_demonstration(run):
    _written, sheets = sheets_of(run, make_user(Role.VERIFIER), demonstration=False)
    assert "data" not in {row["item"] for row in sheets["about"]}


def test_nobody_is_named_in_it(run):
    _written, sheets = sheets_of(run, make_user(Role.VERIFIER))
    everything = str(sheets["cases"])
    assert "演示2" not in everything
    assert "41010219850315" not in everything
    assert "13800000000" not in everything


def test_a_city_verifier_takes_the_own_unit_home_and_no_more(run):
    _written, sheets = sheets_of(run, make_user(Role.VERIFIER, region=LUOHE))
    assert {row["region_code"] for row in sheets["units"]} == {LUOHE}
    assert {row["region_code"] for row in sheets["places"]} == {LINYING, WUYANG}
    assert {row["region_code"] for row in sheets["cases"]} == {LINYING, WUYANG}


@pytest.mark.both_engines
def test_each_sheet_ends_with_its_rows_and_their_digest(run):
    content, _written = export(run, make_user(Role.VERIFIER), words=counted)
    sheets = load_workbook(BytesIO(content))
    for sheet, amount in (("units", 3), ("places", 2), ("cases", 10)):
        _head, *rows, last = sheets[sheet].iter_rows(values_only=True)
        lines = ("\x1f".join(map(as_text, row)) for row in rows)
        digest = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
        assert last[0] == f"{amount} rows, {digest}"


def test_a_sheet_is_made_to_be_printed(run):
    content, _written = export(run, make_user(Role.VERIFIER))
    cases = load_workbook(BytesIO(content))["cases"]
    assert cases.freeze_panes == "B2"
    assert cases.print_title_rows == "$1:$1"
    assert (cases.page_setup.orientation, cases.page_setup.paperSize) == ("landscape", 9)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_text_is_never_a_formula(name):
    out = BytesIO()
    write_sheets(out, [Sheet("a", ["name"], [(name,)])], lambda n, _digest: f"={n}", footer="&D")
    _head, row, last = load_workbook(BytesIO(out.getvalue()))["a"].iter_rows()

    assert (row[0].value, row[0].data_type) == (name, "s")
    assert (last[0].value, last[0].data_type) == ("=1", "s")


def test_sixty_thousand_rows_take_no_more_memory_than_six_thousand():
    small, large = (peak_memory(amount) for amount in (6_000, 60_000))
    assert large - small < 16 * 2**10  # KiB; the file itself has 3 MB


def peak_memory(amount: int) -> int:
    """Write a sheet in a process of its own and return its largest size in KiB."""
    code = f"""
import resource, tempfile
from casework.regions.models import PROVINCE, Region
from casework.reports.handouts import Order
from casework.reports.sheets import Sheet, write_sheets
rows = (("P1-%06d" % i, i * 1.25, "漯河市 临颍县", "V1 已就业") for i in range({amount}))
with tempfile.TemporaryFile() as out:
    write_sheets(out, [Sheet("a", list("abcd"), rows)], lambda n, d: f"{{n}} {{d}}", footer="")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    run = [sys.executable, "-c", code]
    return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own code


def as_text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.10g}"


def counted(kind: str, code: str) -> str:
    return "{rows} rows, {digest}" if code == "ending" else code
