from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

import casework.tables  # noqa: F401 - fills the metadata
from casework.db import Base
from tests.databases import ENGINES, new_database
from webapp.cli.migrate import bring_up_to_date

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


OF_THE_FIRST_RELEASE = (
    """INSERT INTO "user" (id, login, name, role, region_code, password_hash, active, version)
    VALUES (1, 'demo', '演示', 'coordinator', '410000', '', TRUE, 1)""",
    """INSERT INTO campaign (id, uid, name, year, cutoff_on, fieldwork_ends_on, results_from, state,
    phone_answers_accepted, work, work_replicates, work_done, work_total, work_failure,
    opened_by_id, opened_at, version) VALUES (1, 'c', '演示批次', 2017, '2017-11-30', '2017-12-31',
    '2018-01-15',
    'frozen', FALSE, 'none', 0, 0, 0, '', 1, '2017-12-01 00:00:00', 1)""",
    """INSERT INTO frame (id, campaign_id, digest, content_digest, entries, sealed, frozen_by_id,
    frozen_at) VALUES (1, 1, 'd', 'e', 0, TRUE, 1, '2017-12-02 00:00:00')""",
    """INSERT INTO audit_event (id, at, action, subject, purpose, facts, previous, digest)
    VALUES (1, '2017-12-01 00:00:00', 'campaign:open', 'campaign:1', '', '{}', '0', '1')""",
)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_first_release_wrote_is_kept_and_stays_guarded(engine, tmp_path, worker_id):
    url, remove = new_database(engine, tmp_path, f"{worker_id}_first")
    database = create_engine(url)
    config = Config(toml_file=ROOT / "pyproject.toml")
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        for statement in OF_THE_FIRST_RELEASE:
            connection.execute(text(statement))
        connection.commit()

    bring_up_to_date(url)

    with database.connect() as connection:
        assert connection.execute(text("SELECT state FROM campaign")).scalars().all() == ["frozen"]
        assert connection.execute(text("SELECT root FROM frame")).scalars().all() == [""]
        for change in ("UPDATE audit_event SET purpose = 'x'", "UPDATE frame SET root = 'x'"):
            with pytest.raises(IntegrityError, match=r"append-only|sealed"):
                connection.execute(text(change))
            connection.rollback()
    database.dispose()
    remove()
