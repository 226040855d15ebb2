"""Ringing the number of an attempt, hanging up, and that nobody reports a call never made."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.desk_models import PlacedCall
from casework.calls.dialler import Dialler, Placed
from casework.calls.dispositions import Disposition
from casework.calls.history import attempts_of, numbers_of
from casework.calls.holding import held_case, open_attempt
from casework.calls.models import Attempt
from casework.cases.models import Case
from casework.cases.phone_result import Ending
from casework.db import transaction
from casework.errors import CaseworkError, NotAllowedNow

BY_HAND = "hand"  # the operator dialled on another telephone
CALLED_IN = "in"  # the person rang us
WITHOUT_CALL = frozenset({Ending.REFERRED, Ending.NOT_COUNTED})  # what may end a case not dialled
_ADD_CALL = insert(PlacedCall).inline()  # nobody asks for its id


class NotDialled(CaseworkError):
    """The disposition says how a call went, but no call was made."""


def place_call(
    case_id: int, fence: int, *, dialler: Dialler, actor: User, at: datetime
) -> Placed | None:
    """Ring the number of the attempt that was begun; None if it rings already.

    The row is stored before the telephone rings, so no call is ever without one.

    Raises CaseNotHeld, NotAllowedNow before the attempt is begun.
    """
    with transaction() as session:
        case, attempt = _begun(session, case_id, fence, actor)
        if ringing(session, attempt) is not None:
            return None
        call = PlacedCall(attempt_id=attempt.id, dialler=dialler.name, placed_at=at)
        session.add(call)
        session.flush()
        call_id, uid = call.id, attempt.uid
        number = numbers_of(case, attempts_of(session, case_id))[attempt.number_used]
    placed = dialler.dial(number, uid)
    with transaction() as session:
        call = session.get_one(PlacedCall, call_id)
        call.reference, call.recording = placed.reference, placed.recording
        if placed.link:  # the page then carries the whole number
            trail.record(
                session,
                AuditAction.CASE_REVEAL,
                actor_id=actor.id,
                at=at,
                subject=f"case:{case_id}",
                purpose="dial",
            )
    return placed


def note_call_by_hand(case_id: int, fence: int, *, actor: User, at: datetime) -> None:
    """Keep that the attempt was dialled on another telephone.

    Raises CaseNotHeld, NotAllowedNow before the attempt is begun.
    """
    with transaction() as session:
        _case, attempt = _begun(session, case_id, fence, actor)
        if ringing(session, attempt) is None:
            add_call(session, attempt, BY_HAND, at)


def hang_up(case_id: int, fence: int, *, dialler: Dialler, actor: User, at: datetime) -> None:
    """End the call that rings at the moment *at*, which may have passed before it was noticed.

    Without such a call this does nothing. Raises CaseNotHeld.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        attempt = open_attempt(session, case)
        call = None if attempt is None else ringing(session, attempt)
        if call is None:
            return
        call.hung_up_at = max(at, call.placed_at)
        reference, by_machine = call.reference, call.dialler == dialler.name
    if by_machine:
        dialler.hang_up(reference)


def dialled_by_hand(attempt: Attempt, disposition: Disposition, *, by_hand: bool | None) -> bool:
    """Tell whether the call was made, but on another telephone; ``add_call`` is to keep it.

    *by_hand* is what the operator says; None where no desk is there to be asked. When the call was
    dialled nobody knows: not before the attempt began.

    Raises NotDialled if it was never made.
    """
    if by_hand is None or not lacks_call(attempt, disposition):
        return False
    if not by_hand:
        raise NotDialled(disposition=disposition.code)
    attempt.dialled_at = attempt.started_at
    return True


def add_call(
    session: Session,
    attempt: Attempt,
    dialler: str,
    at: datetime,
    *,
    reference: str = "",
    recording: str = "",
) -> None:
    """Keep a call under *attempt* that no dialler of ours placed at this moment."""
    session.flush()  # by which the attempt has its id
    call = {"attempt_id": attempt.id, "dialler": dialler, "placed_at": at}
    session.connection().execute(_ADD_CALL, call | {"reference": reference, "recording": recording})


def lacks_call(attempt: Attempt, disposition: Disposition) -> bool:
    """Tell whether *disposition* says how a call went of which the desk knows nothing."""
    return attempt.dialled_at is None and disposition.ending not in WITHOUT_CALL


def _begun(session: Session, case_id: int, fence: int, actor: User) -> tuple[Case, Attempt]:
    case = held_case(session, case_id, fence, actor)
    attempt = open_attempt(session, case)
    if attempt is None or attempt.dialled_at is None:
        raise NotAllowedNow(case=case.code)
    return case, attempt


def ringing(session: Session, attempt: Attempt) -> PlacedCall | None:
    """Return the call of *attempt* that was not hung up."""
    return session.scalar(
        select(PlacedCall)
        .where(PlacedCall.attempt_id == attempt.id, PlacedCall.hung_up_at.is_(None))
        .order_by(PlacedCall.id.desc())
        .limit(1)
    )
