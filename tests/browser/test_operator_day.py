"""An operator's day in a real browser, by keys alone, and what a supervisor sees of it."""

from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from casework.accounts.roles import Role
from casework.calls.desk_models import PlacedCall
from casework.calls.holding import expire_leases
from casework.calls.models import Appointment, Attempt
from casework.calls.schedule import SHANGHAI
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, utcnow
from tests.browser.conftest import OpenPage
from tests.casework.calls.rows import open_replicate
from tests.casework.calls.test_same_person import one_person_in_two_projects
from tests.factories import PASSWORD, make_user

MOST_KEYS_OF_AN_INTERVIEW = 14
MOST_KEYS_OF_NO_ANSWER = 3


@pytest.fixture
def floor(live_app: Flask) -> Flask:
    """Four cases with two numbers each, an operator and a supervisor; calls at any hour."""
    live_app.config["DEMO"] = True
    with live_app.app_context():
        campaign = open_replicate(4, phones="13800000001\n0395-6123311")
        db.session.get_one(Campaign, campaign.id).fieldwork_ends_on = date(2099, 1, 1)
        db.session.commit()
        make_user(Role.OPERATOR, login="operator")
        make_user(Role.SUPERVISOR, login="supervisor")
    return live_app


def log_in(page: Page, login: str) -> None:
    page.goto("/log-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/calls/**")


