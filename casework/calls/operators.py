"""The operators of today: what they do now, and what they did in calls that are closed.

Interrupted calls are counted apart and enter no rate: nobody knows what they were.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import LoginSession, User
from casework.accounts.roles import Role
from casework.accounts.scope import in_scope
from casework.calls.breaks import Span, away, breaks_since
from casework.calls.desk import midnight
from casework.calls.desk_models import PlacedCall
from casework.calls.dispositions import all_dispositions
from casework.calls.holding import LEASE
from casework.calls.models import Attempt, stands
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.phone_result import Ending
from casework.db import db

LOST = timedelta(minutes=2)  # two beats of the desk that did not come
PAUSE = timedelta(minutes=15)  # longer between two calls is a pause, not work
FEWEST_HOURS = 0.25  # at work, before interviews of an hour mean anything
_REFUSALS = frozenset({Ending.REFUSED, Ending.REFUSED_FOR_GOOD})


class Doing(StrEnum):
    CALLING = "calling"  #: dialled and not hung up
    HUNG_UP = "hung_up"  #: the call is over, its result is still to come
    WORKING = "working"  #: has a case on the screen
    FREE = "free"  #: logged in, without a case
    AWAY = "away"  #: on a break
    LEFT = "left"  #: logged out with a case, which is held until its lease runs out
    LOST = "lost"  #: has a case and is not heard of
    OUT = "out"  #: not logged in


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One operator's day. Rates rest on closed calls only."""

    operator_id: int
    login: str
    name: str
    doing: Doing
    case_id: int | None  #: of the case on the screen now; None of one of another region
    case_code: str  #: of the same; "" also of a re-call
    since: datetime | None  #: when this began, if it is known
    last_seen: datetime | None
    lease_until: datetime | None
    calls: int
    interviews: int
    refused: int
    reached: int  #: calls in which a person spoke
    interrupted: int
    seconds: float | None  #: mean length of a closed call
    hours: float  #: at work, pauses taken off
    away: timedelta  #: on breaks today

    @property
    def an_hour(self) -> float | None:
        """Interviews for each hour at work; None in the first minutes."""
        return an_hour(self.interviews, self.hours)

    @property
    def refusal_share(self) -> float | None:
        """Refusals among the calls in which a person spoke."""
        return self.refused / self.reached if self.reached else None


def an_hour(interviews: int, hours: float) -> float | None:
    """Return the interviews of an hour at work; None in the first minutes."""
    return interviews / hours if hours >= FEWEST_HOURS else None


def hours_at_work(session: Session, who: User, at: datetime) -> float:
    """Return how long one operator worked today, as the board counts it."""
    return _hours(
        session.execute(_calls_since(midnight(at), Attempt.operator_id == who.id)).all(), at
    )


#: When the telephone of the call on the screen was hung up; None while it rings or before.
_HUNG_UP_AT = (
    select(PlacedCall.hung_up_at)
    .join(Attempt, Attempt.id == PlacedCall.attempt_id)
    .where(Attempt.case_id == Case.id, Attempt.fence == Case.fence)
    .order_by(PlacedCall.id.desc())
    .limit(1)
    .scalar_subquery()
)
_Held = Row[int | None, str, datetime | None, datetime | None, int | None]
_Call = Row[int, datetime, datetime | None, datetime | None, str, bool]
_Calls = Select[int, datetime, datetime | None, datetime | None, str, bool]


def operator_rows(session: Session, actor: User, at: datetime) -> tuple[OperatorRow, ...]:
    """Return every active operator, by account, with the cases on screens that *actor* may see.

    A case that is held in another state is called again, and supervisors do not know who does it.
    """
    calls: dict[int, list[_Call]] = defaultdict(list)
    for call in session.execute(_calls_since(midnight(at))):
        calls[call.operator_id].append(call)
    held = {row.holder_id: row for row in session.execute(_held_cases(actor))}
    seen = dict(
        session.execute(
            select(LoginSession.user_id, func.max(LoginSession.seen_at))
            .where(LoginSession.seen_at >= midnight(at))
            .group_by(LoginSession.user_id)
        ).all()
    )
    breaks: dict[int, list[Span]] = defaultdict(list)
    for one in breaks_since(session, midnight(at)):
        breaks[one.operator_id].append((one.began_at, one.ended_at))
    operators = session.scalars(
        select(User).where(User.role == Role.OPERATOR, User.active).order_by(User.login)
    )
    return tuple(
        _row(who, calls[who.id], held.get(who.id), seen.get(who.id), breaks[who.id], at)
        for who in operators
    )


