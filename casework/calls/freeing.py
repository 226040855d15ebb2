"""A supervisor takes a case off the screen of an operator who is not heard of any more.

It is as when the hold runs out by itself: the open call becomes interrupted with all its answers,
its operator is asked how it went, and a report that still comes is kept as a late one.
"""

from datetime import datetime

from casework.accounts.models import User
from casework.accounts.scope import must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.holding import LEASE, interrupt, locked_case
from casework.calls.operators import LOST
from casework.calls.supervision_models import Ruling, SupervisorReply
from casework.cases.lifecycle import CaseAction
from casework.cases.models import Case
from casework.db import new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow


class FreeingUnexplained(CaseworkError):
    """A case is taken off a screen only with a reason."""


class HolderAtWork(CaseworkError):
    """Whoever holds the case was heard of a moment ago."""


def free_case(
    case_id: int, words: str, *, although_at_work: bool = False, actor: User, at: datetime
) -> None:
    """Put a held case back into the queue, due as it was; say why.

    Raises NotFound, NotAllowedNow if nobody holds it, FreeingUnexplained, HolderAtWork unless
    *although_at_work*, IdentityNumberTyped, TooManyWords.
    """
    reason = clean_words(words)
    if not reason:
        raise FreeingUnexplained
    with transaction() as session:
        case = locked_case(session, case_id)
        must_see(actor, case.region)
        holder, heard = case.holder_id, heard_at(case)
        if holder is None or heard is None:
            raise NotAllowedNow(case=case.code)
        if at - heard < LOST and not although_at_work:
            raise HolderAtWork(case=case.code)
        interrupt(session, case, at)
        case.put_back(CaseAction.EXPIRE, actor=actor, at=at)
        # Words are sealed to the row's uid, so it exists before the row does.
        reply = SupervisorReply(
            uid=new_uid(), case_id=case.id, ruling=Ruling.FREE, author_id=actor.id, at=at
        )
        reply.words = reason
        session.add(reply)
        trail.record(
            session,
            AuditAction.CASE_RELEASE,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"taken_from": holder, "heard_at": heard.isoformat()},
        )


def heard_at(case: Case) -> datetime | None:
    """Return when whoever holds *case* was heard of last: every beat renews the hold."""
    return case.lease_until and case.lease_until - LEASE
