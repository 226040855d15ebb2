"""The exported table of rates says what the page says, and what is undefined."""

import csv
from io import BytesIO, StringIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.rates import By
from casework.db import db
from casework.reports.response_rates import Format, export_rates
from estimation.response_rates import RATES
from tests.casework.calls.rows import claimed, open_replicate, report
from tests.casework.reports.endings import assert_ends
from tests.factories import NOON, make_user


def plain(kind, code):
    if code == "ending":
        return "{rows} rows {digest}"
    return f"{kind}.{code}"


@pytest.fixture
def exported(app):
    operator = make_user(login="op-a")
    campaign = open_replicate(3)
    report(claimed(operator), "41", actor=operator)
    supervisor = make_user(Role.SUPERVISOR, name="演示督导")

    def export(form, **facts):
        settings = {"weighted": False, "demonstration": True} | facts
        arguments = {"actor": supervisor, "at": NOON, "words": plain}
        return export_rates(campaign.id, By.OPERATOR, form, **settings, **arguments)

    return export


def lines_of(content):
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))


def test_plain_text_has_every_part_all_rates_and_their_meaning(exported):
    lines = lines_of(exported(Format.CSV))
    head, *rest = lines

    assert head[3:] == ["I", "P", "R", "NC", "O", "UH", "UO", "NE", *RATES]
    assert [line[1] for line in rest[:3]] == ["part.not_called", "op-a", "part.total"]
    assert rest[2][head.index("RR1")] == "0.0"
    assert rest[2][head.index("COOP1")] == "undefined"
    about = dict(line for line in rest if len(line) == 2)
    assert rest[3][0].startswith("3 rows ")
    assert about["about.eligible_share"] == "undefined"
    assert about["about.data"] == "about.demonstration"
    assert about["RR3"] == "rate.RR3"
    assert about["about.unfinished"] == "3"


def test_the_workbook_has_the_same_rows(exported):
    book = CalamineWorkbook.from_filelike(BytesIO(exported(Format.XLSX, weighted=True)))
    rows = book.get_sheet_by_name("sheet.rates").to_python()
    about = dict(row[:2] for row in book.get_sheet_by_name("sheet.about").to_python())

    assert [row[1] for row in rows[1:-1]] == ["part.not_called", "op-a", "part.total"]
    assert rows[-2][2] == 3
    assert_ends([[cell if cell != "" else None for cell in row] for row in rows[1:-1]], rows[-1][0])
    assert about["about.weights"] == "about.weighted"


def test_every_export_is_kept_in_the_trail(exported):
    exported(Format.CSV)
    kept = select(AuditEvent.facts).where(AuditEvent.action == AuditAction.RATES_EXPORT)

    assert db.session.scalars(kept).all() == [{"by": "operator", "weighted": False, "rows": 3}]
