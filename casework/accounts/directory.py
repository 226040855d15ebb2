"""Lists for the administrator and the auditor."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db
from casework.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which acts are sought; what is None is not asked for."""

    actor_id: int | None = None
    action: AuditAction | None = None
    day: tuple[datetime, datetime] | None = None  #: from the first moment to before the second
    subjects: Collection[str] | None = None  #: such as "case:12"


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: list[tuple[AuditEvent, str]]  #: with the actor's name, "" for the system
    older: int | None  #: give it as *before* for the next page


def all_users() -> list[User]:
    """Every user, by role and name."""
    return list(db.session.scalars(select(User).order_by(User.role, User.login)))


def find_users(
    text: str = "", role: Role | None = None, *, active: bool | None = None
) -> list[User]:
    """Return the users whose account or name contains *text*, by role and account."""
    query = select(User).order_by(User.role, User.login)
    if text:
        like = f"%{text.lower()}%"
        query = query.where(
            or_(func.lower(User.login).like(like), func.lower(User.name).like(like))
        )
    if role is not None:
        query = query.where(User.role == role)
    if active is not None:
        query = query.where(User.active.is_(active))
    return list(db.session.scalars(query))


def one_user(user_id: int) -> User:
    """Return a user. Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(user=user_id)
    return user


def names_of(user_ids: Collection[int]) -> Mapping[int, str]:
    """Return how users are named by id: name and account, since names are shared."""
    found = db.session.execute(select(User.id, User.name, User.login).where(User.id.in_(user_ids)))
    return {user_id: f"{name} {login}" for user_id, name, login in found}


def audit_page(sought: Sought | None = None, *, before: int | None) -> AuditPage:
    """Return a page of acts, newest first, older than the row *before*."""
    sought = sought or Sought()
    query = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    if sought.actor_id is not None:
        query = query.where(AuditEvent.actor_id == sought.actor_id)
    if sought.action is not None:
        query = query.where(AuditEvent.action == sought.action)
    if sought.subjects is not None:
        query = query.where(AuditEvent.subject.in_(sought.subjects))
    if sought.day is not None:
        query = query.where(AuditEvent.at >= sought.day[0], AuditEvent.at < sought.day[1])
    rows = [(event, name or "") for event, name in db.session.execute(query)]
    older = rows[PAGE - 1][0].id if len(rows) > PAGE else None
    return AuditPage(rows[:PAGE], older)
