"""One call while it lasts: the row before dialling, the number shown, the answers as they come."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.dialling import ringing
from casework.calls.history import NEW_NUMBER, attempts_of, calls_of, numbers_of
from casework.calls.holding import (
    LEASE,
    begin_attempt,
    calling_is_over,
    held_case,
)
from casework.calls.models import Attempt
from casework.calls.recording import require_words
from casework.calls.rules import rules_of
from casework.calls.same_person import put_off_until
from casework.calls.schedule import CallingHours
from casework.calls.script import FLEXIBLE, NotAnAnswer, Question, Walk, script_for, walk
from casework.cases.models import Case
from casework.db import transaction
from casework.errors import CaseworkError, NotFound
from casework.ledgers.codes import FLEXIBLE_WORK

MOST_WORDS = 2000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_IDENTITY_OR_CARD = re.compile(r"\d{15}")  # identity numbers have 15 or 18 digits, cards 16 to 19


class OutsideCallingHours(CaseworkError):
    """Nobody is called outside the campaign's hours, or when fieldwork is over."""


class PersonSpokeToday(CaseworkError):
    """The person spoke with us for another project today and is not rung again before tomorrow."""


class NoAnswerChosen(CaseworkError):
    """An answer was sent without any choice."""


class NumberIsSpared(CaseworkError):
    """A number of this case is on the list of those that are not called."""


class WaiverNotRead(CaseworkError):
    """The sentence must be read word for word and time-marked before the answer counts."""


class IdentityNumberTyped(CaseworkError):
    """The words contain an identity or card number, which calls never ask for."""


class TooManyWords(CaseworkError):
    """The text is too long."""


def start_attempt(
    case_id: int,
    fence: int,
    number_used: int | None = None,
    *,
    actor: User,
    at: datetime,
    hours: CallingHours | None = None,
) -> str:
    """Write the row of a call before it is dialled; return its uid.

    While it rings, a second time does nothing. Whoever hung up dials the same number again, if it
    may be called still.

    *number_used* is the place of the number among those of the case; without it, the number whose
    turn it is.

    Without *hours* those of the campaign's rules hold.

    Raises CaseNotHeld, NumberIsSpared, OutsideCallingHours, PersonSpokeToday, NotFound for a
    number that the case does not have.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        calls = calls_of(session, case_id)
        attempt = calls.under(fence)
        if attempt is not None and ringing(session, attempt) is not None:
            return attempt.uid
        if case.schedule.no_call:
            raise NumberIsSpared(case=case.code)
        hours = hours or rules_of(session, case.campaign_id).hours
        if not hours.contain(at) or calling_is_over(case.campaign, at):
            raise OutsideCallingHours(case=case.code)
        if (until := put_off_until(case)) is not None:
            raise PersonSpokeToday(until=until)
        if attempt is not None and attempt.dialled_at is not None:
            return attempt.uid
        attempt = attempt or begin_attempt(session, case, calls, actor, at)
        number = attempt.number_used if number_used is None else number_used
        if not 0 <= number < len(numbers_of(case, calls.known)):
            raise NotFound(case=case.code, number=number)
        attempt.number_used, attempt.dialled_at = number, at
        case.lease_until = at + LEASE
        return attempt.uid


def reveal_number(case_id: int, fence: int, position: int, *, actor: User, at: datetime) -> str:
    """Return one number of the case that *actor* holds, and keep that it was shown.

    Raises CaseNotHeld, NotFound for a number that the case does not have.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        numbers = numbers_of(case, attempts_of(session, case_id))
        if not 0 <= position < len(numbers):
            raise NotFound(case=case.code, number=position)
        trail.record(
            session,
            AuditAction.CASE_REVEAL,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            purpose="call",
            facts={"number": position},
        )
        return numbers[position]


