"""An official table on A4 across: as a workbook, and as PDF to be printed, signed and sealed.

The columns come in pairs under a head. Whoever composes a table has the words of the form.
"""

import hashlib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from rustpy_xlsxwriter import FastExcel, Format

from casework.reports.sheets import A4, WHOLE, Cell, Ending, add_row, page_footer

HEAD_ROW = 4  # annex, title, office and the heads of the pairs stand above it
MOST_ROWS = 40  # on one page
LINE_OF_NOTES = 160  # halves of a Chinese character; no more fit across the page


@dataclass(frozen=True, slots=True)
class OfficialTable:
    annex: str  #: its number among the annexes of the notice that prescribes it
    title: str
    office: str  #: who fills it in; the seal comes over the name
    period: str
    measure: str
    corner: str
    stub: str  #: the letter under the corner
    groups: Sequence[str]  #: each is the head of two columns
    pair: tuple[str, str]  #: the heads of the two columns
    rows: Sequence[tuple[str, Sequence[Cell]]]  #: the first is the total
    signatures: Sequence[str]
    notes: Sequence[str]
    marks: Sequence[str]  #: what stands on every page
    source: str  #: run, digest and version, and who made it; on every page too
    page: str  #: words for "page {page} of {pages}"
    language: str


def as_sheet(table: OfficialTable, out: BinaryIO, ending: Ending) -> None:
    """Write the table as a workbook; under it, how many rows there are and their digest."""
    columns = 2 * len(table.groups)
    heads = [f"{table.corner}\n{table.stub}"]
    heads += [f"{table.pair[i % 2]}\n{i + 1}" for i in range(columns)]
    cell = Format().set_border("thin").set_num_format(WHOLE)
    head = Format().set_border("thin").set_bold().set_text_wrap().set_align("center")
    first = HEAD_ROW + 1
    FastExcel(out).sheet(
        table.period,
        _records(table, heads, ending),
        column_width=9.5,
        column_widths={heads[0]: 20.0},
        header_row=HEAD_ROW,
        header_format=head.set_align("vcenter"),
        row_formats=dict.fromkeys(range(first, first + len(table.rows)), cell),
        row_heights={1: 26.0, HEAD_ROW - 1: 30.0, HEAD_ROW: 44.0},
        merge_ranges=_banners(table, head),
        page_setup={
            "paper_size": A4,
            "landscape": True,
            "fit_to_pages": (1, 1 if len(table.rows) < MOST_ROWS else 0),
            "repeat_rows": (HEAD_ROW - 1, HEAD_ROW),
            "center_horizontally": True,
            "footer": page_footer(" ".join([*table.marks, table.source])),
        },
    ).save()


def _banners(table: OfficialTable, head: Format) -> list[tuple[object, ...]]:
    """Return what stands above the heads of the columns, each over several of them."""
    last = 2 * len(table.groups)
    title = Format().set_bold().set_align("center").set_font_size(16)
    third = last // 3
    return [
        (0, 0, 0, last, table.annex),
        (1, 0, 1, last, table.title, title),
        (2, 0, 2, third, table.office),
        (2, third + 1, 2, 2 * third, table.period, Format().set_align("center")),
        (2, 2 * third + 1, 2, last, table.measure, Format().set_align("right")),
        *(
            (HEAD_ROW - 1, 2 * i + 1, HEAD_ROW - 1, 2 * i + 2, name, head)
            for i, name in enumerate(table.groups)
        ),
    ]


def _records(
    table: OfficialTable, heads: Sequence[str], ending: Ending
) -> Iterator[dict[str, Cell]]:
    digest = hashlib.sha256()
    for name, cells in table.rows:
        add_row(digest, (name, *cells))
        yield dict(zip(heads, (name, *cells), strict=True))
    under = ["", "　　　　　　　　".join(table.signatures), ""]
    for note in table.notes:
        under += textwrap.wrap(note, LINE_OF_NOTES // (2 if table.language.startswith("zh") else 1))
    for text in [*under, ending(len(table.rows), digest.hexdigest())]:
        yield {heads[0]: text, **dict.fromkeys(heads[1:])}
