"""What can be established about a claim: the codes of phone and site, and the verdict of each."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from casework.ledgers.projects import Project


class Verdict(StrEnum):
    """Whether the claim is true."""

    ACHIEVED = "achieved"
    DEEMED = "deemed"  #: not employed or resettled by the person's own free choice
    NOT_ACHIEVED = "not_achieved"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One code of the outcome table.

    ``value_y`` is 1 where the claim counts, 0 where it does not, None where nobody knows;
    ``lead`` is "" or the severity of the lead it raises (low, normal, high); ``void`` marks a
    claim that should never have been in the ledger.
    """

    code: str
    zh: str
    en: str
    projects: frozenset[Project]
    verdict: Verdict
    value_y: int | None
    lead: str
    void: bool


@cache
def all_outcomes() -> Mapping[str, Outcome]:
    """Return every outcome by its code, in the order of the table."""
    source = files("casework.cases") / "data" / "verification_outcomes.csv"
    with source.open(encoding="utf-8") as lines:
        return MappingProxyType({row["code"]: _outcome(row) for row in csv.DictReader(lines)})


def _outcome(row: Mapping[str, str]) -> Outcome:
    return Outcome(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        projects=frozenset(Project(key) for key in row["projects"].split("|")),
        verdict=Verdict(row["verdict"]),
        value_y=int(row["value_y"]) if row["value_y"] else None,
        lead=row["lead"],
        void=row["void"] == "Y",
    )


def outcomes_for(project: Project) -> tuple[Outcome, ...]:
    """Return the outcomes that a claim of *project* can have, in the order of the table."""
    return tuple(o for o in all_outcomes().values() if project in o.projects)


def final_outcome(phone: str, site: str, settled: str = "") -> str:
    """Return the code that counts: what was settled, what was resolved on site, or the phone's."""
    if settled:
        return settled
    if site and verdict_of(site) is not Verdict.UNRESOLVED:
        return site
    return phone or site


def verdict_of(code: str) -> Verdict:
    """Return the verdict of an outcome code. Raises KeyError for a code the table lacks."""
    return all_outcomes()[code].verdict
