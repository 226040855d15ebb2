"""Breaks of operators: they say that they leave the desk, and when they are back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.calls.desk import midnight
from casework.calls.desk_models import Break
from casework.calls.queue import one_claim_at_a_time
from casework.db import db, transaction

Span = tuple[datetime, datetime | None]  #: from and to; what goes on has no end


@dataclass(frozen=True, slots=True)
class Away:
    """The breaks of one operator today."""

    since: datetime | None  #: of the break that goes on
    in_all: timedelta


def begin_break(*, actor: User, at: datetime) -> datetime:
    """Keep that *actor* leaves the desk, now or after the call that goes on; return since when."""
    with transaction() as session:
        one_claim_at_a_time(session, actor)  # nor do two pages begin two breaks
        going_on = _open(session, actor, at)
        if going_on is None:
            going_on = Break(operator_id=actor.id, began_at=at)
            session.add(going_on)
        return going_on.began_at


def end_break(*, actor: User, at: datetime) -> None:
    """Keep that *actor* is back; who was not away stays so."""
    with transaction() as session:
        going_on = _open(session, actor, at)
        if going_on is not None:
            going_on.ended_at = at


def break_since(*, actor: User, at: datetime) -> datetime | None:
    """Return since when *actor* is away, or wishes to be after the call; None if not at all."""
    going_on = _open(db.session(), actor, at)
    return None if going_on is None else going_on.began_at


def breaks_since(session: Session, begin: datetime) -> Sequence[Break]:
    """Return everybody's breaks that began since then, in order."""
    return session.scalars(
        select(Break).where(Break.began_at >= begin).order_by(Break.began_at)
    ).all()


def away(breaks: Iterable[Span], calls: Sequence[Span], at: datetime) -> Away:
    """Return how long somebody was away, who had these *calls*.

    A break wished for during a call begins when the call ends; whoever calls again is back.
    """
    since, in_all = None, timedelta(0)
    for begin, end in _without_calls(breaks, calls, at):
        since = begin if end is None else None
        in_all += max((end or at) - begin, timedelta(0))
    return Away(since, in_all)


def _without_calls(breaks: Iterable[Span], calls: Sequence[Span], at: datetime) -> Iterator[Span]:
    for began, ended in breaks:
        before = [end or at for begin, end in calls if begin <= began]
        after = [begin for begin, _end in calls if begin > began]
        ends = [*after, *filter(None, [ended])]
        yield max([began, *before]), min(ends, default=None)


def _open(session: Session, actor: User, at: datetime) -> Break | None:
    """Return the break of today that goes on: nobody stays away over night."""
    return session.scalar(
        select(Break)
        .where(
            Break.operator_id == actor.id,
            Break.ended_at.is_(None),
            Break.began_at >= midnight(at),
        )
        .order_by(Break.id.desc())
        .limit(1)
    )
