"""What an operator reports about one call, checked and written into its attempt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from casework.calls.attempts import clean_words, on_the_way, walk_of
from casework.calls.dispositions import Disposition, offered
from casework.calls.doubts import AgainstAnswers, doubt
from casework.calls.history import NEW_NUMBER
from casework.calls.models import Attempt
from casework.calls.script import Answers
from casework.calls.verdicts import WAIVERS
from casework.cases.models import Case
from casework.cases.phone_result import Ending
from casework.errors import CaseworkError
from casework.ledgers.phones import read_phones
from casework.sealing import blind_index


class NoteMissing(CaseworkError):
    """The disposition needs a note."""


class AnswersIncomplete(CaseworkError):
    """The answers do not reach a verdict, so the interview cannot be reported as held."""


class OutcomeContradictsAnswers(CaseworkError):
    """The outcome is not the one that the answers give."""


class WaiverMarkMissing(CaseworkError):
    """A voluntary waiver needs the time mark of its sentence."""


class NewNumberMissing(CaseworkError):
    """The disposition needs the new number of the person."""


class NewNumberUnreadable(CaseworkError):
    """What was written as the new number is no telephone number, or several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """What an operator reports about one call.

    ``answers`` replaces what was saved during the call; None keeps it. ``outcome`` follows from
    the answers; where it is given it must agree. ``window`` is the agreed time, from and to.
    ``by_hand`` says whether a call that was not dialled here was dialled on another telephone;
    None where no desk is there to be asked. ``confirmed`` says whether an operator who was asked
    holds to a disposition that does not go with the answers; None where nobody was.
    """

    disposition: str
    idempotency_key: str
    outcome: str = ""
    note: str = ""
    answers: Answers | None = None
    window: tuple[datetime, datetime] | None = None
    new_number: str = ""
    waiver_read_at: datetime | None = None
    number_used: int | None = None
    by_hand: bool | None = None
    confirmed: bool | None = None

    def digest(self) -> str:
        """Return a keyed digest by which a report sent again is told from another one.

        That it was confirmed makes it no other report.
        """
        names = [field.name for field in fields(self) if field.name != "confirmed"]
        sent = {name: getattr(self, name) for name in names}
        return blind_index(json.dumps(sent, sort_keys=True, default=_plain), column="report")


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def fill_attempt(case: Case, attempt: Attempt, report: CallReport, at: datetime) -> dict[str, str]:
    """Check the report and close the attempt with it, at the time *at*.

    Returns facts for the trail: what the answers say against a disposition that was confirmed.
    """
    disposition = offered(report.disposition)
    note = clean_words(report.note)
    if disposition.requires_note and not note:
        raise NoteMissing(disposition=disposition.code)
    if report.waiver_read_at is not None:
        attempt.waiver_read_at = report.waiver_read_at
    if report.number_used is not None:
        attempt.number_used = report.number_used
    saved = on_the_way(case, attempt.answers)
    answers = saved if report.answers is None else _answers(report.answers, saved, at)
    confirmed = _confirmed(case, disposition, report, answers)
    if disposition.ending is Ending.MOVED:
        answers = {**answers, NEW_NUMBER: _new_number(report.new_number)}
    attempt.outcome = _outcome(case, attempt, disposition, report.outcome, answers)
    if answers or attempt.answers:
        attempt.answers = answers
    attempt.note = note
    attempt.disposition, attempt.ended_at = disposition.code, at
    attempt.idempotency_key = report.idempotency_key
    attempt.report_digest = report.digest()
    return confirmed


def _confirmed(
    case: Case, disposition: Disposition, report: CallReport, answers: Mapping[str, Any]
) -> dict[str, str]:
    """Refuse a disposition that does not go with the answers and is not confirmed."""
    if report.confirmed is None or not answers:
        return {}
    against = doubt(disposition, walk_of(case, answers))
    if against is None:
        return {}
    if not report.confirmed:
        raise AgainstAnswers(disposition=disposition.code, doubt=against)
    return {"confirmed_against": against.value}


def _answers(given: Answers, saved: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return *given* in the form in which answers are saved, with the words saved before."""
    return {
        question: {
            "keys": list(keys),
            "words": saved.get(question, {}).get("words", ""),
            "at": saved.get(question, {}).get("at", at.isoformat()),
        }
        for question, keys in given.items()
    }


def _outcome(
    case: Case,
    attempt: Attempt,
    disposition: Disposition,
    claimed: str,
    answers: Mapping[str, Any],
) -> str:
    """Return the outcome of the call: of an interview what the answers give, else none."""
    if not disposition.is_interview:
        if claimed:
            raise OutcomeContradictsAnswers(outcome=claimed, answers="")
        return ""
    found = walk_of(case, answers)
    partial = disposition.code == "13"  # the key questions are answered, the script is not over
    if not found.outcome or (found.question is not None and not partial):
        raise AnswersIncomplete(disposition=disposition.code)
    if claimed and claimed != found.outcome:
        raise OutcomeContradictsAnswers(outcome=claimed, answers=found.outcome)
    if found.outcome in WAIVERS and attempt.waiver_read_at is None:
        raise WaiverMarkMissing(outcome=found.outcome)
    return found.outcome


def _new_number(text: str) -> str:
    if not text.strip():
        raise NewNumberMissing
    numbers = read_phones(text).numbers
    if len(numbers) != 1:
        raise NewNumberUnreadable
    return numbers[0]
