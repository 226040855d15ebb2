"""Fictitious people: names, identity numbers whose check digit is right, telephone numbers.

The sequence part of every number is 900 to 999, which offices hand out least, so that a made-up
number seldom meets a real one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from casework.demo.names import draw_names
from casework.demo.scale import places, units
from casework.demo.sources import pick, picks, read_table, shares_of
from casework.ledgers.identifiers import check_character
from casework.ledgers.phones import looks_made_up

_OTHER_PROVINCES = (
    *("130102", "140105", "310101", "320102", "340102", "370102", "420102", "610102"),
)
_MOBILE_STARTS = (
    *("130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "150", "151", "152"),
    *("153", "155", "156", "157", "158", "159", "180", "182", "183", "185", "186", "187", "188"),
)
#: Where the number was issued: the own county, its city, elsewhere in Henan, another province.
_ISSUED = {"own": 0.70, "city": 0.15, "henan": 0.10, "elsewhere": 0.05}
_PHONES = {"mobile": 0.92, "landline": 0.05, "both": 0.03}
FIRST_ISSUED = 1984  #: the year identity cards began


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    sex: str  #: 男 or 女, as the identity number says
    born: date
    id_no: str
    phone: str
    phone2: str
    education: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Identity and telephone numbers already given away; nobody else gets them."""

    ids: set[str]
    phones: set[str]


def identity_number(region: str, born: date, sequence: str) -> str:
    """Put an 18-character identity number together; *sequence* is odd for men."""
    first17 = f"{region}{born:%Y%m%d}{sequence}"
    return first17 + check_character(first17)


def draw_people(
    rng: np.random.Generator,
    place: str,
    men: Sequence[bool],
    born: Sequence[date],
    taken: Numbers,
) -> list[Person]:
    """Draw one person for each sex and birth date, living in *place*."""
    names = draw_names(rng, list(men))
    schools = picks(rng, _education(), len(men))
    people = []
    for name, man, day, school in zip(names, men, born, schools, strict=True):
        id_no = _draw_id(rng, place, day, taken.ids, odd=man)
        phone, phone2 = _draw_phones(rng, place, taken.phones)
        people.append(Person(name, "男" if man else "女", day, id_no, phone, phone2, school))
    return people


@cache
def _education() -> dict[str, float]:
    return shares_of("person", "education")


def _draw_id(
    rng: np.random.Generator, place: str, born: date, taken: set[str], *, odd: bool
) -> str:
    """Draw a number that nobody has yet."""
    while True:
        choices = _issuing_regions(place, born.year, pick(rng, _ISSUED))
        region = choices[int(rng.random() * len(choices))]
        sequence = 900 + 2 * int(rng.random() * 50) + int(odd)
        id_no = identity_number(region, born, str(sequence))
        if id_no not in taken:
            taken.add(id_no)
            return id_no


@cache
def _issuing_regions(place: str, year: int, issued: str) -> tuple[str, ...]:
    """Codes that may stand in front of the number of somebody born in *year*.

    Older people carry the codes of the year in which cards were first issued; for the others a
    code counts if it was in force at the sixteenth birthday.
    """
    if issued == "own":
        return (place,)
    if issued == "city":
        unit = next(p.unit_code for p in places() if p.code == place)
        return tuple(p.code for p in units()[unit])
    if issued == "elsewhere":
        return _OTHER_PROVINCES
    month = f"{max(year + 16, FIRST_ISSUED)}00"
    return tuple(
        row["code"]
        for row in read_table("henan_region_code_history.csv")
        if row["first_revision_yyyymm"] <= month <= row["last_revision_yyyymm"]
        and row["code"][4:] not in {"00", "01"}
    )


def _draw_phones(rng: np.random.Generator, place: str, taken: set[str]) -> tuple[str, str]:
    kind = pick(rng, _PHONES)
    if kind == "landline":
        return _free(lambda: _landline(rng, place), taken), ""
    mobile = _free(lambda: _mobile(rng), taken)
    return mobile, _free(lambda: _landline(rng, place), taken) if kind == "both" else ""


def _free(draw: Callable[[], str], taken: set[str]) -> str:
    """Draw until a number is free and does not look made up."""
    while True:
        number = draw()
        if number not in taken and not looks_made_up(number.replace("-", "")):
            taken.add(number)
            return number


def _mobile(rng: np.random.Generator) -> str:
    start = _MOBILE_STARTS[int(rng.random() * len(_MOBILE_STARTS))]
    return f"{start}{int(rng.random() * 10**8):08d}"


def _landline(rng: np.random.Generator, place: str) -> str:
    area, digits = _area_code(place)
    rest = int(rng.random() * 10 ** (digits - 1))
    return f"{area}-{2 + int(rng.random() * 7)}{rest:0{digits - 1}d}"


@cache
def _area_code(place: str) -> tuple[str, int]:
    """Area code and length of the local numbers of the city around *place*."""
    around = {p.unit_name[:2] for p in places() if place == p.code}
    around |= {p.unit_name[:2] for p in places() if p.unit_code == place[:4] + "00"}
    for row in read_table("area_codes.csv", "ledgers"):
        if row["city"][:2] in around:
            return row["area_code"], int(row["digits"])
    raise ValueError(f"no telephone area is known for {place}")
