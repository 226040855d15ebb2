"""The whole product as one command, in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import wait_until
from webapp import redis_server

START = "import sys; from webapp.cli import main; sys.exit(main())"


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def serving(tmp_path, port):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "HEYAN_KEY_FILE"}
    }
    process = subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", START, "serve", "--port", str(port)],
        env=environment | {"HEYAN_DATA": str(tmp_path)},
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.communicate()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


def works(folder: Path) -> bool:
    """Say whether a background worker has told Redis that it is there."""
    address = redis_server.url(folder)
    with Redis.from_url(address) as redis:
        return redis_server.answers(address) and bool(redis.keys("rq:worker:*"))


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children] + [
        grandchild for child in children for grandchild in descendants(int(child))
    ]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_everything_starts_and_ends_together(serving, port, tmp_path, how):
    assert wait_until(lambda: answers(port), seconds=60)
    assert wait_until(lambda: works(tmp_path), seconds=60)
    family = descendants(serving.pid)
    assert len(family) >= 4, "Redis, the worker, gunicorn and its processes"

    serving.send_signal(how)

    assert serving.wait(40) == (-how if how == signal.SIGKILL else 0)
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), seconds=40)
    assert not answers(port)
    assert re.fullmatch(rf"http://127.0.0.1:{port}/\n", serving.stdout.read().decode())
