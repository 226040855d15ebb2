"""What a sample consists of, its verdicts apart, each with the name of the count of its cases."""

from dataclasses import dataclass

from casework.cases.outcomes import Verdict, all_outcomes
from casework.estimates.models import EstimateRow
from webapp.estimates.words import verdict


@dataclass(frozen=True, slots=True)
class Count:
    """A number of cases and the count it is among the filters of cases."""

    only: str
    amount: int


@dataclass(frozen=True, slots=True)
class Composition:
    """The cases of one figure by verdict; what is part of another stands after it."""

    achieved: Count
    deemed: Count
    not_achieved: Count
    void: Count  #: of those not achieved
    unresolved: Count
    kinds: list[tuple[str, Count]]  #: of the unresolved, by phone class
    reached: Count
    corrected_false: Count
    corrected_true: Count
    sampled: int

    @property
    def response(self) -> float | None:
        """The share of the sample that the phone settled."""
        return self.reached.amount / self.sampled if self.sampled else None

    @property
    def deemed_share(self) -> float | None:
        """The share of the sample that counts by a waiver."""
        return self.deemed.amount / self.sampled if self.sampled else None

    @classmethod
    def of(cls, row: EstimateRow) -> "Composition":
        """Count what lies under a figure."""
        under = row.classes
        amounts = dict.fromkeys(Verdict, 0)
        void = 0
        for code, n in under["outcomes"].items():
            amounts[verdict(code)] += n
            void += n if code and all_outcomes()[code].void else 0
        corrections = under.get("corrections", {})
        kinds = sorted(under.get("unresolved", {}).items(), key=lambda item: -item[1])
        return cls(
            achieved=Count("verdict:achieved", amounts[Verdict.ACHIEVED]),
            deemed=Count("verdict:deemed", amounts[Verdict.DEEMED]),
            not_achieved=Count("verdict:not_achieved", amounts[Verdict.NOT_ACHIEVED]),
            void=Count("void", void),
            unresolved=Count("verdict:unresolved", amounts[Verdict.UNRESOLVED]),
            kinds=[(kind, Count(f"open:{kind}", n)) for kind, n in kinds],
            reached=Count("reached", under.get("reached", 0)),
            corrected_false=Count("site:false", corrections.get("false", 0)),
            corrected_true=Count("site:true", corrections.get("true", 0)),
            sampled=row.sampled,
        )
