import io

import pytest
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.db import db
from tests.factories import PASSWORD
from webapp import create_app
from webapp.cli import main

ADD = ["user", "add", "chief", "--name", "演示管理员", "--role", "administrator"]


@pytest.fixture
def installation(tmp_path, monkeypatch, redis_url):
    monkeypatch.setenv("HEYAN_DATA", str(tmp_path))
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def add(monkeypatch, *more: str, password: str = PASSWORD) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    return main([*ADD, *more])


def test_the_first_administrator_of_a_new_installation_can_log_in(installation, monkeypatch):
    assert add(monkeypatch) == 0

    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/log-in", data={"login": "chief", "password": PASSWORD})
    assert answer.status_code == 302
    with app.app_context():
        user = db.session.scalars(select(User)).one()
        assert (user.role, user.name) == (Role.ADMINISTRATOR, "演示管理员")
        db.engine.dispose()


def test_what_is_wrong_is_said_and_nobody_is_added(installation, monkeypatch, capsys):
    assert add(monkeypatch, password="short") == 1
    assert "15" in capsys.readouterr().err
    assert add(monkeypatch, "--region", "999999") == 1
    assert "999999" in capsys.readouterr().err
    assert add(monkeypatch) == 0
    assert add(monkeypatch) == 1
    assert "chief" in capsys.readouterr().err
