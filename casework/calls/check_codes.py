"""The code that callers read out, by which a person checks that a call was genuine.

It is the beginning of the attempt's uid, which is random. Whoever was called tells it with the name
or number that the caller gave; the answer is yes or no and, with yes, only the day of the call.
"""

import hmac
import re
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select

from casework.accounts.models import User
from casework.calls.models import Attempt
from casework.db import db
from casework.sealing import blind_index

LENGTH = 6  # sixteen million codes, asked for at a limited rate
GOOD_FOR = timedelta(days=7)  # after the call
_CODE = re.compile(rf"[0-9a-f]{{{LENGTH}}}")


def code_of(attempt_uid: str) -> str:
    """Return the code of a call."""
    return attempt_uid[:LENGTH].upper()


def has_code(code: str) -> ColumnElement[bool] | None:
    """Select the calls with this code; None if it is no such code."""
    plain = code.strip().lower()
    if not _CODE.fullmatch(plain):
        return None
    return and_(Attempt.uid >= plain, Attempt.uid < f"{plain}g")  # what the index finds


def check_call(code: str, name: str, *, at: datetime) -> datetime | None:
    """Return when somebody of this name or number called with *code*, None if nobody did."""
    wanted = has_code(code)
    if wanted is None:
        return None
    calls = db.session.execute(
        select(Attempt.dialled_at, User.name, User.login)
        .join(User, User.id == Attempt.operator_id)
        .where(wanted, Attempt.dialled_at >= at - GOOD_FOR)
    )
    told = _plain(name)
    for dialled_at, *names in calls:
        if any(hmac.compare_digest(told, _plain(one)) for one in names):
            return dialled_at
    return None


def _plain(name: str) -> str:
    return blind_index("".join(name.split()), column="caller_name")
