"""Handing in small workbooks of fictitious people (演示数据), as a clerk of 许昌市 would."""

from datetime import UTC, date, datetime

import openpyxl
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.db import db
from casework.ledgers.handing_in import Upload, upload_ledger
from casework.ledgers.identifiers import check_character
from casework.ledgers.intake import check_ledger
from casework.ledgers.models import Ledger, LedgerEntry
from casework.ledgers.projects import Project
from tests.casework.ledgers.builders import RE, row, saved, titles
from tests.factories import make_user

XUCHANG, XIANGCHENG = "411000", "411025"
AT = datetime(2017, 12, 4, 4, 0, tzinfo=UTC)


def make_clerk(region: str = XUCHANG) -> User:
    return make_user(Role.CLERK, region=region)


def people(number: int, **changes) -> list[list[str]]:
    """The cells of *number* faultless people with identity numbers of their own."""
    return [
        row(**{"name": "演示" + "甲乙丙丁戊"[n % 5], "id_no": id_of(n)} | changes)
        for n in range(number)
    ]


def id_of(n: int) -> str:
    born = date(1975, 1, 1).toordinal() + n % 5000
    first = f"411025{date.fromordinal(born):%Y%m%d}{2 * (n // 5000 % 400):02}4"
    return first + check_character(first)


def book_of(*rows, project: Project = RE, title: str = "再就业") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for cells in (titles(project), *rows):
        book.active.append(cells)
    return saved(book)


def upload(content: bytes, clerk: User, **changes) -> Ledger:
    facts = {
        "project": RE,
        "region_code": clerk.region_code,
        "year": 2017,
        "period_end": date(2017, 11, 30),
        "file_name": "演示台账.xlsx",
        "content": content,
    } | changes
    return upload_ledger(Upload(**facts), actor=clerk, at=AT)


def checked(content: bytes, clerk: User, **changes) -> Ledger:
    ledger = upload(content, clerk, **changes)
    check_ledger(ledger.uid, at=AT)
    return db.session.get_one(Ledger, ledger.id)


def entries_of(ledger: Ledger) -> list[LedgerEntry]:
    chosen = select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id)
    return list(db.session.scalars(chosen.order_by(LedgerEntry.row)))
