"""One operator's browser: a cookie, and the forms as the desk's pages give them."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from tests.bars.floor import PASSWORD
from tests.bars.servers import HOST

PATIENCE = 30.0  # seconds a browser waits for an answer
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_LOG_IN_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_LEASE = re.compile(r'data-lease="([^"]+)"')
_TOAST = re.compile(r'<div class="toast"[^>]*><div[^>]*><span class="grow">(.*?)</span>')

Unanswered = (OSError, HTTPException)  #: what a browser shows as "no connection"


class Refused(Exception):
    """The log-in did not succeed."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the page of a call names in every form."""

    case: int
    fence: int
    key: str
    token: str
    lease_until: float  #: seconds since the epoch

    def form(self, **fields: str) -> dict[str, str]:
        names = {"csrf_token": self.token, "case": str(self.case), "fence": str(self.fence)}
        return names | fields


class Desk:
    """Sends what a browser would send. Every method raises one of ``Unanswered``."""

    def __init__(self, port: int, login: str) -> None:
        self.port = port
        self.login = login
        self.cookies: dict[str, str] = {}
        self.token = ""

    def log_in(self) -> None:
        """Raises Refused."""
        page = self.get("/log-in")
        found = _LOG_IN_TOKEN.search(page.text)
        form = {"csrf_token": found.group(1) if found else "", "login": self.login}
        answer = self.post("/log-in", form | {"password": PASSWORD})
        if answer.status != 302:
            raise Refused(f"{self.login}: {answer.status}")
        self.token = dict(_FIELD.findall(self.get("/calls/").text))["csrf_token"]

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self._ask("POST", path, form)

    def post_twice(self, path: str, form: dict[str, str]) -> list[Answer | None]:
        """Send a form on two connections at once, as a double click does; None: no answer."""
        connections = [self._connect(), self._connect()]
        for connection in connections:
            with suppress(*Unanswered):
                self._send(connection, "POST", path, form)
        return [self._answer(connection) for connection in connections]

    def _ask(self, method: str, path: str, form: dict[str, str] | None) -> Answer:
        connection = self._connect()
        self._send(connection, method, path, form)
        return self._receive(connection)

    def _connect(self) -> HTTPConnection:
        return HTTPConnection(HOST, self.port, timeout=PATIENCE)

    def _send(
        self, connection: HTTPConnection, method: str, path: str, form: dict[str, str] | None
    ) -> None:
        headers = {"Connection": "close"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)

    def _answer(self, connection: HTTPConnection) -> Answer | None:
        try:
            return self._receive(connection) if connection.sock else None
        except Unanswered:
            return None

    def _receive(self, connection: HTTPConnection) -> Answer:
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return Answer(response.status, response.getheader("Location", ""), text)


def read_case(text: str) -> Held:
    """Read the page of a call."""
    fields = dict(_FIELD.findall(text))
    lease = _LEASE.search(text)
    assert lease is not None
    return Held(
        case=int(fields["case"]),
        fence=int(fields["fence"]),
        key=fields["key"],
        token=fields["csrf_token"],
        lease_until=datetime.fromisoformat(unescape(lease.group(1))).timestamp(),
    )


def toasts(text: str) -> list[str]:
    """Return what a page says was done."""
    return [unescape(found).strip() for found in _TOAST.findall(text)]
