"""Days, weekdays and hours in Shanghai, as the database counts them."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute, Session

_Moment = ColumnElement[datetime] | InstrumentedAttribute[object]
_SHANGHAI = "Asia/Shanghai"
_AHEAD = "+8 hours"  # of UTC; there has been no summer time since 1991


def day_in(session: Session, moment: _Moment) -> ColumnElement[str]:
    """Return the day of *moment* as text, such as ``2017-12-06``."""
    return _part(session, moment, "%Y-%m-%d", "YYYY-MM-DD")


def weekday_in(session: Session, moment: InstrumentedAttribute[object]) -> ColumnElement[str]:
    """Return the weekday of *moment* as text: 1 is Monday, and Sunday is 0 or 7."""
    return _part(session, moment, "%w", "ID")


def hour_in(session: Session, moment: InstrumentedAttribute[object]) -> ColumnElement[str]:
    """Return the hour of *moment* as text, 00 to 23."""
    return _part(session, moment, "%H", "HH24")


def _part(
    session: Session,
    moment: _Moment,
    sqlite: str,
    postgresql: str,
) -> ColumnElement[str]:
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime(sqlite, moment, _AHEAD)
    # As written words, not as parameters: PostgreSQL must see that it groups by what it selects.
    zone: ColumnElement[str] = literal_column(f"'{_SHANGHAI}'")
    form: ColumnElement[str] = literal_column(f"'{postgresql}'")
    return func.to_char(func.timezone(zone, moment), form)
