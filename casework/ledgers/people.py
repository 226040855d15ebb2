"""One person's row while it is checked, and the clean record that comes out of it."""

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from casework.ledgers import dates, refusals
from casework.ledgers.columns import ColumnMap, columns_of
from casework.ledgers.places import Scope
from casework.ledgers.projects import Project
from casework.ledgers.reading import Cell, Row
from casework.ledgers.rules import Problem, Severity, rules
from casework.ledgers.tables import Table

MAX_CELL: Final = 2000  #: characters
_EXACT: Final = 1e15  #: larger numbers have lost digits and must not look whole
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a ledger is checked against."""

    project: Project
    region: str  #: code of the unit or county that hands it in
    today: dt.date
    year: int | None = None  #: without it F018 and F019 are left out
    cutoff: dt.date | None = None  #: last day reported on; the end of the year if not given

    @property
    def last_day(self) -> dt.date | None:
        return self.cutoff or (dt.date(self.year, 12, 31) if self.year else None)


@dataclass(slots=True)
class CleanRow:
    """One person, ready to be stored."""

    sheet: str
    row: int
    name: str = ""
    id_no: str = ""  #: 18 characters
    phones: tuple[str, ...] = ()  #: the first is dialled first
    region: str = ""  #: code of the place
    started: dt.date | None = None  #: employed or resettled since
    employ_form: str = ""  #: code
    employer: str = ""
    enterprise: str = ""  #: overcapacity
    channel: str = ""  #: overcapacity: code of the channel, N is not resettled
    task_year: str = ""  #: overcapacity: carry or plan
    details: dict[str, str] = field(default_factory=dict)  #: the other columns by key

    @property
    def claims_not_settled(self) -> bool:
        return self.channel == "N"


def as_text(cell: Cell | None) -> str:
    """Return a cell as the text a person sees, without what cannot be seen."""
    if isinstance(cell, str):
        if cell.isprintable():
            return cell.strip()
        kept = (c if unicodedata.category(c) not in _UNSEEN else " " for c in cell)
        return " ".join("".join(kept).split())
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    return "" if cell is None else str(cell)


class Layout:
    """What is the same for every row of one table, worked out once."""

    def __init__(self, table: Table, scope: Scope, terms: Terms) -> None:
        self.sheet = table.sheet.name
        self.date_1904 = table.date_1904
        self.columns = table.columns
        self.scope = scope
        self.terms = terms
        self.keys = tuple(table.columns.position)
        self.indexes = tuple(table.columns.position.values())
        self.width = max((*self.indexes, *table.columns.flags), default=0) + 1
        kinds = {column.key: column.kind for column in columns_of(terms.project)}
        self.extra_dates = [key for key in self.keys if kinds[key] == "date"]


class Person:
    """One row being checked. ``cells`` are as read, ``texts`` are what a person sees in them."""

    __slots__ = ("cells", "clean", "day", "layout", "problems", "texts")

    def __init__(self, layout: Layout, row: int, cells: Row) -> None:
        self.layout = layout
        self.cells = cells if len(cells) >= layout.width else [*cells, *[""] * layout.width]
        self.clean = CleanRow(layout.sheet, row)
        self.problems: list[Problem] = []
        self.day: dates.Day | None = None  #: of employment or resettlement
        texts = [
            cell.strip() if cell.__class__ is str and cell.isprintable() else as_text(cell)
            for cell in [self.cells[index] for index in layout.indexes]
        ]
        self.texts = dict(zip(layout.keys, texts, strict=True))
        if len(max(texts, key=len)) > MAX_CELL:
            self._refuse_long()

    def _refuse_long(self) -> None:
        key = max(self.texts, key=lambda key: len(self.texts[key]))
        place = {"sheet": self.clean.sheet, "row": self.clean.row}
        raise refusals.CellTooLong(**place, column=self.columns.title[key], limit=MAX_CELL)

    @property
    def terms(self) -> Terms:
        return self.layout.terms

    @property
    def columns(self) -> ColumnMap:
        return self.layout.columns

    def cell(self, key: str) -> Cell:
        index = self.columns.position.get(key)
        return "" if index is None else self.cells[index]

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    def day_in(self, key: str) -> dates.Day | None:
        """Read the date in a column."""
        return dates.read_day(self.cell(key), date_1904=self.layout.date_1904)

    def report(
        self, rule: str, key: str, *, severity: Severity | None = None, **facts: object
    ) -> None:
        self.problems.append(
            Problem(
                self.clean.sheet,
                self.clean.row,
                self.columns.title.get(key, key),
                rule,
                severity or rules()[rule].severity,
                facts,
            )
        )

    @property
    def is_acceptable(self) -> bool:
        return all(problem.severity is not Severity.ERROR for problem in self.problems)
