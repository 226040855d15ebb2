"""The rules about who the person is and where: F001 to F013, F028, F029."""

import re
import unicodedata
from typing import Final

from casework.ledgers import codes, identifiers
from casework.ledgers.people import Person
from casework.ledgers.phones import MOBILE, is_unassigned, looks_made_up, read_phones
from casework.ledgers.places import city_name

_HAN: Final = r"㐀-鿿豈-﫿\U00020000-\U0003ffff〇\ue000-\uf8ff"
_NAME: Final = re.compile(rf"[{_HAN}][{_HAN}·]{{0,23}}[{_HAN}]")
_DOTS: Final = str.maketrans(dict.fromkeys("•．・‧∙⋅●.", "·"))
_PLACEHOLDER: Final = re.compile(r"测试|某|未知|不详|无名|^[张李王][三四五]$|^姓名$|^(.)\1{2,}$")
_LENGTH: Final = 18


def check_name(person: Person) -> None:
    """F001 missing, F002 unusual; spaces between Han characters are taken out (F029)."""
    name = person.text("name")
    if not name.isascii():
        name = unicodedata.normalize("NFC", name).translate(_DOTS)
    if not name:
        person.report("F001", "name")
        return
    joined = "".join(name.split())
    if joined != name and _NAME.fullmatch(joined):
        name = joined
    if name != str(person.cell("name")).strip(" ").translate(_DOTS):
        person.report("F029", "name")
    if not _NAME.fullmatch(name) or _PLACEHOLDER.search(name):
        person.report("F002", "name")
    person.clean.name = name


def check_identity(person: Person) -> None:
    """F003 to F007: the identity number, of which nothing is repaired."""
    number = _plain_number(person)
    if not number:
        return
    if identifiers.is_short(number):
        number = identifiers.extend(number)
        person.report("F029", "id_no", extended_from=15)
    if len(number) != _LENGTH:
        person.report("F004", "id_no", length=len(number))
        return
    if _is_sound(person, number):
        person.clean.id_no = number
        if not identifiers.has_known_prefix(number):
            person.report("F007", "id_no")


def _is_sound(person: Person, number: str) -> bool:
    """Report a wrong check digit and an impossible birth, each on its own."""
    is_right = identifiers.has_right_check(number)
    if not is_right and number.endswith("000"):
        person.report("F008", "id_no", kind="zeroed")
    elif not is_right:
        person.report("F005", "id_no")
    born = identifiers.birth_date(number)
    if number[6:14].isdecimal() and (born is None or born > person.terms.today):
        person.report("F006", "id_no")
        return False
    return is_right


def _plain_number(person: Person) -> str:
    """Return the identity number without what typing adds; empty if a problem ends the matter."""
    cell = person.cell("id_no")
    if not isinstance(cell, str):
        person.report("F008", "id_no", kind="number")
        return ""
    text = person.text("id_no")
    number = text if text.isascii() else unicodedata.normalize("NFKC", text)
    number = "".join(number.split()).lstrip("'").upper()
    if not number:
        person.report("F003", "id_no")
    elif identifiers.is_mangled(number):
        person.report("F008", "id_no", kind="scientific")
        return ""
    elif number != cell.strip(" ").upper():
        person.report("F029", "id_no")
    return number


def check_sex(person: Person) -> None:
    """F009: the sex, where given, agrees with the 17th digit; where not, it follows from it."""
    given = person.text("sex")
    number = person.clean.id_no
    code = codes.code_of("sex", given) if given else None
    if number:
        told = "1" if identifiers.is_male(number) else "2"
        if given and code != told:
            person.report("F009", "sex")
        code = told
    if code:
        person.clean.details["sex"] = code


def check_region(person: Person) -> None:
    """F028: the place exists and reports through the unit that hands the ledger in."""
    located = person.layout.scope.locate(
        person.text("region_city"),
        person.text("region_county"),
        has_county="region_county" in person.columns.position,
    )
    if located.reason:
        person.report("F028", located.key, reason=located.reason)
    person.clean.region = located.code


def check_phones(person: Person) -> None:
    """F010 missing, F011 no phone number, F012 no person's prefix, F013 made up."""
    city = city_name(person.clean.region or person.terms.region)
    numbers: list[str] = []
    for key in ("phone", "phone2"):
        text = person.text(key)
        if not text:
            if key == "phone":
                person.report("F010", "phone")
            continue
        found = read_phones(text, city=city)
        if not found.is_valid:
            person.report("F011", key)
        if found.completed:
            person.report("F029", key, area_code=found.numbers[0].split("-")[0])
        numbers += found.numbers
        _look_at(person, key, found.numbers)
    person.clean.phones = tuple(dict.fromkeys(numbers))


def _look_at(person: Person, key: str, numbers: tuple[str, ...]) -> None:
    mobiles = [number for number in numbers if MOBILE.fullmatch(number)]
    if any(map(is_unassigned, mobiles)):
        person.report("F012", key)
    if any(map(looks_made_up, mobiles)):
        person.report("F013", key)
