"""Lists for the administrator and the auditor."""

from dataclasses import dataclass

from sqlalchemy import select

from casework.accounts.models import User
from casework.audit.models import AuditEvent
from casework.audit.trail import first_broken_link
from casework.db import db

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    rows: list[tuple[AuditEvent, str]]  #: with the actor's name, "" for the system
    older: int | None  #: give it as *before* for the next page


def all_users() -> list[User]:
    """Every user, by role and name."""
    return list(db.session.scalars(select(User).order_by(User.role, User.login)))


def audit_page(*, before: int | None) -> AuditPage:
    """Return a page of acts, newest first, older than the row *before*."""
    query = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    rows = [(event, name or "") for event, name in db.session.execute(query)]
    older = rows[PAGE - 1][0].id if len(rows) > PAGE else None
    return AuditPage(rows[:PAGE], older)


def broken_link() -> int | None:
    """Return the first audit row that does not fit its chain, or None."""
    return first_broken_link()
