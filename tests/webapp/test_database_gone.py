"""A database that goes away is said to be away, whenever in a request that happens."""

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from casework.db import db
from tests.factories import make_user
from tests.webapp.people import log_in


class Outage:
    """Cuts every connection of the application, as a restart of PostgreSQL does."""

    def __init__(self, url: str) -> None:
        self.address = url.replace("+psycopg", "", 1)
        self.after_the_view = False

    def happens(self) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def app(new_app):
    app = new_app("postgresql")
    app.testing = False  # errors are answered, not raised
    return app


@pytest.fixture
def outage(app) -> Outage:
    with app.app_context():
        outage = Outage(db.engine.url.render_as_string(hide_password=False))

    @app.after_request
    def happen(response):
        if outage.after_the_view:
            outage.happens()
        return response

    return outage


@pytest.fixture
def client(app, outage) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        log_in(client, make_user())
    client.get("/calls/")  # the first page puts its token into the session
    return client


def gone(answer) -> bool:
    return (
        answer.status_code == 503 and "数据库" in answer.text and "Set-Cookie" not in answer.headers
    )


def test_between_two_requests_and_the_next_one_finds_it_again(client, outage):
    outage.happens()

    assert gone(client.get("/calls/"))
    assert client.get("/calls/").status_code == 200


def test_a_form_is_not_called_forged_meanwhile(client, app, outage):
    app.config["WTF_CSRF_ENABLED"] = True
    outage.happens()

    assert gone(client.post("/calls/next"))


def test_inside_the_view(client, app, outage):
    def cut(connection, cursor, statement, *_) -> None:
        if "FROM appointment" in statement:
            outage.happens()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", cut)
    answer = client.get("/calls/")
    event.remove(engine, "before_cursor_execute", cut)

    assert gone(answer)
    assert client.get("/calls/").status_code == 200


def test_while_the_session_is_saved(client, app, outage):
    def cut(connection, cursor, statement, *_) -> None:
        if statement.startswith("UPDATE login_session"):
            outage.happens()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", cut)
    answer = client.post("/language/zh")
    event.remove(engine, "before_cursor_execute", cut)

    assert gone(answer)
    assert client.post("/language/zh").status_code == 302


def test_after_the_view_an_answer_that_is_ready_is_sent(client, outage):
    outage.after_the_view = True
    ready = client.get("/calls/")
    outage.after_the_view = False

    assert ready.status_code == 200
    assert client.get("/calls/").status_code == 200
