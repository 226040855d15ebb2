"""What the phone established about a case: one pure function over the calls made for it.

The rules, in the order in which they win:

1. A completed interview with the person gives the verdict of its outcome; "never employed" is such
   an interview.
2. A hard refusal ends the calls and nothing else overrides it.
3. While calls are left, there is no result: one call that met nobody says nothing yet.
4. When no call is left, an interview with a relative or a partial one counts as it stands; else a
   refusal stays a refusal; else a contact that never became an interview is *away*.
5. Only when every number is known to be dead or a stranger's is the number to blame. That never
   makes the named person ineligible: the case stays unresolved.
6. Whatever is left was never reached.

A death or a long absence told on the phone is *away*: whether the person died before the claimed
day of employment is found out on site (METHOD.md A5), so both raise a lead instead of a verdict.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from casework.cases.models import PhoneClass
from casework.cases.outcomes import verdict_of

MOST_UNREACHED = 6  # calls that reached nobody, on all numbers together


class Ending(StrEnum):
    """What one closed call means for its case."""

    ANSWERED = "answered"
    PROVISIONAL = "provisional"  #: by a relative, or the key questions only
    REFUSED_FOR_GOOD = "refused_for_good"
    REFUSED = "refused"
    PUT_OFF = "put_off"  #: somebody was reached, the interview was not held
    AWAY = "away"  #: cannot be interviewed by phone at all
    UNREACHED = "unreached"
    DEAD_NUMBER = "dead_number"
    STRANGER = "stranger"  #: the number belongs to somebody else
    MOVED = "moved"  #: the person has a new number, which is known now
    REFERRED = "referred"  #: the supervisor decides
    NOT_COUNTED = "not_counted"  #: a fault on our side


_ABOUT_THE_NUMBER = frozenset({Ending.DEAD_NUMBER, Ending.STRANGER, Ending.MOVED})
_ON_ONE_NUMBER = _ABOUT_THE_NUMBER | {Ending.UNREACHED}
_NOT_A_CALL = frozenset({Ending.NOT_COUNTED, Ending.REFERRED})


@dataclass(frozen=True, slots=True)
class PastCall:
    """One closed call, as far as its case is concerned."""

    code: str  #: disposition
    ending: Ending
    limit: int | None  #: how often the code may occur; for an ending of a number, on that number
    number: int  #: place of the number among those of the case
    ended_at: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class PhoneResult:
    phone_class: PhoneClass
    outcome: str


NO_NUMBER = PhoneResult(PhoneClass.DEAD_NUMBER, "U3")
REFUSED = PhoneResult(PhoneClass.REFUSED, "U2")


def phone_result(
    history: Sequence[PastCall], numbers: int, *, over: bool = False
) -> PhoneResult | None:
    """Return what the phone established, or None while the case is still to be called.

    Parameters
    ----------
    history
        The closed calls of the case, in any order; interrupted ones are not among them.
    numbers
        How many numbers are known for the person.
    over
        Whether calling has ended, so that a result is due whatever is left to try.
    """
    calls = [call for call in history if call.ending not in _NOT_A_CALL]
    if answered := [call for call in calls if call.ending is Ending.ANSWERED]:
        return _as_answered(answered)
    if any(call.ending is Ending.REFUSED_FOR_GOOD for call in calls):
        return REFUSED
    if over or _nothing_left(calls, numbers):
        return _settled(calls, numbers)
    return None


def numbers_left(history: Sequence[PastCall], numbers: int) -> list[int]:
    """Return the numbers still worth dialling, the one dialled least first."""
    given_up = _numbers_at_limit(history, _ON_ONE_NUMBER)
    dialled = Counter(call.number for call in history)
    left = [number for number in range(numbers) if number not in given_up]
    return sorted(left, key=lambda number: (dialled[number], number))


def _as_answered(calls: Sequence[PastCall]) -> PhoneResult:
    outcome = max(calls, key=lambda call: (call.ended_at, call.outcome)).outcome
    return PhoneResult(PhoneClass(verdict_of(outcome).value), outcome)


def _nothing_left(calls: Sequence[PastCall], numbers: int) -> bool:
    if any(call.ending is Ending.AWAY for call in calls):
        return True
    if sum(call.ending is Ending.UNREACHED for call in calls) >= MOST_UNREACHED:
        return True
    elsewhere = [call for call in calls if call.ending not in _ON_ONE_NUMBER]
    often = Counter(call.code for call in elsewhere)
    if any(call.limit is not None and often[call.code] >= call.limit for call in elsewhere):
        return True
    return not numbers_left(calls, numbers)


def _settled(calls: Sequence[PastCall], numbers: int) -> PhoneResult:
    endings = {call.ending for call in calls}
    if Ending.PROVISIONAL in endings:
        return _as_answered([call for call in calls if call.ending is Ending.PROVISIONAL])
    if Ending.REFUSED in endings:
        return REFUSED
    if endings & {Ending.AWAY, Ending.PUT_OFF}:
        return PhoneResult(PhoneClass.AWAY, "U1")
    if len(_numbers_at_limit(calls, _ABOUT_THE_NUMBER)) >= numbers:
        stranger = Ending.STRANGER in endings
        return PhoneResult(PhoneClass.WRONG_PERSON, "U3") if stranger else NO_NUMBER
    return PhoneResult(PhoneClass.NO_ANSWER, "U1")


def _numbers_at_limit(calls: Sequence[PastCall], endings: frozenset[Ending]) -> set[int]:
    """Return the numbers on which a code of *endings* has come as often as it may."""
    about = [call for call in calls if call.ending in endings]
    often = Counter((call.number, call.code) for call in about)
    return {call.number for call in about if often[call.number, call.code] >= (call.limit or 1)}
