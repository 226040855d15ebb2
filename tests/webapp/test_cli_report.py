"""heyan report and heyan bundle."""

import json
import zipfile

import pytest

from casework.accounts.roles import Role
from casework.db import db
from tests.casework.reports.test_handouts import make_run
from tests.databases import make_settings
from tests.factories import make_user
from webapp import create_app
from webapp.cli import main
from webapp.config import Settings


@pytest.fixture
def run_uid(tmp_path, monkeypatch):
    monkeypatch.setenv("HEYAN_DATA", str(tmp_path))
    # The keys of this session, which other tests of this process go on using.
    monkeypatch.setenv("HEYAN_KEY_FILE", str(make_settings("", "").KEY_FILE))
    assert main(["migrate"]) == 0
    with create_app(Settings.from_env()).app_context():
        uid = make_run().uid
        make_user(Role.VERIFIER, login="verifier-a")
        make_user(Role.OPERATOR, login="operator-a")
        db.session.remove()
        db.engine.dispose()
    return uid


def test_papers_and_bundle_are_written_in_somebodys_name(run_uid, tmp_path, capsys):
    report, bundle = tmp_path / "report.pdf", tmp_path / "run.zip"
    said = ["--login", "verifier-a"]
    words = ["report", run_uid, "--kind", "report_pdf", "--out", str(report), *said]

    assert main(words) == 0
    assert report.read_bytes()[:4] == b"%PDF"
    assert main(words) == 2  # it is there
    assert main(["bundle", "write", run_uid, "--out", str(bundle), *said]) == 0
    assert main(["bundle", "verify", str(bundle)]) == 0

    capsys.readouterr()
    other = ["--out", str(tmp_path / "other"), "--login"]
    assert main(["report", run_uid, *other, "operator-a"]) == 1
    assert main(["report", "0" * 32, *other, "verifier-a"]) == 1
    assert "没有这条记录" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
    _change_a_byte(bundle)
    assert main(["bundle", "verify", str(bundle), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["differences"][0]["what"] == "targets.csv"
    assert main(["bundle", "verify", str(tmp_path / "nowhere.zip")]) == 2


def _change_a_byte(bundle):
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["targets.csv"] = files["targets.csv"].replace(b"25", b"24")
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
