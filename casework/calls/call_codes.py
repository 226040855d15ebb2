"""The code that the script reads aloud, by which people check afterwards that a call was genuine.

Whoever was called tells it on the public page, or to somebody who works here. The page answers
with the times of the calls alone: who was called and by whom, no answer says.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.models import Attempt
from casework.cases.models import Case
from casework.db import db, transaction

#: A person may ask a while after the call; the longer, the likelier that an invented code is one.
GOOD_FOR = timedelta(days=7)
_CODE = re.compile(r"[0-9A-F]{6}")
_MOST = 5  # by chance two calls may have one code


@dataclass(frozen=True, slots=True)
class CodedCall:
    """A call with the code that was asked for, as staff may know it."""

    at: datetime
    operator: str  #: "" of a re-call, which supervisors know nothing of
    case_code: str  #: "" likewise


def call_code(attempt_uid: str) -> str:
    """Return the code that is read aloud in a call; "" before there is one."""
    return attempt_uid[:6].upper()


def read_call_code(text: str) -> str:
    """Return the code of a call in *text*, as people type it; "" if it is none."""
    plain = "".join(text.split()).replace("-", "").upper()
    return plain if _CODE.fullmatch(plain) else ""


def calls_with(code: str, *, at: datetime) -> Sequence[datetime]:
    """Return when the calls with this code were made lately, the newest first."""
    calls = db.session.scalars(_coded(code, at))
    return [call.dialled_at for call in calls if call.dialled_at]


def find_by_call(code: str, *, actor: User, at: datetime) -> Sequence[CodedCall]:
    """Return the calls with this code that *actor* may see; the trail keeps that it was asked."""
    with transaction() as session:
        rows = session.execute(
            _coded(code, at)
            .join(User, User.id == Attempt.operator_id)
            .where(in_scope(actor, Case.region_code))
            .add_columns(User.name, Case.code)
        ).all()
        trail.record(
            session,
            AuditAction.CASE_FIND,
            actor_id=actor.id,
            at=at,
            subject=f"call:{code}",
            facts={"found": len(rows)},
        )
    return [
        CodedCall(call.dialled_at, "" if call.blind else name, "" if call.blind else case)
        for call, name, case in rows
        if call.dialled_at
    ]


def _coded(code: str, at: datetime) -> Select[Attempt]:
    # All signs that follow in an id come before "g". A corrected call is kept in two rows, each
    # with its own code; the one that was read aloud is that of the first.
    begin = code.lower()
    return (
        select(Attempt)
        .join(Case, Case.id == Attempt.case_id)
        .where(
            Attempt.uid >= begin,
            Attempt.uid < f"{begin}g",
            Attempt.supersedes_id.is_(None),
            Attempt.dialled_at >= at - GOOD_FOR,
        )
        .order_by(Attempt.dialled_at.desc())
        .limit(_MOST)
    )
