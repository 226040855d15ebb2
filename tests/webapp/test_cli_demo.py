"""``heyan demo`` as people and build machines run it, on three small units."""

import json
import re

import pytest

from webapp.cli import main
from webapp.cli.demo_folder import BUILT, FolderRefused, use_folder

WORDS = ["demo", "--once", "--scale", "0.004", "--units", "410225,410526"]


@pytest.fixture
def own_environment(monkeypatch):
    """The command sets variables for the servers it starts; they end with the test."""
    for name in ("HEYAN_DATA", "HEYAN_DEMO", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_a_demonstration_is_built_once_told_in_words_and_written_as_json(
    tmp_path, own_environment, capsys
):
    words = [*WORDS, "--folder", str(tmp_path / "demo"), "--json", str(tmp_path / "figures.json")]
    # Two units cannot show all four decisions, which the command says with status 1.
    assert main(words) == 1
    printed = capsys.readouterr().out
    assert "truly missing units decided met: 0" in printed
    assert "complete units decided not met: 0" in printed
    assert "the province is not complete" in printed
    assert re.search(r"推算 \(estimates\)：[0-9.]+ s", printed)

    first = (tmp_path / "figures.json").read_text()
    assert main(words) == 1
    assert "[" not in capsys.readouterr().out.split("2017", 1)[0]  # no line of progress
    assert (tmp_path / "figures.json").read_text() == first
    _has_the_contract(json.loads(first))
    _tells_what_to_upload(tmp_path / "demo", json.loads(first), capsys)


def _tells_what_to_upload(folder, content, capsys):
    from webapp.cli.demo import greet

    greet(folder, content["upload"])
    printed = capsys.readouterr().out
    assert "账号 login" in printed
    assert "（漯河市 411100）" in printed
    assert "two ledgers wait" in printed
    assert "2017-11-30" in printed
    assert (folder / content["upload"]["file"]).is_file()
    assert str(folder / content["upload"]["file"]) in printed


def _has_the_contract(figures):
    assert figures["projects"] == ["re_employment", "hardship", "overcapacity"]
    assert [unit["code"] for unit in figures["units"]] == ["410225", "410526"]
    assert figures["province"] == {"code": "410000", "completion": "not_complete"}
    assert 0 <= figures["coverage"]["units"] <= 1
    assert {*figures["work"]} == {"cases", "calls", "visits"}
    row = next(e for e in figures["estimates"] if e["level"] == "unit")
    assert {*row} >= {
        *("project", "region", "name", "target", "completed", "completed_low", "completed_high"),
        *("rate", "decision", "truth", "truly_met", "covers"),
    }


def test_a_half_built_demonstration_is_not_used(tmp_path, own_environment):
    from casework.db import utcnow
    from casework.demo.rehearsal import Plan
    from webapp.cli.demo_folder import Stamp, built

    with use_folder(tmp_path / "demo"):
        assert not (tmp_path / "demo" / BUILT).exists()
        assert built(tmp_path / "demo", Stamp("code", Plan()), now=utcnow()) is None


def test_a_folder_with_other_files_is_left_alone(tmp_path, own_environment):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(FolderRefused), use_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize("words", [["--scale", "2"], ["--units", "999999"]])
def test_wrong_options_are_refused(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(["demo", *words])
    assert end.value.code == 2
