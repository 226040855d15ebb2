"""phone-pages: what an inspector's telephone loads, and when its pages can be used.

A real Chromium with a quarter of this machine's processor opens the log-in page, the list of the
day and a task: each round with an empty store, as on the first day, and then the list and the task
again, as on every other. A page can be used when its scripts have shown what they are there for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from casework.accounts.roles import Role
from tests.bars.servers import HOST, ending, gunicorn, inside, install, running_site
from tests.browser.conftest import PHONE, chromium_options
from tests.casework.visits.factories import assign, make_visiting_campaign
from tests.factories import PASSWORD, make_user

UNCOUNTED = 2  # the first requests of each web process compile templates
ROUNDS = 5
SLOWDOWN = 4
CASES = 12  # the most that an inspector visits on a day
LIST, TASK = "a.task", "[data-progress]"
#: The phone asks for the password of its store; the checklist counts what is answered.
USABLE = {
    LIST: "!document.querySelector('[data-vault]').hidden",
    TASK: "document.querySelector('[data-progress]').textContent.includes('/')",
}
MOST = {"kilobytes": 200.0, "first_s": 1.5, "again_s": 1.5}


@dataclass
class Loads:
    """What was measured: the bytes of a first visit, and the seconds until each page was usable."""

    kilobytes: list[float]
    first: list[float]
    again: list[float]

    def figures(self) -> dict[str, float]:
        return {
            "kilobytes": round(max(self.kilobytes), 1),
            "first_s": round(max(self.first), 2),
            "first_median_s": round(median(self.first), 2),
            "again_s": round(max(self.again), 2),
            "again_median_s": round(median(self.again), 2),
        }


def met(figures: dict[str, float]) -> bool:
    """Tell whether the slowest load and the heaviest first visit keep to the limits."""
    return all(figures[name] <= limit for name, limit in MOST.items())


def phone_pages(folder: Path) -> Loads:
    """Measure every page in every round."""
    loads = Loads([], [], [])
    with _serving(folder) as (address, login), sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium_options())
        for _round in range(UNCOUNTED):
            _visit(browser, address, login, Loads([], [], []))
        for _round in range(ROUNDS):
            _visit(browser, address, login, loads)
        browser.close()
    return loads


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve an inspector's day on gunicorn and PostgreSQL; give the address and the log-in name."""
    with running_site(folder) as site:
        app = install(site)
        with inside(app):
            login = make_user(Role.INSPECTOR).login
            assign(make_visiting_campaign(*["N2"] * CASES))
        web, port = gunicorn(site.folder, "webapp:serving_app()", site.environment)
        with ending(web):
            web.start()
            yield f"http://{HOST}:{port}", login


def _visit(browser: Browser, address: str, login: str, loads: Loads) -> None:
    context = browser.new_context(
        base_url=address,
        viewport=PHONE,
        locale="zh-CN",
        bypass_csp=True,  # it forbids the question whether a page can be used, too
    )
    page = context.new_page()
    sent: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto("/log-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/visits/today")
    loads.first.append(_usable(page, LIST))
    task = page.locator(LIST).first.get_attribute("href") or ""
    page.wait_for_load_state("networkidle")  # nobody opens a task before looking at the list
    loads.first.append(_open(page, task, TASK))
    loads.kilobytes.append(sum(sent) / 1000)
    loads.again.append(_open(page, "/visits/today", LIST))
    loads.again.append(_open(page, task, TASK))
    context.close()


def _open(page: Page, path: str, what: str) -> float:
    page.goto(path, wait_until="commit")
    return _usable(page, what)


def _usable(page: Page, what: str) -> float:
    """Return the seconds from the request for the page until *what* shows.

    The check of a password, which redirects to the list and is slow on purpose, lies before it.
    """
    page.wait_for_selector(what, state="attached")
    since = "performance.now() - performance.getEntriesByType('navigation')[0].redirectEnd"
    moment = page.wait_for_function(f"({USABLE[what]}) && {since}", polling="raf")
    return float(moment.json_value()) / 1000
