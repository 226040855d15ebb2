"""One person's row while it is checked, and the clean record that comes out of it."""

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from casework.ledgers import dates, refusals
from casework.ledgers.places import Scope
from casework.ledgers.projects import Project
from casework.ledgers.reading import Cell, Row
from casework.ledgers.rules import Problem, Severity, rules
from casework.ledgers.tables import Table

MAX_CELL: Final = 2000  #: characters
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
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return "" if cell is None else str(cell)


class Person:
    """One row being checked."""

    __slots__ = ("cells", "clean", "columns", "day", "problems", "scope", "table", "terms")

    def __init__(self, table: Table, scope: Scope, terms: Terms, row: int, cells: Row) -> None:
        self.table = table
        self.columns = table.columns
        self.scope = scope
        self.terms = terms
        self.cells = cells
        self.clean = CleanRow(table.sheet.name, row)
        self.problems: list[Problem] = []
        self.day: dates.Day | None = None  #: of employment or resettlement

    def cell(self, key: str) -> Cell:
        index = self.columns.position.get(key)
        return self.cells[index] if index is not None and index < len(self.cells) else ""

    def text(self, key: str) -> str:
        text = as_text(self.cell(key))
        if len(text) > MAX_CELL:
            place = {"sheet": self.clean.sheet, "row": self.clean.row}
            raise refusals.CellTooLong(**place, column=self.columns.title[key], limit=MAX_CELL)
        return text

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
