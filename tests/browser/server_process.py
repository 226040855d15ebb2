"""A server in a process of its own, which a test may kill as a power cut would."""

import socket
import subprocess
import sys
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import make_server

from tests.databases import make_settings
from tests.servers import wait_until
from webapp import create_app


class ServerProcess:
    """Serves the database of *app* at an address that stays the same when it is started again."""

    def __init__(self, app: Flask, redis_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.arguments = [str(self.port), app.config["SQLALCHEMY_DATABASE_URI"], redis_url]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-m", "tests.browser.server_process", *self.arguments]
        )
        assert wait_until(self._answers, seconds=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0


def _serve(port: str, database_url: str, redis_url: str) -> None:
    app = create_app(make_settings(database_url, redis_url))
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
