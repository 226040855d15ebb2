"""The stated rule by which people settle what phone and site say differently.

Two people decide, each without seeing what the other said. If both reach the same verdict, it
stands. If not, a third decides, and the verdict that two of the three reached stands. If all three
differ, nobody knows, and the case is unresolved.

Phone and site disagree when one says that the claim counts and the other that it does not: achieved
and deemed both count. Where either knows nothing there is nothing to settle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from casework.cases.models import PhoneClass
from casework.cases.outcomes import Verdict, verdict_of

#: The outcome of a case on which three people hold three views.
NOBODY_KNOWS = "U1"
TWO = 2
_COUNTS = frozenset({Verdict.ACHIEVED.value, Verdict.DEEMED.value})
_KNOWN = _COUNTS | {Verdict.NOT_ACHIEVED.value}


@dataclass(frozen=True, slots=True)
class Ruling:
    """Where the opinions lead."""

    outcome: str  #: the code that stands, "" while it is open
    escalated: bool  #: the first two differ, so a third is asked

    @property
    def settled(self) -> bool:
        return bool(self.outcome)


def disagree(phone: PhoneClass | None, site: Verdict | None) -> bool:
    """Say whether phone and site contradict each other about whether the claim counts."""
    if phone is None or site is None or not {phone.value, site.value} <= _KNOWN:
        return False
    return (phone.value in _COUNTS) != (site.value in _COUNTS)


def rule(opinions: Sequence[str]) -> Ruling:
    """Apply the rule to outcome codes in the order in which people gave them.

    The code that stands is that of the first who reached the verdict.
    """
    verdicts = [verdict_of(code) for code in opinions]
    reached = [v for v, number in Counter(verdicts).most_common() if number > 1]
    if reached:
        return Ruling(opinions[verdicts.index(reached[0])], escalated=len(opinions) > TWO)
    outcome = NOBODY_KNOWS if len(opinions) > TWO else ""
    return Ruling(outcome, escalated=len(opinions) >= TWO)
