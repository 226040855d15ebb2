"""Write the demonstration's ledgers as the files that offices hand in.

Offices differ: some send workbooks and some GB18030 text, some put a merged title over the
header, some use other names for the same column, and each writes dates in its own way.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import rustpy_xlsxwriter

from casework.demo import MARK
from casework.demo.claims import Record, draw_cell
from casework.demo.entries import YEAR, row_of
from casework.demo.people import Numbers
from casework.demo.scale import (
    DEFAULT_SCALE,
    Place,
    ScaledTarget,
    scaled_targets,
    write_targets,
)
from casework.demo.sources import DEFAULT_SEED, generator
from casework.demo.truth import Expected, TrueRow, TruthBook, write_expected
from casework.demo.tuning import CellPlan, plan_cells
from casework.ledgers.columns import columns_of
from casework.ledgers.projects import Project

_PROJECT_NAMES = {
    Project.RE_EMPLOYMENT: "失业人员再就业",
    Project.HARDSHIP: "就业困难人员就业",
    Project.OVERCAPACITY: "去产能职工安置",
}
_DATE_PATTERNS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
_TEXT, _TITLED, _RENAMING = 0.25, 0.3, 0.3  #: shares of the offices with these habits
_WRITTEN_AT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*<")
_RENAMED = frozenset({"id_no", "phone", "employ_date", "employ_form", "region_county"})


@dataclass(frozen=True, slots=True)
class Office:
    """The habits of the office that hands a ledger in."""

    text: bool  #: a GB18030 text file instead of a workbook
    titled: bool  #: a merged title row above the header
    renamed: bool  #: other headers for some columns
    date_pattern: str

    @property
    def first_row(self) -> int:
        """The first data row, as a person counts them in the file."""
        return 3 if self.titled else 2


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """One ledger as handed in."""

    path: Path
    project: Project
    region: str
    rows: int


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Everything that was built: what is handed in, and apart from it what is true."""

    targets: tuple[ScaledTarget, ...]
    plans: tuple[CellPlan, ...]
    ledgers: tuple[LedgerFile, ...]
    truth: TruthBook
    expected: tuple[Expected, ...]


def build_demonstration(
    folder: Path,
    *,
    seed: str = DEFAULT_SEED,
    scale: float = DEFAULT_SCALE,
    covered: Sequence[str] = (),
) -> Demonstration:
    """Write every ledger under *folder*/ledgers and the rest beside it.

    The same seed and scale give the same rows. The truth and the expected problems go into
    *folder*/truth; nothing of them is in any ledger.

    Parameters
    ----------
    folder
        An existing directory.
    seed
        Master seed; each ledger draws from a generator of its own.
    scale
        Share of the full figures, such as 0.1.
    covered
        The units whose ledgers are written; those of all if empty.
    """
    handed_in, apart = folder / "ledgers", folder / "truth"
    for part in (handed_in, apart):
        part.mkdir(exist_ok=True)
    plans, targets = plan_cells(seed, scale), scaled_targets(scale)
    plans = tuple(plan for plan in plans if not covered or plan.place.unit_code in covered)
    files, truth, expected = [], [], []
    for plan, records in _drawn(plans, seed):
        office = office_of(plan.place, seed)
        file = write_ledger(handed_in, plan, records, office)
        files.append(file)
        truth += _true_rows(file, plan, records, office)
        expected += _expected(file, records, office)
    book = TruthBook(truth)
    book.write(apart / "truth.csv")
    write_expected(expected, apart / "expected_selfcheck.csv")
    write_targets(targets, folder / "targets.csv")
    return Demonstration(targets, plans, tuple(files), book, tuple(expected))


def _drawn(plans: Sequence[CellPlan], seed: str) -> Iterator[tuple[CellPlan, list[Record]]]:
    """Draw the rows of each ledger; hardship repeats some people of the same place."""
    taken = Numbers(set(), set())
    re_employed: dict[str, list[Record]] = {}
    for plan in plans:
        also = re_employed.get(plan.place.code, []) if plan.project is Project.HARDSHIP else []
        records = draw_cell(plan, seed, taken, also)
        if plan.project is Project.RE_EMPLOYMENT:
            re_employed[plan.place.code] = records
        yield plan, records


