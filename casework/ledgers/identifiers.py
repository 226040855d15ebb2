"""Identity numbers and credit codes: structure and check characters, never a repair.

Sources: GB 11643-1999 (ISO 7064 MOD 11-2), GB 32100-2015 (modulo 31). A region code is looked up
among the codes of all years, whatever the year of birth: the code is that of the first issue,
and people move, so it never makes a number wrong.
"""

import datetime as dt
import re
from functools import cache
from operator import mul
from typing import Final

from casework.ledgers.sources import read_source

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_VALUE: Final = {str(digit): digit for digit in range(10)}
_LONG: Final = re.compile(r"[0-9]{17}[0-9X]")
_SHORT: Final = re.compile(r"[0-9]{15}")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]+")
_PROVINCES: Final = frozenset(
    f"{first}{second}"
    for first, seconds in {
        "1": "12345", "2": "123", "3": "1234567", "4": "23456", "5": "01234", "6": "12345",
        "7": "1", "8": "123",
    }.items()
    for second in seconds
)  # fmt: skip
_OLDEST: Final = 1900  #: year of birth
_HOME: Final = "41"  #: the province whose codes are known one by one

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE: Final = {letter: value for value, letter in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_SHAPE: Final = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")


def is_mangled(text: str) -> bool:
    """Tell whether a number was shortened by a spreadsheet, such as ``4.10102E+17``."""
    return bool(_SCIENTIFIC.fullmatch(text))


def check_character(seventeen: str) -> str:
    """Return the check character of the first 17 digits."""
    return _CHECKS[sum(map(mul, _WEIGHTS, map(_VALUE.__getitem__, seventeen))) % 11]


def has_right_check(number: str) -> bool:
    """Tell whether an 18-character identity number has digits and the right check character."""
    return bool(_LONG.fullmatch(number)) and check_character(number[:17]) == number[17]


def is_short(number: str) -> bool:
    """Tell whether this is an identity number of the old kind, with 15 digits."""
    return bool(_SHORT.fullmatch(number))


def extend(short: str) -> str:
    """Turn a 15-digit identity number into the 18-character one of the same person."""
    seventeen = f"{short[:6]}19{short[6:]}"
    return seventeen + check_character(seventeen)


def birth_date(number: str) -> dt.date | None:
    """Return the date of birth in an 18-character number; None if there is no such day."""
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= _OLDEST else None


def is_male(number: str) -> bool:
    """Tell the sex from the 17th digit: odd is male."""
    return number[16] in "13579"


@cache
def _home_codes() -> tuple[frozenset[str], frozenset[str]]:
    codes = frozenset(row["code"] for row in read_source("code_history"))
    return codes, frozenset(code[:4] for code in codes)


def has_known_prefix(number: str) -> bool:
    """Tell whether the first six digits were a region code at any time.

    Within Henan an unknown county of a known city passes; outside it only the province is known.
    """
    codes, cities = _home_codes()
    if number[:2] != _HOME:
        return number[:2] in _PROVINCES
    return number[:6] in codes or number[:4] in cities


def is_credit_code(code: str) -> bool:
    """Tell whether a unified social credit code has the right letters and check character."""
    if not _CREDIT_SHAPE.fullmatch(code):
        return False
    total = sum(map(mul, _CREDIT_WEIGHTS, map(_CREDIT_VALUE.__getitem__, code)))
    return _CREDIT_ALPHABET[-total % 31] == code[17]
