"""The rules about the work found or the channel of resettlement: F014 to F019, A, T, F030, F031."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from casework.ledgers import codes, identifiers
from casework.ledgers.dates import Day, months_at, years_at
from casework.ledgers.identity_rules import (
    check_identity,
    check_name,
    check_phones,
    check_region,
    check_sex,
)
from casework.ledgers.people import Person, as_text
from casework.ledgers.projects import Project
from casework.ledgers.rules import Severity

_WORKING_AGE: Final = 16
_DELAYED_FROM: Final = dt.date(2025, 1, 1)  #: the gradual delay of retirement begins
_TASK_YEARS: Final = {"2016": "carry", "2017": "plan"}
_NOT_SETTLED, _WAIVED = "N", "W"
_UNDATED: Final = frozenset({_NOT_SETTLED, _WAIVED})  #: channels that have no date of resettlement
_OWN_FIELDS: Final = frozenset(
    {"seq", "name", "id_no", "sex", "phone", "phone2", "region_city", "region_county"}
    | {"education", "employ_form", "employ_type", "employ_date", "settle_date", "employer"}
    | {"enterprise", "channel", "task_year", "unsettled_reason"}
)


def check_education(person: Person) -> None:
    """F014: one of the levels, by word or code."""
    code = codes.education_of(person.text("education"))
    if code is None:
        person.report("F014", "education")
    else:
        person.clean.details["education"] = code


def check_form(person: Person) -> None:
    """F015: exactly one form of employment, in one column or by a mark in flag columns."""
    marked = set()
    for index, code in person.columns.flags.items():
        text = as_text(person.cells[index]).casefold()
        if text in codes.YES:
            marked.add(code)
        elif text not in codes.NO:
            marked.add("")  # neither a yes nor a no: nobody can tell
    text = person.text("employ_form")
    if text:
        marked.add(codes.code_of("employment_form", text) or "")
    if len(marked) == 1 and "" not in marked:
        person.clean.employ_form = marked.pop()
    else:
        person.report("F015", "employ_form", marked=len(marked))


def check_type(person: Person) -> None:
    """F016: first job or re-employment."""
    code = codes.code_of("employment_type", person.text("employ_type"))
    if code is None:
        person.report("F016", "employ_type")
    else:
        person.clean.details["employ_type"] = code


def check_employ_date(person: Person) -> None:
    """F017 to F019 for a date of employment."""
    _check_day(person, "employ_date")
    year, day = person.terms.year, person.day
    if year and day and day.first.year != year:
        person.report("F019", "employ_date", year=year)


def check_settle_date(person: Person) -> None:
    """F017 and F018 for a date of resettlement; without resettlement there is none."""
    if person.clean.channel in _UNDATED and not person.text("settle_date"):
        return
    _check_day(person, "settle_date")


def _check_day(person: Person, key: str) -> None:
    day = person.day = person.day_in(key)
    if day is None:
        person.report("F017", key)
        return
    person.clean.started = day.first
    if day.is_month:
        person.clean.details["started_precision"] = "month"
    last = person.terms.last_day
    if last and day.first > last:
        person.report("F018", key, last_day=last.isoformat())


def check_age(person: Person) -> None:
    """A001 too young and A002 too old on the day of employment.

    Women from 50 are a warning before 2025, since the ledger does not tell workers (50) from
    cadres (55).
    """
    number, day = person.clean.id_no, person.day
    born = identifiers.birth_date(number) if number and day else None
    if not born or not day:
        return
    key = "employ_date"
    if years_at(born, day.last) < _WORKING_AGE:
        person.report("A001", key, limit=_WORKING_AGE)
    age = months_at(born, day.first)
    certain, possible = retirement_months(born, day, is_male=identifiers.is_male(number))
    if age >= certain:
        person.report("A002", key, limit=certain // 12)
    elif age >= possible:
        person.report("A002", key, severity=Severity.WARNING, limit=possible // 12)


def retirement_months(born: dt.date, day: Day, *, is_male: bool) -> tuple[int, int]:
    """Return the age in months from which a person is retired for certain, and possibly.

    From 2025 the ages 60, 55 and 50 rise by one month for every 4, 4 and 2 months of later
    birth, to 63, 58 and 55 (decision of the National People's Congress of 13 September 2024).
    """
    delayed = day.first >= _DELAYED_FROM
    if is_male:
        age = _delayed(born, 60, every=4, most=36) if delayed else 60 * 12
        return age, age
    if not delayed:
        return 55 * 12, 50 * 12
    return _delayed(born, 55, every=4, most=36), _delayed(born, 50, every=2, most=60)


def _delayed(born: dt.date, years: int, *, every: int, most: int) -> int:
    """Return the delayed age in months of whoever would retire with *years* before the delay."""
    later = (born.year + years - _DELAYED_FROM.year) * 12 + born.month - 1
    return years * 12 + min(max(later // every + 1, 0), most)


def check_unemployed_before(person: Person) -> None:
    """T001: registered as unemployed no later than employed."""
    _check_order(person, "unemp_reg_date", "T001")


def check_hardship_before(person: Person) -> None:
    """T002: recognised as in hardship no later than employed."""
    _check_order(person, "hardship_date", "T002")


def _check_order(person: Person, key: str, rule: str) -> None:
    if not person.text(key):
        return
    earlier = person.day_in(key)
    if earlier is None:
        person.report("F017", key)
    elif person.day and earlier.first > person.day.last:
        person.report(rule, key)


def check_channel(person: Person) -> None:
    """T005: a known channel, and a reason for whoever is not resettled."""
    code = codes.code_of("resettle_channel", person.text("channel"))
    if code is None:
        person.report("T005", "channel")
        return
    person.clean.channel = code
    reason = person.text("unsettled_reason")
    if reason:
        known = codes.code_of("unsettled_reason", reason)
        person.clean.details["unsettled_reason"] = known or reason
    elif code == _NOT_SETTLED:
        person.report("T005", "unsettled_reason")


def check_enterprise(person: Person) -> None:
    """F030: the enterprise whose capacity was cut; F031: the year whose task it was."""
    person.clean.enterprise = person.text("enterprise")
    if not person.clean.enterprise:
        person.report("F030", "enterprise")
    person.clean.task_year = _TASK_YEARS.get(person.text("task_year")[:4], "")
    if not person.clean.task_year:
        person.report("F031", "task_year")


def keep_details(person: Person) -> None:
    """Keep the other columns as text, dates in one form."""
    clean = person.clean
    clean.employer = person.text("employer")
    others = {key: text for key, text in person.texts.items() if text and key not in _OWN_FIELDS}
    for key in person.layout.extra_dates:
        if key in others and (day := person.day_in(key)):
            others[key] = day.first.isoformat()
    clean.details.update(others)


Step = Callable[[Person], None]
_WHO: Final[tuple[Step, ...]] = (
    check_name, check_identity, check_sex, check_region, check_phones,
)  # fmt: skip
_WORK: Final[tuple[Step, ...]] = (
    *_WHO, check_education, check_form, check_type, check_employ_date, check_age,
)  # fmt: skip
#: The rules of each project in the order in which they are applied.
STEPS: Final[Mapping[Project, tuple[Step, ...]]] = {
    Project.NEW_EMPLOYMENT: (*_WORK, keep_details),
    Project.RE_EMPLOYMENT: (*_WORK, check_unemployed_before, keep_details),
    Project.HARDSHIP: (*_WORK, check_hardship_before, keep_details),
    Project.OVERCAPACITY: (
        *_WHO,
        check_channel,
        check_settle_date,
        check_enterprise,
        keep_details,
    ),
}
