"""What a sample consists of, its verdicts apart, each with the name of the count of its cases."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.cases.outcomes import all_outcomes
from casework.estimates.inputs import COUNTED_ON_SITE
from casework.estimates.models import EstimateRow
from webapp.estimates.words import verdict


@dataclass(frozen=True, slots=True)
class Count:
    """A number of cases and the count it is among the filters of cases."""

    only: str
    amount: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The cases of one figure by verdict; what is part of another stands after it.

    Persons of enterprises that were counted whole on site are no cases and stand apart.
    """

    achieved: Count
    deemed: Count
    not_achieved: Count
    void: Count  #: of those not achieved
    unresolved: Count
    kinds: list[tuple[str, Count]]  #: of the unresolved, by phone class
    reached: Count
    visited: Count
    true: Count  #: of those visited
    corrected_false: Count
    corrected_true: Count
    cases: int
    counted: int  #: persons, by head-counts
    counted_true: int  #: of these, resettled or waived

    @property
    def response(self) -> float | None:
        """The share of the cases that the phone settled."""
        return self.reached.amount / self.cases if self.cases else None

    @property
    def deemed_share(self) -> float | None:
        """The share of the cases that counts by a waiver."""
        return self.deemed.amount / self.cases if self.cases else None

    @classmethod
    def of(cls, row: EstimateRow) -> "Composition":
        """Count what lies under a figure."""
        counts = row.classes.get("counts") or _counts_before(row.classes)
        censuses = [one for one in row.classes["classes"] if one["name"] == COUNTED_ON_SITE]
        counted = sum(one["rows"] for one in censuses)

        def count(name: str) -> Count:
            return Count(name, counts.get(name, 0))

        kinds = sorted(row.classes["unresolved"].items(), key=lambda item: -item[1])
        return cls(
            achieved=count("verdict:achieved"),
            deemed=count("verdict:deemed"),
            not_achieved=count("verdict:not_achieved"),
            void=count("void"),
            unresolved=count("verdict:unresolved"),
            kinds=[(kind, Count(f"open:{kind}", n)) for kind, n in kinds],
            reached=count("reached"),
            visited=count("visited"),
            true=count("true"),
            corrected_false=count("site:false"),
            corrected_true=count("site:true"),
            cases=row.sampled - counted,
            counted=counted,
            counted_true=sum(one["achieved"] for one in censuses),
        )


def _counts_before(under: Mapping[str, Any]) -> Counter[str]:
    """Return the counts of a run that was computed before runs kept them."""
    counts: Counter[str] = Counter(reached=under["reached"])
    for code, amount in under["outcomes"].items():
        counts[f"verdict:{verdict(code)}"] += amount
        counts["void"] += amount if code and all_outcomes()[code].void else 0
    for name, amount in under["corrections"].items():
        counts[f"site:{name}"] = amount
    for one in under["classes"]:
        counts["visited"] += one["visited"]
        counts["true"] += one["achieved"]
    return counts
