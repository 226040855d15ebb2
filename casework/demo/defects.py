"""Faults that are put into the ledgers on purpose, each known to one rule of the self-check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from casework.demo.entries import PERIOD_END, Claim, shift_years
from casework.demo.people import identity_number
from casework.demo.sources import recipe
from casework.ledgers.identifiers import check_character
from casework.ledgers.models import RemovalClass
from casework.ledgers.projects import CALLED, Project

_EMPLOYMENT = (Project.RE_EMPLOYMENT, Project.HARDSHIP)


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of fault: the rule that must find it and how the clerk removes the row."""

    rule: str
    removal: RemovalClass | None  #: None for a warning, the row stays
    projects: tuple[Project, ...] = CALLED


ERRORS: tuple[Defect, ...] = (
    Defect("F004", RemovalClass.INCOMPLETE),
    Defect("F005", RemovalClass.INVALID),
    Defect("F008", RemovalClass.INCOMPLETE),
    Defect("F009", RemovalClass.INCOMPLETE),
    Defect("F010", RemovalClass.INCOMPLETE),
    Defect("F011", RemovalClass.INCOMPLETE),
    Defect("F019", RemovalClass.INVALID, _EMPLOYMENT),
    Defect("A001", RemovalClass.INVALID, _EMPLOYMENT),
    Defect("A002", RemovalClass.INVALID, _EMPLOYMENT),
    Defect("D001", RemovalClass.DUPLICATE, _EMPLOYMENT),
    Defect("T001", RemovalClass.INVALID, (Project.RE_EMPLOYMENT,)),
)
FAKE_PHONE = Defect("F013", None)

#: Ends of invented numbers: six equal digits in a row, or six that count upwards.
_FAKE_ENDS = ("88888888", "66666666", "12345678", "23456789")


def share_of(defect: Defect) -> float:
    """Share of the rows that get *defect*, from the recipe."""
    injected: Mapping[str, float] = recipe()["injected_defects"]
    return next(share for name, share in injected.items() if name.startswith(defect.rule))


def spoil(claim: Claim, defect: Defect, rng: np.random.Generator) -> Claim:
    """Return *claim* with *defect* put into it; every other value stays right."""
    if defect.rule in {"F004", "F005", "F008"}:
        return _spoil_number(claim, defect)
    if defect.rule in {"F009", "F010", "F011", "F013"}:
        return _spoil_person(claim, defect, rng)
    return _spoil_dates(claim, defect, rng)


def _spoil_number(claim: Claim, defect: Defect) -> Claim:
    right = claim.person.id_no
    wrong = {
        "F004": right[:9] + right[10:],  # fifteen digits would be extended without loss
        "F005": _wrong_check(right),
        "F008": f"{right[0]}.{right[1:6]}E+17",
    }
    return replace(claim, person=replace(claim.person, id_no=wrong[defect.rule]))


def _spoil_person(claim: Claim, defect: Defect, rng: np.random.Generator) -> Claim:
    who = claim.person
    match defect.rule:
        case "F009":
            changed = replace(who, sex="女" if who.sex == "男" else "男")
        case "F010":
            changed = replace(who, phone="", phone2="")
        case "F011":
            changed = replace(who, phone=who.phone[:-2])
        case _:
            end = _FAKE_ENDS[int(rng.integers(len(_FAKE_ENDS)))]
            changed = replace(who, phone="138" + end, phone2="")
    return replace(claim, person=changed)


def _spoil_dates(claim: Claim, defect: Defect, rng: np.random.Generator) -> Claim:
    days = timedelta(days=int(rng.integers(5, 60)))
    match defect.rule:
        case "F019":
            began = date(claim.started_on.year - 1, 12, 31) - days
            return replace(claim, started_on=began, registered_on=began - timedelta(days=90))
        case "A001":
            return _aged(claim, 15, days)
        case "A002":
            return _aged(claim, 61 if claim.person.sex == "男" else 56, days)
        case "T001":
            return replace(claim, registered_on=claim.started_on + days)
        case "D001":
            return replace(claim, started_on=min(claim.started_on + days, PERIOD_END))
        case _:
            raise ValueError(f"no way is known to put a fault of rule {defect.rule} into a row")


def _wrong_check(id_no: str) -> str:
    right = check_character(id_no[:17])
    return id_no[:17] + ("0" if right == "X" else str((int(right) + 1) % 10))


def _aged(claim: Claim, age: int, days: timedelta) -> Claim:
    """Make the person *age* years old on the day the job began."""
    born = shift_years(claim.started_on, -age) - days
    id_no = identity_number(claim.person.id_no[:6], born, claim.person.id_no[14:17])
    return replace(claim, person=replace(claim.person, id_no=id_no, born=born))
