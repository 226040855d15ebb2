"""An inspector without a network: kept on the phone, sealed; sent by itself, once and in order."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete, func, select

from casework.accounts.models import LoginSession
from casework.accounts.roles import Role
from casework.db import db, transaction, utcnow
from casework.visits.kept_models import Conflict, KeptFinding
from casework.visits.lead_entry import enter_leads
from casework.visits.models import (
    Finding,
    Lead,
    LeadResult,
    Photo,
    Signature,
    Visit,
    VisitState,
)
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.server_process import ServerProcess
from tests.browser.test_inspector_day import answer_a_denial, log_in, open_task, photo, press
from tests.casework.visits.factories import assign, make_visiting_campaign
from tests.casework.visits.test_lead_entry import DRAFT
from tests.factories import NOON, PASSWORD, make_user
from tests.servers import wait_until

SAVED = "已存于本机，尚未送达"


@pytest.fixture
def login(live_app: Flask) -> str:
    with live_app.app_context():
        inspector = make_user(Role.INSPECTOR, login="inspector")
        assign(make_visiting_campaign("N2", "N1", "V3"))
        return inspector.login


@pytest.fixture
def page(login: str, open_page: OpenPage) -> Page:
    return ready_phone(open_page(viewport=PHONE), login)


def ready_phone(page: Page, login: str, tasks: int = 3) -> Page:
    """Make a phone ready to work without a network."""
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 33.82, "longitude": 113.94, "accuracy": 14})
    log_in(page, login)
    unlock(page)
    expect(page.locator("[data-vault]")).to_be_hidden()
    expect(page.get_by_text(f"{tasks} 件任务已存在本机")).to_be_visible()
    return page


def unlock(page: Page, password: str = PASSWORD) -> None:
    page.locator("#vault-password").fill(password)
    page.get_by_role("button", name="打开本机数据").click()


def deny(page: Page, *photos: dict, task: int = 0) -> None:
    """Find out about the next case that its claim is false, with *task* cases saved before."""
    expect(page.locator("[data-saved] a.task")).to_have_count(task)  # those saved before
    page.locator("[data-todo] a.task").first.click()
    page.wait_for_load_state()
    answer_a_denial(page)
    page.locator("[data-item=R3] [data-phrase]").first.click()
    press(page, "outcome-N2")
    page.set_input_files("#photos", files=list(photos))
    expect(page.locator(".pic img")).to_have_count(len(photos))
    page.get_by_role("button", name="保存结论").click()
    expect(page).to_have_url(re.compile("/visits/today$"))


def received(live_app: Flask) -> int:
    with live_app.app_context():
        return db.session.scalar(select(func.count(Finding.id))) or 0


def test_three_cases_without_a_network_arrive_once_and_in_order(
    page: Page, live_app: Flask
) -> None:
    page.context.set_offline(True)
    expect(page.get_by_role("button", name="English")).to_be_disabled()
    codes = page.locator("a.task .mono").all_inner_texts()
    for task in range(3):
        deny(page, photo("a.jpg"), photo("b.jpg"), task=task)
    expect(page.get_by_text("3 份核查结果、6 张照片" + SAVED)).to_be_visible()
    expect(page.locator("[data-saved] a.task", has_text="存本机")).to_have_count(3)
    expect(page.get_by_text("另有 3 件存于本机")).to_be_visible()
    expect(page.get_by_text("剩 0 件")).to_be_visible()
    expect(page.locator("[data-todo] a.task")).to_have_count(0)

    page.reload()
    expect(page.get_by_text("3 份核查结果、6 张照片" + SAVED)).to_be_visible()
    assert received(live_app) == 0

    before = utcnow()
    page.context.set_offline(False)
    expect(page.get_by_text("3 / 3")).to_be_visible()
    expect(page.get_by_text(SAVED)).to_be_hidden()

    with live_app.app_context():
        arrived = db.session.scalars(select(Finding).order_by(Finding.id)).all()
        assert [finding.visit.case.code for finding in arrived] == codes
        assert [len(finding.photos) for finding in arrived] == [2, 2, 2]
        for finding in arrived:
            assert finding.found_at < before < finding.received_at
            assert abs(finding.skew_seconds) <= 30  # one clock; a busy machine answers late
            assert finding.place["accuracy"] == 14
            assert finding.reasons == {"R3": "没有凭证"}
    page.reload()
    expect(page.get_by_text("3 / 3")).to_be_visible()
    assert received(live_app) == 3


TYPED = """
addEventListener("input", ({ isTrusted, target }) => {
  const field = target.closest("textarea, input:not([type=radio], [type=file])");
  if (isTrusted && field) sessionStorage.typed = `${sessionStorage.typed ?? ""} ${field.id}`;
}, true);
"""


@pytest.fixture
def trip(live_app: Flask) -> str:
    """The log-in name of an inspector with a trip of five cases and a lead."""
    with live_app.app_context():
        login = make_user(Role.INSPECTOR).login
        campaign = make_visiting_campaign("N2", "N1", "V3", "N2", "N1")
        enter_leads(campaign.id, [DRAFT], actor=make_user(Role.COORDINATOR), at=NOON)
        with transaction() as session:
            lead = session.scalars(select(Lead).where(Lead.source_no != "")).one()
            lead.owner_id = make_user(Role.VERIFIER).id
        assign(campaign)
        return login


def test_a_trip_of_five_cases_and_a_lead_needs_no_typing_but_notes(
    trip: str, live_app: Flask, open_page: OpenPage
) -> None:
    page = open_page(viewport=PHONE)
    page.context.add_init_script(TYPED)
    ready_phone(page, trip, tasks=6)
    page.evaluate("sessionStorage.clear()")  # the password was typed: once for the whole day

    for done in range(5):
        open_task(page)
        answer_a_denial(page)
        page.locator("[data-item=R3] [data-phrase]").first.click()
        press(page, "outcome-N2")
        if done == 4:
            sign(page)
            page.locator("#note").press_sequentially("演示")
        page.set_input_files("#photos", files=[photo("a.jpg")])  # and saved before it is read
        page.get_by_role("button", name="保存结论").click()
        expect(page.get_by_text(f"{done + 1} / 6")).to_be_visible()
    settle_the_lead_without_a_network(page)

    expect(page.get_by_text("6 / 6")).to_be_visible()
    assert page.evaluate("sessionStorage.typed.trim().split(' ')") == ["note", "note"]
    with live_app.app_context():
        assert [
            (finding.outcome, len(finding.photos), len(finding.signatures), finding.note)
            for finding in db.session.scalars(select(Finding).order_by(Finding.id))
        ] == [("N2", 1, 0, "")] * 4 + [("N2", 1, 1, "演示")]
        lead = db.session.scalars(select(Lead).where(Lead.trip_id.is_not(None))).one()
        assert (lead.result, lead.result_words) == (LeadResult.FALSE, "本人在该单位上班")


def settle_the_lead_without_a_network(page: Page) -> None:
    page.context.set_offline(True)
    open_task(page)
    press(page, "result-false")
    page.locator("[data-phrase]").first.click()
    page.get_by_role("button", name="保存结果").click()
    expect(page.get_by_text("1 份核查结果、0 张照片" + SAVED)).to_be_visible()
    page.context.set_offline(False)


def test_a_receipt_lost_on_the_way_makes_no_second_row(page: Page, live_app: Flask) -> None:
    lost: list[str] = []

    def swallow(route: Route) -> None:
        if lost:
            route.continue_()
            return
        route.fetch()  # the server stores it, and its answer never comes
        lost.append(route.request.url)
        route.abort()

    page.route("**/visits/device/finding/*", swallow)
    with page.expect_event("requestfailed", lambda request: "/device/finding/" in request.url):
        deny(page, photo("a.jpg"))
    expect(page.get_by_text("1 份核查结果、1 张照片" + SAVED)).to_be_visible()
    page.reload()

    expect(page.get_by_text("1 / 3")).to_be_visible()
    assert len(lost) == 1
    assert received(live_app) == 1


def test_a_server_killed_while_it_receives_loses_nothing(
    login: str, open_page: OpenPage, live_app: Flask, redis_url: str
) -> None:
    with ServerProcess(live_app, redis_url) as server:
        page = ready_phone(open_page(viewport=PHONE, base_url=server.address), login)
        page.context.set_offline(True)
        for task in range(2):
            deny(page, photo("a.jpg"), task=task)

        page.context.set_offline(False)
        assert wait_until(lambda: received(live_app) > 0, seconds=15)
        server.kill()
        arrived = received(live_app)
        server.start()
        page.reload()

        expect(page.get_by_text("2 / 3")).to_be_visible(timeout=30_000)
        expect(page.get_by_text(SAVED)).to_be_hidden()
    assert 0 < arrived <= 2
    with live_app.app_context():
        assert received(live_app) == 2
        assert db.session.scalar(select(func.count(Photo.id))) == 2


def test_a_draft_refuses_what_is_no_photo_and_outlives_a_reload_with_its_photos_and_signatures(
    page: Page, live_app: Flask
) -> None:
    page.context.set_offline(True)
    open_task(page)
    page.get_by_role("button", name="显示姓名").click()
    page.locator("#dialog").get_by_role("button", name="显示", exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("没有网络")
    page.locator("#dialog").get_by_role("button", name="取消").click()
    answer_a_denial(page)
    page.locator("#note").fill("演示备注")
    broken = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no image"}
    page.set_input_files("#photos", files=[broken])
    expect(page.get_by_text("a.jpg 不是能读取的照片")).to_be_visible()
    expect(page.locator(".pic img")).to_have_count(0)
    page.set_input_files("#photos", files=[photo("a.jpg")])
    sign(page)
    expect(page.get_by_text("草稿已存在本机")).to_be_visible()

    page.reload()

    expect(page.locator("#item-R4-2")).to_be_checked()
    expect(page.locator("#note")).to_have_value("演示备注")
    expect(page.locator(".pic img")).to_have_count(1)
    page.locator("#reason-R3").fill("演示原因")
    press(page, "outcome-N2")
    page.get_by_role("button", name="保存结论").click()
    page.context.set_offline(False)
    expect(page.get_by_text("1 / 3")).to_be_visible()
    with live_app.app_context():
        assert db.session.scalar(select(func.count(Photo.id))) == 1
        assert db.session.scalars(select(Signature.signer)).all() == ["inspector"]


def sign(page: Page) -> None:
    page.get_by_text("签字", exact=True).click()
    canvas = page.locator("[data-sign=inspector] canvas")
    canvas.evaluate("canvas => canvas.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.mouse.up()


def test_a_phone_whose_browser_was_closed_shows_nothing_without_the_password(
    page: Page, live_app: Flask
) -> None:
    page.context.set_offline(True)
    deny(page, photo("a.jpg"))
    context = page.context
    end_workers(page)
    page.close()
    stolen = context.new_page()

    stolen.goto("/visits/today")

    expect(stolen.get_by_text("用你的密码打开")).to_be_visible()
    assert "临颍" not in stolen.content()
    stored = stolen.evaluate(
        """async () => {
            const phone = document.querySelector("script[src$='visits/phone.js']").src;
            const { all } = await import(phone.replace("phone.js", "vault.js"));
            const decode = (box) => new TextDecoder().decode(box);
            const records = [...await all("pages"), ...await all("outbox"), ...await all("drafts")];
            return records.map((record) => decode(record.box)).join("") + JSON.stringify(records);
        }"""
    )
    for word in ("临颍", "示例", "没有凭证", "IHDR", "JFIF", "P1-0000"):
        assert word not in stored
    unlock(stolen, "not the right password")
    expect(stolen.locator("[data-wrong]")).to_be_visible()
    unlock(stolen)
    expect(stolen.get_by_role("heading", name="临颍县")).to_be_visible()
    expect(stolen.get_by_text("1 份核查结果、1 张照片" + SAVED)).to_be_visible()
    context.set_offline(False)
    expect(stolen.get_by_text("1 / 3")).to_be_visible()
    assert received(live_app) == 1


def end_workers(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")


def test_the_session_ends_and_somebody_logs_out_before_all_is_received(
    page: Page, live_app: Flask
) -> None:
    page.context.set_offline(True)
    deny(page, photo("a.jpg"))
    with live_app.app_context(), transaction() as session:
        session.execute(delete(LoginSession))
    page.context.set_offline(False)
    page.locator("#again-password").fill(PASSWORD)
    page.locator("#dialog").get_by_role("button", name="登录").click()
    expect(page.get_by_text("1 / 3")).to_be_visible()
    assert received(live_app) == 1

    page.context.set_offline(True)
    deny(page, photo("a.jpg"))
    page.get_by_role("button", name="退出").click()
    expect(page.locator("#dialog")).to_contain_text("1 份核查结果还没有送达")
    page.route("**/visits/device/day", lambda route: route.abort())
    page.context.set_offline(False)
    page.get_by_role("button", name="仍要退出").click()
    expect(page).to_have_url(re.compile("/log-in$"))
    page.unroute("**/visits/device/day")
    log_in(page, "inspector")
    unlock(page)
    expect(page.get_by_text("2 / 3")).to_be_visible()
    assert received(live_app) == 2


def test_two_open_pages_of_one_visit_make_a_conflict_and_a_correction_on_the_phone_makes_none(
    page: Page, live_app: Flask
) -> None:
    second = page.context.new_page()
    task = page.locator("[data-todo] a.task").first.get_attribute("href")
    assert task
    second.goto(task)
    answer_a_denial(second, reason="演示：第二个页面")
    press(second, "outcome-N3")
    page.bring_to_front()
    page.context.set_offline(True)
    deny(page)
    page.goto(task)  # as it was kept in the morning: it knows what was saved meanwhile all the same
    answer_a_denial(page, reason="演示：更正")
    press(page, "outcome-N1")
    page.get_by_role("button", name="保存结论").click()
    expect(page.get_by_text("2 份核查结果、0 张照片" + SAVED)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(SAVED)).to_be_hidden()  # whichever page sent it

    second.bring_to_front()
    second.get_by_role("button", name="保存结论").click()

    expect(second.get_by_text("此前已从另一页面或设备报过一份")).to_be_visible()
    with live_app.app_context():
        findings = db.session.scalars(select(Finding).order_by(Finding.id)).all()
        assert [finding.outcome for finding in findings] == ["N2", "N1"]
        kept = db.session.scalars(select(KeptFinding)).one()
        assert (kept.why, kept.report["outcome"]) == (Conflict.FOUND_TWICE, "N3")


def test_a_visit_taken_back_meanwhile_is_said_and_becomes_a_conflict(
    page: Page, live_app: Flask
) -> None:
    page.context.set_offline(True)
    deny(page, photo("a.jpg"))
    with live_app.app_context(), transaction() as session:
        for visit in session.scalars(select(Visit)):
            visit.state, visit.inspector_id = VisitState.PLANNED, None

    page.context.set_offline(False)

    expect(page.get_by_text("已收到并留存，但不直接计入")).to_be_visible()
    expect(page.get_by_text("由统筹员决定")).to_be_visible()
    with live_app.app_context():
        kept = db.session.scalars(select(KeptFinding)).one()
        assert kept.why is Conflict.WITHDRAWN
        assert len(kept.images) == 1
    expect(page.get_by_text("件任务已存在本机")).to_be_hidden()
