"""What the answers of a call say against a disposition: asked about once before it is believed."""

from enum import StrEnum

from casework.calls.dispositions import Disposition, all_dispositions
from casework.calls.script import Walk
from casework.cases.phone_result import Ending
from casework.errors import CaseworkError


class Doubt(StrEnum):
    """Why a disposition does not go with what was answered."""

    SOMEBODY = "somebody"  #: answered, where nobody is said to have been reached
    PERSON = "person"  #: spoke, who is said to be dead or unknown there
    BEGUN = "begun"  #: was the interview, which is then a break-off
    RELATIVE = "relative"  #: answered, not the person
    NO_RELATIVE = "no_relative"  #: answered, but the person


class AgainstAnswers(CaseworkError):
    """The disposition does not go with what was answered, and nobody confirmed it."""


_NOBODY = frozenset({Ending.UNREACHED, Ending.DEAD_NUMBER})
_NO_INTERVIEW = frozenset(
    {
        *(Ending.PUT_OFF, Ending.AWAY, Ending.STRANGER, Ending.MOVED),
        *(Ending.REFUSED, Ending.REFUSED_FOR_GOOD),
    }
)
_PERSON_SPOKE = frozenset({"G1:1", "G1:4", "G1a:1", "G1b:1", "G1b:4"})
_COMPLETE, _PROXY, _BREAK_OFF, _DECEASED = "11", "12", "14", "38"


def doubt(disposition: Disposition, walk: Walk) -> Doubt | None:
    """Return what the answers say against *disposition*; None if they go with it."""
    if not walk.answered:
        return None
    if disposition.ending in _NOBODY:
        return Doubt.SOMEBODY
    if walk.tokens & _PERSON_SPOKE and (
        disposition.ending is Ending.STRANGER or disposition.code == _DECEASED
    ):
        return Doubt.PERSON
    begun = any(question.about_person for question, _keys in walk.answered)
    if begun and disposition.ending in _NO_INTERVIEW and disposition.code != _BREAK_OFF:
        return Doubt.BEGUN
    if disposition.code == _COMPLETE and walk.by_proxy:
        return Doubt.RELATIVE
    return Doubt.NO_RELATIVE if disposition.code == _PROXY and not walk.by_proxy else None


def doubts(walk: Walk) -> dict[str, Doubt]:
    """Return the dispositions that people may choose and the answers speak against."""
    offered = (found for found in all_dispositions().values() if found.offered)
    found = ((disposition.code, doubt(disposition, walk)) for disposition in offered)
    return {code: against for code, against in found if against is not None}
