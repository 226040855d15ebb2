"""heyan draw secret and heyan draw bundle."""

import json

from casework.db import db
from sampling.commitments import commitment
from tests.databases import make_settings
from tests.factories import make_drawn_campaign
from webapp import create_app
from webapp.cli import main
from webapp.config import Settings


def test_a_secret_is_written_for_its_owner_alone_and_its_commitment_is_printed(tmp_path, capsys):
    path = tmp_path / "secret.json"

    assert main(["draw", "secret", "--out", str(path)]) == 0

    told = json.loads(path.read_text())
    assert capsys.readouterr().out.strip() == told["commitment"]
    assert commitment(told["secret"], told["salt"]) == told["commitment"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_never_replaces_another(tmp_path, capsys):
    path = tmp_path / "secret.json"
    main(["draw", "secret", "--out", str(path)])
    before = path.read_text()

    assert main(["draw", "secret", "--out", str(path)]) == 2

    assert "cannot write" in capsys.readouterr().err
    assert path.read_text() == before


def test_the_bundle_of_a_campaign_is_written_and_verifies(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEYAN_DATA", str(tmp_path))
    # The keys of this session, which other tests of this process go on using.
    monkeypatch.setenv("HEYAN_KEY_FILE", str(make_settings("", "").KEY_FILE))
    assert main(["migrate"]) == 0
    with create_app(Settings.from_env()).app_context():
        campaign_id = make_drawn_campaign().id
        db.session.remove()
        db.engine.dispose()
    path = tmp_path / "draw.zip"

    assert main(["draw", "bundle", str(campaign_id), "--out", str(path)]) == 0
    assert main(["draw", "verify", "--bundle", str(path)]) == 0
    assert main(["draw", "bundle", str(campaign_id), "--out", str(path)]) == 2  # it is there

    capsys.readouterr()
    assert main(["draw", "bundle", "99", "--out", str(tmp_path / "other.zip")]) == 1
    assert "没有这条记录" in capsys.readouterr().err
    assert not (tmp_path / "other.zip").exists()
