"""Whether the person who asks is on a break: kept with the calls, and in the log-in session."""

from datetime import datetime

from flask import session

from casework.calls import breaks
from casework.db import utcnow
from webapp.access import current_user

AWAY = "away_since"  # in the log-in session, so that closing a call need not look it up


def away_since() -> datetime | None:
    """Return since when somebody is away, or wishes to be after this call."""
    since = session.get(AWAY)
    return None if since is None else datetime.fromisoformat(since)


def look_up_break(at: datetime) -> datetime | None:
    """Return the same as it is kept, also if it began in another browser."""
    since = breaks.break_since(actor=current_user(), at=at)
    _remember(since)
    return since


def leave_desk() -> None:
    """Begin a break, now or after the call that goes on."""
    _remember(breaks.begin_break(actor=current_user(), at=utcnow()))


def be_back() -> None:
    """End the break, if there is one."""
    if away_since() is not None:
        breaks.end_break(actor=current_user(), at=utcnow())
        _remember(None)


def _remember(since: datetime | None) -> None:
    kept = since and since.isoformat()
    if kept is None:
        session.pop(AWAY, None)
    elif session.get(AWAY) != kept:
        session[AWAY] = kept
