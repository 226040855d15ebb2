"""Changes of a table that SQLite can only make by building it anew.

A table that is built anew loses its triggers, and with them the guards; here they are kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations


@contextmanager
def rebuilt(table: str) -> Iterator[BatchOperations]:
    """Change *table* by the steps of the block; on SQLite its triggers are made again after it."""
    triggers: Sequence[str] = ()
    if op.get_bind().dialect.name == "sqlite":
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t")
        triggers = op.get_bind().scalars(found, {"t": table}).all()
    with op.batch_alter_table(table) as batch_op:
        yield batch_op
    for trigger in triggers:
        op.get_bind().exec_driver_sql(trigger)


def allow(
    batch_op: BatchOperations, name: str, column: str, codes: Sequence[str], *, new: bool = False
) -> None:
    """Let *column* hold *codes* and no others, by its check *name*, which may be new."""
    if not new:
        batch_op.drop_constraint(op.f(name), type_="check")
    listed = ", ".join(f"'{code}'" for code in codes)
    batch_op.create_check_constraint(op.f(name), sa.text(f"{column} IN ({listed})"))
