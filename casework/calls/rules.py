"""The rules by which a campaign calls: hours, how often, and the mixture of fresh and known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.dispositions import Disposition
from casework.calls.models import CallingRules
from casework.calls.rests import unusable_rest
from casework.calls.schedule import CALLING_HOURS, CallingHours
from casework.campaigns.models import Campaign
from casework.db import db, transaction
from casework.errors import CaseworkError, NotFound


class RulesUnusable(CaseworkError):
    """The hours leave nothing of 8:00 to 21:00, or a number is out of range."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in a campaign until its supervisor says otherwise."""

    hours: CallingHours = CALLING_HOURS
    calls_of_a_case: int = 12  #: calls after which a case is finished with what they established
    calls_a_day: int = 3  #: to one person; an agreed time is not counted against it
    fresh_share: int = 50  #: percent of an operator's ordinary calls that go to fresh cases
    slot_capacity: int = 0  #: appointments in one slot of time; 0 is no limit
    #: Minutes of rest by disposition, where they are not those of the table.
    rests: Mapping[str, int] = field(default_factory=dict)

    def rest_after(self, disposition: Disposition) -> timedelta:
        """Return how long a case rests after a call that left it open."""
        minutes = self.rests.get(disposition.code)
        return disposition.retry_after if minutes is None else timedelta(minutes=minutes)


def rules_of(session: Session, campaign_id: int) -> Rules:
    """Return the rules of a campaign."""
    return rules_in(session.get(CallingRules, campaign_id))


def calling_rules(campaign_id: int) -> Rules:
    """Return the rules of a campaign, for a page."""
    return rules_of(db.session(), campaign_id)


def rules_since(campaign_id: int) -> datetime | None:
    """Return since when the rules of a campaign hold; None if nobody has changed them."""
    row = db.session.get(CallingRules, campaign_id)
    return None if row is None else row.changed_at


def set_calling_rules(
    campaign_id: int,
    rules: Rules,
    *,
    actor: User,
    at: datetime,
    instead_of: datetime | None = None,
) -> None:
    """Change how a campaign calls from now on.

    *instead_of* is since when the rules hold that *actor* saw; None if nobody had changed them.

    Raises NotFound, RulesUnusable, StaleDataError if somebody else changed them meanwhile.
    """
    _check(rules)
    with transaction() as session:
        if session.get(Campaign, campaign_id, with_for_update=True) is None:
            raise NotFound(campaign=campaign_id)
        row = session.get(CallingRules, campaign_id)
        if (None if row is None else row.changed_at) != instead_of:
            raise StaleDataError
        before = rules_in(row)
        row = row or CallingRules(campaign_id=campaign_id)
        row.opens, row.ends = rules.hours.opens, rules.hours.ends
        row.rest_from, row.rest_until = rules.hours.rest_from, rules.hours.rest_until
        row.calls_of_a_case, row.calls_a_day = rules.calls_of_a_case, rules.calls_a_day
        row.fresh_share, row.slot_capacity = rules.fresh_share, rules.slot_capacity
        row.rests = dict(rules.rests)
        row.changed_by_id, row.changed_at = actor.id, at
        session.add(row)
        trail.record(
            session,
            AuditAction.CALLING_RULES_SET,
            actor_id=actor.id,
            at=at,
            subject=f"campaign:{campaign_id}",
            facts=trail.changed(_facts(before), _facts(rules)),
        )


def _facts(rules: Rules) -> dict[str, str | int]:
    """Return the rules as the trail keeps them."""
    hours = rules.hours
    rest = (
        f"{hours.rest_from:%H:%M}–{hours.rest_until:%H:%M}"
        if hours.rest_from and hours.rest_until
        else ""
    )
    return {
        "hours": f"{hours.opens:%H:%M}–{hours.ends:%H:%M}",
        "noon_rest": rest,
        "calls_of_a_case": rules.calls_of_a_case,
        "calls_a_day": rules.calls_a_day,
        "fresh_share": rules.fresh_share,
        "slot_capacity": rules.slot_capacity,
        "rests": ", ".join(f"{code}: {rest}" for code, rest in sorted(rules.rests.items())),
    }


#: What ``rules_in`` reads; where nobody changed the rules an outer join finds no hours.
RULES = (
    *(CallingRules.opens, CallingRules.ends, CallingRules.rest_from, CallingRules.rest_until),
    *(CallingRules.calls_of_a_case, CallingRules.calls_a_day),
    *(CallingRules.fresh_share, CallingRules.slot_capacity, CallingRules.rests),
)


def rules_in(row: CallingRules | Row[*tuple[Any, ...]] | None) -> Rules:
    """Return the rules that a campaign's row holds."""
    if row is None or row.opens is None:  # nobody changed them
        return Rules()
    return Rules(
        CallingHours(row.opens, row.ends, row.rest_from, row.rest_until),
        row.calls_of_a_case,
        row.calls_a_day,
        row.fresh_share,
        row.slot_capacity,
        row.rests or {},
    )


def _check(rules: Rules) -> None:
    hours, rest = rules.hours, (rules.hours.rest_from, rules.hours.rest_until)
    if not CALLING_HOURS.opens <= hours.opens < CALLING_HOURS.ends:
        raise RulesUnusable(field="opens")
    if not hours.opens < hours.ends <= CALLING_HOURS.ends:
        raise RulesUnusable(field="ends")
    if rest != (None, None):
        begins, ends = rest
        if begins is None or ends is None or not hours.opens < begins < ends < hours.ends:
            raise RulesUnusable(field="rest")
    for name, least, most in (
        ("calls_of_a_case", 1, 50),
        ("calls_a_day", 1, 10),
        ("fresh_share", 0, 100),
        ("slot_capacity", 0, 1000),
    ):
        if not least <= getattr(rules, name) <= most:
            raise RulesUnusable(field=name)
    if (code := unusable_rest(rules.rests)) is not None:
        raise RulesUnusable(field=f"rest_{code}")
