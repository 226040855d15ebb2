"""How Alembic finds the database and the models."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine

from casework import tables  # noqa: F401 - fills the metadata
from casework.db import Base, UtcDateTime, configure_engine


def plain_type(kind: str, item: Any, autogen: object) -> str | Literal[False]:
    """Migrations are history: they name SQLAlchemy's types, never ours, which may change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    """Run on *connection*, in one transaction."""
    context.configure(
        connection, target_metadata=Base.metadata, render_as_batch=True, render_item=plain_type
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    engine = create_engine(os.environ["DATABASE_URL"])
    configure_engine(engine)
    with engine.connect() as connection:
        migrate(connection)
    engine.dispose()
