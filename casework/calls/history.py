"""What was done on a case before: its closed calls and its numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt
from casework.calls.recall_models import Recall, RecallState
from casework.cases.models import Case
from casework.cases.numbers import dialable_numbers
from casework.cases.phone_result import Ending, PastCall

NUMBER_CHANGED = "54"
NEW_NUMBER = "new_number"  # key among the answers of an attempt, beside the question ids


_CALLED_AGAIN = exists().where(
    Recall.case_id == bindparam("case"), Recall.state == RecallState.OPEN
)
_CALLS = select(Attempt, _CALLED_AGAIN).order_by(Attempt.id)
_OF_CASE = _CALLS.where(Attempt.case_id == bindparam("case"))
_OF_CASE_OR_KEY = _CALLS.where(
    or_(Attempt.case_id == bindparam("case"), Attempt.idempotency_key == bindparam("key"))
)


@dataclass(slots=True)
class Calls:
    """Every attempt of a case, read once in a unit of work."""

    made: list[Attempt]  #: the oldest first
    again: bool  #: the case is called again, to be compared with its interview
    keyed: Attempt | None = None  #: the attempt, of this case or another, with the key asked for

    def under(self, fence: int) -> Attempt | None:
        """Return the attempt that was made under one claim of the case."""
        return next((attempt for attempt in self.made if attempt.fence == fence), None)

    @property
    def agreed_on_a_time(self) -> bool:
        """Whether in any of them a time was agreed on."""
        codes = {attempt.disposition for attempt in self.made if attempt.disposition}
        return any(all_dispositions()[code].needs_appointment for code in codes)

    @property
    def last_closed(self) -> Attempt | None:
        """Return the last of the known calls that has a result."""
        return next((attempt for attempt in reversed(self.known) if attempt.disposition), None)

    @property
    def known(self) -> list[Attempt]:
        """Return those that whoever calls may know; of a call that was corrected the last.

        While the case is called again, those are the re-call's own, and the calls that told a new
        number: whoever makes it sees nothing of the interview to be compared.
        """
        replaced = {attempt.supersedes_id for attempt in self.made if attempt.supersedes_id}
        return [
            attempt
            for attempt in self.made
            if (
                attempt.blind == self.again
                or (self.again and attempt.disposition == NUMBER_CHANGED)
            )
            and attempt.id not in replaced
        ]


def calls_of(session: Session, case_id: int, key: str | None = None) -> Calls:
    """Return the calls of a case; with *key* also the attempt that has this idempotency key."""
    query = _OF_CASE if key is None else _OF_CASE_OR_KEY
    rows = session.execute(query, {"case": case_id, "key": key}).all()
    return Calls(
        made=[attempt for attempt, _ in rows if attempt.case_id == case_id],
        again=any(again for _, again in rows),
        keyed=next((one for one, _ in rows if key and one.idempotency_key == key), None),
    )


def attempts_of(session: Session, case_id: int) -> Sequence[Attempt]:
    """Return the attempts of a case that whoever calls may know, the oldest first."""
    return calls_of(session, case_id).known


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
