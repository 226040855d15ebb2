"""Writing a ledger file back with what was found beside each row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from rustpy_xlsxwriter import Format, write_worksheets

from casework.ledgers.people import as_text
from casework.ledgers.reading import Book, Row, Sheet
from casework.ledgers.rules import Problem

Found = Mapping[tuple[str, int], list[Problem]]


def write_annotated(
    book: Book,
    problems: Iterable[Problem],
    path: Path,
    *,
    title: str,
    words: Callable[[Problem], str],
) -> None:
    """Write every sheet of *book* with its rows in their places and one column more.

    Every cell is written as text, so that no identity number is cut and no formula wakes up; a
    number that has already lost digits is written with its exponent.

    Parameters
    ----------
    title
        What stands above the column that is added, in the first row.
    words
        Says one problem as a sentence.
    """
    by_row: dict[tuple[str, int], list[Problem]] = {}
    for problem in problems:
        by_row.setdefault((problem.sheet, problem.row), []).append(problem)
    sheets: list[tuple[str, Iterable[dict[str, str]]]] = []
    formats: dict[str, dict[str, Format] | list[Format]] = {}
    views: dict[str, dict[str, bool]] = {}
    for number, sheet in enumerate(book.sheets, start=1):
        # A .csv file may have a longer name than a sheet, or one with signs a sheet may not have.
        name = sheet.name if is_sheet_name(sheet.name) else f"Sheet{number}"
        width = max(map(len, sheet.rows()), default=0)
        keys = _unique([*_texts(next(sheet.rows(), []), width), title])
        sheets.append((name, _records(sheet, keys, by_row, words)))
        formats[name] = [Format().set_num_format("@") for _ in keys]
        if sheet.hidden:
            views[name] = {"hidden": True}
    write_worksheets(sheets, str(path), column_formats=formats, sheet_view=views or None)


def is_sheet_name(name: str) -> bool:
    """Tell whether a spreadsheet program takes *name* for a sheet."""
    return 0 < len(name) <= 31 and not set(name) & set("[]:*?/\\")  # noqa: PLR2004 - Excel's limit


def _texts(row: Row, width: int) -> list[str]:
    texts = [as_text(cell) for cell in row]
    return [*texts, *[""] * (width - len(texts))]


def _unique(titles: list[str]) -> list[str]:
    """Tell equal titles apart by spaces at the end, since the writer takes columns by name."""
    seen: set[str] = set()
    for index, title in enumerate(titles):
        unique = title
        while unique in seen:
            unique += " "
        seen.add(unique)
        titles[index] = unique
    return titles


def _records(
    sheet: Sheet, keys: list[str], found: Found, words: Callable[[Problem], str]
) -> Iterator[dict[str, str]]:
    for number, row in enumerate(sheet.rows(), start=1):
        if number == 1:
            continue  # it stands in the keys
        remarks = "；".join(words(problem) for problem in found.get((sheet.name, number), ()))
        yield dict(zip(keys, [*_texts(row, len(keys) - 1), remarks], strict=True))
