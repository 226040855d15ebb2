"""What a supervisor decides about cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from casework.accounts.models import User
from casework.accounts.scope import must_see
from casework.accounts.skills import Skill
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.confirming import confirm_correction, corrected_by, give_back
from casework.calls.history import attempts_of, numbers_of, past_calls
from casework.calls.holding import locked_case
from casework.calls.moving import lead_of_calls
from casework.calls.planning import somebody_has
from casework.calls.supervision_models import (
    DUPLICATE,
    OUT_OF_SAMPLE,
    Ruling,
    SupervisorReply,
    is_ruled_out,
)
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.phone_result import phone_result
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow


class EndUnexplained(CaseworkError):
    """The calls of a case are ended only with a reason."""


class OwnCorrection(CaseworkError):
    """Whoever corrected a call does not confirm it; another supervisor does."""


class ConfirmingUnexplained(CaseworkError):
    """That a person is not to be surveyed is confirmed only with a reason."""


class DuplicateUnknown(CaseworkError):
    """A duplicate names another case of its campaign and project, in which the person stays."""


class NobodyHasSkill(CaseworkError):
    """No active operator has the skill, so the case would wait for nobody."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a supervisor answered to whoever handed a case over."""

    at: datetime
    ruling: Ruling
    author: str
    words: str
    duplicate_of: str = ""  #: code of the case in which the person is surveyed


@dataclass(frozen=True, slots=True)
class _Said:
    """What is kept of a decision."""

    ruling: Ruling
    words: str
    duplicate_of: Case | None = None  #: in which the person is surveyed


def return_case(case_id: int, words: str = "", *, actor: User, at: datetime) -> CaseState:
    """Give an escalated case back to the operators, due now, with words for whoever gets it.

    A correction that waited to be confirmed does not count then; if the call was first reported
    as an interview, the phone is done with the case. Return where the case is now.

    Raises NotFound, TransitionNotAllowed if it is not with the supervisor any more,
    IdentityNumberTyped, TooManyWords.
    """
    note = clean_words(words)
    with transaction() as session:
        case = _seen(session, case_id, actor)
        give_back(session, case, actor=actor, at=at)
        _keep_return(session, case, note, actor, at)
        return case.state


def finish_case(case_id: int, words: str, *, actor: User, at: datetime) -> CaseState:
    """End the calls of an escalated case with what its calls so far established; say why.

    A correction that waited to be confirmed counts then; where it leaves calls to make, the case
    waits for the next one as after any call. Return where the case is now.

    Raises NotFound, EndUnexplained, OwnCorrection, NotAllowedNow if it is not with the supervisor
    any more, IdentityNumberTyped, TooManyWords.
    """
    note = clean_words(words)
    if not note:
        raise EndUnexplained
    with transaction() as session:
        case = _seen(session, case_id, actor)
        author = corrected_by(session, case)
        if author == actor.id:
            raise OwnCorrection(case=case.code)
        if author is not None:
            _confirm(session, case, note, actor, at)
        else:
            _finish(session, case, _Said(Ruling.FINISH, note), actor, at)
        return case.state


def confirm_out_of_sample(
    case_id: int, words: str, duplicate_of: str = "", *, actor: User, at: datetime
) -> None:
    """Confirm that the person of an escalated case is not to be surveyed; say why (61 and 62).

    With code 62 *duplicate_of* is the code of the case in which the person is surveyed. The case
    stays in the accounts of the sample, unresolved; response rates count it as not eligible.

    Raises NotFound, NotAllowedNow unless the case was handed over with such a code and is still
    with the supervisor, ConfirmingUnexplained, DuplicateUnknown, IdentityNumberTyped, TooManyWords.
    """
    note = clean_words(words)
    if not note:
        raise ConfirmingUnexplained
    with transaction() as session:
        case = _seen(session, case_id, actor)
        last = past_calls(attempts_of(session, case.id))[-1:]
        if not last or last[0].code not in OUT_OF_SAMPLE:
            raise NotAllowedNow(case=case.code)
        other = _original(session, case, duplicate_of) if last[0].code == DUPLICATE else None
        _finish(session, case, _Said(Ruling.OUT_OF_SAMPLE, note, other), actor, at)


