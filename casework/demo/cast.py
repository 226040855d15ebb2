"""The people of the demonstration: one log-in for each role, and those who help them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.service import create_user
from casework.db import db
from casework.demo.scale import units
from casework.regions.models import PROVINCE

#: Everybody's. It opens nothing but fictitious data on this machine, and is printed for all to see.
DEMO_PASSWORD = "demo-heyan-2017"  # noqa: S105 - meant to be known

OPERATORS, INSPECTORS, VERIFIERS = 8, 18, 2
#: The unit whose clerk is the log-in ``clerk``, with the ledgers that wait for somebody.
CLERKS_UNIT = "411100"  # 漯河市
#: Inspectors at home in these units; the others come from the province.
HOME_UNITS = ("410100", "410300", "410700", "411300", "411400", "411700")

_NAMES: Mapping[Role, str] = {
    Role.OPERATOR: "演示话务员",
    Role.SUPERVISOR: "演示督导",
    Role.INSPECTOR: "演示核查员",
    Role.VERIFIER: "演示审核员",
    Role.COORDINATOR: "演示统筹员",
    Role.CLERK: "演示填报员",
    Role.ADMINISTRATOR: "演示系统管理员",
    Role.AUDITOR: "演示审计员",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the rehearsal. The users are detached, so that their facts stay at hand."""

    operators: tuple[User, ...]
    inspectors: tuple[User, ...]
    clerks: Mapping[str, User]  #: by reporting unit
    coordinator: User
    verifiers: tuple[User, ...]  #: of the province
    auditor: User


@dataclass(frozen=True, slots=True)
class _Part:
    login: str
    name: str
    role: Role
    region: str = PROVINCE


def log_ins() -> list[tuple[Role, str, str, str]]:
    """Return the one log-in of each role that people are told: role, log-in, name, region."""
    told = {part.login: part for part in _parts()}
    return [(r, r.value, told[r.value].name, told[r.value].region) for r in Role]


def make_cast(*, at: datetime) -> Cast:
    """Make every user of the demonstration in an empty installation."""
    parts = list(_parts())
    first, rest = parts[0], parts[1:]
    administrator = _create(first, None, at)
    for part in rest:
        _create(part, administrator, at)
    return read_cast()


def read_cast() -> Cast:
    """Read the users of the demonstration."""
    users = db.session.scalars(select(User).order_by(User.id)).all()
    db.session.expunge_all()  # a commit would otherwise make every use of a user a query
    by_role = {role: [user for user in users if user.role is role] for role in Role}
    return Cast(
        operators=tuple(by_role[Role.OPERATOR]),
        inspectors=tuple(by_role[Role.INSPECTOR]),
        clerks={user.region_code: user for user in by_role[Role.CLERK]},
        coordinator=by_role[Role.COORDINATOR][0],
        verifiers=tuple(by_role[Role.VERIFIER]),
        auditor=by_role[Role.AUDITOR][0],
    )


def _create(part: _Part, actor: User | None, at: datetime) -> User:
    return create_user(
        part.login, part.name, part.role, part.region, DEMO_PASSWORD, actor=actor, at=at
    )


def _name(role: Role, number: int) -> str:
    several = role in {Role.OPERATOR, Role.INSPECTOR} or number > 1
    return f"{_NAMES[role]}{number}" if several else _NAMES[role]


def _parts() -> Iterator[_Part]:
    """Yield the users, the administrator first, who then makes the others."""
    for role in (Role.ADMINISTRATOR, Role.COORDINATOR, Role.SUPERVISOR, Role.VERIFIER):
        yield _Part(role.value, _name(role, 1), role)
    yield _Part(Role.AUDITOR.value, _name(Role.AUDITOR, 1), Role.AUDITOR)
    yield _Part(Role.CLERK.value, _name(Role.CLERK, 1), Role.CLERK, CLERKS_UNIT)
    for unit, places in units().items():
        if unit != CLERKS_UNIT:
            name = f"{_NAMES[Role.CLERK]}（{places[0].unit_name}）"
            yield _Part(f"clerk-{unit}", name, Role.CLERK, unit)
    for number in range(1, OPERATORS + 1):
        yield _Part(_login(Role.OPERATOR, number), _name(Role.OPERATOR, number), Role.OPERATOR)
    for number in range(2, VERIFIERS + 1):
        yield _Part(_login(Role.VERIFIER, number), _name(Role.VERIFIER, number), Role.VERIFIER)
    homes = [PROVINCE] * (INSPECTORS - len(HOME_UNITS)) + list(HOME_UNITS)
    for number, home in enumerate(homes, start=1):
        name = _name(Role.INSPECTOR, number)
        yield _Part(_login(Role.INSPECTOR, number), name, Role.INSPECTOR, home)


def _login(role: Role, number: int) -> str:
    return role.value if number == 1 else f"{role.value}{number}"
