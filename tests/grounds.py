"""What several tests begin with: made for the first of them, kept for those that follow.

The tests of one engine run in a transaction that never commits. Usually each gets a new one. Tests
that are marked ``begins_with(make, …)`` share one in which ``make(…)`` has run, and each gets a
savepoint of its own: none sees what another wrote, in whatever order they run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, inspect

from casework.db import Base, db
from tests import chance


def begins_with(make: Callable[..., Any], *given: Any, **named: Any) -> pytest.MarkDecorator:
    """Return the mark of tests that begin with what ``make(*given, **named)`` writes."""
    return pytest.mark.begins_with.with_args(make, *given, **named)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Let every session of the current application join one transaction that never commits."""
    with db.engine.connect() as connection:  # closing it rolls back
        connection.begin()
        with _joined(connection):
            yield


@contextmanager
def _joined(connection: Connection) -> Iterator[None]:
    engine = db.engine
    db.engines[None] = connection  # type: ignore[assignment] - sessions bind to either
    try:
        yield
    finally:
        db.session.remove()
        db.engines[None] = engine


class Ground:
    """The transaction of one application that stays open between tests, if one does."""

    def __init__(self) -> None:
        self.mark: pytest.Mark | None = None
        self._made: Any = None
        self._connection: Connection | None = None

    @contextmanager
    def begun_with(self, mark: pytest.Mark) -> Iterator[None]:
        """Stand on what *mark* asks for; what the block writes is rolled back after it."""
        connection = self._connection or self._begin(mark)
        own = connection.begin_nested()
        try:
            with _joined(connection):
                yield
        finally:
            own.rollback()

    def _begin(self, mark: pytest.Mark) -> Connection:
        connection = self._connection = db.engine.connect()
        connection.begin()
        make, *given = mark.args
        with _joined(connection), chance.fixed_by(f"{make.__module__}.{make.__name__}"):
            self._made = make(*given, **mark.kwargs)
        self.mark = mark
        return connection

    def made(self) -> Any:
        """Return what the function of the mark returned, with its rows as they lie there now."""
        return _anew(self._made)

    def clear(self) -> None:
        """Forget what is kept, so that the application begins anew."""
        if self._connection is not None:
            self._connection.close()
        self.mark = self._made = self._connection = None


def nothing() -> None:
    """Begin with empty tables, in a file whose other tests do not."""


def _anew(made: Any) -> Any:
    if isinstance(made, tuple):
        return tuple(map(_anew, made))
    if isinstance(made, Base):
        return db.session.get_one(type(made), inspect(made).identity)
    return made
