"""Finding the ledger inside a book: under merged titles, above totals and footers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from typing import Final

from casework.ledgers import refusals
from casework.ledgers.columns import ColumnMap, known_titles, map_columns, missing_columns, plain
from casework.ledgers.projects import Project
from casework.ledgers.reading import Book, Cell, Row, Sheet

SEARCHED: Final = 30  #: rows in which the header must begin
_TOTALS: Final = ("合计", "总计", "小计", "本页合计", "本页小计", "累计")
_FOOTERS: Final = tuple(
    plain(word)
    for word in (
        "填表人", "填报人", "制表", "审核", "负责人", "经办人", "联系人", "填表日期", "填报日期",
        "填报单位", "单位(盖章)", "注:", "备注:", "说明:", "附注",
    )
)  # fmt: skip


@dataclass(slots=True)
class Table:
    """The ledger rows of one sheet. ``skipped`` is complete once ``people()`` has run out."""

    sheet: Sheet
    first: int  #: the first row below the header, as the person sees it
    columns: ColumnMap
    header: list[tuple[str, ...]]  #: what stands above each column, reduced
    date_1904: bool = False  #: whether bare day numbers count from 1904
    skipped: Counter[str] = field(default_factory=Counter)  #: blank, total, footer, header

    @property
    def height(self) -> int:
        """Rows below the header, of whatever kind."""
        return max(self.sheet.height - self.first + 1, 0)

    def people(self) -> Iterator[tuple[int, Row]]:
        """Yield the row number and the cells of each row that should be a person's.

        Raises
        ------
        DifferentHeaders
            When a second, different header stands further down.
        """
        self.skipped.clear()
        below = islice(self.sheet.rows(), self.first - 1, None)
        for number, row in enumerate(below, start=self.first):
            kind = self._kind(number, row)
            if kind:
                self.skipped[kind] += 1
            else:
                yield number, row

    def _kind(self, number: int, row: Row) -> str:
        """Return what a row is if it is not a person's, else nothing."""
        position = self.columns.position
        if not _is_filled(_at(row, position.get("id_no"))):
            return self._kind_without_number(row)
        name = _at(row, position.get("name"))
        if plain(name) != plain(self.columns.title["name"]):
            return ""
        if not self._repeats_header(row):
            raise refusals.DifferentHeaders(sheets=self.sheet.name, row=number)
        return "header"

    def _kind_without_number(self, row: Row) -> str:
        """Tell by what stands first; a row with nothing but its running number is blank."""
        filled = [index for index, cell in enumerate(row) if _is_filled(cell)]
        first = plain(row[filled[0]]) if filled else ""
        if first.startswith(_TOTALS):
            return "total"
        if filled in ([], [self.columns.position.get("seq")]):
            return "blank"
        if self._repeats_header(row):
            return "header"  # the second row of one
        return "footer" if first.startswith(_FOOTERS) else ""

    def _repeats_header(self, row: Row) -> bool:
        above = zip_longest(row, self.header, fillvalue=())
        return all(plain(cell) in titles for cell, titles in above if cell and _is_filled(cell))


def _is_filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


@dataclass(slots=True)
class Found:
    """The tables of a book that hold the project's ledger, and what was left out, by sheet."""

    project: Project
    tables: list[Table]
    without_header: list[str]  #: visible sheets with content and no header of this project
    hidden: list[str]  #: hidden sheets with content, not read; none of them holds a ledger
    missing: list[str]  #: official titles of required columns that are not there
    unknown: list[str]  #: titles that are not columns of this project, not read


def find_tables(book: Book, project: Project) -> Found:
    """Find the ledger of *project* in every sheet of a book.

    Raises
    ------
    UnknownHeader
        When no sheet has the columns of this project.
    OtherProject
        When the header has more of the columns of another project.
    DifferentHeaders
        When two sheets have headers with different columns.
    HiddenLedger
        When a hidden sheet holds a ledger.
    """
    found = Found(project, [], [], [], [], [])
    for sheet in book.sheets:
        if sheet.height == 0:
            continue
        table = find_table(sheet, project)
        if sheet.hidden and table:
            raise refusals.HiddenLedger(sheet=sheet.name)
        if table:
            table.date_1904 = book.date_1904
            found.tables.append(table)
        else:
            (found.hidden if sheet.hidden else found.without_header).append(sheet.name)
    if not found.tables:
        raise refusals.UnknownHeader(sheets=", ".join(found.without_header))
    _refuse_different(found.tables)
    _refuse_other_project(found.tables[0], project)
    found.missing = missing_columns((table.columns for table in found.tables), project)
    found.unknown = list(dict.fromkeys(t for table in found.tables for t in table.columns.unknown))
    return found


def _refuse_different(tables: list[Table]) -> None:
    kinds = {(frozenset(t.columns.position), frozenset(t.columns.flags.values())) for t in tables}
    if len(kinds) > 1:
        raise refusals.DifferentHeaders(sheets=", ".join(table.sheet.name for table in tables))


def _refuse_other_project(table: Table, project: Project) -> None:
    """Refuse a header that another project knows more of; equally known is good enough."""
    titles = [next(filter(None, reversed(above)), "") for above in table.header]
    best = max(Project, key=lambda other: (known_titles(titles, other), other is project))
    if best is not project:
        raise refusals.OtherProject(expected=project.value, found=best.value)


def find_table(sheet: Sheet, project: Project) -> Table | None:
    """Find the header of *project* in the first rows of a sheet; None if there is none."""
    top = list(islice(sheet.rows(), SEARCHED + 1))
    for index, row in enumerate(top[:SEARCHED]):
        columns = map_columns(row, project)
        if columns.is_header:
            below = top[index + 1] if index + 1 < len(top) else []
            return _joined(sheet, index, (row, below), project) or Table(
                sheet, index + 2, columns, [(plain(cell),) for cell in row]
            )
    return None


def _joined(sheet: Sheet, index: int, rows: tuple[Row, Row], project: Project) -> Table | None:
    """Join a header with the row below it, if that row names the parts of merged titles."""
    upper, lower = rows
    named = [cell for cell in lower if plain(cell)]
    if not named or map_columns(lower, project).known < len(named):
        return None
    pairs = list(zip_longest(upper, lower, fillvalue=""))
    columns = map_columns([below or above for above, below in pairs], project)
    return Table(sheet, index + 3, columns, [(plain(a), plain(b)) for a, b in pairs])


def _at(row: Row, index: int | None) -> Cell:
    return row[index] if index is not None and index < len(row) else ""
