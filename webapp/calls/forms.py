"""What the desk's forms may contain."""

from datetime import UTC, datetime

from werkzeug.datastructures import MultiDict

from casework.calls.filling import CallReport
from casework.db import new_uid

Fields = MultiDict[str, str]

# What cannot be read as a time is reported as one long past: the service refuses both alike and
# knows the last day of the campaign.
_UNREADABLE = (datetime(1970, 1, 1, tzinfo=UTC),) * 2


def held(form: Fields) -> tuple[int, int]:
    """Return the case and the fence that every form of the desk names."""
    return form.get("case", 0, type=int), form.get("fence", 0, type=int)


def to_report(form: Fields) -> CallReport:
    """Return what the operator reports."""
    return CallReport(
        disposition=form.get("disposition", ""),
        idempotency_key=form.get("key") or new_uid(),
        note=form.get("note", ""),
        window=_window(form),
        new_number=form.get("new_number", ""),
    )


def _window(form: Fields) -> tuple[datetime, datetime] | None:
    """Read the agreed time, which is typed in Shanghai's."""
    day, start, end = (form.get(name, "") for name in ("day", "from", "to"))
    if not (day and start):
        return None
    try:
        begin = _moment(day, start)
        return begin, _moment(day, end or start)
    except ValueError:
        return _UNREADABLE


def _moment(day: str, clock: str) -> datetime:
    return datetime.strptime(f"{day} {clock} +0800", "%Y-%m-%d %H:%M %z").astimezone(UTC)
