"""Sends forms and reads answers at a fraction of what an HTTP library costs.

Client, servers and database share the machine: what the client uses up, they lack. Each form has a
connection of its own, as nginx would give it. One that lasted would tie its operator to a process,
and chance would give most operators to one of them.
"""

import socket
from urllib.parse import urlencode

from tests.bars.desk import PATIENCE
from tests.bars.servers import HOST

END = b"\r\n\r\n"


class Wire:
    """The way to a web server, with the cookie of a log-in."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._address = (HOST, port)
        self._head = (
            f"Host: {HOST}:{port}\r\nCookie: {cookie}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        )

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str, bytes]:
        """Return the status, the headers and the body of the answer. Raises OSError."""
        body = urlencode(form)
        request = f"POST {path} HTTP/1.1\r\n{self._head}{len(body)}\r\n\r\n{body}".encode()
        with socket.create_connection(self._address, PATIENCE) as connection:
            connection.sendall(request)
            got = b"".join(iter(lambda: connection.recv(65536), b""))
        head, end, answer = got.partition(END)
        if not end:
            raise ConnectionResetError("the server closed the connection")
        text = head.decode("latin-1")
        return int(text[9:12]), text, answer
