"""Somebody rings back about a case that cannot be taken: it is written down for a supervisor.

A case is over, say, because its person refused, and the person rings to be interviewed after all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope, must_see
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.messages import MessageEmpty
from casework.calls.supervision_models import CallBack
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, new_uid, transaction
from casework.errors import NotFound

LISTED = 20  #: the oldest that nobody has seen to


@dataclass(frozen=True, slots=True)
class RangBack:
    """One call-back that waits for a supervisor."""

    uid: str
    at: datetime
    code: str
    state: CaseState
    operator: str
    words: str


def note_call_back(case_id: int, words: str, *, actor: User, at: datetime) -> None:
    """Keep that the person of a case rang back, and what was said, for a supervisor.

    Raises NotFound, MessageEmpty, IdentityNumberTyped, TooManyWords.
    """
    text = clean_words(words)
    if not text:
        raise MessageEmpty
    with transaction() as session:
        case = session.get(Case, case_id)
        if case is None:
            raise NotFound(case=case_id)
        must_see(actor, case.region)
        # Words are sealed to the row's uid, so it exists before the row does.
        row = CallBack(uid=new_uid(), case_id=case_id, operator_id=actor.id, at=at)
        row.words = text
        session.add(row)
        trail.record(
            session, AuditAction.MESSAGE_SEND, actor_id=actor.id, at=at, subject=f"case:{case_id}"
        )


def waiting_call_backs(*, actor: User) -> Sequence[RangBack]:
    """Return the call-backs that no supervisor has seen to, the oldest first."""
    rows = db.session.scalars(
        select(CallBack)
        .join(Case, Case.id == CallBack.case_id)
        .where(CallBack.settled_at.is_(None), in_scope(actor, Case.region_code))
        .order_by(CallBack.id)
        .limit(LISTED)
        .options(joinedload(CallBack.case), joinedload(CallBack.operator))
    )
    return [
        RangBack(row.uid, row.at, row.case.code, row.case.state, row.operator.name, row.words)
        for row in rows
    ]


def settle_call_back(uid: str, *, actor: User, at: datetime) -> None:
    """Keep that a supervisor has seen to a call-back; the first time counts. Raises NotFound."""
    with transaction() as session:
        row = session.scalar(select(CallBack).where(CallBack.uid == uid).with_for_update())
        if row is None:
            raise NotFound(call_back=uid)
        must_see(actor, row.case.region)
        if row.settled_at is None:
            row.settled_by_id, row.settled_at = actor.id, at
