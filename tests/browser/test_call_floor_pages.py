"""Every page of operators and supervisors passes the rules of accessibility, with data on it."""

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from casework.accounts.models import User
from casework.calls.messages import send_message
from casework.calls.no_call import add_no_call
from casework.db import db, utcnow
from tests.browser.conftest import DESK, OpenPage
from tests.browser.test_operator_day import Keys, floor, log_in

__all__ = ["floor"]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}
OF_A_SUPERVISOR = (
    *("board", "cases", "cases?code=P1-000001", "progress", "rates", "recalls", "signals"),
    *("rules", "introduction", "not-called"),
)


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:90]}" for one in found]


def fits(page: Page) -> bool:
    return bool(page.evaluate(f"document.documentElement.scrollWidth <= {DESK['width']}"))


def test_no_page_of_the_call_floor_breaks_a_rule_or_runs_out_of_the_screen(
    page: Page, open_page: OpenPage, floor: Flask
):
    log_in(page, "operator")
    found, too_wide = faults(page), []
    keys = Keys(page)
    keys.take()
    keys.dial()
    found += faults(page)
    keys.press("F6")
    keys.to_the_next("4")
    for path in ("day/", "find/"):
        page.goto(f"/calls/{path}")
        found += faults(page)
    with floor.app_context():
        people = {user.login: user for user in db.session.scalars(select(User))}
        supervisor, at = people["supervisor"], utcnow()
        send_message(people["operator"].id, "请逐字读", actor=supervisor, at=at)
        add_no_call("13912345678", "本人来电", actor=supervisor, at=at)

    other = open_page()
    log_in(other, "supervisor")
    for path in OF_A_SUPERVISOR:
        other.goto(f"/calls/{path}")
        found += faults(other)
        too_wide += [] if fits(other) else [path]

    assert found == []
    assert too_wide == []


def test_the_focus_goes_from_the_question_to_the_endings(page: Page, floor: Flask):
    log_in(page, "operator")
    Keys(page).take()
    order: list[str] = []
    column = "document.activeElement.closest('.desk-l, .desk-c, .desk-r')?.className"
    for _step in range(30):
        page.keyboard.press("Tab")
        where = page.evaluate(column)
        order += [where] if where and where not in order else []

    assert order[:2] == ["desk-c", "desk-r"]
