"""The list of numbers that are not called any more, because their owner asked for it."""

from datetime import datetime

from sqlalchemy import select

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.cases.number_index import cases_with, index_of, spare_cases
from casework.cases.number_models import NoCall
from casework.db import new_uid, transaction
from casework.errors import CaseworkError
from casework.ledgers.phones import read_phones


class NotANumber(CaseworkError):
    """The text is not one telephone number."""


def add_no_call(number: str, reason: str, *, actor: User, at: datetime) -> int:
    """Spare a number from now on, in every campaign; return how many cases it concerns.

    A number on the list stays there; the second time its cases are looked up again.
    Raises NotANumber, IdentityNumberTyped, TooManyWords.
    """
    normal, words = one_number(number), clean_words(reason)
    with transaction() as session:
        index = index_of(normal)
        row = session.scalar(select(NoCall).where(NoCall.number_index == index))
        if row is None:
            row = NoCall(uid=new_uid(), number_index=index, added_by_id=actor.id, added_at=at)
            row.reason = words
            session.add(row)
            session.flush()
        concerned = cases_with(session, normal)
        spare_cases(session, concerned)
        trail.record(
            session,
            AuditAction.NO_CALL_ADD,
            actor_id=actor.id,
            at=at,
            subject=f"no_call:{row.id}",
            facts={"cases": len(concerned)},
        )
    return len(concerned)


def one_number(text: str) -> str:
    """Return the one telephone number in *text*, in its normal form. Raises NotANumber."""
    numbers = read_phones(text).numbers if text else ()
    if len(numbers) != 1:
        raise NotANumber
    return numbers[0]
