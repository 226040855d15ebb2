"""The life of a case, as one table. Nothing else decides what may follow what."""

from collections.abc import Mapping
from enum import StrEnum

from casework.errors import CaseworkError


class TransitionNotAllowed(CaseworkError):
    """The case cannot take this action in its present state."""


class CaseState(StrEnum):
    READY = "ready"  #: released and waiting to be called
    HELD = "held"  #: on one operator's screen
    ESCALATED = "escalated"  #: handed to a supervisor
    PHONED = "phoned"  #: the phone is done with it
    TO_VISIT = "to_visit"  #: an inspector will look on site
    CLOSED = "closed"  #: nothing more will be done


class CaseAction(StrEnum):
    CLAIM = "claim"
    HAND_BACK = "hand_back"
    EXPIRE = "expire"
    ESCALATE = "escalate"
    RETURN = "return"
    FINISH_CALLS = "finish_calls"
    SEND_TO_SITE = "send_to_site"
    RECORD_FINDING = "record_finding"
    CLOSE = "close"


_S, _A = CaseState, CaseAction

TRANSITIONS: Mapping[tuple[CaseState, CaseAction], CaseState] = {
    (_S.READY, _A.CLAIM): _S.HELD,
    (_S.ESCALATED, _A.CLAIM): _S.HELD,  # its last call is corrected, or was reported late
    (_S.PHONED, _A.CLAIM): _S.HELD,  # the call that settled it is corrected
    (_S.HELD, _A.HAND_BACK): _S.READY,
    (_S.HELD, _A.EXPIRE): _S.READY,
    (_S.HELD, _A.ESCALATE): _S.ESCALATED,
    (_S.ESCALATED, _A.RETURN): _S.READY,
    (_S.HELD, _A.FINISH_CALLS): _S.PHONED,
    (_S.READY, _A.FINISH_CALLS): _S.PHONED,  # no number to dial, or fieldwork is over
    (_S.ESCALATED, _A.FINISH_CALLS): _S.PHONED,
    (_S.PHONED, _A.SEND_TO_SITE): _S.TO_VISIT,
    (_S.CLOSED, _A.SEND_TO_SITE): _S.TO_VISIT,  # a share was raised after the wave
    (_S.TO_VISIT, _A.RECORD_FINDING): _S.CLOSED,
    (_S.CLOSED, _A.RECORD_FINDING): _S.CLOSED,  # a finding corrected by a later one
    (_S.PHONED, _A.CLOSE): _S.CLOSED,
}


def next_state(state: CaseState, action: CaseAction) -> CaseState:
    """Where *action* takes a case that is in *state*."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise TransitionNotAllowed(state=state, action=action) from None
