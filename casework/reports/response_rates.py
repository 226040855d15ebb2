"""A table of response rates to hand out, as a workbook or as plain text.

There is no personal data in it: operators are named by their accounts alone.
"""

import csv
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from io import BytesIO, StringIO

from rustpy_xlsxwriter import FastExcel

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.rates import By, Letter, RateRow, RateTable, rate_table
from casework.calls.schedule import SHANGHAI
from casework.db import transaction
from casework.regions.tree import RegionTree, load_tree
from casework.reports.sheets import Cell, add_row
from estimation.response_rates import RATES, UNDEFINED

Record = dict[str, Cell]
#: Words for a code, such as ``("head", "cases")`` or ``("letter", "NC")``.
Words = Callable[[str, str], str]


class Format(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


def export_rates(  # noqa: PLR0913 - which table, in which form, and who when
    campaign_id: int,
    by: By,
    form: Format,
    *,
    weighted: bool,
    actor: User,
    at: datetime,
    words: Words,
    demonstration: bool,
) -> bytes:
    """Write the rates that *actor* may see of a campaign, and keep that they were exported.

    A rate without a denominator is written as ``undefined``, never as 0. Raises NotFound.
    """
    table, tree = rate_table(campaign_id, by, weighted=weighted, actor=actor), load_tree()
    rows = [_record(row, by, tree, words) for row in table.rows]
    if table.total is not None:
        rows.append(_record(table.total, by, tree, words, name=words("part", "total")))
    amount, rows = len(rows), _ended(rows, words)
    about = _about(table, actor, at, words, demonstration=demonstration)
    content = _workbook(rows, about, words) if form is Format.XLSX else _text(rows, about)
    with transaction() as session:
        trail.record(
            session,
            AuditAction.RATES_EXPORT,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts={"by": by.value, "weighted": weighted, "rows": amount},
        )
    return content


def _ended(rows: list[Record], words: Words) -> list[Record]:
    """Add a last row that says how many there are, and their digest as in ``sheets.py``."""
    digest = hashlib.sha256()
    for row in rows:
        add_row(digest, row.values())
    said = words("about", "ending").format(rows=f"{len(rows):,}", digest=digest.hexdigest())
    heads = list(rows[0]) if rows else [words("head", "code")]
    return [*rows, {heads[0]: said, **dict.fromkeys(heads[1:])}]


def _record(
    row: RateRow, by: By, tree: RegionTree, words: Words, *, name: str | None = None
) -> Record:
    return {
        words("head", "code"): row.key,
        words("head", by.value): _name(row.key, by, tree, words) if name is None else name,
        words("head", "cases"): row.cases,
        **{letter.value: row.counts[letter] for letter in Letter},
        **{rate: UNDEFINED if (v := row.values[rate]) is None else v for rate in RATES},
    }


def _name(key: str, by: By, tree: RegionTree, words: Words) -> str:
    if by in {By.UNIT, By.PLACE}:
        return tree.name(key)
    if by is By.PROJECT:
        return words("project", key)
    return key or words("part", "not_called")


def _about(
    table: RateTable, actor: User, at: datetime, words: Words, *, demonstration: bool
) -> list[Record]:
    e = UNDEFINED if table.eligible_share is None else table.eligible_share
    lines: list[tuple[str, Cell]] = [
        *([("data", words("about", "demonstration"))] if demonstration else []),
        ("campaign", table.campaign.name),
        ("weights", words("about", "weighted" if table.weighted else "unweighted")),
        ("eligible_share", e),
        ("unfinished", table.unfinished),
        ("without_call", table.without_call),
        *((letter.value, words("letter", letter.value)) for letter in Letter),
        *((rate, words("rate", rate)) for rate in RATES),
        ("exported_by", actor.name),
        ("exported_at", at.astimezone(SHANGHAI).isoformat(timespec="seconds")),
    ]
    item, value = words("head", "item"), words("head", "value")
    return [{item: _about_name(name, words), value: content} for name, content in lines]


def _about_name(name: str, words: Words) -> str:
    return name if name.isupper() or name in RATES else words("about", name)


def _workbook(rows: Sequence[Record], about: Sequence[Record], words: Words) -> bytes:
    stream = BytesIO()
    book = FastExcel(stream).format(float_format="0.0000", bold_headers=True).freeze(row=1)
    book.sheet(words("sheet", "rates"), rows, column_width=12.0)
    book.sheet(words("sheet", "about"), about, column_width=24.0)
    book.save()
    return stream.getvalue()


def _text(rows: Sequence[Record], about: Sequence[Record]) -> bytes:
    """Write rows, then what they are, after an empty line; with a mark that Excel reads."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for block in (rows, about):
        if block:
            writer.writerow(block[0])
            writer.writerows(record.values() for record in block)
            writer.writerow(())
    return b"\xef\xbb\xbf" + stream.getvalue().encode()
