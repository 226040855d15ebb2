"""An inspector's day on a phone: the list, a visit with a photo, a correction, a lost network."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.db import db
from casework.visits.models import Finding, Photo, Visit
from tests.browser.conftest import PHONE, OpenPage, Scale
from tests.casework.visits.factories import assign, make_photo, make_visiting_campaign
from tests.factories import PASSWORD, make_user

MOST_KILOBYTES = 200  # of a first visit: log-in, the list and a task, with all scripts and styles


@pytest.fixture
def login(live_app: Flask) -> str:
    """The log-in name of an inspector with three visits, one of them for a grave lead."""
    with live_app.app_context():
        inspector = make_user(Role.INSPECTOR, login="inspector")
        assign(make_visiting_campaign("N2", "N1", "V3"))
        return inspector.login


def log_in(page: Page, login: str) -> None:
    page.goto("/log-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/visits/today$"))


def open_task(page: Page, words: str = "") -> None:
    page.locator("a.task", has_text=words).first.click()
    page.wait_for_load_state()  # the scripts of the page are at work from then on


def press(page: Page, name: str) -> None:
    """Choose an answer as a thumb does: on its label."""
    page.locator(f"label[for='{name}']").click()


def test_the_day_of_an_inspector(login: str, open_page: OpenPage, live_app: Flask) -> None:
    page, scale = open_page(viewport=PHONE), Scale(live_app)
    log_in(page, login)
    expect(page.get_by_text("0 / 3")).to_be_visible()
    expect(page.get_by_role("heading", name="临颍县")).to_be_visible()

    open_task(page, "线索 · 高")
    assert 50 < scale.kilobytes < MOST_KILOBYTES
    expect(page.get_by_text("要查清")).to_be_visible()
    expect(page.locator("[data-missing]")).to_contain_text("R4 还没有选")
    _uncover_the_name(page)
    _press_too_early(page)

    answer_a_denial(page)
    expect(page.locator("[data-outcome=V1]")).to_be_hidden()
    expect(page.locator("[data-ruled-out]")).to_contain_text("V1 V2 V3 (R4 否认)")
    expect(page.locator("[data-missing]")).to_contain_text("R3 还没有写哪里不符")
    page.locator("#reason-R3").fill("演示：工资表无此人")
    press(page, "outcome-N2")
    page.set_input_files("#photos", files=[photo("a.jpg"), photo("b.jpg")])
    expect(page.locator(".pic img")).to_have_count(2)
    expect(page.locator("[data-missing]")).to_be_hidden()

    page.get_by_role("button", name="保存结论").click()
    expect(page.get_by_text("1 / 3")).to_be_visible()
    expect(page.locator(".task", has_text="N2")).to_contain_text("已送达")
    with live_app.app_context():
        finding = db.session.scalar(select(Finding))
        assert finding is not None
        assert finding.reasons == {"R3": "演示：工资表无此人"}
        assert len(finding.photos) == 2
        assert abs((finding.received_at - finding.found_at).total_seconds()) < 60


def _uncover_the_name(page: Page) -> None:
    page.get_by_role("button", name="显示姓名").click()
    page.locator("#dialog").get_by_role("button", name="显示", exact=True).click()
    expect(page.locator("#person")).to_contain_text("9912")
    expect(page.locator("#person")).not_to_contain_text("159912")


def _press_too_early(page: Page) -> None:
    """Every gap says at its place what is missing."""
    page.get_by_role("button", name="保存结论").click()
    expect(page).to_have_url(re.compile("/visits/[0-9a-f]{32}$"))
    expect(page.locator("#row-L3")).to_be_in_viewport()
    expect(page.locator("#row-L3 .hy-err")).to_have_text("L3 还没有选")
    expect(page.locator("[data-verdicts] .hy-err")).to_be_attached()
    press(page, "item-L3-1")
    expect(page.locator("#row-L3 .hy-err")).to_have_count(0)
    page.locator("[data-missing] a", has_text="R4").click()
    expect(page.locator("#row-R4")).to_be_in_viewport()
    expect(page.locator("#row-R4 .hy-err")).to_be_visible()


def test_without_a_vault_nothing_is_sent_and_nothing_is_lost(
    login: str, open_page: OpenPage, live_app: Flask
) -> None:
    page = open_page(viewport=PHONE)
    log_in(page, login)
    open_task(page)
    answer_a_denial(page)
    page.locator("#reason-R3").fill("演示原因")
    press(page, "outcome-N2")

    page.context.set_offline(True)
    expect(page.get_by_text("没有网络，可以继续工作")).to_be_visible()
    page.get_by_role("button", name="保存结论").click()
    expect(page.locator("[data-refusal]")).to_contain_text("本机还不能保存")
    expect(page.locator("#reason-R3")).to_have_value("演示原因")

    page.context.set_offline(False)
    page.get_by_role("button", name="保存结论").click()
    expect(page.get_by_text("1 / 3")).to_be_visible()
    with live_app.app_context():
        assert len(db.session.scalars(select(Finding)).all()) == 1


def test_a_conclusion_is_corrected_by_a_later_one(
    login: str, open_page: OpenPage, live_app: Flask
) -> None:
    page = open_page(viewport=PHONE)
    log_in(page, login)
    open_task(page)
    press(page, "outcome-U1")
    page.set_input_files("#photos", files=[photo("a.jpg")])
    page.get_by_role("button", name="保存结论").dblclick()  # and is sent once

    expect(page.get_by_text("1 / 3")).to_be_visible()
    open_task(page, "已送达")
    expect(page.get_by_text("已记录")).to_be_visible()
    expect(page.get_by_role("link", name="照片 1")).to_be_visible()
    answer_a_denial(page, reason="演示：工资表无此人")
    press(page, "outcome-N2")
    page.get_by_role("button", name="保存结论").click()

    expect(page.locator(".task", has_text="N2")).to_be_visible()
    with live_app.app_context():
        assert [f.outcome for f in db.session.scalars(select(Finding).order_by(Finding.id))] == [
            "U1",
            "N2",
        ]
        assert db.session.scalar(select(Visit.state).where(Visit.id == 1)) == "done"
        assert len(db.session.scalars(select(Photo.id)).all()) == 1


def answer_a_denial(page: Page, reason: str = "") -> None:
    for key in ("L3", "L4", "L6", "R1", "R2"):
        press(page, f"item-{key}-1")
    for key in ("R3", "R4", "R5"):
        press(page, f"item-{key}-2")
    if reason:
        page.locator("#reason-R3").fill(reason)


def photo(name: str) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": make_photo(size=(1200, 900))}
