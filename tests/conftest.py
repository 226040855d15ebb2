"""Fixtures that every area's tests share.

A test that asks for ``app`` runs twice, on SQLite and on PostgreSQL, and whatever it writes is
rolled back. A test that needs true commits, because threads or a browser look on, asks for
``committed_app`` instead: it gets a database of its own.

Tests of pages (everything under tests/webapp) look at words and permissions, which no engine
changes, and run on SQLite alone; so do files that are marked ``one_engine``. What an engine could
answer otherwise there (odd values, locks, repeated reports, counted statements) is marked
``both_engines``, and so many tests of a service that PostgreSQL is sent each of its statements.

Where tests of a file begin with the same rows, ``pytestmark = begins_with(make)`` makes them
once; see tests/grounds.py.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from contextvars import Context
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from casework.db import db
from tests import chance, servers
from tests.databases import ENGINES, make_settings, new_database
from tests.grounds import Ground, rolled_back
from webapp import create_app

PAGES = Path(__file__).parent / "webapp"
_session = pytest.StashKey[Any]()
_number = count(1)


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "one_engine: runs on SQLite alone, because no engine changes what it looks at",
        "both_engines: runs on both, among tests that run on one",
        "begins_with(make, ...): shares what make(...) wrote; the fixture `begun` returns it",
    ):
        config.addinivalue_line("markers", marker)
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist find their parent's
        config.stash[_session] = servers.session()
        config.stash[_session].__enter__()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _session in config.stash:
        config.stash[_session].__exit__(None, None, None)


@pytest.hookimpl(tryfirst=True)  # before the marks of a test become its parameters
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test that no engine changes run on SQLite alone."""
    test = metafunc.definition
    one = test.path.is_relative_to(PAGES) or test.get_closest_marker("one_engine")
    if not one or test.get_closest_marker("both_engines"):
        return
    named = {mark.args[0] for mark in test.iter_markers("parametrize")}
    for name, maker in (("app", "shared_app"), ("committed_app", "new_app")):
        if {name, maker} <= {*metafunc.fixturenames} and name not in named:
            test.add_marker(pytest.mark.parametrize(name, ENGINES[:1], indirect=True))


@pytest.fixture(scope="module", autouse=True)
def _chance_of_the_file(request: pytest.FixtureRequest) -> Iterator[None]:
    with chance.fixed_by(request.node.nodeid):
        yield


@pytest.fixture(autouse=True)
def _chance_of_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    with chance.fixed_by(request.node.nodeid):
        yield


@pytest.fixture(scope="session")
def redis_url(worker_id: str) -> str:
    """The address of a Redis database that only this process uses."""
    number = int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
    return servers.redis().replace("db=0", f"db={number}")


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of this process's Redis, which is empty."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def shared_app(
    worker_id: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Flask]]:
    """The application of this process on one engine, made when it is first asked for.

    Only tests that are marked as *begin* find what was made for others that are.
    """
    made: dict[str, Flask] = {}
    folder = tmp_path_factory.mktemp("databases")

    def get(engine: str, begin: pytest.Mark | None = None) -> Flask:
        if engine not in made:
            url, _ = new_database(engine, folder, worker_id)
            made[engine] = create_app(make_settings(url, redis_url))
            made[engine].test_client_class = ClientOutside
            made[engine].extensions["ground"] = Ground()
        ground = made[engine].extensions["ground"]
        if begin is None or begin != ground.mark:
            ground.clear()
        return made[engine]

    yield get
    for app in made.values():
        app.extensions["ground"].clear()
        dispose(app)


@pytest.fixture(params=ENGINES)
def app(
    request: pytest.FixtureRequest, shared_app: Callable[..., Flask], redis: Redis
) -> Iterator[Flask]:
    """The application, inside its context. What the test commits is rolled back after it."""
    begin = request.node.get_closest_marker("begins_with")
    app = shared_app(request.param, begin)
    undone = app.extensions["ground"].begun_with(begin) if begin else rolled_back()
    with app.app_context(), undone:
        yield app


@pytest.fixture
def begun(app: Flask) -> Any:
    """What the function that the mark ``begins_with`` names returned."""
    return app.extensions["ground"].made()


class ClientOutside(FlaskClient):
    """A client whose requests do not see the test's application context.

    Each request then has its own session, identity map and ``flask.g``, as in the real server.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.preserve_context:  # with client: …, where the test looks at the request afterwards
            return super().open(*args, **kwargs)
        if has_app_context():  # a redirect that is followed calls again, from outside already
            # The test's own session has read, which on this one connection opened a savepoint
            # that would lie around the request's.
            db.session.rollback()
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def new_app(
    redis: Redis, redis_url: str, tmp_path: Path, worker_id: str
) -> Iterator[Callable[[str], Flask]]:
    """Make an application, outside its context, on a new database of the engine that is named."""
    with ExitStack() as cleaning:

        def make(engine: str) -> Flask:
            url, remove = new_database(engine, tmp_path, f"{worker_id}_{next(_number)}")
            cleaning.callback(remove)
            app = create_app(make_settings(url, redis_url))
            cleaning.callback(dispose, app)
            return app

        yield make


@pytest.fixture(params=ENGINES)
def committed_app(request: pytest.FixtureRequest, new_app: Callable[[str], Flask]) -> Flask:
    """The application, outside its context, on a new database in which commits are commits."""
    return new_app(request.param)


def dispose(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(name="work_off", scope="session")
def _work_off() -> Callable[[Flask], None]:
    from tests.jobs import work_off

    return work_off
