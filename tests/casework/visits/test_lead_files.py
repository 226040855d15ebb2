"""Tables of leads as offices send them."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest

from casework.ledgers.refusals import FileRefused
from casework.visits.lead_files import (
    FaultyCell,
    HeaderMissing,
    LeadFault,
    TooManyLeads,
    day_of,
    read_leads,
)
from casework.visits.models import LeadSeverity, LeadSource, LeadSubject

REGIONS = {"411122": "411122", "临颍县": "411122"}
TODAY = date(2017, 12, 4)
HEADER = "来源,来源编号,收到日期,地区,对象,姓名或企业,内容,轻重,紧急,办理期限"
GOOD = "12345,A-1,2017-12-01,临颍县,企业,示例有限公司,没有上班,重,是,2017-12-20"


def read(*lines: str, encoding: str = "utf-8"):
    return read_leads("\r\n".join(lines).encode(encoding), regions=REGIONS, today=TODAY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_encoding_of_the_offices(encoding):
    (draft,) = read(HEADER, GOOD, encoding=encoding).drafts

    assert (draft.source, draft.subject) == (LeadSource.HOTLINE, LeadSubject.ENTERPRISE)
    assert (draft.region_code, draft.name) == ("411122", "示例有限公司")
    assert (draft.severity, draft.urgent) == (LeadSeverity.HIGH, True)
    assert (draft.received_on, draft.due_on) == (date(2017, 12, 1), date(2017, 12, 20))


def test_a_title_above_and_empty_rows_are_passed_over():
    table = read("12月线索汇总,,,,", ",,,", HEADER, "", GOOD, ",,,,,,,,,", ",,", encoding="gb18030")

    assert len(table.drafts) == 1
    assert table.faults == []


def test_what_merging_left_empty_is_told_by_its_row_and_nothing_is_taken():
    table = read(HEADER, GOOD, ",A-2,2017-12-01,,个人,演示乙,没有上班,,,")

    assert table.drafts == []
    assert table.faults == [
        FaultyCell(3, "source", LeadFault.MISSING, ""),
        FaultyCell(3, "region", LeadFault.MISSING, ""),
    ]


@pytest.mark.parametrize(
    ("old", "new", "column", "fault"),
    [
        ("12345,", "抖音,", "source", LeadFault.UNKNOWN),
        ("临颍县", "某县", "region", LeadFault.UNKNOWN),
        ("2017-12-01", "十二月一日", "received_on", LeadFault.NO_DATE),
        ("2017-12-01", "2017-02-30", "received_on", LeadFault.NO_DATE),
        ("2017-12-01", "2017-12-05", "received_on", LeadFault.AHEAD),
        ("2017-12-20", "2017-11-20", "due_on", LeadFault.TOO_EARLY),
        ("A-1", "4.10102E+17", "source_no", LeadFault.ROUNDED),
        ("没有上班", "长" * 2001, "words", LeadFault.TOO_LONG),
        ("重,是", "重,也许", "urgent", LeadFault.UNKNOWN),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(old, new, column, fault):
    wrong = read(HEADER, GOOD.replace(old, new))

    assert [(cell.row, cell.column, cell.fault) for cell in wrong.faults] == [(2, column, fault)]
    assert wrong.drafts == []


def test_what_stands_under_no_title_is_refused_by_row_and_column():
    shifted = read(HEADER, GOOD, f"{GOOD.replace('A-1', 'A-2')},2017-12-20,")

    assert [(c.row, c.column, c.fault) for c in shifted.faults] == [(3, "K", LeadFault.EXTRA)]
    assert shifted.drafts == []


def test_columns_that_are_not_read_are_named():
    table = read(f"序号,{HEADER}", f"1,{GOOD}")

    assert (len(table.drafts), table.passed_over) == (1, ["序号"])


def test_a_number_that_a_source_gave_twice_is_told():
    table = read(HEADER, GOOD, GOOD)

    assert [(cell.row, cell.fault) for cell in table.faults] == [(3, LeadFault.TWICE)]


def test_a_workbook_is_read_too_with_its_dates():
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    row = GOOD.split(",")
    book.active.append([12345, *row[1:2], date(2017, 12, 1), *row[3:]])
    content = BytesIO()
    book.save(content)

    (draft,) = read_leads(content.getvalue(), regions=REGIONS, today=TODAY).drafts

    assert draft.received_on == date(2017, 12, 1)
    assert draft.source is LeadSource.HOTLINE


def test_without_a_header_the_columns_that_lack_are_named():
    with pytest.raises(HeaderMissing) as error:
        read("来源,姓名", "12345,演示甲")

    assert error.value.facts["columns"] == "收到日期、地区、对象、内容"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 ...", b"\x89PNG\r\n", b"\xff\xff\xff"])
def test_what_is_no_table_is_refused_as_a_ledger_is(content):
    with pytest.raises(FileRefused):
        read_leads(content, regions=REGIONS, today=TODAY)


def test_a_table_of_too_many_rows_is_refused_whole():
    with pytest.raises(TooManyLeads):
        read(HEADER, *[GOOD] * 5001)


@pytest.mark.parametrize("text", ["2017-12-5", "2017/12/05", "2017.12.5", "2017年12月5日"])
def test_days_are_read_as_they_are_written(text):
    assert day_of(text) == date(2017, 12, 5)
