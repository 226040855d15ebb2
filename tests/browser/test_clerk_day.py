"""The clerk's day: a workbook goes in, its bad rows come out, the rest counts."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from casework.ledgers.models import LedgerState
from tests.casework.ledgers.builders import OTHER_WOMAN, WOMAN, row
from tests.casework.ledgers.uploads import XUCHANG, book_of, make_clerk, people
from tests.factories import PASSWORD, make_ledger


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Forty good people, then a missing name (row 42) and a person entered twice (43, 44)."""
    rows = (
        *people(40),
        row(id_no=OTHER_WOMAN, name=""),
        row(id_no=WOMAN),
        row(id_no=WOMAN, employ_date="2017-06-20"),
    )
    path = tmp_path / "许昌市_襄城县_失业人员再就业_2017年11月.xlsx"
    path.write_bytes(book_of(*rows))
    return path


@pytest.fixture
def desk(live_app, page) -> Page:
    """The clerk of 许昌市, logged in and on the page of ledgers."""
    with live_app.app_context():
        login = make_clerk().login
    page.goto("/log-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/ledgers/")
    return page


def upload(page: Page, file: Path) -> None:
    page.get_by_label("地区", exact=True).last.select_option(XUCHANG)
    page.get_by_label("年度").fill("2017")
    page.get_by_label("填报截止日").fill("2017-11-30")
    page.get_by_label("台账文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()


def test_the_clerk_uploads_cleans_and_hands_in_a_ledger(live_app, desk, workbook, work_off):
    upload(desk, workbook)
    expect(desk.get_by_role("status").filter(has_text="正在排队")).to_be_visible()

    work_off(live_app)  # the page asks every second and loads itself anew
    expect(desk.get_by_text("还不能提交：2 行有错误。")).to_be_visible()
    expect(desk.get_by_role("button", name="提交台账")).to_be_disabled()
    expect(desk.get_by_text("以工作表“再就业”第 43 行为准")).to_be_visible()

    desk.get_by_label("工作表“再就业”第 42 行").check()
    desk.get_by_label("将所选行剔除，类别").select_option("incomplete")
    desk.get_by_role("button", name="剔除所选").click()
    expect(desk.get_by_text("还不能提交：1 行有错误。")).to_be_visible()

    desk.wait_for_load_state()  # the scripts of the page are at work from then on
    desk.get_by_role("button", name="剔除全部有错误的行").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("重复")
    dialog.get_by_role("button", name="剔除", exact=True).click()
    expect(desk.get_by_text("已没有错误的行。")).to_be_visible()

    desk.get_by_role("button", name="提交台账").click()
    expect(desk.get_by_text("正在提交为台账记录")).to_be_visible()
    work_off(live_app)
    expect(desk.get_by_text("本份台账计入 41 人。")).to_be_visible()


def test_the_marked_workbook_is_downloaded(live_app, desk, workbook, work_off):
    upload(desk, workbook)
    work_off(live_app)

    with desk.expect_download() as download:
        desk.get_by_role("button", name="下载错误标注表").click()

    assert download.value.suggested_filename == f"{workbook.stem}_标注.xlsx"


def test_a_file_that_is_too_large_is_named_before_it_is_sent(desk, tmp_path):
    huge = tmp_path / "演示.xlsx"
    with huge.open("wb") as file:
        file.truncate(200 * 2**20)

    upload(desk, huge)

    expect(desk.get_by_role("alert")).to_contain_text("文件超过 50 MB")
    assert desk.url.endswith("/ledgers/")


def test_the_second_upload_of_a_file_leads_to_the_first(live_app, desk, workbook, work_off):
    upload(desk, workbook)
    work_off(live_app)
    expect(desk.get_by_text("还不能提交")).to_be_visible()  # it loads itself anew
    desk.goto("/ledgers/")
    upload(desk, workbook)

    desk.get_by_role("link", name=workbook.name).last.click()

    expect(desk.get_by_text("还不能提交")).to_be_visible()


def test_long_names_and_many_ledgers_fit_the_page(live_app, desk):
    with live_app.app_context():
        for state in LedgerState:
            make_ledger(region=XUCHANG, state=state, file_name="许昌市" * 30 + ".xlsx")
    desk.goto("/ledgers/")

    wide = desk.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert not wide
    expect(desk.locator("tbody tr")).to_have_count(len(LedgerState))
