"""A verifier's day: compute, see who fell short and why, go down to one call, and to the papers."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.cases.models import Case, PhoneClass
from casework.db import db
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from tests.casework.estimates.factories import (
    LINYING,
    WUYANG,
    Said,
    add_attempt,
    make_released_campaign,
    make_stratum,
    set_target,
)
from tests.factories import LANKAO, LUOHE, PASSWORD, make_user

P1, RANDOM = Project.RE_EMPLOYMENT, VisitReason.RANDOM


@pytest.fixture
def login(live_app: Flask) -> str:
    """The log-in name of a province's verifier; 舞阳县 has fewer entries than its task."""
    with live_app.app_context():
        verifier = make_user(Role.VERIFIER, login="verifier")
        campaign = make_released_campaign(units=(LUOHE, LANKAO))
        make_stratum(
            campaign,
            Said(site="V1", reason=RANDOM, times=24),
            Said(PhoneClass.NOT_ACHIEVED, "N1", VisitReason.LEAD),
            frame_size=25,
        )
        make_stratum(campaign, Said(site="V1", reason=RANDOM), frame_size=1, region=WUYANG)
        make_stratum(
            campaign,
            Said(site="V1", reason=RANDOM, times=3),
            frame_size=3,
            region=LANKAO,
            unit=LANKAO,
        )
        for region, persons in ((LUOHE, 24), (LINYING, 22), (WUYANG, 2), (LANKAO, 3)):
            set_target(campaign, region, persons, P1)
        case = db.session.scalars(
            select(Case).where(Case.region_code == LINYING).order_by(Case.code).limit(1)
        ).one()
        add_attempt(case, disposition="41", outcome="")
        add_attempt(case)
        return verifier.login


def log_in(page: Page, login: str) -> None:
    page.goto("/log-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/estimates/$"))


def test_the_day_of_a_verifier(
    login: str, page: Page, live_app: Flask, work_off: Callable[[Flask], None]
) -> None:
    log_in(page, login)
    expect(page.get_by_text("还没有推算")).to_be_visible()
    page.get_by_role("button", name="立即推算").click()
    expect(page.get_by_text("正在推算")).to_be_visible()
    work_off(live_app)
    expect(page.get_by_role("heading", name="全省概览")).to_be_visible()

    expect(page.locator("#verdict")).to_contain_text("河南省未全面完成")
    expect(page.locator("#verdict")).to_contain_text("未完成：漯河市")
    page.wait_for_load_state()  # keys work when the scripts of the page do
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr:nth-child(2) a:focus")).to_have_count(1)
    page.keyboard.press("s")
    expect(page.locator("a.sort:focus")).to_have_text("全面完成")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-sort=ascending]")).to_have_count(1)
    page.get_by_label("原因：漯河市").click()
    expect(page.get_by_text("所辖地区：舞阳县 未完成")).to_be_visible()

    see_the_evidence(page)
    reveal_the_person(page)
    ask_for_the_workbook(page)
    propose_another_decision(page)


def see_the_evidence(page: Page) -> None:
    """Go from the county's number to its arithmetic, its cases, and one of them."""
    row = page.get_by_role("row", name=re.compile("临颍县")).first
    row.locator("a.trace").click()
    expect(page.get_by_role("heading", name="临颍县 · 失业人员再就业")).to_be_visible()
    expect(page.get_by_text("24.0 ÷ 25 × 25 = 24.0")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("临颍县 109.1%"))).to_be_visible()
    page.get_by_role("link", name="电话与现场不一致 0").click()
    expect(page.get_by_text("没有这样的个案")).to_be_visible()
    page.get_by_role("link", name="显示全部个案").click()
    page.locator("#cases tbody a").first.click()
    expect(page.get_by_text("第 2 次拨打")).to_be_visible()
    expect(page.locator("time", has_text="12-04").first).to_be_visible()
    expect(page.get_by_text("演示：查看了考勤表")).to_be_visible()


def reveal_the_person(page: Page) -> None:
    expect(page.get_by_text("410102198503159912")).to_have_count(0)
    page.wait_for_load_state()  # the scripts of the page are at work from then on
    page.get_by_role("button", name="显示个人信息").click()
    page.get_by_role("dialog").get_by_label("核对结论").check()
    page.get_by_role("dialog").get_by_role("button", name="显示").click()
    expect(page.get_by_text("410102198503159912")).to_be_visible()
    expect(page.get_by_text("已记录：核对结论")).to_be_visible()


def ask_for_the_workbook(page: Page) -> None:
    page.get_by_role("link", name="第 1 次推算").click()
    page.get_by_role("link", name="材料与工作簿").click()
    expect(page.get_by_role("button", name="附表：逐个案工作簿")).to_be_visible()


def propose_another_decision(page: Page) -> None:
    """A reason of blanks is refused beside the field, and what was chosen stays."""
    page.get_by_role("link", name="第 1 次推算").click()
    page.get_by_label("原因：漯河市").click()
    page.get_by_role("row", name=re.compile("舞阳县")).first.locator("a.trace").click()
    page.wait_for_load_state()  # the scripts of the page are at work from then on
    page.get_by_role("button", name="改判").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("select").select_option("undetermined")
    dialog.locator("textarea").fill("   ")
    dialog.get_by_role("button", name="提出").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写理由")
    expect(dialog.locator("textarea")).to_be_focused()
    expect(dialog.locator("select")).to_have_value("undetermined")

    dialog.locator("textarea").fill("演示：缺一份凭证")
    expect(dialog.get_by_role("alert")).to_have_count(0)
    dialog.get_by_role("button", name="提出").click()
    expect(page).to_have_url(re.compile("/judgement$"))
    expect(page.locator("#overrides")).to_contain_text("演示：缺一份凭证")


def test_a_verifier_reads_english(login: str, page: Page) -> None:
    log_in(page, login)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Estimates")).to_be_visible()
    expect(page.get_by_text("Nobody has asked for an estimate")).to_be_visible()
