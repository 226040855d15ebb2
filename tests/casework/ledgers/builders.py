"""Ledger files with fictitious people (演示数据), as clerks would hand them in."""

import datetime as dt
import io
from pathlib import Path

import openpyxl

from casework.ledgers.checking import Outcome, check
from casework.ledgers.columns import columns_of
from casework.ledgers.identifiers import check_character
from casework.ledgers.people import Terms
from casework.ledgers.projects import Project
from casework.ledgers.reading import open_book
from casework.ledgers.tables import find_tables

RE, HARD, OVER = Project.RE_EMPLOYMENT, Project.HARDSHIP, Project.OVERCAPACITY
TODAY = dt.date(2018, 1, 5)


def identity_number(born: str, *, male: bool = False) -> str:
    """A number of 襄城县 with the right check character; *born* is YYYYMMDD."""
    seventeen = f"411025{born}01{3 if male else 4}"
    return seventeen + check_character(seventeen)


WOMAN = "410102198503150125"
MAN, OTHER_WOMAN = identity_number("19850315", male=True), identity_number("19900101")

_PERSON = {
    "seq": "1",
    "region_city": "许昌市",
    "region_county": "襄城县",
    "name": "刘晓燕",
    "sex": "女",
    "id_no": WOMAN,
    "phone": "13837405926",
    "education": "专科",
    "employ_type": "失业再就业",
    "employ_form": "单位就业",
    "employ_date": "2017-05-18",
    "unemp_reg_date": "2017-02-06",
    "hardship_type": "失业的残疾人",
    "hardship_date": "2017-02-06",
    "employer": "襄城示例纺织有限公司",
    "remark": "演示数据",
    "enterprise": "示例煤业一矿",
    "task_year": "2017年计划",
    "channel": "内部转岗",
    "settle_date": "2017-06-01",
}


def titles(project=RE):
    return [column.header for column in columns_of(project)]


def row(project=RE, **changes):
    """The cells of a faultless person, except for *changes*."""
    person = {**_PERSON, **changes}
    return [person.get(column.key, "") for column in columns_of(project)]


def workbook(path: Path, rows, *, title="再就业"):
    """An .xlsx file with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for cells in rows:
        book.active.append(cells)
    book.save(path)
    return path


def saved(book) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def check_file(path: Path, project=RE, *, region="411000", year=2017, progress=None) -> Outcome:
    found = find_tables(open_book(path), project)
    return check(found, Terms(project, region, TODAY, year), progress)


def check_rows(tmp_path: Path, *rows, project=RE, **terms) -> Outcome:
    """The outcome of a workbook with the official header and these rows, which start in row 2."""
    path = workbook(tmp_path / "ledger.xlsx", [titles(project), *rows])
    return check_file(path, project, **terms)


def found_in(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.rule) for problem in outcome.problems]
