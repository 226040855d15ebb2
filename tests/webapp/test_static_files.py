"""Scripts and styles: kept for a year under an address that changes with them."""

from webapp import static_files


def test_an_address_changes_with_what_the_files_say(monkeypatch, tmp_path):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "a.js").write_text("1")
    before = static_files.address.__wrapped__()
    assert static_files.address.__wrapped__() == before

    (tmp_path / "a.js").write_text("2")

    assert static_files.address.__wrapped__() != before


def test_every_module_that_a_page_imports_is_named_and_served(app, client):
    names = static_files.imported("js/visits/finding.js")

    assert {"js/visits/checklist.js", "js/visits/photos.js", "js/relogin.js"} <= set(names)
    for name in ("js/visits/finding.js", *names):
        answer = client.get(f"{app.static_url_path}/{name}")
        assert answer.status_code == 200
        assert answer.cache_control.max_age == static_files.ONE_YEAR
        answer.close()
