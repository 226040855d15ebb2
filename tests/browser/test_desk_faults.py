"""What goes wrong at a desk: two tabs, a lost network, a session that ends, the back button."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete, func, select

from casework.accounts.models import LoginSession
from casework.calls.models import Attempt
from casework.db import db
from tests.browser.test_operator_day import Keys, floor, log_in
from tests.factories import PASSWORD

__all__ = ["floor"]


def closed_calls(app: Flask) -> int:
    with app.app_context():
        closed = select(func.count()).select_from(Attempt).where(Attempt.disposition != "")
        return db.session.scalar(closed) or 0


def end_sessions(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(LoginSession))
        db.session.commit()


@pytest.fixture
def desk(page: Page, floor: Flask) -> Keys:
    """A case on the screen, dialled, with a note typed."""
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.press("F9")
    page.keyboard.type("晚上再打")
    keys.press("Escape")
    return keys


def log_in_again(page: Page) -> None:
    page.locator("#again-password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_session_that_ended_is_opened_again_in_place_and_the_outcome_is_sent(
    page: Page, floor: Flask, desk: Keys
):
    end_sessions(floor)
    desk.press("F6", "4")
    expect(page.get_by_role("dialog")).to_contain_text("登录已过期")
    expect(page.locator("#note")).to_have_value("晚上再打")
    log_in_again(page)

    expect(page.locator(".toast")).to_contain_text("41 无人接听")
    assert closed_calls(floor) == 1


def test_an_answer_is_sent_again_after_the_log_in(page: Page, floor: Flask, desk: Keys):
    end_sessions(floor)
    desk.counts()
    desk.press("1")
    log_in_again(page)

    expect(page.locator(".q-code")).to_have_text("G2")
    desk.answer("1", "G3")


def test_an_answer_of_the_server_that_never_arrived_is_asked_for_again_with_the_same_key(
    page: Page, floor: Flask, desk: Keys
):
    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/calls/case/outcome", lose_the_answer, times=1)
    desk.press("F6", "4")
    expect(page.locator("#refusal")).to_contain_text("服务器没有应答")
    expect(page.locator("#note")).to_have_value("晚上再打")
    desk.press("4")

    expect(page.locator(".toast").last).to_contain_text("41 无人接听")
    assert closed_calls(floor) == 1


def test_of_two_tabs_the_second_is_told_and_keeps_its_words(page: Page, floor: Flask, desk: Keys):
    expect(page.locator("#note-saved")).to_contain_text("已存")
    other = page.context.new_page()
    other.goto("/calls/case")
    there = Keys(other)
    there.ready()
    there.press("F9")
    other.keyboard.type("；另一页的备注")
    there.press("Escape")
    desk.press("F6")
    desk.to_the_next("4")
    there.press("F6", "5")

    expect(other.locator("#refusal")).to_contain_text("您已不再占用个案")
    expect(other.locator("#note")).to_have_value("晚上再打；另一页的备注")
    expect(other.locator("#question")).to_be_hidden()
    expect(other.locator("#go-on a")).to_be_focused()
    there.press("Enter")
    there.ready()
    expect(other.locator("#note")).to_have_value("")
    assert closed_calls(floor) == 1


def test_the_back_button_shows_the_case_that_is_held_now(page: Page, floor: Flask, desk: Keys):
    desk.press("F6")
    desk.to_the_next("4")
    fence = page.locator("#outcome [name=fence]").get_attribute("value") or ""
    now = page.locator(".desk-bar .mono").inner_text()
    page.go_back()

    expect(page.locator(".desk-bar .mono")).to_have_text(now)
    expect(page.locator("#outcome [name=fence]")).to_have_value(fence)
    assert closed_calls(floor) == 1


def test_a_note_is_there_again_after_the_browser_broke_down(page: Page, floor: Flask, desk: Keys):
    expect(page.locator("#note-saved")).to_contain_text("已存")
    page.goto("about:blank")
    page.goto("/calls/")

    expect(page.locator("#note")).to_have_value("晚上再打")


def test_an_identity_number_in_the_note_is_refused_while_it_is_typed(
    page: Page, floor: Flask, desk: Keys
):
    desk.press("F9")
    page.keyboard.type(" 41010119800101001X")
    desk.press("Escape")

    expect(page.locator("#refusal")).to_contain_text("身份证")
    expect(page.locator("#note")).to_have_value("晚上再打 41010119800101001X")


def test_the_length_of_a_call_does_not_follow_the_clock_of_the_machine(
    page: Page, floor: Flask, desk: Keys
):
    page.evaluate("Date.now = () => new globalThis.Date(2031, 0, 1).getTime()")

    expect(page.locator(".desk-clock")).not_to_have_text("0:00")
    expect(page.locator(".desk-clock")).to_have_text(re.compile(r"^0:\d\d$"))
    desk.press("F6")
    desk.to_the_next("4")
    assert closed_calls(floor) == 1


def test_an_answer_chosen_anew_is_given_by_the_button_beside_its_words(page: Page, desk: Keys):
    for key, then in [("1", "G2"), ("1", "G3")]:
        desk.answer(key, then)
    desk.press("ArrowLeft")
    expect(page.locator(".q-code")).to_have_text("G2")
    desk.counts()
    desk.press("2")
    expect(page.locator(".ans [aria-current]")).to_have_attribute("data-key", "2")
    page.locator("#words").fill("郾城区")
    page.get_by_role("button", name="下一题").click()

    expect(page.locator(".said")).to_contain_text("郾城区")
    expect(page.locator(".said")).to_contain_text("不对")


def test_letters_typed_on_the_grid_of_times_choose_no_slot(page: Page, desk: Keys):
    desk.answer("1", "G2")
    desk.press("F4", "a")
    expect(page.locator("#day")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("1530")
    page.keyboard.press("Enter")

    expect(page.locator("#refusal")).to_contain_text("a")
    expect(page.locator(".q-code")).to_have_text("G2")
