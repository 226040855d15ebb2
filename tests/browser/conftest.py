"""A real browser in front of a real server, for tests that walk through pages.

The data a test makes are committed: ``with live_app.app_context(): …``. Background jobs run when
the test says ``work_off(live_app)``.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000  # milliseconds a page may take on a busy machine
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):  # noqa: PTH120 - as pytest has it
            item.add_marker("browser")
            # A page that goes away in the middle of an answer leaves the server's file open.
            gone = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
            item.add_marker(gone)


@pytest.fixture
def live_app(new_app: Callable[[str], Flask], request: pytest.FixtureRequest) -> Flask:
    """The application on a database of its own: SQLite, or the engine that the test names.

    ``@pytest.mark.parametrize("live_app", ["postgresql"], indirect=True)`` names one.
    """
    return new_app(getattr(request, "param", "sqlite"))


@pytest.fixture
def live_server(live_app: Flask) -> Iterator[str]:
    """The address at which *live_app* answers, several requests at a time."""
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    server.daemon_threads = False  # closing it waits for what is still being answered
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Scale:
    """Weighs what *app* answers from now on, in bytes on the wire."""

    def __init__(self, app: Flask) -> None:
        self.parts: list[int] = []
        self._answer, app.wsgi_app = app.wsgi_app, self

    def __call__(self, environ, start_response):
        response = Response.from_app(self._answer, environ, buffered=True)
        self.parts.append(len(str(response.headers)) + len(response.get_data()))
        return response(environ, start_response)

    @property
    def kilobytes(self) -> float:
        return sum(self.parts) / 1000


def chromium_options() -> dict[str, Any]:
    """Return what starts the machine's own Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "these tests need Chromium (Debian: apt-get install chromium)"
    # Chromium's sandbox refuses to run as root, as it is in containers.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": program, "args": args}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: str) -> Iterator[OpenPage]:
    """Open a page of a new person at a machine of his or her own: nothing is shared but the site.

    ``open_page(viewport=PHONE, locale="en")``; both may be left out, as may ``base_url``, the
    address of another server. A script that fails and whatever the content security policy forbids
    fail the test when it ends.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A page that answers 404 or 409, or does not answer, is what a test may be about.
        expected = "Failed to load resource" in message.text or message.text.startswith("htmx:")
        if message.type == "error" and not expected:
            complaints.append(message.text)

    def open_one(
        viewport: dict[str, int] = DESK, locale: str = "zh-CN", base_url: str = live_server
    ) -> Page:
        context = browser.new_context(
            base_url=base_url, viewport=viewport, locale=locale, timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE)
        context.on("console", note)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page on a desk's screen, in Chinese."""
    return open_page()


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a telephone, in Chinese."""
    return open_page(viewport=PHONE)
