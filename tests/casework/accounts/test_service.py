import pytest
from sqlalchemy import select

from casework.accounts import service
from casework.accounts.models import LoginSession
from casework.accounts.roles import GRANTS, Permission, Role
from casework.audit.models import AuditAction, AuditEvent
from casework.db import db
from casework.regions.models import PROVINCE
from tests.factories import NOON, PASSWORD, make_user, saved

pytestmark = pytest.mark.usefixtures("app")


def actions():
    return db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()


def test_the_right_password_lets_in_and_is_recorded():
    user = make_user(login="demo")

    assert service.check_login("demo", PASSWORD, at=NOON).id == user.id
    assert actions() == [AuditAction.LOG_IN]


@pytest.mark.parametrize(
    ("login", "password"),
    [("demo", "another long password"), ("nobody", PASSWORD), ("demo", "x" * 10_000), ("demo", "")],
)
def test_anything_else_is_refused_alike_and_is_recorded(login, password):
    make_user(login="demo")

    with pytest.raises(service.LoginRefused):
        service.check_login(login, password, at=NOON)

    assert actions() == [AuditAction.LOG_IN_FAIL]


def test_a_disabled_user_is_logged_out_and_stays_out():
    user, administrator = make_user(login="demo"), make_user(Role.ADMINISTRATOR)
    saved(
        LoginSession(
            token_digest="d" * 64, user_id=user.id, content={}, created_at=NOON, seen_at=NOON
        )
    )

    service.set_active(user.id, active=False, actor=administrator, at=NOON)

    assert db.session.get(LoginSession, "d" * 64) is None
    with pytest.raises(service.LoginRefused):
        service.check_login("demo", PASSWORD, at=NOON)


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_a_weak_password_makes_no_user(password):
    with pytest.raises(service.PasswordTooWeak):
        service.create_user("new", "演示", Role.CLERK, PROVINCE, password, actor=None, at=NOON)


def test_a_log_in_name_is_used_once():
    make_user(login="demo")

    with pytest.raises(service.LoginTaken):
        service.create_user("demo", "演示", Role.CLERK, PROVINCE, PASSWORD, actor=None, at=NOON)


def test_every_role_may_do_something_and_every_permission_is_granted():
    assert set(GRANTS) == set(Role)
    assert set().union(*GRANTS.values()) == set(Permission)
