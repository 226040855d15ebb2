"""Phone numbers: split, brought to one form, and looked at."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from casework.ledgers.sources import read_source

MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})-?([0-9]{7,8})")
_LOCAL: Final = re.compile(r"[2-8][0-9]{6,7}")
_BETWEEN: Final = re.compile(r"[、/;,|\n]+")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−－ー", "-"))
_PREFIX: Final = re.compile(r"^(?:\+|00)?86-?(?=1[3-9][0-9]{9}$)")
#: Not assigned to people's phones: unassigned, devices, satellites (phonenumbers 9.0.43).
_UNASSIGNED: Final = re.compile(r"14[0-4689]|154|16[013489]|17[49]|194")
_EQUAL: Final = re.compile(r"(\d)\1{5}")
_RUNS: Final = tuple("0123456789"[start : start + 6] for start in range(5))


@dataclass(frozen=True, slots=True)
class Phones:
    """What was read from one cell."""

    numbers: tuple[str, ...]  #: in their normal form, the first is dialled first
    is_valid: bool  #: whether every part was a phone number
    completed: bool = False  #: whether the area code was added from the region


@cache
def _area_codes() -> dict[str, tuple[str, int]]:
    return {
        row["city"]: (row["area_code"], int(row["digits"])) for row in read_source("area_codes")
    }


def read_phones(text: str, *, city: str = "") -> Phones:
    """Read the phone numbers of one cell.

    Parameters
    ----------
    text
        The cell as text.
    city
        Name of the city whose area code a bare local number gets, without 市.
    """
    if MOBILE.fullmatch(text):
        return Phones((text,), is_valid=True)
    text = unicodedata.normalize("NFKC", text).translate(_DASHES).removesuffix(".0")
    numbers: list[str] = []
    valid, completed = True, False
    for part in filter(None, (piece.strip() for piece in _BETWEEN.split(text))):
        whole = _normal(part, city)
        for number in [whole] if whole else [_normal(piece, city) for piece in part.split()]:
            if number is None:
                valid = False
            elif number not in numbers:
                numbers.append(number)
                completed = completed or bool(_LOCAL.fullmatch(re.sub(r"\D", "", part)))
    return Phones(tuple(numbers), is_valid=valid and bool(numbers), completed=completed)


def _normal(text: str, city: str) -> str | None:
    """Bring one number to its normal form; None if it is none."""
    compact = re.sub(r"[\s()]", "", text)
    mobile = _PREFIX.sub("", compact.replace("-", ""))
    if MOBILE.fullmatch(mobile):
        return mobile
    if found := _LANDLINE.fullmatch(compact):
        return f"{found[1]}-{found[2]}"
    local = compact.replace("-", "")
    area, digits = _area_codes().get(city, ("", 0))
    if area and len(local) == digits and _LOCAL.fullmatch(local):
        return f"{area}-{local}"
    return None


def is_unassigned(number: str) -> bool:
    """Tell whether a mobile number has a prefix that no person's phone has."""
    return bool(_UNASSIGNED.match(number))


def looks_made_up(number: str) -> bool:
    """Tell whether a number has six equal digits in a row or counts up for six digits."""
    return bool(_EQUAL.search(number)) or any(run in number for run in _RUNS)
