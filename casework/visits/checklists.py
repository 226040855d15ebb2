"""What an inspector looks at, which answers there are, and which conclusions they rule out.

The items are those of the notice, with two left to a later capability because their answer is a
number of persons of a whole enterprise and not a judgement on one case (overcapacity 2 and 6).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from casework.cases.outcomes import Outcome, Verdict, outcomes_for
from casework.errors import CaseworkError
from casework.ledgers.projects import Project


class ItemUnknown(CaseworkError):
    """The checklist of this project has no such item, or the item no such answer."""


class ChecklistIncomplete(CaseworkError):
    """Items are left open that must be answered before there can be a conclusion."""


class ReasonMissing(CaseworkError):
    """An item that does not conform needs a reason."""


class OutcomeDoesNotSuit(CaseworkError):
    """A claim of this project cannot have this outcome on site."""


class OutcomeContradicts(CaseworkError):
    """The outcome contradicts an answer of the checklist."""


class CheckResult(StrEnum):
    FITS = "fits"
    FAILS = "fails"
    NOT_APPLICABLE = "not_applicable"
    TRUE = "true"
    FALSE = "false"
    UNCLEAR = "unclear"
    CONFIRMS = "confirms"
    DENIES = "denies"
    NOT_SEEN = "not_seen"
    PRESENT = "present"
    ABSENT = "absent"


class ItemScope(StrEnum):
    CASE = "case"  #: about this person: must be answered before a conclusion
    LEAD = "lead"  #: the same, where the case has a lead
    OFFICE = "office"  #: about the whole ledger or enterprise; may be left open


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    key: str
    no: int
    scope: ItemScope
    results: tuple[CheckResult, ...]
    zh: str
    en: str
    evidence: str


_R = CheckResult
RESULTS: Mapping[str, tuple[CheckResult, ...]] = {
    "fit": (_R.FITS, _R.FAILS, _R.NOT_APPLICABLE),
    "truth": (_R.TRUE, _R.FALSE, _R.UNCLEAR),
    "person": (_R.CONFIRMS, _R.DENIES, _R.NOT_SEEN),
    "paper": (_R.PRESENT, _R.ABSENT),
}
#: Answers that cannot be given without saying why.
NEEDS_REASON = frozenset({_R.FAILS})
#: On site a bad telephone number explains nothing, so this outcome is the phone's alone.
PHONE_ONLY = frozenset({"U3"})

_EMPLOYED = frozenset({"V1", "V2", "V3"})
#: What an answer rules out. Only logical contradictions stand here; weighing is the inspector's.
RULES_OUT: Mapping[tuple[str, CheckResult], frozenset[str]] = MappingProxyType(
    {
        ("R2", _R.FAILS): frozenset({"V1"}),
        ("R4", _R.CONFIRMS): frozenset({"N1", "N2", "N8"}),
        ("R4", _R.DENIES): _EMPLOYED | {"N8"},
        ("R5", _R.ABSENT): frozenset({"D1"}),
        ("H5", _R.CONFIRMS): frozenset({"N1", "N2", "N8"}),
        ("H5", _R.DENIES): _EMPLOYED | {"N8"},
        ("H6", _R.ABSENT): frozenset({"D1"}),
        ("E3", _R.FAILS): frozenset({"S1"}),
        ("E3", _R.NOT_APPLICABLE): frozenset({"S1"}),
        ("E4", _R.FAILS): frozenset({"S2"}),
        ("E4", _R.NOT_APPLICABLE): frozenset({"S2"}),
        ("E5", _R.FAILS): frozenset({"S3"}),
        ("E5", _R.NOT_APPLICABLE): frozenset({"S3"}),
        ("E7", _R.ABSENT): frozenset({"SD"}),
    }
)


@cache
def checklist_for(project: Project) -> tuple[ChecklistItem, ...]:
    """Return the common items of the ledger, then those of *project*, in the official order."""
    source = files("casework.visits") / "data" / "checklists.csv"
    with source.open(encoding="utf-8") as lines:
        return tuple(
            ChecklistItem(
                key=row["key"],
                no=int(row["no"]),
                scope=ItemScope(row["scope"]),
                results=RESULTS[row["results"]],
                zh=row["zh"],
                en=row["en"],
                evidence=row["evidence"],
            )
            for row in csv.DictReader(lines)
            if row["project"] in {"", project}
        )


def site_outcomes(project: Project) -> tuple[Outcome, ...]:
    """Return the outcomes that an inspector may establish for a claim of *project*."""
    return tuple(o for o in outcomes_for(project) if o.code not in PHONE_ONLY)


def ruled_out(checklist: Mapping[str, str]) -> dict[str, str]:
    """Return each outcome that the answers exclude, with the key of the item that excludes it."""
    return {
        outcome: key
        for key, result in checklist.items()
        for outcome in RULES_OUT.get((key, CheckResult(result)), ())
    }


def check_answers(
    project: Project,
    outcome: str,
    checklist: Mapping[str, str],
    reasons: Mapping[str, str],
    *,
    has_lead: bool,
) -> None:
    """Raise the first broken rule of an inspector's answers; return if they hold together.

    Parameters
    ----------
    outcome
        A code of the outcome table.
    checklist, reasons
        Item key to the value of a CheckResult, and item key to the inspector's words.
    has_lead
        Whether the case has a lead, so that the item about leads must be answered too.

    Raises OutcomeDoesNotSuit, ItemUnknown, ReasonMissing, ChecklistIncomplete, OutcomeContradicts.
    """
    suitable = {o.code: o for o in site_outcomes(project)}
    if outcome not in suitable:
        raise OutcomeDoesNotSuit(outcome=outcome)
    items = {item.key: item for item in checklist_for(project)}
    for key, result in checklist.items():
        if key not in items or result not in items[key].results:
            raise ItemUnknown(item=key)
        if result in NEEDS_REASON and not reasons.get(key, "").strip():
            raise ReasonMissing(item=key)
    if suitable[outcome].verdict is not Verdict.UNRESOLVED:
        _all_answered(items, checklist, has_lead=has_lead)
    if outcome in (excluded := ruled_out(checklist)):
        raise OutcomeContradicts(outcome=outcome, item=excluded[outcome])


def _all_answered(
    items: Mapping[str, ChecklistItem], checklist: Mapping[str, str], *, has_lead: bool
) -> None:
    needed = {ItemScope.CASE} | ({ItemScope.LEAD} if has_lead else set())
    if left := [key for key, i in items.items() if i.scope in needed and key not in checklist]:
        raise ChecklistIncomplete(items="、".join(left), number=len(left))