def _held_cases(
    actor: User,
) -> Select[int | None, str, datetime | None, datetime | None, int | None]:
    seen = in_scope(actor, Case.region_code)
    return select(
        Case.holder_id,
        case((and_(seen, Case.state == CaseState.HELD), Case.code), else_="").label("code"),
        Case.lease_until,
        _HUNG_UP_AT,
        case((seen, Case.id)).label("id"),
    ).where(Case.holder_id.is_not(None))


def _calls_since(begin: datetime, *conditions: ColumnElement[bool]) -> _Calls:
    return (
        select(
            Attempt.operator_id,
            Attempt.started_at,
            Attempt.dialled_at,
            Attempt.ended_at,
            Attempt.disposition,
            Attempt.interrupted,
        )
        .where(Attempt.started_at >= begin, stands(), *conditions)
        .order_by(Attempt.started_at)
    )


def skills_at_work() -> frozenset[str]:
    """Return the skills that at least one active person has."""
    found = db.session.scalars(select(User.skills).where(User.active))
    return frozenset(skill for skills in found for skill in skills)


def operators_at_work() -> list[User]:
    """Return the active operators, by account, for choosing one."""
    return list(
        db.session.scalars(
            select(User).where(User.role == Role.OPERATOR, User.active).order_by(User.login)
        )
    )


def _row(
    who: User,
    calls: Sequence[_Call],
    held: _Held | None,
    seen: datetime | None,
    breaks: Sequence[Span],
    at: datetime,
) -> OperatorRow:
    closed = [call for call in calls if call.disposition]
    found = [all_dispositions()[call.disposition] for call in closed]
    lease = held.lease_until if held else None
    beat = lease - LEASE if lease else None
    heard = [call.ended_at or call.started_at for call in calls]
    last_seen = max([*heard, *filter(None, [beat, seen])], default=None)
    pause = away(breaks, [(call.started_at, call.ended_at) for call in calls], at)
    if held is None:
        doing, since = _without_case(calls, seen, pause.since, at)
    else:
        doing, since = _with_case(calls, held[3], beat, seen, at)
    return OperatorRow(
        operator_id=who.id,
        login=who.login,
        name=who.name,
        doing=doing,
        case_id=held.id if held else None,
        case_code=held.code if held else "",
        since=since,
        last_seen=last_seen,
        lease_until=lease,
        calls=len(closed),
        interviews=sum(one.ending is Ending.ANSWERED for one in found),
        refused=sum(one.ending in _REFUSALS for one in found),
        reached=sum(one.reached_person or one.ending in _REFUSALS for one in found),
        interrupted=sum(call.interrupted for call in calls),
        seconds=_mean_seconds(closed),
        hours=_hours(calls, at),
        away=pause.in_all,
    )


def _with_case(
    calls: Sequence[_Call],
    hung_up: datetime | None,
    beat: datetime | None,
    seen: datetime | None,
    at: datetime,
) -> tuple[Doing, datetime | None]:
    """Return what somebody does who has a case, and since when."""
    unclosed = [call for call in calls if call.ended_at is None]
    if seen is None:  # no browser is logged in
        return Doing.LEFT, hung_up or beat
    if beat is not None and at - beat > LOST:
        return Doing.LOST, beat
    if not unclosed:
        return Doing.WORKING, None
    if hung_up is not None:
        return Doing.HUNG_UP, hung_up
    dialled = unclosed[-1].dialled_at
    return (Doing.WORKING, unclosed[-1].started_at) if dialled is None else (Doing.CALLING, dialled)


def _without_case(
    calls: Sequence[_Call], seen: datetime | None, away_since: datetime | None, at: datetime
) -> tuple[Doing, datetime | None]:
    """Return what somebody does who has no case, and since when."""
    if seen is not None and away_since is not None:
        return Doing.AWAY, away_since
    if seen is not None and at - seen <= PAUSE:
        return Doing.FREE, max((call.ended_at for call in calls if call.ended_at), default=None)
    return Doing.OUT, seen


def _mean_seconds(closed: Sequence[_Call]) -> float | None:
    lengths = [
        (call.ended_at - (call.dialled_at or call.started_at)).total_seconds()
        for call in closed
        if call.ended_at is not None
    ]
    return sum(lengths) / len(lengths) if lengths else None


def _hours(calls: Sequence[_Call], at: datetime) -> float:
    """Return how long somebody worked: the calls and the short times between them."""
    worked, until = timedelta(0), None
    for call in calls:
        begin, end = call.started_at, call.ended_at or at
        if until is not None and begin - until <= PAUSE:
            begin = until
        worked += max(end - begin, timedelta(0))
        until = max(end, until or end)
    return worked / timedelta(hours=1)
