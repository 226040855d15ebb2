"""A database that goes away is said to be away, whenever in a request that happens."""

import sqlite3
from contextlib import closing, contextmanager
from datetime import date, timedelta
from threading import Timer

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text

import casework.db
from casework.accounts.models import LoginSession
from casework.calls.models import Attempt
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db
from tests.casework.calls.rows import open_replicate
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
    said = answer.status_code == 503 and "数据库" in answer.text
    return said and "Retry-After" in answer.headers and "Set-Cookie" not in answer.headers


@contextmanager
def cut_before(outage, app, beginning: str):
    """Let the outage happen whenever a statement begins like this."""

    def cut(connection, cursor, statement, *_) -> None:
        if statement.startswith(beginning):
            outage.happens()

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", cut)
    yield
    event.remove(engine, "before_cursor_execute", cut)


def take_a_case(app, client) -> dict[str, str]:
    """Put a case on the screen; return the report of a call without an answer."""
    app.config["DEMO"] = True  # calls at any hour
    with app.app_context():
        open_replicate(1)
        campaign = db.session.scalars(select(Campaign)).one()
        campaign.fieldwork_ends_on = date(2099, 1, 1)
        db.session.commit()
    client.post("/calls/next")
    with app.app_context():
        case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
        return {
            "case": case.id,
            "fence": case.fence,
            "key": "sent",
            "disposition": "41",
            "by_hand": "1",
        }


def stay_away(app) -> None:
    """Let the session not be used for a while; it is then marked as seen again after the view."""
    with app.app_context():
        db.session.scalars(select(LoginSession)).one().seen_at -= timedelta(minutes=5)
        db.session.commit()


def stored(app) -> int:
    with app.app_context():
        closed = select(func.count()).where(Attempt.idempotency_key == "sent")
        return db.session.scalar(closed)


@pytest.mark.parametrize(
    "beginning", ["INSERT INTO attempt", "SELECT pg_advisory_xact_lock", "INSERT INTO audit_event"]
)
def test_a_report_is_not_half_written_and_counts_once_when_it_is_sent_again(
    client, app, outage, beginning
):
    report = take_a_case(app, client)

    with cut_before(outage, app, beginning):
        assert gone(client.post("/calls/case/outcome", data=report))
    assert stored(app) == 0

    assert client.post("/calls/case/outcome", data=report).status_code == 303
    assert client.post("/calls/case/outcome", data=report).status_code == 303
    assert stored(app) == 1


def test_a_report_that_was_stored_before_the_cut_is_not_stored_again(client, app, outage):
    report = take_a_case(app, client)
    stay_away(app)

    with cut_before(outage, app, "UPDATE login_session"):
        assert gone(client.post("/calls/case/outcome", data=report))

    assert stored(app) == 1
    assert client.post("/calls/case/outcome", data=report).status_code == 303
    assert stored(app) == 1


def test_postgresql_is_told_to_look_whether_who_holds_a_lock_still_lives(app):
    with app.app_context():
        assert db.session.scalar(text("SHOW client_connection_check_interval")) == "500ms"


@pytest.fixture
def sqlite_app(new_app):
    app = new_app("sqlite")
    app.testing = False
    return app


@contextmanager
def somebody_writes(app):
    """Hold SQLite's one write lock; yield what gives it back."""
    with app.app_context():
        path = db.engine.url.database
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield lambda: other.execute("ROLLBACK")


def test_who_writes_on_sqlite_waits_for_the_others(sqlite_app):
    client = sqlite_app.test_client()
    with sqlite_app.app_context():
        log_in(client, make_user())
    report = take_a_case(sqlite_app, client)

    with somebody_writes(sqlite_app) as stop:
        Timer(0.4, stop).start()
        answer = client.post("/calls/case/outcome", data=report)

    assert answer.status_code == 303
    assert stored(sqlite_app) == 1


def test_an_sqlite_file_that_stays_locked_is_said_to_be_away(sqlite_app, monkeypatch):
    client = sqlite_app.test_client()
    with sqlite_app.app_context():
        log_in(client, make_user())
    report = take_a_case(sqlite_app, client)
    monkeypatch.setattr(casework.db, "PATIENCE", 0.1)

    with somebody_writes(sqlite_app) as stop:
        assert gone(client.post("/calls/case/outcome", data=report))
        stop()

    assert stored(sqlite_app) == 0
    assert client.post("/calls/case/outcome", data=report).status_code == 303
    assert stored(sqlite_app) == 1


def test_between_two_requests_and_the_next_one_finds_it_again(client, outage):
    outage.happens()

    assert gone(client.get("/calls/"))
    assert client.get("/calls/").status_code == 200


def test_a_form_is_not_called_forged_meanwhile(client, app, outage):
    app.config["WTF_CSRF_ENABLED"] = True
    outage.happens()

    assert gone(client.post("/calls/next"))


@pytest.mark.parametrize("first_for_a_while", [False, True])
def test_inside_the_view(client, app, outage, first_for_a_while):
    if first_for_a_while:
        stay_away(app)

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
    with cut_before(outage, app, "UPDATE login_session"):
        assert gone(client.post("/language/zh"))
    assert client.post("/language/zh").status_code == 302


def test_after_the_view_an_answer_that_is_ready_is_sent(client, outage):
    outage.after_the_view = True
    ready = client.get("/calls/")
    outage.after_the_view = False

    assert ready.status_code == 200
    assert client.get("/calls/").status_code == 200