def save_answer(  # noqa: PLR0913 - the place, the answer, and who when
    case_id: int,
    fence: int,
    question: str,
    keys: Sequence[str],
    words: str = "",
    *,
    actor: User,
    at: datetime,
) -> Walk:
    """Keep one answer and return how far the script has come. The lease is renewed.

    Another answer than before may lead another way. What was answered off that way stays saved,
    but does not count, until the call is reported or the way leads there again.

    Raises CaseNotHeld, NoAnswerChosen, NotAnAnswer if the question is not on the way or has no such
    answer, WaiverNotRead for a sentence without its time mark, IdentityNumberTyped, TooManyWords,
    and what ``require_words`` raises of the words that an answer asks for.
    """
    if not keys:
        raise NoAnswerChosen(question=question)
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        attempt = _begun(session, case, actor, at)
        here = walk_of(case, attempt.answers)
        asked = [asked for asked, _keys in here.answered]
        open_now = {q.id: q for q in [*asked, *filter(None, [here.question])]}
        if question not in open_now:
            raise NotAnAnswer(question=question, answer=" ".join(keys))
        if open_now[question].verbatim and attempt.waiver_read_at is None:
            raise WaiverNotRead(question=question)
        given = _given(open_now[question], keys, words, attempt.answers.get(question), at)
        answers = {**attempt.answers, question: given}
        after = walk_of(case, answers)  # refuses an answer that the question does not have
        attempt.answers = answers
        case.lease_until = at + LEASE
        return after


def save_note(case_id: int, fence: int, words: str, *, actor: User, at: datetime) -> None:
    """Keep the note of a call while it is typed; the report of the call brings it once more.

    Raises CaseNotHeld, IdentityNumberTyped, TooManyWords.
    """
    note = clean_words(words)
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        _begun(session, case, actor, at).note = note
        case.lease_until = at + LEASE


def walk_back(case_id: int, fence: int, *, actor: User, at: datetime) -> Walk:
    """Return the way that was taken, for whoever goes back on it; all answers stay.

    Raises CaseNotHeld.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        case.lease_until = at + LEASE
        return walk_of(case, _begun(session, case, actor, at).answers)


def mark_read(case_id: int, fence: int, *, actor: User, at: datetime) -> datetime:
    """Set the time mark of the sentence that is read word for word. Raises CaseNotHeld."""
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        attempt = _begun(session, case, actor, at)
        attempt.waiver_read_at = attempt.waiver_read_at or at
        return attempt.waiver_read_at


def _begun(session: Session, case: Case, actor: User, at: datetime) -> Attempt:
    return begin_attempt(session, case, calls_of(session, case.id), actor, at)


def _given(
    question: Question,
    keys: Sequence[str],
    words: str,
    former: Mapping[str, Any] | None,
    at: datetime,
) -> Mapping[str, Any]:
    """Return an answer as it is saved; the same one once more stays as it was given first."""
    clean = clean_words(words)
    if former and former["keys"] == list(keys) and former["words"] == clean:
        return former
    records = any(question.answer(key).record for key in keys)
    if former and former["words"] == clean and not records:
        clean = ""  # the words were those of the answer before
    require_words(question, keys, clean, at)
    return {"keys": list(keys), "words": clean, "at": at.isoformat()}


def walk_of(case: Case, saved: Mapping[str, Any]) -> Walk:
    """Follow saved answers through the script of the case's project."""
    answers = {key: given["keys"] for key, given in saved.items() if key != NEW_NUMBER}
    return walk(script_for(case.project), answers, facts_of(case))


def on_the_way(case: Case, saved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the saved answers without those of questions that the way did not lead to."""
    if not saved:  # as of most calls: then nothing of the ledger has to be read
        return {}
    asked = {question.id for question, _keys in walk_of(case, saved).answered}
    return {key: given for key, given in saved.items() if key in asked or key == NEW_NUMBER}


def facts_of(case: Case) -> frozenset[str]:
    """Return the tokens that the ledger itself gives."""
    flexible = case.entry.details.get("employ_form") == FLEXIBLE_WORK
    return frozenset({FLEXIBLE} if flexible else ())


def clean_words(words: str, most: int = MOST_WORDS) -> str:
    """Return typed words without control characters. Raises IdentityNumberTyped, TooManyWords."""
    clean = _CONTROL.sub("", words).strip()
    if len(clean) > most:
        raise TooManyWords(most=most)
    if _IDENTITY_OR_CARD.search(re.sub(r"[ -]", "", clean)):
        raise IdentityNumberTyped
    return clean
