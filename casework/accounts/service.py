"""Making users, and letting them in."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from casework.accounts.models import LoginSession, User
from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.db import transaction
from casework.errors import CaseworkError, NotFound

MIN_PASSWORD = 15  # OWASP ASVS 5.0, 6.2.1: long instead of composed
MAX_PASSWORD = 128  # anything longer is refused before it is hashed

# OWASP's second setting for argon2id: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when there is no such user, so that the answer takes as long as for a real one.
_NOBODY = _hasher.hash("nobody has this password")


class LoginRefused(CaseworkError):
    """The account or the password is wrong."""


class PasswordTooWeak(CaseworkError):
    """The password is too short or too long."""


class LoginTaken(CaseworkError):
    """There is already a user with this log-in name."""


class OwnAccount(CaseworkError):
    """Nobody changes his or her own role or region."""


def hash_password(password: str) -> str:
    """Return the argon2id hash. Raises PasswordTooWeak outside 15 to 128 characters."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise PasswordTooWeak(least=MIN_PASSWORD, most=MAX_PASSWORD)
    return _hasher.hash(password)


def create_user(  # noqa: PLR0913 - these are the facts of a user
    login: str,
    name: str,
    role: Role,
    region_code: str,
    password: str,
    *,
    skills: Collection[Skill] = (),
    actor: User | None,
    at: datetime,
) -> User:
    """Add a user. *actor* is None only while a new installation makes its first users."""
    password_hash = hash_password(password)
    with _taken(login), transaction() as session:
        if session.scalar(select(User.id).where(User.login == login)):
            raise LoginTaken(login=login)
        user = User(
            login=login,
            name=name,
            role=role,
            region_code=region_code,
            password_hash=password_hash,
            skills=sorted(skills),
        )
        session.add(user)
        session.flush()  # the audit row names the new id
        trail.record(
            session,
            AuditAction.USER_CREATE,
            actor_id=actor.id if actor else None,
            at=at,
            subject=f"user:{user.id}",
            facts={"role": role.value, "region": region_code, "skills": sorted(skills)},
        )
    return user


@contextmanager
def _taken(login: str) -> Iterator[None]:
    """Say the same of two people who add one name in the same moment."""
    try:
        yield
    except IntegrityError:
        raise LoginTaken(login=login) from None


def set_active(user_id: int, *, active: bool, actor: User, at: datetime) -> User:
    """Disable a user, ending all of his or her sessions at once, or enable one again.

    Raises NotFound.
    """
    with transaction() as session:
        user = _known(session, user_id)
        user.active = active
        if not active:
            session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
        trail.record(
            session,
            AuditAction.USER_CHANGE,
            actor_id=actor.id,
            at=at,
            subject=f"user:{user_id}",
            facts={"active": active},
        )
    return user


def edit_user(  # noqa: PLR0913 - these are the facts of a user
    user_id: int,
    name: str,
    role: Role,
    region_code: str,
    *,
    version: int,
    actor: User,
    at: datetime,
) -> None:
    """Change a user's name, role and region. They hold from his or her next page on.

    Raises NotFound, OwnAccount for one's own role or region, StaleDataError if somebody else
    changed the user after *version* was read.
    """
    with transaction() as session:
        user = _known(session, user_id)
        if user.version != version:
            raise StaleDataError
        if user.id == actor.id and (role, region_code) != (user.role, user.region_code):
            raise OwnAccount
        renamed = user.name != name
        before = {"role": user.role.value, "region": user.region_code}
        user.name, user.role, user.region_code = name, role, region_code
        trail.record(
            session,
            AuditAction.USER_CHANGE,
            actor_id=actor.id,
            at=at,
            subject=f"user:{user_id}",
            facts=trail.changed(before, {"role": role.value, "region": region_code})
            | {"renamed": renamed},
        )


def set_password(user_id: int, password: str, *, actor: User, at: datetime) -> None:
    """Give a user a new password and end all of his or her sessions.

    Raises NotFound, PasswordTooWeak.
    """
    password_hash = hash_password(password)
    with transaction() as session:
        user = _known(session, user_id)
        user.password_hash = password_hash
        session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
        trail.record(
            session,
            AuditAction.USER_CHANGE,
            actor_id=actor.id,
            at=at,
            subject=f"user:{user_id}",
            facts={"password": True},
        )


def set_skills(user_id: int, skills: Collection[Skill], *, actor: User, at: datetime) -> None:
    """Say what a user can do that others cannot; the next case is chosen by it. Raises NotFound."""
    with transaction() as session:
        user = _known(session, user_id)
        user.skills = sorted(skills)
        trail.record(
            session,
            AuditAction.USER_CHANGE,
            actor_id=actor.id,
            at=at,
            subject=f"user:{user_id}",
            facts={"skills": user.skills},
        )


def check_login(login: str, password: str, *, at: datetime) -> User:
    """Return the user who logs in. Raises LoginRefused, and keeps an audit row either way."""
    with transaction() as session:
        user = session.scalar(select(User).where(User.login == login))
        if _matches(user, password) and user is not None and user.active:
            trail.record(
                session, AuditAction.LOG_IN, actor_id=user.id, at=at, subject=f"user:{user.id}"
            )
            return user
        trail.record(
            session,
            AuditAction.LOG_IN_FAIL,
            actor_id=user.id if user else None,
            at=at,
            subject=f"user:{user.id}" if user else "user:unknown",
        )
    raise LoginRefused


def _matches(user: User | None, password: str) -> bool:
    if len(password) > MAX_PASSWORD:
        return False
    try:
        return _hasher.verify(user.password_hash if user else _NOBODY, password)
    except VerificationError:
        return False


def record_log_out(*, actor: User, at: datetime) -> None:
    """Keep that *actor* left, and end the session."""
    with transaction() as session:
        session.execute(delete(LoginSession).where(LoginSession.user_id == actor.id))
        trail.record(
            session, AuditAction.LOG_OUT, actor_id=actor.id, at=at, subject=f"user:{actor.id}"
        )


def _known(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(user=user_id)
    return user
