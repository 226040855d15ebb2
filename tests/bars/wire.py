"""A connection that sends forms and reads answers at a fraction of what an HTTP library costs.

Client, servers and database share the machine: what the client uses up, they lack.
"""

import socket
from time import monotonic as now
from urllib.parse import urlencode

from tests.bars.desk import IDLE, PATIENCE
from tests.bars.servers import HOST

END = b"\r\n\r\n"


class Wire:
    """One connection to a web server, with the cookie of a log-in."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._address = (HOST, port)
        self._head = (
            f"Host: {HOST}:{port}\r\nCookie: {cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        )
        self._socket: socket.socket | None = None
        self._used = 0.0

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, bytes]:
        """Return the status, the headers and the body of the answer. Raises OSError."""
        body = urlencode(form)
        if self._socket is None or now() - self._used > IDLE:
            self._connect()
        assert self._socket is not None
        self._socket.sendall(
            f"POST {path} HTTP/1.1\r\n{self._head}{len(body)}\r\n\r\n{body}".encode()
        )
        answer = self._receive(self._socket)
        self._used = now()
        return answer

    def _connect(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = socket.create_connection(self._address, PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @staticmethod
    def _receive(connection: socket.socket) -> tuple[int, str, bytes]:
        """Read one answer, which says how long it is."""
        got = b""
        while END not in got:
            got += _some(connection)
        head, _, body = got.partition(END)
        text = head.decode("latin-1")
        length = int(text.lower().partition("content-length:")[2].partition("\r\n")[0])
        while len(body) < length:
            body += _some(connection)
        return int(text[9:12]), text, body


def _some(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise ConnectionResetError("the server closed the connection")
    return got
