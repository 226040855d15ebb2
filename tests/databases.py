"""Databases for tests: the migrations run once in a session, then copies are made."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psycopg

from casework.sealing import Keyring
from tests import servers
from webapp.cli.migrate import prepare_database
from webapp.config import Settings

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "template_heyan"


def make_settings(url: str, redis_url: str) -> Settings:
    """Return the settings of an application under test; all of a session share their keys."""
    return Settings(
        SECRET_KEY="tests",
        SQLALCHEMY_DATABASE_URI=url,
        REDIS_URL=redis_url,
        KEY_FILE=Path(servers.once("keys", _make_keys)),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        RATELIMIT_ENABLED=False,
    )


def new_database(engine: str, folder: Path, name: str) -> tuple[str, Callable[[], None]]:
    """Make a database with every table and the tree of regions.

    Returns
    -------
    tuple
        Its address, and what removes it when nobody is connected to it any more.
    """
    if engine == "sqlite":
        template = servers.once("sqlite", _make_sqlite_template)
        shutil.copy(template, folder / f"{name}.db")
    else:
        servers.once("postgresql-template", _make_postgresql_template)
    return empty_database(engine, folder, name, template=TEMPLATE)


def empty_database(
    engine: str, folder: Path, name: str, *, template: str = "template0"
) -> tuple[str, Callable[[], None]]:
    """Make a database without tables; on PostgreSQL, one like *template*."""
    if engine == "sqlite":
        file = folder / f"{name}.db"
        return f"sqlite:///{file}", file.unlink
    server = servers.postgresql()
    _tell(server, f'CREATE DATABASE "{name}" TEMPLATE {template}')
    return server.format(name=name), lambda: _tell(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _make_sqlite_template(folder: Path) -> str:
    file = folder / f"{TEMPLATE}.db"
    _fill(f"sqlite:///{file}")
    return str(file)


def _make_postgresql_template(folder: Path) -> str:
    server = servers.postgresql()
    _tell(server, f"CREATE DATABASE {TEMPLATE}")
    _fill(server.format(name=TEMPLATE))
    return TEMPLATE


def _fill(url: str) -> None:
    prepare_database(make_settings(url, "redis://unused"))


def _tell(server: str, statement: str) -> None:
    address = server.format(name="postgres").replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _make_keys(folder: Path) -> str:
    # The same in every session: a draw depends on them, and tests shall not fail by chance.
    Keyring.create(folder / "keys.json", np.random.default_rng(2017).bytes)
    return str(folder / "keys.json")
