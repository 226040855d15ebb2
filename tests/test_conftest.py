"""The fixtures keep what they promise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from casework.db import db, transaction
from casework.regions.models import Region, RegionKind
from tests import servers
from tests.databases import ENGINES


def add_region() -> None:
    with transaction() as session:
        session.add(Region(code="990000", name="演示数据", kind=RegionKind.CITY))


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_commits_is_gone_in_the_next(app, time):
    assert db.session.get(Region, "990000") is None, time

    add_region()

    assert db.session.get_one(Region, "990000").name == "演示数据"


def test_requests_and_the_test_see_what_the_other_wrote(app, client, monkeypatch):
    def rename(**_: str) -> str:
        with transaction() as session:
            region = session.get_one(Region, "990000")
            before, region.name = region.name, "改名"
        return before

    monkeypatch.setitem(app.view_functions, "static", rename)
    add_region()
    region = db.session.get_one(Region, "990000")

    response = client.get(f"{app.static_url_path}/any")

    assert (response.text, region.name) == ("演示数据", "改名")


def test_each_engine_is_the_one_it_says(app, request):
    assert db.engine.dialect.name == request.node.callspec.params["app"]
    assert request.node.callspec.params["app"] in ENGINES


def test_a_committed_app_has_a_database_of_its_own(committed_app):
    with committed_app.app_context():
        add_region()
        db.session.remove()

        assert db.session.get(Region, "990000") is not None


def test_the_servers_of_a_killed_session_end_too(tmp_path):
    """A process that starts a Redis and is killed leaves nothing behind."""
    code = (
        "import os, signal; from tests import servers\n"
        "with servers.session():\n"
        "    servers.redis()\n"
        f"    print(os.environ[{servers.FOLDER!r}], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != servers.FOLDER}
    killed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    folder = Path(killed.stdout.strip())

    assert servers.wait_until(lambda: not folder.exists(), seconds=20)
