from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect

import casework.tables  # noqa: F401 - fills the metadata
from casework.db import Base
from tests.databases import ENGINES, new_database

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("engine", ENGINES)
def test_migrations_build_exactly_the_models_and_can_be_taken_back(engine, tmp_path, worker_id):
    url, remove = new_database(engine, tmp_path, f"{worker_id}_migrations")
    config = Config(toml_file=ROOT / "pyproject.toml")
    database = create_engine(url)
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        connection.rollback()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        command.upgrade(config, "head")
        connection.commit()
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.dispose()
    remove()