def require_skill(case_id: int, skill: str, *, actor: User, at: datetime) -> None:
    """Let only operators with *skill* have a waiting case; "" lets everybody. Due as before.

    Raises NotFound, NotAllowedNow unless the case waits to be called, NobodyHasSkill.
    """
    with transaction() as session:
        case = _seen(session, case_id, actor)
        if case.state is not CaseState.READY:
            raise NotAllowedNow(case=case.code)
        if skill and not somebody_has(session, Skill(skill)):
            raise NobodyHasSkill(skill=skill)
        case.schedule.skill = skill
        trail.record(
            session,
            AuditAction.CASE_PUSH,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"skill": skill},
        )


def replies_to(case_id: int) -> list[Reply]:
    """Return what supervisors answered about a case, the oldest first."""
    rows = db.session.scalars(
        select(SupervisorReply)
        .where(SupervisorReply.case_id == case_id)
        .order_by(SupervisorReply.id)
        .options(joinedload(SupervisorReply.author), joinedload(SupervisorReply.duplicate_of))
    )
    return [
        Reply(
            row.at,
            row.ruling,
            row.author.name,
            row.words,
            row.duplicate_of.code if row.duplicate_of else "",
        )
        for row in rows
    ]


def _seen(session: Session, case_id: int, actor: User) -> Case:
    case = locked_case(session, case_id)
    must_see(actor, case.region)
    return case


def _confirm(session: Session, case: Case, words: str, actor: User, at: datetime) -> None:
    confirm_correction(session, case, actor=actor, at=at)
    if case.state is CaseState.READY:
        _keep_return(session, case, words, actor, at)
    else:
        _keep_end(session, case, _Said(Ruling.FINISH, words), actor, at)


def _keep_return(session: Session, case: Case, words: str, actor: User, at: datetime) -> None:
    _reply(session, case, _Said(Ruling.RETURN, words), actor, at)
    trail.record(
        session, AuditAction.CASE_RELEASE, actor_id=actor.id, at=at, subject=f"case:{case.id}"
    )


def _original(session: Session, case: Case, code: str) -> Case:
    """Return the case of which *case* is a duplicate. Raises DuplicateUnknown."""
    found = session.scalar(
        select(Case).where(
            Case.campaign_id == case.campaign_id,
            Case.project == case.project,
            Case.code == code.strip().upper(),
            Case.id != case.id,
            ~is_ruled_out(),
        )
    )
    if found is None:
        raise DuplicateUnknown(code=code.strip()[:20])
    return found


def _finish(session: Session, case: Case, said: _Said, actor: User, at: datetime) -> None:
    if case.state is not CaseState.ESCALATED:
        raise NotAllowedNow(case=case.code)
    attempts = attempts_of(session, case.id)
    history, numbers = past_calls(attempts), numbers_of(case, attempts)
    result = phone_result(history, len(numbers), over=True)
    if result is None:
        raise NotAllowedNow(case=case.code)
    closed = [attempt for attempt in attempts if attempt.disposition]
    cause = lead_of_calls(case, closed, closed[-1] if closed else None, result.outcome)
    case.finish_calls(result.phone_class, result.outcome, actor=actor, at=at, lead_cause=cause)
    _keep_end(session, case, said, actor, at)


def _keep_end(session: Session, case: Case, said: _Said, actor: User, at: datetime) -> None:
    _reply(session, case, said, actor, at)
    trail.record(
        session,
        AuditAction.OUTCOME_RECORD,
        actor_id=actor.id,
        at=at,
        subject=f"case:{case.id}",
        facts={
            "disposition": case.schedule.last_code,
            "outcome": case.phone_outcome,
            "ruling": said.ruling.value,
        }
        | ({"duplicate_of": said.duplicate_of.code} if said.duplicate_of else {}),
    )


def _reply(session: Session, case: Case, said: _Said, actor: User, at: datetime) -> None:
    # Words are sealed to the row's uid, so it exists before the row does.
    reply = SupervisorReply(
        uid=new_uid(),
        case_id=case.id,
        ruling=said.ruling,
        author_id=actor.id,
        at=at,
        duplicate_of_id=said.duplicate_of and said.duplicate_of.id,
    )
    reply.words = said.words
    session.add(reply)
