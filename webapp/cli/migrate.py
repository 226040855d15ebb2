"""``heyan migrate``: bring the database's tables to the form that this version expects."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event

import migrations
from casework.db import configure_engine, db
from casework.regions.tree import install_regions
from webapp import create_app
from webapp.config import Settings


class SchemaIsNewer(Exception):
    """The database was written by a later version of the product; nothing was changed."""


class ReferencesBroken(Exception):
    """After the migrations some rows would name rows that are not there; nothing was changed."""


def bring_up_to_date(url: str) -> str:
    """Run the migrations that the database at *url* still lacks.

    Two processes may do this at once: on SQLite the second waits for the first.

    Returns
    -------
    str
        The revision the database is at now.

    Raises
    ------
    SchemaIsNewer
        If it is at a revision that this version does not know.
    """
    with alembic_on(url) as config:
        script = ScriptDirectory.from_config(config)
        known = {each.revision for each in script.walk_revisions()}
        connection: Connection = config.attributes["connection"]
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in known:
            raise SchemaIsNewer(f"The database is at revision {found}, unknown to this version.")
        command.upgrade(config, "head")
    return script.get_current_head() or ""


@contextmanager
def alembic_on(url: str) -> Iterator[Config]:
    """Set Alembic up on the database at *url*, in one transaction where the engine has such.

    SQLite changes some tables by building them anew, under which rows that name them would be
    refused; so references are checked once, at the end. Raises ReferencesBroken if one is.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(url)
    configure_engine(engine)
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite:
        event.listen(engine, "connect", lambda raw, record: raw.execute("PRAGMA foreign_keys=OFF"))
    try:
        with engine.connect().execution_options(write_lock=True) as connection:
            config.attributes["connection"] = connection
            yield config
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check") if is_sqlite else ()
            if tables := sorted({row[0] for row in broken}):
                raise ReferencesBroken(f"Rows of {', '.join(tables)} name rows that are not there.")
            connection.commit()
    finally:
        engine.dispose()


def prepare_database(settings: Settings) -> str:
    """Bring the database of *settings* up to date and see that it holds the tree of regions.

    Returns and raises what ``bring_up_to_date`` does.
    """
    revision = bring_up_to_date(settings.SQLALCHEMY_DATABASE_URI)
    with create_app(settings).app_context():
        install_regions()
        db.engine.dispose()
    return revision


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser("migrate", help="bring the database up to date")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    try:
        revision = prepare_database(Settings.from_env())
    except (SchemaIsNewer, ReferencesBroken) as problem:
        print(problem)
        return 1
    print(f"The database is at revision {revision}.")
    return 0
