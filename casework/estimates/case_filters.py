"""Which cases stand under one number: the counts of ``counts`` as conditions of a query."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import ColumnElement, and_, case, or_, select

from casework.cases.models import RESOLVED, Case, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes
from casework.estimates.counts import DONE, LEAD, UNFINISHED
from casework.estimates.inputs import CLAIMS_NOT_SETTLED
from casework.ledgers.models import LedgerEntry
from casework.visits.models import Lead, Visit, VisitReason

Condition = ColumnElement[bool]
_YES = (PhoneClass.ACHIEVED, PhoneClass.DEEMED)


def only(kinds: str) -> Condition:
    """Return the condition of the cases of which each of some counts, joined by commas, holds.

    The counts are those of :func:`casework.estimates.counts.counts_of`, such as ``verdict:deemed``
    or ``class:lead,visited``, and ``replicates:1-2`` for the rows of some replicates.

    Raises ValueError for any other name.
    """
    return and_(*(_only(kind) for kind in kinds.split(",")))


def _only(kind: str) -> Condition:
    name, _colon, value = kind.partition(":")
    if kind in _PLAIN:
        return _PLAIN[kind]()
    if name in _WITH_VALUE and value:
        return _WITH_VALUE[name](value)
    raise ValueError(f"no count of cases is called {kind!r}")


def codes_of(*verdicts: Verdict) -> list[str]:
    """Return the outcome codes of some verdicts."""
    return [one.code for one in all_outcomes().values() if one.verdict in verdicts]


RESOLVING = (Verdict.ACHIEVED, Verdict.DEEMED, Verdict.NOT_ACHIEVED)


def code_that_counts() -> ColumnElement[str]:
    """Return the code that counts, as casework.cases.outcomes.final_outcome has it."""
    return case(
        (Case.settled_outcome != "", Case.settled_outcome),
        (Case.site_outcome.in_(codes_of(*RESOLVING)), Case.site_outcome),
        (Case.phone_outcome != "", Case.phone_outcome),
        else_=Case.site_outcome,
    )


def _verdict(value: str) -> Condition:
    found = code_that_counts().in_(codes_of(Verdict(value)))
    return or_(found, code_that_counts() == "") if Verdict(value) is Verdict.UNRESOLVED else found


def _open(value: str) -> Condition:
    return and_(_verdict(Verdict.UNRESOLVED), _phoned(value))


def _phoned(value: str) -> Condition:
    if value == UNFINISHED:
        return Case.phone_class.is_(None)
    return Case.phone_class == PhoneClass(value)


def _class(value: str) -> Condition:
    if value == CLAIMS_NOT_SETTLED:
        return _known_from_claim()
    if value == LEAD:
        return and_(~_known_from_claim(), _visited_as_lead())
    return and_(~_known_from_claim(), ~_visited_as_lead(), _phoned(value))


def _known_from_claim() -> Condition:
    """Tell which cases the ledger's own word settles, as ``CaseInput.known_from_claim``."""
    says_so = select(LedgerEntry.uid).where(
        LedgerEntry.uid == Case.entry_uid, LedgerEntry.claims_not_settled
    )
    return and_(_seen() == "", says_so.correlate(Case).exists())


def _visited_as_lead() -> Condition:
    """Tell which visited cases are leads, those chosen at random among them."""
    visit = select(Visit.id).where(Visit.case_id == Case.id).correlate(Case)
    lead = select(Lead.id).where(Lead.case_id == Case.id).correlate(Case)
    chosen = visit.where(Visit.reason == VisitReason.LEAD)
    return or_(chosen.exists(), and_(visit.exists(), lead.exists()))


def _seen() -> ColumnElement[str]:
    """Return what was settled about a visited case, or found on site."""
    return case((Case.settled_outcome != "", Case.settled_outcome), else_=Case.site_outcome)


def _seen_as(*verdicts: Verdict) -> Condition:
    return _seen().in_(codes_of(*verdicts))


def _corrected(value: str) -> Condition:
    if value == "true":
        return and_(Case.phone_class == PhoneClass.NOT_ACHIEVED, _seen_as(*DONE))
    return and_(Case.phone_class.in_(_YES), _seen_as(Verdict.NOT_ACHIEVED))


def _phone_settled() -> Condition:
    return Case.phone_class.in_(list(RESOLVED))


def _void() -> Condition:
    void: Iterable[str] = [one.code for one in all_outcomes().values() if one.void]
    return code_that_counts().in_(list(void))


def _replicates(value: str) -> Condition:
    return Case.replicate.in_([int(number) for number in value.split("-")])


_PLAIN: Mapping[str, Callable[[], Condition]] = {
    "void": _void,
    "reached": lambda: and_(_phone_settled(), ~_known_from_claim()),
    "resolved": lambda: or_(_phone_settled(), _seen_as(*RESOLVING)),
    "visited": lambda: _seen_as(*RESOLVING),
    "true": lambda: _seen_as(*DONE),
}
_WITH_VALUE: Mapping[str, Callable[[str], Condition]] = {
    "verdict": _verdict,
    "open": _open,
    "class": _class,
    "site": _corrected,
    "replicates": _replicates,
}
