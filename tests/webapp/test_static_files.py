"""Scripts and styles: compressed, and kept for a year under an address that changes with them."""

import gzip

import pytest

from tests.factories import make_user
from tests.webapp.people import log_in
from tests.webapp.test_statement_counts import asked
from webapp import static_files, vendor


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


@pytest.fixture(params=["heyan.css", "bootstrap.min.js"])
def file(request, app):
    """The address of a file of the product, and of somebody else's."""
    with app.test_request_context():
        if request.param in vendor.ASSETS:
            return vendor.vendor_url(request.param)
    return f"{static_files.address()}/{request.param}"


def test_a_file_travels_compressed_to_a_browser_that_takes_it_so(client, file):
    plain = client.get(file)
    short = client.get(file, headers={"Accept-Encoding": "br, gzip"})

    assert "Content-Encoding" not in plain.headers
    assert short.headers["Content-Encoding"] == "gzip"
    assert short.content_length == len(short.data) < plain.content_length / 2
    assert gzip.decompress(short.data) == plain.data
    for answer in (plain, short):
        assert answer.headers["Vary"] == "Accept-Encoding"  # not by cookie: kept over a log-in
        assert answer.cache_control.immutable
        answer.close()


def test_a_browser_that_has_the_compressed_file_gets_no_second_one(client, app):
    address = f"{app.static_url_path}/heyan.css"
    first = client.get(address, headers={"Accept-Encoding": "gzip"})

    again = client.get(
        address, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )

    assert (again.status_code, again.data) == (304, b"")
    for answer in (first, again):
        answer.close()


def test_a_file_asks_the_database_nothing(client, file):
    log_in(client, make_user())
    with asked() as statements:
        client.get(file).close()

    assert statements == []


@pytest.mark.parametrize("headers", [{"Accept-Encoding": "gzip;q=0"}, {"Range": "bytes=0-99"}])
def test_a_file_is_left_as_it_is_where_it_has_to_be(client, app, headers):
    answer = client.get(f"{app.static_url_path}/heyan.css", headers=headers)

    assert answer.status_code in {200, 206}
    assert "Content-Encoding" not in answer.headers
    answer.close()


def test_no_page_is_compressed(client):
    page = client.get("/log-in", headers={"Accept-Encoding": "gzip"})

    assert page.status_code == 200
    assert "Content-Encoding" not in page.headers
