"""The statement that takes the next case out of the queue, and the one that fills the queue.

They are built once for each kind of operator and hour; what differs from claim to claim is a
parameter. What PostgreSQL is to know when it plans them for all claims stands in their text: that
only due rows are wanted, which its partial indexes hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import lies_in
from casework.accounts.skills import Skill
from casework.calls.rules import Rules
from casework.calls.schedule import DayPart, day_of, day_part
from casework.cases.models import Case, CaseSchedule, Standing, Tier

_TRIES = 3  # a claim that lost a race looks again before it says that there is no work
_TRIED = {
    DayPart.DAYTIME: CaseSchedule.tried_daytime,
    DayPart.EVENING: CaseSchedule.tried_evening,
    DayPart.WEEKEND: CaseSchedule.tried_weekend,
}
_DUE, _RESTING = (
    CaseSchedule.standing == literal_column(f"'{standing}'")
    for standing in (Standing.DUE, Standing.RESTING)
)
_ONE: ColumnElement[int] = literal_column("1")  # of a parameter PostgreSQL would expect many
_AGREED = CaseSchedule.tier <= literal_column(str(int(Tier.SOFT_APPOINTMENT)))
_RESTED = (
    select(CaseSchedule.case_id)
    .where(_RESTING, CaseSchedule.due_at <= bindparam("at"))
    .with_for_update(skip_locked=True)  # another claim moves them
)
_PROMOTE = (
    update(CaseSchedule)
    .where(CaseSchedule.case_id.in_(bindparam("cases", expanding=True)))
    .values(standing=Standing.DUE)
    .execution_options(synchronize_session=False)
)
_AT_ONCE = 1000  # cases of one statement


@dataclass(frozen=True, slots=True)
class Taken:
    """A case that was taken out of the queue: why it came up, and how often it was tried."""

    case_id: int
    tier: Tier
    tried: int

    @classmethod
    def of(cls, schedule: CaseSchedule) -> "Taken":
        """Return how a held case was taken."""
        tier = Tier(schedule.claimed_as or schedule.tier)
        return cls(schedule.case_id, tier, schedule.tried)


def first_rest_end() -> Select[datetime | None]:
    """Return the query for the moment at which the first rest of all is over.

    The least comes first in an index. Whether there is any before a moment PostgreSQL would find
    out by reading the whole schedule.
    """
    return select(func.min(CaseSchedule.due_at)).where(_RESTING)


def promote_due(session: Session, at: datetime) -> None:
    """Move the cases whose rest is over among the due ones.

    They are named, mostly none, since PostgreSQL expects many of the condition and would read the
    whole schedule to find them.
    """
    connection = session.connection()
    rested = connection.scalars(_RESTED, {"at": at}).all()
    for start in range(0, len(rested), _AT_ONCE):
        connection.execute(_PROMOTE, {"cases": rested[start : start + _AT_ONCE]})


def take(
    session: Session,
    actor: User,
    at: datetime,
    tiers: tuple[Tier, Tier],
    campaigns: Mapping[int, Rules],
) -> Taken | None:
    """Take the first case that *actor* may get out of the queue; None if there is none.

    Recalls and fresh cases are looked for in the order of *tiers*, in *campaigns* alone.
    """
    skills = tuple(skills_for(actor))
    unit = None if actor.sees_all_regions else actor.region_code
    given = {"at": at, "today": day_of(at), "actor": actor.id, "unit": unit}
    for number, (campaign_id, rules) in enumerate(campaigns.items()):
        given |= {
            f"campaign_{number}": campaign_id,
            f"calls_{number}": rules.calls_of_a_case,
            f"a_day_{number}": rules.calls_a_day,
        }
    left = select(CaseSchedule.case_id).where(_allowed(len(campaigns), everywhere=unit is None))
    taken = _taking(skills, day_part(at), tiers, len(campaigns), everywhere=unit is None)
    connection = session.connection()
    for _ in range(_TRIES):
        if (row := connection.execute(taken, given).one_or_none()) is not None:
            return Taken(row.case_id, Tier(row.tier), row.tried)
        if connection.scalar(left.limit(_ONE), given) is None:
            return None
    return None


def take_out(session: Session, schedule: CaseSchedule, tier: Tier) -> Taken:
    """Take a case that is locked out of the queue, for a claim that waits for no turn."""
    schedule.standing, schedule.claimed_as = Standing.OUT, tier
    session.flush()
    return Taken.of(schedule)


def skills_for(actor: User) -> list[str]:
    """Return the skills of the cases that *actor* may get, the special ones first."""
    return [skill for skill in Skill if skill in actor.skills] + [""]


@lru_cache(maxsize=256)
def _taking(
    skills: tuple[str, ...],
    part: DayPart,
    tiers: tuple[Tier, Tier],
    campaigns: int,
    *,
    everywhere: bool,
) -> Update:
    allowed = _allowed(campaigns, everywhere=everywhere)
    choices = _choices(skills, part, tiers, allowed)
    # The database looks for the next choice only if the one before it found nothing.
    first = func.coalesce(*(choice.scalar_subquery() for choice in choices))
    taken = update(CaseSchedule).where(CaseSchedule.case_id == first, _DUE)
    return taken.values(standing=Standing.OUT, claimed_as=CaseSchedule.tier).returning(
        CaseSchedule.case_id, CaseSchedule.tier, CaseSchedule.tried
    )


@lru_cache(maxsize=64)
def _allowed(campaigns: int, *, everywhere: bool) -> ColumnElement[bool]:
    """What must hold of a case before anybody may call it, and before this operator may."""
    actor: BindParameter[int] = bindparam("actor")
    at: BindParameter[datetime] = bindparam("at")
    return and_(
        _DUE,
        or_(*(_within_limits(number) for number in range(campaigns))),
        or_(
            CaseSchedule.owner_id.is_(None),
            CaseSchedule.owner_id == actor,
            CaseSchedule.owned_until <= at,
        ),
        or_(CaseSchedule.not_for_id.is_(None), CaseSchedule.not_for_id != actor),
        CaseSchedule.no_call.is_(False),
        CaseSchedule.due_at <= at,
        true() if everywhere else lies_in(CaseSchedule.region_code, bindparam("unit")),
    )


def _within_limits(number: int) -> ColumnElement[bool]:
    """Whether one more call is allowed by the rules of the campaign with this place."""
    today: BindParameter[date] = bindparam("today")
    return and_(
        CaseSchedule.campaign_id == bindparam(f"campaign_{number}"),
        or_(
            _AGREED,  # whoever agreed to a time is called at it
            and_(
                CaseSchedule.tried < bindparam(f"calls_{number}"),
                or_(
                    CaseSchedule.tried_on.is_(None),
                    CaseSchedule.tried_on != today,
                    CaseSchedule.tried_that_day < bindparam(f"a_day_{number}"),
                ),
            ),
        ),
    )


def _choices(
    skills: Sequence[str], part: DayPart, tiers: tuple[Tier, Tier], allowed: ColumnElement[bool]
) -> Iterator[Select[int]]:
    """Yield what to look for, in this order; each finds its first case by one index."""
    yield _first(
        allowed,
        _AGREED,
        or_(CaseSchedule.skill.in_(skills), CaseSchedule.owner_id == bindparam("actor")),
        order=(CaseSchedule.tier, CaseSchedule.window_end, CaseSchedule.turn),
    )
    order = (_TRIED[part], CaseSchedule.priority, CaseSchedule.due_at, CaseSchedule.turn)
    for tier in tiers:
        for skill in skills:
            yield _first(
                allowed,
                CaseSchedule.tier == literal_column(str(int(tier))),
                CaseSchedule.skill == skill,
                order=order,
            )


def _first(*conditions: ColumnElement[bool], order: Sequence[object]) -> Select[int]:
    # A case that somebody works on at this moment is passed by too, with its schedule.
    return (
        select(CaseSchedule.case_id)
        .join(Case, Case.id == CaseSchedule.case_id)
        .where(*conditions)
        .order_by(*order)  # type: ignore[arg-type]  # columns of several types
        .limit(_ONE)
        .with_for_update(skip_locked=True)
    )
