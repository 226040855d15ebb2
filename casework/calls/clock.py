"""Days and hours in Shanghai, as the database counts them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.calls.schedule import SHANGHAI

_Moment = ColumnElement[datetime] | InstrumentedAttribute[object]
_AHEAD = "+8 hours"  # of UTC; there has been no summer time since 1991


def day_in(session: Session, moment: _Moment) -> ColumnElement[str]:
    """Return the day of *moment* as text, such as ``2017-12-06``."""
    return _part(session, moment, "%Y-%m-%d", "YYYY-MM-DD")


def hour_of(session: Session, moment: _Moment) -> ColumnElement[Any]:
    """Return the beginning of the hour of *moment*; ``local_hour`` reads what comes of it.

    To be grouped by: there are few hours, and to name the day of each takes long.
    """
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H:00+00:00", moment)
    hour, zone = _word("hour"), _word("UTC")  # no zone of ours has half an hour
    return func.date_trunc(hour, moment, zone)


def local_hour(found: Any) -> datetime:
    """Return an hour that the database found by ``hour_of``, in Shanghai."""
    return datetime.fromisoformat(str(found)).astimezone(SHANGHAI)


def _part(
    session: Session,
    moment: _Moment,
    sqlite: str,
    postgresql: str,
) -> ColumnElement[str]:
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime(sqlite, moment, _AHEAD)
    # As written words, not as parameters: PostgreSQL must see that it groups by what it selects.
    return func.to_char(func.timezone(_word(SHANGHAI.key), moment), _word(postgresql))


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'")
