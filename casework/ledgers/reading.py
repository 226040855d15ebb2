"""Opening a ledger file: what kind it is by content, and its sheets as rows of cells.

Nothing is repaired and no formula is evaluated: a formula cell is read as the text or number
that the spreadsheet program last stored for it.
"""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from casework.ledgers import refusals
from casework.ledgers.archives import MAX_COLUMNS, MAX_ROWS, survey

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Row = list[Cell]

MAX_FILE: Final = 50 * 2**20  #: bytes
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_BINARY: Final = {
    b"%PDF": "pdf",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "rtf",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``rows()`` starts afresh each time; its first row is row 1 of the sheet."""

    name: str
    hidden: bool
    height: int  #: rows down to the last filled one
    rows: Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Book:
    """A file that could be opened. A .csv file has one sheet, named after the file."""

    sheets: list[Sheet]
    digest: str  #: hex SHA-256 of the file
    formulas: int = 0  #: formula cells, read as their stored results
    hidden_rows: int = 0  #: rows hidden or filtered away, read like all others
    date_1904: bool = False  #: whether bare day numbers count from 1904


def digest(path: Path) -> str:
    """Return the hex SHA-256 of a file, for rule D012 (the same file is taken once)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_book(path: Path, *, name: str = "") -> Book:
    """Open a ledger file.

    Parameters
    ----------
    path
        Where the file lies.
    name
        Its name as the person knows it, if the file lies under another one.

    Raises
    ------
    FileRefused
        Of the kind that says why; nothing of the file was kept.
    """
    size = path.stat().st_size
    if size == 0:
        raise refusals.EmptyFile
    if size > MAX_FILE:
        raise refusals.FileTooLarge(megabytes=size // 2**20, limit=MAX_FILE // 2**20)
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _open_workbook(path, size)
    if head == _OLE:
        encrypted = _ENCRYPTED in path.read_bytes()
        raise refusals.EncryptedWorkbook if encrypted else refusals.OldWorkbook
    for magic, kind in _BINARY.items():
        if head.startswith(magic):
            raise refusals.WrongFileType(found=kind)
    return _open_text(path, Path(name).stem or path.stem)


def _open_workbook(path: Path, size: int) -> Book:
    with path.open("rb") as file:
        seen = survey(file, size)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [
            _sheet(workbook.get_sheet_by_name(about.name), about.visible)
            for about in workbook.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise refusals.BrokenWorkbook from error
    return Book(sheets, digest(path), seen.formulas, seen.hidden_rows, seen.date_1904)


def _sheet(sheet: CalamineSheet, visible: SheetVisibleEnum) -> Sheet:
    offset = sheet.start[1] if sheet.start else 0
    height = sheet.end[0] + 1 if sheet.end else 0

    def rows() -> Iterator[Row]:
        margin: Row = [""] * offset
        return (margin + row for row in sheet.iter_rows()) if offset else sheet.iter_rows()

    return Sheet(sheet.name, visible != SheetVisibleEnum.Visible, height, rows)


def _open_text(path: Path, name: str) -> Book:
    text = decode(path.read_bytes())
    start = text.lstrip()[:200].lower()
    if not start:
        raise refusals.EmptyFile
    if start.startswith("<"):
        raise refusals.WrongFileType(found="html" if "html" in start else "xml")
    if "\0" in text:
        raise refusals.WrongFileType(found="binary")
    records = _records(text)
    return Book(
        [Sheet(name, hidden=False, height=len(records), rows=lambda: iter(records))], digest(path)
    )


def decode(content: bytes) -> str:
    """Turn bytes into text: a byte order mark decides, else strict UTF-8, else strict GB18030.

    Raises
    ------
    UnknownEncoding
        Rather than guess a third one.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusals.UnknownEncoding


def _records(text: str) -> list[Row]:
    """Split into records; record n stands in row n when Excel opens the file."""
    if text[:4].lower() == "sep=":
        delimiter, text = text[4], "\n" + text.split("\n", 1)[-1]
    else:
        first_lines = text[:4000]
        delimiter = max(",\t;", key=first_lines.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[Row] = []
    try:
        for record in reader:
            if len(record) > MAX_COLUMNS and any(record[MAX_COLUMNS:]):
                raise refusals.TooManyColumns(limit=MAX_COLUMNS)
            records.append(list(record[:MAX_COLUMNS]))
            if len(records) > MAX_ROWS:
                raise refusals.TooManyRows(rows=len(records), limit=MAX_ROWS)
    except csv.Error as error:
        raise refusals.BrokenText(row=len(records) + 1) from error
    while records and not any(records[-1]):
        records.pop()
    return records
