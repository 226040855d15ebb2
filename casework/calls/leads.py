"""What said on the phone calls for a look on site.

Only what somebody said about the claim does. A number that is dead, wrong or not answered never
raises a lead: people who were not reached are met by the random visits.
"""

from collections.abc import Set

from casework.calls.dispositions import all_dispositions
from casework.calls.verdicts import REMARKS
from casework.cases.outcomes import all_outcomes

_RANK = {"": 0, "low": 1, "normal": 2, "high": 3}


def severity_of(cause: str) -> str:
    """Return low, normal or high for a cause of a lead, "" for what is none.

    *cause* is an outcome, a disposition, or a question and its answer, as in ``Case.lead_cause``.
    """
    if cause in all_outcomes():
        return all_outcomes()[cause].lead
    if cause in all_dispositions():
        return all_dispositions()[cause].lead
    return REMARKS.get(cause, "")


def lead_of(disposition: str, outcome: str) -> str | None:
    """Return the severity of the lead that a closed call raises, or None if it raises none."""
    return severity_of(lead_cause(disposition, outcome)) or None


def lead_cause(disposition: str, outcome: str, tokens: Set[str] = frozenset()) -> str:
    """Return the gravest cause of a lead in one closed call, or "" if there is none.

    Parameters
    ----------
    disposition, outcome
        Codes of the call.
    tokens
        The answers given, as ``A1:2``.
    """
    causes = [outcome, disposition, *sorted(tokens & REMARKS.keys())]
    gravest = max(causes, key=lambda cause: _RANK[severity_of(cause)])
    return gravest if severity_of(gravest) else ""
