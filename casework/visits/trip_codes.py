"""The code by which an office checks that a visit and its inspector are genuine.

The letter of introduction names the inspector and bears the code. Whoever holds it tells both; the
answer is yes or no and, with yes, only the place and the day that the letter says too. A code that
is unknown, expired, withdrawn or told with another name gets the same answer, after the same work.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from casework.accounts.models import User
from casework.db import db
from casework.sealing import blind_index
from casework.visits.models import Trip

#: Letters and digits that are not mistaken for one another.
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 10  # 50 random bits
GOOD_FOR = timedelta(days=3)  # after the day of the visit, which may take longer than planned


@dataclass(frozen=True, slots=True)
class Genuine:
    """What the answer yes tells; the letter says it too."""

    place_code: str
    visit_on: date


def new_code() -> str:
    """Return a new random code."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def give_code(trip: Trip, code: str) -> None:
    """Give *trip* its code; an earlier one is worth nothing from now on."""
    trip.code_index, trip.code = _index(code), code
    trip.valid_until = trip.visit_on + GOOD_FOR


def check_code(code: str, name: str, *, today: date) -> Genuine | None:
    """Say whether *code* and the inspector's *name* belong to a visit that is still to be made."""
    found = db.session.execute(
        select(Trip.place_code, Trip.visit_on, Trip.valid_until, User.name, User.active)
        .join(User, User.id == Trip.inspector_id)
        .where(Trip.code_index == _index(code))
    ).first()
    place, on, until, holder, active = found or ("", date.min, date.min, "", False)
    same = hmac.compare_digest(_name_index(name), _name_index(holder))
    genuine = all((found is not None, same, active, today <= until))
    return Genuine(place, on) if genuine else None


def _index(code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign in SIGNS)
    return blind_index(plain, column="trip_code")


def _name_index(name: str) -> str:
    return blind_index("".join(name.split()), column="trip_name")
