from sqlalchemy import create_engine, text

from webapp.cli import main

COUNT_REGIONS = text("SELECT count(*) FROM region WHERE unit_order IS NOT NULL")


def test_a_first_start_makes_the_database_its_keys_and_the_tree(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEYAN_DATA", str(tmp_path / "new"))

    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0

    assert "revision" in capsys.readouterr().out
    assert (tmp_path / "new" / "keys.json").stat().st_mode & 0o777 == 0o400
    engine = create_engine(f"sqlite:///{tmp_path}/new/heyan.db")
    with engine.connect() as connection:
        assert connection.scalar(COUNT_REGIONS) == 28
    engine.dispose()


def test_a_later_version_s_database_ends_with_1_and_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEYAN_DATA", str(tmp_path))
    main(["migrate"])
    engine = create_engine(f"sqlite:///{tmp_path}/heyan.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    capsys.readouterr()

    assert main(["migrate"]) == 1
    assert "9999, unknown to this version" in capsys.readouterr().out
