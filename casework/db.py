"""The database: base class, column types, and the one unit-of-work helper."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    TypeDecorator,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Session, registry

PATIENCE = 30.0  # seconds for which a unit of work waits for the one write lock of SQLite


def utcnow() -> datetime:
    """Read the clock. Only the edges (views, jobs, CLI) call this; services take *at*."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock


def new_uid() -> str:
    """Return an opaque random id of 32 hex digits, fixed before a row is inserted."""
    return uuid4().hex


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored and returned in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: pass one with a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value if value.tzinfo else value.replace(tzinfo=UTC))


def _values(members: Any) -> list[str]:
    return [member.value for member in members]


class Base(DeclarativeBase):
    """Root of every model; fixes constraint names and how Python types are stored."""

    # Flask-SQLAlchemy 3.1 copies a base's attributes, which only works with an explicit registry.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, Any]: JSON,
            list[Any]: JSON,
            StrEnum: Enum(
                StrEnum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=_values,
            ),
        },
    )


class OneDatabase(BoundSession):
    """A session that knows its engine: there is one, and it is asked for many times a request."""

    def __init__(self, db: SQLAlchemy, **options: Any) -> None:
        super().__init__(db, **options)
        self._engine = db.engine

    def get_bind(
        self, *args: Any, bind: Engine | Connection | None = None, **which: Any
    ) -> Engine | Connection:
        return self._engine if bind is None else bind


db = SQLAlchemy(
    model_class=Base,
    # Inside a test's outer transaction a commit releases a savepoint; elsewhere this does nothing.
    session_options={"class_": OneDatabase, "join_transaction_mode": "create_savepoint"},
)


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one unit of work: commit when the block ends, roll back if it raises.

    Only public service functions open one, and they never call each other, so units do not nest.
    What the session read before is read anew. On SQLite that needs the write lock, and so a new
    transaction; on PostgreSQL every statement sees what was committed before it.
    """
    session = db.session()
    if session.info.get("in_unit"):
        raise RuntimeError("transaction() does not nest; call the private helper instead")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("rows were changed outside a transaction()")
    session.info["in_unit"] = True
    try:
        _begin(session)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info["in_unit"]


def _begin(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.commit()
        session.connection(execution_options={"write_lock": True})
    else:
        session.expire_all()


class BriefCursor(psycopg.Cursor[Any]):
    """A cursor that says of the columns of an answer what SQLAlchemy asks: their names and types.

    A column as psycopg describes it costs more than the value in it.
    """

    @property
    def description(self) -> list[Any] | None:
        answer = self.pgresult
        if answer is None or not answer.nfields:
            return None
        columns = range(answer.nfields)
        return [((answer.fname(n) or b"").decode(), answer.ftype(n)) for n in columns]


#: A client that died holds its locks no longer than about ten seconds, wherever it ran; one on the
#: same machine half a second, for which everybody who writes waits.
_NOTICE_THE_DEAD = (
    "SET client_connection_check_interval = '500ms'; SET tcp_keepalives_idle = 5;"
    " SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2"
)


def configure_engine(engine: Engine) -> None:
    """Make a SQLite engine durable, and PostgreSQL notice soon that a client died.

    WAL with synchronous=FULL loses no acknowledged commit at a power cut. A unit of work begins
    with BEGIN IMMEDIATE: reading first and writing later would meet SQLITE_BUSY at once.
    """
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def _(connection: psycopg.Connection, record: object) -> None:
            connection.execute(_NOTICE_THE_DEAD)
            connection.commit()
            connection.cursor_factory = BriefCursor

        return

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=30000",  # before what may have to wait
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        if connection.get_execution_options().get("write_lock"):
            _lock_for_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _lock_for_writing(connection: Connection) -> None:
    """Begin a unit of work on SQLite, waiting until the others have written.

    SQLite looks for the lock ever more seldom, so that newcomers would pass by who waits longest.
    Beginning anew looks as often as they do.
    """
    cursor, until = connection.connection.cursor(), monotonic() + PATIENCE
    cursor.execute("PRAGMA busy_timeout=100")
    while monotonic() < until:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        else:
            cursor.execute("PRAGMA busy_timeout=30000")
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
