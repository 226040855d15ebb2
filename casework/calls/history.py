"""What was done on a case before: its closed calls and its numbers."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt, stands
from casework.calls.recall_models import Recall, RecallState
from casework.cases.models import Case
from casework.cases.numbers import dialable_numbers
from casework.cases.phone_result import Ending, PastCall

NUMBER_CHANGED = "54"
NEW_NUMBER = "new_number"  # key among the answers of an attempt, beside the question ids


def attempts_of(session: Session, case_id: int) -> Sequence[Attempt]:
    """Return the attempts of a case, the oldest first; of a call that was corrected the last.

    While it is called again, those are the re-call's own, and the calls that told a new number:
    whoever makes it sees nothing of the interview to be compared.
    """
    again = exists().where(Recall.case_id == case_id, Recall.state == RecallState.OPEN)
    return session.scalars(
        select(Attempt)
        .where(
            Attempt.case_id == case_id,
            stands(),
            or_(Attempt.blind == again, and_(again, Attempt.disposition == NUMBER_CHANGED)),
        )
        .order_by(Attempt.id)
    ).all()


def past_calls(attempts: Iterable[Attempt]) -> list[PastCall]:
    """Return the closed calls among *attempts*; interrupted ones established nothing."""
    return [past_call(attempt) for attempt in attempts if attempt.disposition]


def past_call(attempt: Attempt) -> PastCall:
    """Return a closed attempt as the rules of the case see it."""
    disposition = all_dispositions()[attempt.disposition]
    return PastCall(
        code=disposition.code,
        ending=disposition.ending,
        limit=disposition.limit,
        number=attempt.number_used,
        ended_at=attempt.ended_at or attempt.started_at,
        outcome=attempt.outcome,
    )


def numbers_of(case: Case, attempts: Iterable[Attempt]) -> list[str]:
    """Return the numbers of a case: those of the ledger, then those told in calls."""
    told = [
        str(attempt.answers.get(NEW_NUMBER, ""))
        for attempt in attempts
        if attempt.disposition and all_dispositions()[attempt.disposition].ending is Ending.MOVED
    ]
    return [*dialable_numbers(case.entry), *filter(None, told)]
