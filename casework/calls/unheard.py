"""A call whose desk was closed ended when the desk was heard of last, whoever comes back later."""

from datetime import datetime, timedelta

from casework.accounts.models import User
from casework.calls.dialling import ringing
from casework.calls.holding import LEASE, held_case, open_attempt
from casework.db import transaction

UNHEARD_OF = timedelta(minutes=3)  # a desk that is open renews its hold each minute


def is_unheard(lease_until: datetime, at: datetime) -> bool:
    """Tell whether the desk that has a hold until then was not heard of for minutes."""
    return at - (lease_until - LEASE) >= UNHEARD_OF


def end_unheard(case_id: int, fence: int, *, actor: User, at: datetime) -> bool:
    """End the call of a desk that was not heard of when it was heard of last; tell whether it did.

    Raises CaseNotHeld.
    """
    with transaction() as session:
        case = held_case(session, case_id, fence, actor)
        attempt = open_attempt(session, case)
        call = None if attempt is None else ringing(session, attempt)
        if call is None or case.lease_until is None or not is_unheard(case.lease_until, at):
            return False
        call.hung_up_at = max(case.lease_until - LEASE, call.placed_at)
        return True
