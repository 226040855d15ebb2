"""Reading a table of leads as offices export them: .csv in any of their encodings, or .xlsx.

Nothing is guessed and nothing filled in: a cell left empty by merging is told like any other empty
cell. Either every row becomes a draft, or every row with something wrong is named.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from casework.errors import CaseworkError
from casework.ledgers.intake import in_memory
from casework.ledgers.reading import Cell, open_book
from casework.regions.tree import RegionTree
from casework.visits.lead_entry import LeadDraft
from casework.visits.models import LeadSeverity, LeadSource, LeadSubject

Words = Mapping[str, Mapping[str, Any]]  #: of each column that takes only some words

MOST_ROWS = 5000
MOST_WORDS = 2000
MOST_NAME = 200
_HEADER_WITHIN = 10  # titles stand above the header in many exports

#: What the columns are called, by the field they fill; the first is the template's.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "source": ("来源", "线索来源", "source"),
    "source_no": ("来源编号", "编号", "工单号", "工单编号", "source_no"),
    "received_on": ("收到日期", "受理日期", "日期", "received_on"),
    "region": ("地区", "县区", "行政区划代码", "region"),
    "subject": ("对象", "对象类型", "subject"),
    "name": ("姓名或企业", "姓名", "企业名称", "name"),
    "id_no": ("身份证号", "公民身份号码", "id_no"),
    "words": ("内容", "反映内容", "words"),
    "severity": ("轻重", "严重程度", "severity"),
    "urgent": ("紧急", "是否紧急", "urgent"),
    "due_on": ("办结期限", "办理期限", "期限", "due_on"),
}
NEEDED = ("source", "received_on", "region", "subject", "name", "words")
_SOURCES: Mapping[str, LeadSource] = {
    "12345": LeadSource.HOTLINE,
    "12345热线": LeadSource.HOTLINE,
    "110": LeadSource.POLICE,
    "欠薪平台": LeadSource.WAGES,
    "根治欠薪平台": LeadSource.WAGES,
    "来信来访": LeadSource.LETTER,
    "信访": LeadSource.LETTER,
    "审计": LeadSource.AUDIT,
    "审计反馈": LeadSource.AUDIT,
    "规则": LeadSource.RULE,
    "比对": LeadSource.MATCH,
    "数据比对": LeadSource.MATCH,
} | {source.value: source for source in LeadSource if source is not LeadSource.PHONE}
_SUBJECTS: Mapping[str, LeadSubject] = {
    "个人": LeadSubject.PERSON,
    "企业": LeadSubject.ENTERPRISE,
    "单位": LeadSubject.ENTERPRISE,
} | {subject.value: subject for subject in LeadSubject}
_SEVERITIES: Mapping[str, LeadSeverity] = {
    "轻": LeadSeverity.LOW,
    "一般": LeadSeverity.NORMAL,
    "重": LeadSeverity.HIGH,
    "严重": LeadSeverity.HIGH,
} | {severity.value: severity for severity in LeadSeverity}
_FLAGS: Mapping[str, bool] = {"否": False, "no": False, "是": True, "急": True, "yes": True}
_WORDS: Words = {
    "source": _SOURCES,
    "subject": _SUBJECTS,
    "severity": _SEVERITIES,
    "urgent": _FLAGS,
}
_DAYS = ("received_on", "due_on")
_NUMBERS = ("source_no", "id_no")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_EXACT = 10**15


class LeadFault(StrEnum):
    """What may be wrong with one cell."""

    MISSING = "missing"
    UNKNOWN = "unknown"  #: no word that this column takes
    NO_DATE = "no_date"
    AHEAD = "ahead"  #: received on a day to come
    TOO_EARLY = "too_early"  #: due before it was received
    TOO_LONG = "too_long"
    ROUNDED = "rounded"  #: a number of many digits that a spreadsheet has spoilt
    TWICE = "twice"  #: the same source and number in a row above
    EXTRA = "extra"  #: stands under no title, so nobody knows what it means


class HeaderMissing(CaseworkError):
    """No row near the top of the table names the columns that are needed."""


class TooManyLeads(CaseworkError):
    """The table has more rows than are taken at once."""


@dataclass(frozen=True, slots=True)
class FaultyCell:
    row: int  #: as the person sees it in the file
    column: str  #: a key of COLUMNS; the letters of a column without a title
    fault: LeadFault
    value: str


@dataclass(frozen=True, slots=True)
class LeadTable:
    """What a file holds; there are drafts only if nothing is wrong."""

    drafts: Sequence[LeadDraft]
    faults: Sequence[FaultyCell]
    passed_over: Sequence[str] = ()  #: titles of columns that are not read


def region_words(tree: RegionTree) -> dict[str, str]:
    """Return the code of each region by its code, its full name, and its short name if unique."""
    short = Counter(region.name for region in tree.by_code.values())
    words: dict[str, str] = {}
    for code, region in tree.by_code.items():
        words[code] = words["".join(tree.name(code).split())] = code
        if short[region.name] == 1:
            words[region.name] = code
    return words


def read_leads(content: bytes, *, regions: Mapping[str, str], today: date) -> LeadTable:
    """Read the leads of a .csv or .xlsx file.

    Parameters
    ----------
    content
        The bytes of the file.
    regions
        What ``region_words`` returns.
    today
        A lead cannot have been received after this day.

    Raises FileRefused if the file cannot be opened, HeaderMissing, TooManyLeads.
    """
    with in_memory(content) as path:
        sheet = open_book(path).sheets[0]
        rows = [[_text(cell) for cell in row] for row in islice(sheet.rows(), MOST_ROWS + 100)]
    start, places = _header(rows)
    titles = rows[start - 1]
    filled = [(n, row) for n, row in enumerate(rows, start=1) if n > start and any(row)]
    if len(filled) > MOST_ROWS:
        raise TooManyLeads(most=MOST_ROWS)
    words = {**_WORDS, "region": regions}
    drafts: list[LeadDraft] = []
    faults: list[FaultyCell] = []
    seen: set[tuple[str, str]] = set()
    for number, row in filled:
        text = {key: _cell(row, places.get(key)) for key in COLUMNS}
        found = [*_faults(text, words, today), *_repeated(text, seen)]
        faults += [FaultyCell(number, key, fault, text[key]) for key, fault in found]
        faults += _untitled(number, row, titles)
        if not found:
            drafts.append(_draft(text, words))
    read = {titles[place] for place in places.values()}
    passed_over = [title for title in titles if title and title not in read]
    return LeadTable([] if faults else drafts, faults, passed_over)


def _untitled(number: int, row: Sequence[str], titles: Sequence[str]) -> Iterator[FaultyCell]:
    """Yield the filled cells under no title: a comma in the words shifts a row, for instance."""
    for place, cell in enumerate(row):
        if cell and (place >= len(titles) or not titles[place]):
            yield FaultyCell(number, _letters(place), LeadFault.EXTRA, cell)


def _letters(place: int) -> str:
    """Return what a spreadsheet calls the column at *place*, which counts from 0: A, Z, AA."""
    above, last = divmod(place, 26)
    return (_letters(above - 1) if above else "") + chr(ord("A") + last)


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):  # beyond 15 digits a spreadsheet has rounded it
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < _EXACT else f"{cell:E}"
    return str(cell).strip()


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """Return the number of the header's row and the place of each column."""
    meanings = {name: key for key, names in COLUMNS.items() for name in names}
    best: set[str] = set()
    for number, row in enumerate(rows[:_HEADER_WITHIN], start=1):
        found = {
            meanings[name]: place
            for place, cell in reversed(list(enumerate(row)))
            if (name := "".join(cell.split()).casefold()) in meanings
        }
        if set(NEEDED) <= found.keys():
            return number, found
        best = max(best, set(found), key=len)
    raise HeaderMissing(columns="、".join(COLUMNS[key][0] for key in NEEDED if key not in best))


