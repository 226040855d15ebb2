"""How an attempt can end: the table of dispositions. It never says whether a claim is true.

The codes are ours; the AAPOR code (Standard Definitions, 9th edition; the 10th says the same of
all that are used) stands beside each for response rates. Where a code speaks of a number, its
class is that of the call: the class of the person is found in rates.py.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from casework.cases.phone_result import Ending
from casework.errors import CaseworkError

_APPOINTMENT = "appt"  # the column of the delay says this where the respondent names the time


class UnknownDisposition(CaseworkError):
    """There is no such disposition for people to choose."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """One line of the table.

    ``limit`` is how often the code may come before it is accepted as final: for an ending that
    concerns a number, on that number, else in the case. None means no limit.
    """

    code: str
    zh: str
    en: str
    short_zh: str  #: for a button; equal to ``zh`` where that is short enough
    short_en: str
    hotkey: str  #: "" if it is found by its code
    group: str
    aapor: str
    aapor_calc: str  #: the class of the code in the AAPOR formulas, such as NC
    ending: Ending
    final: bool
    retry_after: timedelta
    limit: int | None
    tries_other_number: bool
    reached_person: bool
    requires_note: bool
    needs_appointment: bool
    lead: str  #: severity of the lead it raises, or ""
    offered: bool  #: whether people choose it; the others are set by the system

    @property
    def is_interview(self) -> bool:
        return self.ending in {Ending.ANSWERED, Ending.PROVISIONAL}


@cache
def all_dispositions() -> Mapping[str, Disposition]:
    """Return every disposition by its code, in the order of the table."""
    source = files("casework.calls") / "data" / "dispositions.csv"
    with source.open(encoding="utf-8") as lines:
        return MappingProxyType({row["code"]: _disposition(row) for row in csv.DictReader(lines)})


def offered(code: str) -> Disposition:
    """Return a disposition that people may choose. Raises UnknownDisposition for any other."""
    found = all_dispositions().get(code)
    if found is None or not found.offered:
        raise UnknownDisposition(disposition=code)
    return found


def _disposition(row: Mapping[str, str]) -> Disposition:
    delay = row["retry_delay_min"]
    return Disposition(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        short_zh=row["short_zh"],
        short_en=row["short_en"],
        hotkey=row["hotkey"],
        group=row["group"],
        aapor=row["aapor"],
        aapor_calc=row["aapor_calc"],
        ending=Ending(row["ending"]),
        final=row["final"] == "Y",
        retry_after=timedelta(minutes=int(delay) if delay.isdigit() else 0),
        limit=_limit(row),
        tries_other_number=row["tries_other_number"] == "Y",
        reached_person=row["reached_person"] == "Y",
        requires_note=row["requires_note"] == "Y",
        needs_appointment=delay == _APPOINTMENT,
        lead=row["lead"],
        offered=row["offered"] == "Y",
    )


def _limit(row: Mapping[str, str]) -> int | None:
    if row["final"] == "Y":
        return 1
    if not row["max_same"]:
        return None
    if row["retry_delay_min"] == _APPOINTMENT:  # the last time agreed on is still waited for
        return int(row["max_same"]) + 1
    # A code that is not final is tried again at least once: its table says after what rest.
    return max(2, int(row["max_same"]))
