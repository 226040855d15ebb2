"""``heyan serve``: the whole product on one machine, everything ended together."""

import argparse
import os
import signal
import sys
from threading import Event

from webapp import redis_server
from webapp.children import Child, ChildKeepsFalling, look_after
from webapp.cli.migrate import SchemaIsNewer, prepare_database
from webapp.config import WEB_THREADS, Settings, data_folder

PORT = 8000
WEB_PROCESSES = 2


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser("serve", help="start the site, its Redis and a background worker")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (%(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out; returns the exit status."""
    try:
        serve(arguments.host, arguments.port)
    except (SchemaIsNewer, ChildKeepsFalling, redis_server.RedisMissing) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def serve(host: str = "127.0.0.1", port: int = PORT) -> None:
    """Serve until SIGTERM or Ctrl-C.

    A Redis is started only if ``REDIS_URL`` names none. The database is brought up to date first.

    Raises
    ------
    SchemaIsNewer, RedisMissing, ChildKeepsFalling
        If there is no way to start, or to go on.
    """
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    prepare_database(Settings.from_env())
    children = []
    environment = dict(os.environ)
    if "REDIS_URL" not in environment:
        folder = data_folder()
        environment["REDIS_URL"] = redis_server.url(folder)
        if not redis_server.answers(environment["REDIS_URL"]):
            children.append(redis_server.child(folder))
    children.append(Child("worker", _this_command("worker"), environment))
    children.append(Child("web", _web_command(host, port), environment))
    print(f"http://{host}:{port}/", flush=True)
    look_after(children, stop.wait)


def _this_command(name: str) -> list[str]:
    start = "import sys; from webapp.cli import main; sys.exit(main())"
    return [sys.executable, "-P", "-c", start, name]


def _web_command(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "gunicorn", "webapp:serving_app()"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread"),
        *("--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)),
        *("--preload", "--graceful-timeout", "15", "--no-control-socket", "--log-level", "warning"),
    ]
