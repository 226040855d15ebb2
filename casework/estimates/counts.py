"""The counts of cases on the pages: under which of them a case stands, by name.

``case_filters`` says the same of the rows of the database, so that the list behind a number is as
long as the number. Persons of an enterprise that was counted whole on site are no cases.
"""

from collections.abc import Iterator

from casework.cases.models import RESOLVED, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes, verdict_of
from casework.estimates.inputs import CaseInput
from casework.visits.models import VisitReason

#: The kind of an unresolved case that is still being worked.
UNFINISHED = "unfinished"
LEAD = "lead"
#: Verdicts that count as done.
DONE = frozenset({Verdict.ACHIEVED, Verdict.DEEMED})


def counts_of(case: CaseInput) -> Iterator[str]:
    """Yield the names of the counts of a case.

    ``verdict:`` what counts, an own word of the ledger among the verdicts; ``void`` claims that
    should never have been in the ledger; ``open:`` unresolved cases by phone class, or
    ``open:unfinished``; ``class:`` the class in the estimate; ``reached`` settled by phone;
    ``visited`` settled on site, ``true`` of these; ``resolved`` by either; ``site:false`` and
    ``site:true``, where the site corrected the phone.
    """
    if case.counted:
        return
    yield f"class:{class_of(case)}"
    verdict = _verdict(case)
    yield f"verdict:{verdict}"
    if case.outcome and all_outcomes()[case.outcome].void:
        yield "void"
    if verdict is Verdict.UNRESOLVED:
        yield f"open:{case.phone.value if case.phone else UNFINISHED}"
    yield from _settled(case)


def _settled(case: CaseInput) -> Iterator[str]:
    seen = case.visit not in {None, Verdict.UNRESOLVED}
    phoned, found = case.phone in RESOLVED, case.visit in DONE
    if phoned and not case.known_from_claim:
        yield "reached"
    if seen or phoned:
        yield "resolved"
    if seen:
        yield "visited"
    if found:
        yield "true"
    if seen and phoned and found != (case.phone is not PhoneClass.NOT_ACHIEVED):
        yield f"site:{str(found).lower()}"


def class_of(case: CaseInput) -> str:
    """Return the class of the estimate in which a case is."""
    if not case.known_from_claim and case.visit_reason == VisitReason.LEAD:
        return LEAD
    return case.phone_class or UNFINISHED


def _verdict(case: CaseInput) -> Verdict:
    return verdict_of(case.outcome) if case.outcome else Verdict.UNRESOLVED
