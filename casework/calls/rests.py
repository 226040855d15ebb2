"""How long a case rests after a call that left it open.

The table of dispositions says it, until a campaign sets another rest.
What may be set has bounds: nobody who refused is rung again before a day has passed. Calling hours,
the calls of a day and those of a case hold whatever is set.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from casework.calls.dispositions import Disposition, all_dispositions
from casework.cases.phone_result import Ending

_DAY = 24 * 60  # minutes, as all rests
_AFTER_REFUSAL = (_DAY, 30 * _DAY)
_AFTER_OTHERS = (5, 14 * _DAY)
_NO_REST = frozenset({Ending.REFERRED, Ending.MOVED})  # a supervisor decides; a number is known


@cache
def settable_rests() -> Mapping[str, Disposition]:
    """Return the dispositions after which a case rests for a set time, by their code."""
    return {
        code: found
        for code, found in all_dispositions().items()
        if found.offered and found.retry_after and found.ending not in _NO_REST
    }


def rest_bounds(disposition: Disposition) -> tuple[int, int]:
    """Return the shortest and the longest rest that may be set, in minutes."""
    return _AFTER_REFUSAL if disposition.ending is Ending.REFUSED else _AFTER_OTHERS


def usual_rest(disposition: Disposition) -> int:
    """Return the rest of the table, in minutes."""
    return int(disposition.retry_after / timedelta(minutes=1))


def unusable_rest(rests: Mapping[str, int]) -> str | None:
    """Return the first disposition whose rest, in minutes, cannot be set."""
    for code, minutes in rests.items():
        found = settable_rests().get(code)
        if found is None:
            return code
        least, most = rest_bounds(found)
        if not least <= minutes <= most:
            return code
    return None
