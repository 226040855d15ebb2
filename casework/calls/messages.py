"""What supervisors say to operators, and the answers: messages, and replies about cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from casework.accounts.models import User
from casework.accounts.roles import Permission
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.attempts import clean_words
from casework.calls.desk import midnight
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt
from casework.calls.supervision_models import Message, Ruling, SupervisorReply
from casework.cases.models import Case
from casework.cases.phone_result import Ending
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound

SHOWN = 20  #: of a day, the newest
MOST_SIGNS = 200  #: of a message: it is read beside a call
_REFERRED = [code for code, found in all_dispositions().items() if found.ending is Ending.REFERRED]


class MessageEmpty(CaseworkError):
    """A message without words is not sent."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message, or one reply about a case that the operator handed over."""

    at: datetime
    author: str
    words: str
    uid: str  #: of the message; "" for a reply
    read_at: datetime | None
    code: str  #: of the case that a reply is about
    ruling: Ruling | None
    answer: str  #: of the operator, "" if there is none

    @property
    def unread(self) -> bool:
        return bool(self.uid) and self.read_at is None


@dataclass(frozen=True, slots=True)
class Answered:
    """What an operator answered to a message."""

    uid: str
    at: datetime
    operator: str
    words: str
    message: str  #: that is answered


def send_message(operator_id: int, words: str, *, actor: User, at: datetime) -> None:
    """Send an operator a message, shown on the desk and beside the case on the screen.

    Raises NotFound if that is nobody who calls, MessageEmpty, IdentityNumberTyped, TooManyWords.
    """
    text = clean_words(words, MOST_SIGNS)
    if not text:
        raise MessageEmpty
    with transaction() as session:
        operator = session.get(User, operator_id)
        if operator is None or not operator.active or not operator.can(Permission.CALL_MAKE):
            raise NotFound(user=operator_id)
        _send(session, operator_id, text, actor=actor, at=at)


def answer_message(uid: str, words: str, *, actor: User, at: datetime) -> None:
    """Answer a supervisor's message, which is read by that; the same answer again is kept once.

    Raises NotFound, NotAllowedNow if it was answered otherwise, MessageEmpty, IdentityNumberTyped,
    TooManyWords.
    """
    text = clean_words(words, MOST_SIGNS)
    if not text:
        raise MessageEmpty
    with transaction() as session:
        message = _read(session, uid, actor, at)
        if message.answers_id is not None:
            raise NotFound(message=uid)
        earlier = session.scalar(select(Message).where(Message.answers_id == message.id))
        if earlier is None:
            _send(session, message.author_id, text, answers=message.id, actor=actor, at=at)
        elif earlier.words != text:
            raise NotAllowedNow(message=uid)


def mark_message_read(uid: str, *, actor: User, at: datetime) -> None:
    """Keep when *actor* read a message. The first time counts. Raises NotFound."""
    with transaction() as session:
        _read(session, uid, actor, at)


def answers_to(session: Session, actor: User) -> tuple[Answered, ...]:
    """Return what operators answered to *actor* and *actor* has not read yet, the oldest first."""
    asked = aliased(Message)
    rows = session.execute(
        select(Message, asked, User.name)
        .join(asked, asked.id == Message.answers_id)
        .join(User, User.id == Message.author_id)
        .where(Message.to_id == actor.id, Message.read_at.is_(None))
        .order_by(Message.id)
        .limit(SHOWN)
    )
    return tuple(
        Answered(answer.uid, answer.at, name, answer.words, message.words)
        for answer, message, name in rows
    )


def said_to(*, actor: User, at: datetime) -> tuple[Said, ...]:
    """Return what was said to *actor* today, and what is still unread; the newest first."""
    session = db.session()
    found = [*_messages(session, actor, at), *_replies(session, actor, at)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN])


def unread_messages(session: Session) -> Mapping[int, int]:
    """Return for each operator how many messages are unread; nobody has none."""
    counted = select(Message.to_id, func.count()).where(Message.read_at.is_(None))
    return dict(session.execute(counted.group_by(Message.to_id)).all())


def _send(
    session: Session,
    to_id: int,
    words: str,
    *,
    answers: int | None = None,
    actor: User,
    at: datetime,
) -> None:
    # Words are sealed to the row's uid, so it exists before the row does.
    message = Message(uid=new_uid(), to_id=to_id, author_id=actor.id, at=at, answers_id=answers)
    message.words = words
    session.add(message)
    trail.record(
        session, AuditAction.MESSAGE_SEND, actor_id=actor.id, at=at, subject=f"user:{to_id}"
    )


def _read(session: Session, uid: str, actor: User, at: datetime) -> Message:
    """Return a message to *actor*, locked, with the time it was first read. Raises NotFound."""
    message = session.scalar(select(Message).where(Message.uid == uid).with_for_update())
    if message is None or message.to_id != actor.id:
        raise NotFound(message=uid)
    message.read_at = message.read_at or at
    return message


def _messages(session: Session, actor: User, at: datetime) -> list[Said]:
    answer = aliased(Message)
    rows = session.execute(
        select(Message, answer)
        .outerjoin(answer, answer.answers_id == Message.id)
        .where(
            Message.to_id == actor.id,
            Message.answers_id.is_(None),
            or_(Message.at >= midnight(at), Message.read_at.is_(None)),
        )
        .order_by(Message.id.desc())
        .limit(SHOWN)
        .options(joinedload(Message.author))
    )
    return [_said(row, answer) for row, answer in rows]


def _said(row: Message, answer: Message | None) -> Said:
    words = "" if answer is None else answer.words
    return Said(row.at, row.author.name, row.words, row.uid, row.read_at, "", None, words)


def _replies(session: Session, actor: User, at: datetime) -> list[Said]:
    """Return today's replies about cases that *actor* handed over before."""
    handed_over = exists().where(
        Attempt.case_id == SupervisorReply.case_id,
        Attempt.operator_id == actor.id,
        Attempt.disposition.in_(_REFERRED),
        Attempt.ended_at <= SupervisorReply.at,
        Attempt.blind.is_(False),
    )
    rows = session.execute(
        select(SupervisorReply, Case.code)
        .join(Case, Case.id == SupervisorReply.case_id)
        .where(SupervisorReply.at >= midnight(at), handed_over)
        .order_by(SupervisorReply.id.desc())
        .limit(SHOWN)
        .options(joinedload(SupervisorReply.author))
    )
    return [
        Said(row.at, row.author.name, row.words, "", None, code, row.ruling, "")
        for row, code in rows
    ]