def office_of(place: Place, seed: str) -> Office:
    """Draw the habits of a place's office."""
    text, titled, renamed, pattern = generator(seed, place.code, "office").random(4)
    return Office(
        text=bool(text < _TEXT),
        titled=bool(titled < _TITLED),
        renamed=bool(renamed < _RENAMING),
        date_pattern=_DATE_PATTERNS[int(pattern * len(_DATE_PATTERNS))],
    )


def write_ledger(
    folder: Path, plan: CellPlan, records: Sequence[Record], office: Office
) -> LedgerFile:
    """Write one ledger in the manner of its *office*."""
    subject = f"{YEAR}年{_PROJECT_NAMES[plan.project]}实名制台账"
    title = f"{plan.place.name}{subject}（{MARK}）" if office.titled else ""
    ending = "csv" if office.text else "xlsx"
    path = folder / f"{MARK}_{plan.place.code}_{plan.place.name}_{subject}.{ending}"
    header, keys = _header(plan.project, office)
    dated = _date_keys(plan.project)
    rows = []
    for number, record in enumerate(records, start=1):
        values = row_of(record.claim, number)
        for key in dated & values.keys():
            values[key] = _rewrite_date(values[key], office.date_pattern)
        rows.append([values.get(key, "") for key in keys])
    (_write_text if office.text else _write_workbook)(path, title, header, rows)
    return LedgerFile(path, plan.project, plan.place.code, len(rows))


def _header(project: Project, office: Office) -> tuple[list[str], list[str]]:
    columns = columns_of(project)
    names = [
        column.aliases[0] if office.renamed and column.key in _RENAMED else column.header
        for column in columns
    ]
    return names, [column.key for column in columns]


def _date_keys(project: Project) -> set[str]:
    return {column.key for column in columns_of(project) if column.kind == "date"}


def _rewrite_date(iso: str, pattern: str) -> str:
    year, month, day = iso.split("-") if iso else ("", "", "")
    return pattern.replace("%Y", year).replace("%m", month).replace("%d", day) if iso else ""


def _write_text(path: Path, title: str, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        if title:
            writer.writerow([title] + [""] * (len(header) - 1))
        writer.writerow(header)
        writer.writerows(rows)


def _write_workbook(path: Path, title: str, header: list[str], rows: list[list[str]]) -> None:
    rustpy_xlsxwriter.write_worksheet(
        [dict(zip(header, row, strict=True)) for row in rows],
        str(path),
        sheet_name=MARK,
        header_row=1 if title else 0,
        merge_ranges=[(0, 0, 0, len(header) - 1, title)] if title else None,
    )
    _take_time_out(path)


def _take_time_out(path: Path) -> None:
    """Let a workbook not tell when it was written, so that a ledger is the same file each time."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in parts:
            archive.writestr(info, _WRITTEN_AT.sub(rb"\g<1>2017-12-01T00:00:00Z<", content))


def _true_rows(
    file: LedgerFile, plan: CellPlan, records: Sequence[Record], office: Office
) -> list[TrueRow]:
    overcapacity = plan.project is Project.OVERCAPACITY
    return [
        TrueRow(
            file=file.path.name,
            row=row,
            project=plan.project,
            unit=plan.place.unit_code,
            place=plan.place.code,
            enterprise=record.claim.job.employer if overcapacity else "",
            rule=record.defect.rule if record.defect and record.defect.removal else "",
            behaviour=record.behaviour,
        )
        for row, record in enumerate(records, start=office.first_row)
    ]


def _expected(file: LedgerFile, records: Sequence[Record], office: Office) -> list[Expected]:
    return [
        Expected(file.path.name, row, record.defect.rule)
        for row, record in enumerate(records, start=office.first_row)
        if record.defect
    ]
