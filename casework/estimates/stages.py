"""How far a run has come, from a draft to a published result, as one table."""

from collections.abc import Mapping
from enum import StrEnum

from casework.errors import NotAllowedNow


class RunStage(StrEnum):
    DRAFT = "draft"  #: computed; the province looks at it
    PRELIMINARY = "preliminary"  #: sent round: units sign, regions may object
    FINAL = "final"  #: signed by the province
    PUBLISHED = "published"  #: shown to everybody from its day on
    WITHDRAWN = "withdrawn"  #: taken back; a new run takes its place


class RunAction(StrEnum):
    SEND_ROUND = "send_round"
    SIGN_FINAL = "sign_final"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_S, _A = RunStage, RunAction

TRANSITIONS: Mapping[tuple[RunStage, RunAction], RunStage] = {
    (_S.DRAFT, _A.SEND_ROUND): _S.PRELIMINARY,
    (_S.PRELIMINARY, _A.SIGN_FINAL): _S.FINAL,
    (_S.PRELIMINARY, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.FINAL, _A.PUBLISH): _S.PUBLISHED,
    (_S.FINAL, _A.WITHDRAW): _S.WITHDRAWN,
}


def next_stage(stage: RunStage, action: RunAction) -> RunStage:
    """Return where *action* takes a run. Raises NotAllowedNow if nothing in the table does."""
    try:
        return TRANSITIONS[stage, action]
    except KeyError:
        raise NotAllowedNow(state=stage, action=action) from None


class ObjectionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    TAKEN_BACK = "taken_back"  #: by the region itself


class ObjectionAction(StrEnum):
    ANSWER = "answer"
    CLOSE = "close"
    TAKE_BACK = "take_back"


OBJECTIONS: Mapping[tuple[ObjectionState, ObjectionAction], ObjectionState] = {
    (ObjectionState.OPEN, ObjectionAction.ANSWER): ObjectionState.ANSWERED,
    (ObjectionState.OPEN, ObjectionAction.TAKE_BACK): ObjectionState.TAKEN_BACK,
    (ObjectionState.ANSWERED, ObjectionAction.CLOSE): ObjectionState.CLOSED,
}


def next_objection(state: ObjectionState, action: ObjectionAction) -> ObjectionState:
    """Return where *action* takes an objection. Raises NotAllowedNow."""
    try:
        return OBJECTIONS[state, action]
    except KeyError:
        raise NotAllowedNow(state=state, action=action) from None
