"""What is true of every row of the demonstration, kept apart from the ledgers."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from casework.demo import MARK
from casework.demo.contact import Behaviour, Contact
from casework.ledgers.projects import Project


@dataclass(frozen=True, slots=True)
class TrueRow:
    """One ledger row and what is behind it; the row is numbered as a person sees it."""

    file: str
    row: int
    project: Project
    unit: str
    place: str
    enterprise: str
    rule: str  #: the rule that stops the row; empty for a row that can be accepted
    behaviour: Behaviour

    @property
    def counts(self) -> bool:
        """Whether the row is accepted and true."""
        return not self.rule and self.behaviour.achieved


@dataclass(frozen=True, slots=True)
class Expected:
    """A problem that the self-check has to report."""

    file: str
    row: int
    rule: str


class TruthBook:
    """Look-up of the truth by ledger file and row, the only key that both sides share."""

    def __init__(self, rows: Iterable[TrueRow]) -> None:
        self._rows = {(row.file, row.row): row for row in rows}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> Iterable[TrueRow]:
        return self._rows.values()

    def of(self, file: str, row: int) -> TrueRow:
        """Return the truth of one ledger row; a row that was never written is a KeyError."""
        return self._rows[file, row]

    def completed(self) -> Counter[tuple[Project, str]]:
        """Accepted true persons of each project by unit, by place within, and of the province."""
        persons: Counter[tuple[Project, str]] = Counter()
        for row in self.rows:
            if row.counts:
                persons.update({(row.project, code) for code in (row.unit, row.place, "410000")})
        return persons

    def write(self, path: Path) -> None:
        """Write the truth for people to read; its header is no ledger's, so nobody imports it."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([f"truth ({MARK})", *_COLUMNS])
            for row in self.rows:
                writer.writerow(["", *_values(row)])


def read_truth(path: Path) -> TruthBook:
    """Read what :meth:`TruthBook.write` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return TruthBook(_parse(row) for row in csv.DictReader(file))


def write_expected(expected: Iterable[Expected], path: Path) -> None:
    """Write the problems that the self-check has to report, one a line."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "row", "rule"])
        writer.writerows((e.file, e.row, e.rule) for e in expected)


_COLUMNS = (
    *("file", "row", "project", "unit", "place", "enterprise", "rule"),
    *("verdict", "says", "contact", "picks_up_at"),
)


def _values(row: TrueRow) -> list[str | int]:
    told = row.behaviour
    return [
        *(row.file, row.row, row.project, row.unit, row.place, row.enterprise, row.rule),
        *(told.verdict, told.says, told.contact, told.picks_up_at),
    ]


def _parse(row: dict[str, str]) -> TrueRow:
    return TrueRow(
        file=row["file"],
        row=int(row["row"]),
        project=Project(row["project"]),
        unit=row["unit"],
        place=row["place"],
        enterprise=row["enterprise"],
        rule=row["rule"],
        behaviour=Behaviour(
            row["verdict"], row["says"], Contact(row["contact"]), int(row["picks_up_at"])
        ),
    )
