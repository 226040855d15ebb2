"""Sheets of a workbook that are written while they are read, and end with what they hold.

Text stays text whatever it begins with: the writer knows no formulas here. Under the last row of
each sheet stands how many rows there are and the SHA-256 of their cells (each cell as text, numbers
as C's %.10g, 0x1F between cells, a line feed after a row; nothing for an empty cell).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import BinaryIO
from unicodedata import east_asian_width

from rustpy_xlsxwriter import FastExcel, Format

Cell = str | int | float | None
SHARE, PERSONS, WHOLE = "0.0%", "#,##0.0", "#,##0"
A3, A4 = 8, 9  # the numbers that Excel has for papers
LINE = 15.0  # points
NARROW = 10.0
LONGEST_FOOTER = 230
WIDE = 16  # columns; more do not fit on A4
#: Says how many rows there are and what their digest is, in words.
Ending = Callable[[int, str], str]


@dataclass
class Sheet:
    """One sheet: its heads and, row by row, its cells."""

    name: str
    heads: list[str]
    rows: Iterable[tuple[Cell, ...]]
    formats: Mapping[str, str] = field(default_factory=dict)  #: head to number format
    widths: Mapping[str, float] = field(default_factory=dict)
    wrapped: str = ""  #: the head whose long texts take several lines
    written: int = 0  #: rows, once it is written


def write_sheets(out: BinaryIO, sheets: list[Sheet], ending: Ending, *, footer: str) -> None:
    """Write the sheets one after another; no more than a few rows are in memory at any time."""
    book = FastExcel(out).freeze(row=1, col=1)
    head = Format().set_bold().set_text_wrap().set_align("center").set_border("thin")
    head.set_background_color("#EDEDED")
    for sheet in sheets:
        heights = _heights(sheet)
        book.sheet(
            sheet.name,
            _records(sheet, ending),
            column_width=NARROW,
            column_widths=dict(sheet.widths),
            column_formats={head: _shown(sheet, head) for head in sheet.heads},
            header_format=head,
            row_heights=heights,
            page_setup={
                "paper_size": A3 if len(sheet.heads) > WIDE else A4,
                "landscape": True,
                "fit_to_pages": (1, 0),
                "repeat_rows": (0, 0),
                "footer": page_footer(footer),
            },
        )
    book.save()


def _heights(sheet: Sheet) -> dict[int, float]:
    """Return the heights of the head and of rows with long texts; few sheets have any."""
    lines = (_lines(head, sheet.widths.get(head, NARROW)) for head in sheet.heads)
    heights = {0: LINE * max(2, *lines)}
    if sheet.wrapped:
        column, sheet.rows = sheet.heads.index(sheet.wrapped), list(sheet.rows)
        wide = sheet.widths[sheet.wrapped]
        for number, row in enumerate(sheet.rows, start=1):
            heights[number] = LINE * _lines(str(row[column] or ""), wide)
    return heights


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes; a line more than needed does no harm."""
    wide = sum(2 if east_asian_width(letter) in "WF" else 1.2 for letter in text)
    return max(1, ceil(wide / width))


def _shown(sheet: Sheet, head: str) -> Format:
    shown = Format().set_align("top")
    if head in sheet.formats:
        shown.set_num_format(sheet.formats[head])
    return shown.set_text_wrap() if head == sheet.wrapped else shown


def _records(sheet: Sheet, ending: Ending) -> Iterator[dict[str, Cell]]:
    digest = hashlib.sha256()
    for row in sheet.rows:
        add_row(digest, row)
        sheet.written += 1
        yield dict(zip(sheet.heads, row, strict=True))
    last: dict[str, Cell] = dict.fromkeys(sheet.heads)
    yield last | {sheet.heads[0]: ending(sheet.written, digest.hexdigest())}


def add_row(digest: "hashlib._Hash", row: Iterable[Cell]) -> None:
    """Add a row to the digest of its sheet."""
    digest.update("\x1f".join(map(_text, row)).encode() + b"\n")


def _text(cell: Cell) -> str:
    """Write a cell for the digest; 4.0 and 4 are one number in a workbook."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:.10g}"


def page_footer(text: str) -> str:
    """Put the number of the page and, in lines of its own under it, a text at the foot of a page.

    What Excel would read as codes in the text is doubled; it takes 255 characters and no more.
    """
    plain = text.replace("&", "&&")
    return f"&C&P / &N\n&8 {plain[:LONGEST_FOOTER]}"
