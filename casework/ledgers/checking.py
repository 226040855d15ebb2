"""Checking a whole ledger: every problem of every row, and the clean rows."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from casework.ledgers import refusals
from casework.ledgers.employment_rules import STEPS
from casework.ledgers.people import CleanRow, Layout, Person, Terms
from casework.ledgers.places import Scope
from casework.ledgers.rules import Problem, Severity, rules
from casework.ledgers.tables import Found, Table

Progress = Callable[[int, int], None]  #: rows done, rows in all
Place = tuple[str, int]  #: sheet, row
_EVERY = 1000  #: rows between two reports of progress


@dataclass(slots=True)
class Outcome:
    """What came out of a check. ``accepted`` holds the rows without an error, in file order."""

    rows: int = 0
    accepted: list[CleanRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)  #: blank, total, footer, header
    years_checked: bool = True  #: whether F018 and F019 were applied

    @property
    def by_rule(self) -> dict[str, int]:
        """How often each rule was broken, by its code."""
        return dict(sorted(Counter(problem.rule for problem in self.problems).items()))

    @property
    def errors(self) -> int:
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


@dataclass(slots=True)
class _Seen:
    """The row that counts for an identity number so far."""

    day: dt.date
    place: Place
    column: str


def check(found: Found, terms: Terms, progress: Progress | None = None) -> Outcome:
    """Check every row of a ledger.

    Parameters
    ----------
    found
        The tables of the file, from ``find_tables``.
    terms
        Project, reporting region, year and cut-off.
    progress
        Told the rows done and the rows in all, every thousand rows and at the end.

    Raises
    ------
    UnknownRegion
        When the reporting region hands in no ledger.
    NoRows
        When there is no person under any header.
    CellTooLong, DifferentHeaders
        For what only reading all rows can show.
    """
    scope = Scope(terms.region)
    outcome = Outcome(years_checked=terms.last_day is not None)
    total = sum(table.height for table in found.tables)
    twins = _Twins()
    for table in found.tables:
        _check_table(table, (scope, terms), outcome, twins, _report(progress, outcome, total))
        outcome.skipped += table.skipped
    if not outcome.rows:
        raise refusals.NoRows
    twins.take_out(outcome, {table.sheet.name: n for n, table in enumerate(found.tables)})
    if progress:
        progress(total, total)
    return outcome


def _report(progress: Progress | None, outcome: Outcome, total: int) -> Callable[[], None]:
    def report() -> None:
        if progress and outcome.rows % _EVERY == 0:
            progress(outcome.rows, total)

    return report


def _check_table(
    table: Table,
    against: tuple[Scope, Terms],
    outcome: Outcome,
    twins: "_Twins",
    report: Callable[[], None],
) -> None:
    scope, terms = against
    steps = STEPS[terms.project]
    layout = Layout(table, scope, terms)
    for number, cells in table.people():
        person = Person(layout, number, cells)
        for step in steps:
            step(person)
        outcome.rows += 1
        outcome.problems += person.problems
        twins.meet(person)
        if person.is_acceptable:
            outcome.accepted.append(person.clean)
        report()


class _Twins:
    """Rule D001: of the rows with one identity number the earliest employment counts."""

    def __init__(self) -> None:
        self.first: dict[str, _Seen] = {}
        self.later: list[tuple[str, Place, str]] = []

    def meet(self, person: Person) -> None:
        """Remember a row; where two meet, the later one is set aside."""
        clean = person.clean
        if not clean.id_no:
            return
        column = person.columns.title["id_no"]
        new = _Seen(clean.started or dt.date.max, (clean.sheet, clean.row), column)
        kept = self.first.setdefault(clean.id_no, new)
        if kept is new:
            return
        if new.day < kept.day:
            self.first[clean.id_no], new = new, kept
        self.later.append((clean.id_no, new.place, new.column))

    def take_out(self, outcome: Outcome, order: dict[str, int]) -> None:
        """Report the later rows, each with the row it repeats, and accept them no more."""
        if not self.later:
            return
        rule = rules()["D001"]
        for number, (sheet, row), column in self.later:
            kept_sheet, kept_row = self.first[number].place
            facts = {"kept_sheet": kept_sheet, "kept_row": kept_row}
            outcome.problems.append(Problem(sheet, row, column, rule.code, rule.severity, facts))
        out = {place for _, place, _ in self.later}
        outcome.accepted = [row for row in outcome.accepted if (row.sheet, row.row) not in out]
        outcome.problems.sort(key=lambda problem: (order[problem.sheet], problem.row))