class Keys:
    """A keyboard that counts. Typed words count as none: they depend on the call."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def take(self) -> None:
        self.page.wait_for_load_state()  # scripts have run, so keys are heard
        self.press("Enter")
        self.ready()

    def ready(self) -> None:
        expect(self.page.locator("#q")).to_be_focused()  # desk.js is there, so keys are heard

    def dial(self) -> None:
        self.press("F2")
        expect(self.page.locator(".desk-clock")).to_be_visible()

    def counts(self) -> None:
        """Wait until keys count: a moment after a question appears."""
        expect(self.page.locator("#question[data-counts]")).to_be_visible()

    def answer(self, key: str, then: str) -> None:
        self.counts()
        self.press(key)
        expect(self.page.locator(".q-code")).to_have_text(then)

    def say_yes_to_all(self) -> None:
        """Give the first answer to every question that is left."""
        code = self.page.locator(".q-code")
        while (asked := code.inner_text()) != "Z":
            several = self.page.locator("[data-next]").is_visible()
            self.counts()
            self.press("1", *(["Enter"] if several else []))
            expect(code).not_to_have_text(asked)

    def to_the_next(self, key: str) -> None:
        """Press the key that closes the call; the next one comes by itself, on an own page."""
        outcome = self.page.locator("#outcome [name=key]").get_attribute("value") or ""
        self.counts()
        self.press(key)
        expect(self.page.locator(".toast")).to_be_visible()
        expect(self.page.locator("#outcome [name=key]")).not_to_have_value(outcome)
        self.ready()


def cases(app: Flask) -> list[Case]:
    with app.app_context():
        asked = select(Case).order_by(Case.id).options(joinedload(Case.schedule))
        found = list(db.session.scalars(asked))
        db.session.expunge_all()  # what was read stays readable after the session is closed
        return found


def test_a_whole_interview_takes_few_keys_from_one_case_to_the_next(page: Page, floor: Flask):
    log_in(page, "operator")
    Keys(page).take()
    keys = Keys(page)
    keys.dial()
    for key, then in [("1", "G2"), ("1", "G3"), ("1", "A1"), ("1", "A2"), ("1", "A3")]:
        keys.answer(key, then)
    keys.counts()
    keys.press("2")
    expect(page.locator(".ans [aria-pressed=true]")).to_have_count(1)
    for key, then in [("Enter", "A4"), ("1", "A5"), ("1", "A9"), ("1", "Z")]:
        keys.answer(key, then)
    keys.to_the_next("Enter")

    assert keys.pressed <= MOST_KEYS_OF_AN_INTERVIEW
    assert [case.phone_outcome for case in cases(floor) if case.phone_class] == ["V1"]


def test_a_person_in_two_projects_is_asked_for_both_while_the_line_is_open(
    page: Page, live_app: Flask
):
    live_app.config["DEMO"] = True
    with live_app.app_context():
        one_person_in_two_projects().fieldwork_ends_on = date(2099, 1, 1)
        db.session.commit()
        make_user(Role.OPERATOR, login="operator")
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.say_yes_to_all()
    expect(page.locator("#q")).to_contain_text("您还登记在")
    keys.to_the_next("Enter")
    expect(page.get_by_text("同一人、同一通话")).to_be_visible()
    expect(page.get_by_text("通话中", exact=True)).to_be_visible()
    keys.say_yes_to_all()
    expect(page.locator("#q")).to_contain_text("感谢您的支持")
    keys.counts()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="现在没有可拨的个案")).to_be_visible()

    assert [case.phone_outcome for case in cases(live_app)] == ["V1", "V1"]


def test_no_answer_takes_three_keys_from_one_case_to_the_next(page: Page, floor: Flask):
    log_in(page, "operator")
    Keys(page).take()
    keys = Keys(page)
    keys.dial()
    keys.press("F6")
    keys.to_the_next("4")

    assert keys.pressed <= MOST_KEYS_OF_NO_ANSWER
    expect(page.locator(".toast")).to_contain_text("41 无人接听")
    expect(page.locator(".desk-live")).to_contain_text("未拨")  # nothing dials by itself


def test_a_call_that_was_not_dialled_here_is_asked_about_once(page: Page, floor: Flask):
    log_in(page, "operator")
    Keys(page).take()
    keys = Keys(page)
    keys.counts()
    keys.press("1")
    expect(page.get_by_text("本页没有拨打记录")).to_be_visible()
    expect(page.locator(".q-code")).to_have_text("G1")
    keys.press("Escape", "F6", "4")
    expect(page.get_by_text("本页没有拨打记录")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_text("本页没有拨打记录")).to_be_hidden()
    keys = Keys(page)
    keys.press("F6", "4")
    keys.to_the_next("Enter")

    assert keys.pressed <= MOST_KEYS_OF_NO_ANSWER
    with floor.app_context():
        assert db.session.scalars(select(PlacedCall.dialler)).all() == ["hand"]


def test_a_pause_is_wished_for_during_the_call_and_ends_with_the_next_case(
    page: Page, floor: Flask
):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.press("F10")
    expect(page.locator("[data-key=F10]")).to_have_attribute("aria-pressed", "true")
    keys.press("F3")
    expect(page.get_by_text("已挂机", exact=True)).to_be_visible()
    keys.press("F6", "4")

    expect(page.get_by_role("heading", name="您已离席")).to_be_visible()
    keys.take()


def test_keys_rest_while_an_input_method_composes(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    composing = "{key: '1', bubbles: true, cancelable: true, isComposing: true}"
    at_its_end = "{key: '1', keyCode: 229, bubbles: true, cancelable: true}"
    for init in (composing, at_its_end):
        page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {init}))")
    page.keyboard.press("?")

    expect(page.locator(".desk-help")).to_be_visible()
    expect(page.locator(".q-code")).to_have_text("G1")
    page.keyboard.press("Escape")
    expect(page.locator(".desk-help")).to_have_count(0)
    keys.answer("1", "G2")


def test_the_waiver_is_read_before_it_is_answered(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    for key, then in [("1", "G2"), ("1", "G3"), ("1", "A1"), ("1", "A2"), ("2", "A6"), ("1", "A7")]:
        keys.answer(key, then)
    keys.counts()
    keys.press("1")
    expect(page.locator(".q-code")).to_have_text("A7")
    keys.counts()
    keys.press(" ")
    expect(page.locator(".ans button").first).to_be_enabled()
    keys.answer("1", "A7a")
    keys.answer("2", "Z")
    keys.to_the_next("Enter")

    assert [case.phone_outcome for case in cases(floor) if case.phone_class] == ["D1"]


def test_no_answer_is_doubted_once_after_somebody_answered(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.answer("1", "G2")
    keys.press("F6", "4")
    expect(page.locator("#asks")).to_contain_text("已有人答题")
    keys.to_the_next("4")


def test_words_are_written_down_with_an_answer_and_the_keys_go_on(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.answer("1", "G2")
    keys.counts()
    keys.press("2")
    expect(page.locator("#words")).to_be_focused()
    keys.press("Enter")  # without words it gives no answer
    expect(page.locator("#words")).to_be_focused()
    page.keyboard.type("郾城区")
    keys.answer("Enter", "G3")
    for key, then in [("1", "A1"), ("1", "A2"), ("1", "A3"), ("6", "A3"), ("Enter", "A4")]:
        keys.answer(key, then)
    keys.counts()
    keys.press("2")
    page.keyboard.type("另一家单位")
    keys.answer("Enter", "A5")
    keys.answer("1", "A9")

    expect(page.get_by_text("“另一家单位”")).to_be_visible()
    keys.answer("1", "Z")
    keys.press("F9")
    page.keyboard.type("记录完毕")
    keys.press("Enter")  # ends the note, and nothing else
    keys.ready()
    keys.press("F6", "P")
    expect(page.locator(".toast")).to_contain_text("13 部分完成")


def test_going_back_keeps_the_answers_and_enter_goes_on_through_them(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.answer("1", "G2")
    keys.answer("1", "G3")

    keys.answer("ArrowLeft", "G2")
    expect(page.locator(".ans [aria-current=true] .k")).to_have_text("1")
    page.reload()
    keys.ready()
    keys.answer("Backspace", "G1")
    keys.answer("Enter", "G2")
    keys.answer("Enter", "G3")


def test_a_refusal_asks_for_its_note_and_an_appointment_for_its_time(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.press("F6", "T")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#asks")).to_contain_text("必须填写备注")
    page.keyboard.type("1 不愿再接电话 4")
    keys.to_the_next("Enter")

    keys.dial()
    keys.press("F6", "3")
    expect(page.locator(".slots button:focus")).to_have_count(1)
    keys.press("ArrowRight", "Enter")
    expect(page.locator("#from")).to_be_focused()
    day = page.locator("#day").input_value()
    page.keyboard.type("1130")
    keys.to_the_next("Enter")
    with floor.app_context():
        start = db.session.scalars(select(Appointment.window_start)).one()
    assert f"{start.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == f"{day} 11:30"

    assert "U2" in {case.phone_outcome for case in cases(floor)}
    assert sum(case.schedule.has_appointment for case in cases(floor)) == 1


def test_a_time_chosen_before_the_questions_went_on_is_asked_for_again(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.press("F4")
    page.keyboard.type("2098-11-20")
    keys.press("Enter")
    page.keyboard.type("1000")
    keys.press("Escape")
    for key, then in [("1", "G2"), ("1", "G3"), ("2", "G4"), ("1", "Z")]:
        keys.answer(key, then)
    keys.counts()
    keys.press("Enter")
    expect(page.locator("#asks")).to_contain_text("先前选的时间")
    expect(page.locator("#from")).to_be_focused()
    keys.to_the_next("Enter")

    assert sum(case.schedule.has_appointment for case in cases(floor)) == 1


def test_any_disposition_is_found_and_enter_takes_only_what_is_chosen(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.press("F6", "/")
    page.keyboard.type("没有的")
    expect(page.get_by_text("没有含此编码或文字的处置码")).to_be_visible()
    page.fill("#find-disposition", "空号")
    page.fill("#find-disposition", "拒")
    keys.press("Enter")  # several are left, so it chooses none
    keys.press("ArrowDown")
    expect(page.locator("#others button:focus")).to_contain_text("21 本人拒访")
    keys.press("ArrowUp")
    page.fill("#find-disposition", "空号")
    keys.press("Enter")
    expect(page.locator("#asks")).to_contain_text("51 空号 — 该号码将不再拨打")
    keys.to_the_next("Enter")

    expect(page.locator(".toast")).to_contain_text("51 空号")


def test_arrows_move_by_row_and_column_of_the_grid_of_times(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.press("F4", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowUp")  # all of a later day is open
    day, start = focused_slot(page)
    assert start == "09:00"

    keys.press("ArrowDown")
    assert focused_slot(page) == (day, "14:00")
    keys.press("ArrowRight")
    next_day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert focused_slot(page) == (next_day, "14:00")
    keys.press("ArrowUp")
    assert focused_slot(page) == (next_day, "09:00")
    keys.press("ArrowLeft")
    assert focused_slot(page) == (day, "09:00")


def focused_slot(page: Page) -> tuple[str | None, str | None]:
    slot = page.locator(".slots button:focus")
    return slot.get_attribute("data-day"), slot.get_attribute("data-from")


def test_the_number_shows_on_request_and_keys_in_fields_do_nothing(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    expect(page.get_by_text("138****0001")).to_be_visible()
    keys.press("X")
    expect(page.get_by_text("13800000001")).to_be_visible()
    keys.press("F9")
    page.keyboard.type("1")

    expect(page.locator("#note")).to_have_value("1")
    expect(page.locator(".q-code")).to_have_text("G1")


def test_a_lost_case_leaves_the_typed_words_on_the_page(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.press("F9")
    page.keyboard.type("下午再打")
    with floor.app_context():
        expire_leases(at=utcnow() + timedelta(hours=1))
    keys.press("Escape", "F6", "4", "Enter")

    expect(page.locator("#refusal")).to_contain_text("已留存待督导处理")
    expect(page.locator("#note")).to_have_value("下午再打")


def test_the_supervisor_gets_what_is_handed_over_and_returns_it(
    page: Page, open_page: OpenPage, floor: Flask
):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.press("F8")
    page.keyboard.type("对方要求公函")
    keys.to_the_next("Enter")

    supervisor = open_page(locale="en")
    log_in(supervisor, "supervisor")
    expect(supervisor.get_by_text("对方要求公函")).to_be_visible()
    supervisor.get_by_role("button", name="退回队列").first.click()
    supervisor.get_by_role("dialog").get_by_role("button", name="退回队列").click()
    expect(supervisor.get_by_text("没有等您处理的个案")).to_be_visible()

    assert {case.state for case in cases(floor)} == {CaseState.READY, CaseState.HELD}


def test_a_key_that_comes_before_the_question_can_be_read_is_not_counted(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.counts()
    # Both at once, and a third as soon as the next question stands there: no clock decides.
    page.evaluate(
        """() => {
          const press = () => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "1", bubbles: true, cancelable: true }));
          document.addEventListener("htmx:afterSwap", press, { once: true });
          press();
          press();
        }"""
    )
    expect(page.get_by_text("按键过早，未计入")).to_be_visible()
    expect(page.locator(".q-code")).to_have_text("G2")
    keys.answer("1", "G3")
    expect(page.get_by_text("按键过早，未计入")).to_be_hidden()

    with floor.app_context():
        assert [*db.session.scalars(select(Attempt)).one().answers] == ["G1", "G2"]


def test_after_a_reload_the_call_goes_on_where_it_was(page: Page, floor: Flask):
    log_in(page, "operator")
    keys = Keys(page)
    keys.take()
    keys.dial()
    keys.answer("1", "G2")
    keys.answer("1", "G3")
    page.goto("/calls/")

    expect(page.locator(".q-code")).to_have_text("G3")
    with floor.app_context():
        assert len(db.session.scalars(select(Attempt)).all()) == 1
