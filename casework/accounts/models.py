"""Users and their log-in sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.accounts.roles import GRANTS, Permission, Role
from casework.db import Base
from casework.regions.models import PROVINCE, Region


class User(Base):
    """A person with one role and the region he or she may see."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    skills: Mapped[list[Any]] = mapped_column(default=list)  #: Skill codes of an operator
    version: Mapped[int] = mapped_column()

    region: Mapped[Region] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def can(self, permission: Permission) -> bool:
        return self.active and permission in GRANTS[self.role]

    @property
    def sees_all_regions(self) -> bool:
        return self.region_code == PROVINCE


class LoginSession(Base):
    """One logged-in browser. The token itself is only in the cookie; here is its SHA-256."""

    __tablename__ = "login_session"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    content: Mapped[dict[str, Any]]  #: what the web layer keeps: the CSRF token, the language
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
