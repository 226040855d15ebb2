"""Between which hours the desk may call."""

from flask import current_app

from casework.calls.schedule import ALL_DAY, CallingHours


def hours_now() -> CallingHours | None:
    """Return None, for the campaign's own hours; a demonstration may go on at night.

    Nobody's phone rings in it.
    """
    return ALL_DAY if current_app.config["DEMO"] else None
