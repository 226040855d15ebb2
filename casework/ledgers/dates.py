"""Dates as people type them. What could mean two days is no date."""

import calendar
import datetime as dt
import re
from functools import lru_cache
from typing import Final, NamedTuple

from casework.ledgers.reading import Cell

_DAY: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))(?:[T ]0?0:00(?::00(?:\.0+)?)?)?"
)
_MONTH: Final = re.compile(r"(\d{4})(?:年(\d{1,2})月|-(\d{1,2})|/(\d{1,2}))")
_SERIAL: Final = re.compile(r"\d{5}(?:\.0+)?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_EPOCH: Final = dt.date(1899, 12, 30)  #: day 0 of Excel, right from March 1900
_FROM_1904: Final = 1462  #: days between the two systems of Excel
_SERIALS: Final = range(10_959, 73_051)  #: 1930 to 2099; smaller numbers are something else


class Day(NamedTuple):
    """A date, or a month of which the day is not known: the first and last day it can be."""

    first: dt.date
    last: dt.date

    @property
    def is_month(self) -> bool:
        return self.first != self.last


@lru_cache(maxsize=20_000)
def read_day(cell: Cell, *, date_1904: bool = False) -> Day | None:
    """Read a date cell.

    Accepted are true dates, ``2017-03-05``, ``2017/3/5``, ``2017.03.05``, ``2017年3月5日``,
    ``20170305`` as text or number, the months ``2017年3月``, ``2017-03`` and ``2017/3``, and
    Excel's day numbers. ``3/5/2017`` and two-digit years are refused, since they would be a
    guess.

    Returns
    -------
    The date, or None if the cell is not one.
    """
    if isinstance(cell, dt.datetime):
        return _whole(cell.date())
    if isinstance(cell, dt.date):
        return _whole(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | float | int):
        return None
    if isinstance(cell, str):
        return _from_text(cell, date_1904=date_1904)
    return _from_number(float(cell), date_1904=date_1904)


def _from_number(number: float, *, date_1904: bool) -> Day | None:
    if _SERIALS.start <= number < _SERIALS.stop:
        return _whole(_EPOCH + dt.timedelta(int(number) + (_FROM_1904 if date_1904 else 0)))
    if number.is_integer() and 10**7 <= number < 10**8:
        return _from_text(str(int(number)), date_1904=date_1904)
    return None


def _from_text(text: str, *, date_1904: bool) -> Day | None:
    text = text.strip()
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            return _whole(dt.date(year, month, day))
        except ValueError:
            return None
    if found := _MONTH.fullmatch(text):
        year, month = (int(part) for part in found.groups() if part)
        return _month(year, month)
    if _SERIAL.fullmatch(text):
        return _from_number(float(text), date_1904=date_1904)
    return None


def _whole(day: dt.date) -> Day | None:
    return Day(day, day) if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _month(year: int, month: int) -> Day | None:
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and month in range(1, 13)):
        return None
    days = calendar.monthrange(year, month)[1]
    return Day(dt.date(year, month, 1), dt.date(year, month, days))


def years_at(born: dt.date, day: dt.date) -> int:
    """Return the age in whole years on *day*; a birthday counts on the day itself."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_at(born: dt.date, day: dt.date) -> int:
    """Return the age in whole months on *day*."""
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
