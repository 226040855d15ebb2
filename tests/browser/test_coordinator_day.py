"""A coordinator's day: move sliders, save a draft, commit a secret made in the browser."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from casework.accounts.roles import Role
from tests.casework.campaigns.factories import frozen
from tests.factories import LANKAO, LUOHE, PASSWORD, make_entries, make_ledger, make_user


@pytest.fixture
def campaign_id(live_app: Flask) -> int:
    with live_app.app_context():
        make_user(Role.COORDINATOR, login="coordinator")
        make_entries(make_ledger(), 90)
        make_entries(make_ledger(region=LANKAO), 40)
        return frozen(units=frozenset({LUOHE, LANKAO})).id


def test_a_coordinator_plans_and_commits(page: Page, live_server: str, campaign_id: int) -> None:
    page.goto(live_server)
    page.locator("[name=login]").fill("coordinator")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/campaigns/")

    page.goto(f"{live_server}/campaigns/{campaign_id}/plan/re_employment")
    sample = page.locator("#plan .hy-stats dd").first
    before = sample.inner_text()
    page.locator("#half_width").fill("3")
    expect(page.locator("output[for=half_width]")).to_have_text("3%")
    expect(sample).not_to_have_text(before)
    page.get_by_role("button", name="保存为本批次样本量").click()
    expect(page.locator("body")).to_contain_text("第 1 稿已保存")

    page.goto(f"{live_server}/draws/{campaign_id}")
    page.locator("[name=name]").fill("双色球开奖号码（演示）")
    page.locator("[name=known_on]").fill("2099-01-01")
    page.get_by_role("button", name="指定", exact=True).click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="在本浏览器中生成").click()
    expect(page.locator("#digest")).to_have_value(re.compile("[0-9a-f]{64}"))
    page.get_by_role("button", name="提交承诺", exact=True).click()
    expect(page.locator("body")).to_contain_text("本方承诺已保存")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="立即核对").click()
    expect(page.locator("#check")).to_contain_text("抽样框完好")
