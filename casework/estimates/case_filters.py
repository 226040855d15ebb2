"""Which cases stand under one number: the condition for each kind of count on the pages."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import ColumnElement, and_, case, or_, select

from casework.cases.lifecycle import CaseState
from casework.cases.models import RESOLVED, Case, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes
from casework.visits.models import Lead, Visit

Condition = ColumnElement[bool]
_YES = (PhoneClass.ACHIEVED, PhoneClass.DEEMED)


def only(kind: str) -> Condition:
    """Return the condition of a count by its name, such as ``verdict:deemed`` or ``open:refused``.

    ``verdict:`` a verdict that counts; ``void`` claims that should never have been in the ledger;
    ``open:`` unresolved cases of a phone class, or ``open:unfinished``; ``class:`` a phone class of
    the estimate; ``reached``, ``visited``; ``site:false`` and ``site:true``, where the site
    corrected the phone.

    Raises ValueError for any other name.
    """
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


def _final() -> ColumnElement[str]:
    """Return the code that counts, as casework.cases.outcomes.final_outcome has it."""
    return case(
        (Case.settled_outcome != "", Case.settled_outcome),
        (Case.site_outcome.in_(codes_of(*RESOLVING)), Case.site_outcome),
        (Case.phone_outcome != "", Case.phone_outcome),
        else_=Case.site_outcome,
    )


def _verdict(value: str) -> Condition:
    found = _final().in_(codes_of(Verdict(value)))
    return or_(found, _final() == "") if Verdict(value) is Verdict.UNRESOLVED else found


def _open(value: str) -> Condition:
    unresolved = _verdict(Verdict.UNRESOLVED)
    if value == "unfinished":
        return and_(unresolved, Case.phone_class.is_(None))
    return and_(unresolved, Case.phone_class == PhoneClass(value))


def _phone_class(value: str) -> Condition:
    lead = select(Lead.id).where(Lead.case_id == Case.id).correlate(Case).exists()
    seen_for_it = select(Visit.id).where(Visit.case_id == Case.id).correlate(Case).exists()
    if value == "lead":
        return and_(lead, seen_for_it)
    if value == "unfinished":
        return and_(Case.phone_class.is_(None), Case.state != CaseState.CLOSED)
    if value in {"unresolved", "claims_not_settled"}:
        return Case.phone_class.is_(None)
    return and_(Case.phone_class == PhoneClass(value), ~and_(lead, seen_for_it))


def _seen() -> ColumnElement[str]:
    """Return what was settled about a visited case, or found on site."""
    return case((Case.settled_outcome != "", Case.settled_outcome), else_=Case.site_outcome)


def _corrected(value: str) -> Condition:
    found = codes_of(Verdict.ACHIEVED, Verdict.DEEMED)
    if value == "true":
        return and_(Case.phone_class == PhoneClass.NOT_ACHIEVED, _seen().in_(found))
    false = codes_of(Verdict.NOT_ACHIEVED)
    return and_(Case.phone_class.in_(_YES), _seen().in_(false))


def _void() -> Condition:
    void: Iterable[str] = [one.code for one in all_outcomes().values() if one.void]
    return _final().in_(list(void))


_PLAIN: Mapping[str, Callable[[], Condition]] = {
    "void": _void,
    "reached": lambda: Case.phone_class.in_(list(RESOLVED)),
    "visited": lambda: _seen().in_(codes_of(*RESOLVING)),
}
_WITH_VALUE: Mapping[str, Callable[[str], Condition]] = {
    "verdict": _verdict,
    "open": _open,
    "class": _phone_class,
    "site": _corrected,
}