def _faults(text: Mapping[str, str], words: Words, today: date) -> Iterator[tuple[str, LeadFault]]:
    for key, said in text.items():
        fault = _fault(key, said, words) if said else None
        if not said and key in NEEDED:
            fault = LeadFault.MISSING
        if fault:
            yield key, fault
    received, due = (day_of(text[key]) for key in _DAYS)
    if received and received > today:
        yield "received_on", LeadFault.AHEAD
    if received and due and due < received:
        yield "due_on", LeadFault.TOO_EARLY


def _fault(key: str, said: str, words: Words) -> LeadFault | None:
    if key in words and _plain(said) not in words[key]:
        return LeadFault.UNKNOWN
    if key in _DAYS and day_of(said) is None:
        return LeadFault.NO_DATE
    if key in _NUMBERS and _ROUNDED.fullmatch(said):
        return LeadFault.ROUNDED
    if len(said) > (MOST_WORDS if key == "words" else MOST_NAME):
        return LeadFault.TOO_LONG
    return None


def _repeated(
    text: Mapping[str, str], seen: set[tuple[str, str]]
) -> Iterator[tuple[str, LeadFault]]:
    told = (_plain(text["source"]), text["source_no"])
    if text["source_no"] and told in seen:
        yield "source_no", LeadFault.TWICE
    seen.add(told)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def day_of(text: str) -> date | None:
    """Return the day that *text* writes as 2017-12-05, 2017/12/5, 2017.12.5 or 2017年12月5日."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _draft(text: Mapping[str, str], words: Words) -> LeadDraft:
    received = day_of(text["received_on"])
    if received is None:
        raise ValueError("a row with a fault has no draft")
    means = {key: words[key][_plain(text[key])] for key in words if text[key]}
    return LeadDraft(
        source=means["source"],
        region_code=means["region"],
        subject=means["subject"],
        name=text["name"],
        words=text["words"],
        received_on=received,
        source_no=text["source_no"],
        id_no=text["id_no"],
        severity=means.get("severity", LeadSeverity.NORMAL),
        urgent=means.get("urgent", False),
        due_on=day_of(text["due_on"]),
    )
