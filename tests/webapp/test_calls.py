import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.roles import Role
from casework.audit.models import AuditEvent
from casework.calls.caller import Caller, set_caller
from casework.calls.closing import AppointmentUnreadable
from casework.calls.desk_models import PlacedCall
from casework.calls.holding import LEASE
from casework.calls.models import Attempt
from casework.calls.queue import claim_next_case
from casework.calls.rules import Rules, set_calling_rules
from casework.calls.schedule import ALL_DAY, day_of
from casework.calls.script import answers_leading_to
from casework.campaigns.models import Campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, utcnow
from tests.casework.calls.rows import open_replicate
from tests.casework.calls.test_same_person import one_person_in_two_projects
from tests.factories import make_user
from tests.webapp.people import log_in
from webapp.calls.forms import read_clock, read_day


@pytest.fixture
def any_hour(app):
    """Calls at any hour, as in a demonstration."""
    app.config["DEMO"] = True
    yield
    app.config["DEMO"] = False


@pytest.fixture
def operator(client, any_hour):
    user = make_user()
    log_in(client, user)
    return user


def open_cases(cases: int = 1, **columns) -> Campaign:
    campaign = open_replicate(cases, **columns)
    campaign.fieldwork_ends_on = date(2099, 1, 1)
    db.session.commit()
    return campaign


def take(client) -> dict[str, str]:
    """Take the next case; return what every form of the page names."""
    client.post("/calls/next")
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    return {"case": str(case.id), "fence": str(case.fence)}


def call(client) -> dict[str, str]:
    """Take the next case and dial."""
    held = take(client)
    client.post("/calls/case/dial", data=held)
    return held


def text(response) -> str:
    return response.get_data(as_text=True)


def test_the_idle_desk_says_why_there_is_nothing_to_call(client, operator):
    page = text(client.get("/calls/"))

    assert "现在没有可拨的个案" in page
    assert "没有正在电话核实的批次" in page


def test_one_press_takes_the_next_case_and_shows_it(client, operator):
    open_cases()

    page = text(client.post("/calls/next", follow_redirects=True))

    assert "P1-000001" in page
    assert "138****0000" in page
    assert "请问您是" in page


def test_no_identity_number_and_no_whole_number_is_on_the_page(client, operator):
    open_cases()
    take(client)

    page = text(client.get("/calls/case"))

    assert "410102198503159912" not in page
    assert "13800000000" not in page


def test_the_number_is_shown_on_request(client, operator):
    open_cases()
    held = take(client)

    page = text(client.post("/calls/case/number", data=held | {"number": "0"}))
    assert "13800000000" in page


def test_a_whole_interview_works_by_posting_forms(client, operator):
    open_cases()
    held = take(client)
    client.post("/calls/case/dial", data=held)
    for question, keys in [
        ("G1", ["1"]),
        ("G2", ["1"]),
        ("G3", ["1"]),
        ("A1", ["1"]),
        ("A2", ["1"]),
        ("A3", ["2", "6"]),
        ("A4", ["1"]),
        ("A5", ["1"]),
        ("A9", ["1"]),
    ]:
        answered = client.post(
            "/calls/case/answer", data=held | {"question": question, "keys": keys}
        )
        assert answered.status_code == 303
    assert "经政府帮扶" not in text(client.get("/calls/case"))  # nobody is steered by what counts
    done = client.post("/calls/case/outcome", data=held | {"disposition": "11", "key": "k"})

    assert (done.status_code, done.location) == (303, "/calls/")
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.phone_outcome) == (CaseState.PHONED, "V1")


def test_a_person_in_two_projects_is_asked_for_both_in_one_call(client, operator):
    one_person_in_two_projects().fieldwork_ends_on = date(2099, 1, 1)
    db.session.commit()
    held = call(client)
    project = db.session.scalars(select(Case.project).where(Case.state == CaseState.HELD)).one()
    for question, keys in answers_leading_to(project, "V1").items():
        client.post("/calls/case/answer", data=held | {"question": question, "keys": list(keys)})
    before = text(client.get("/calls/case"))

    done = client.post("/calls/case/outcome", data=held | {"disposition": "11", "key": "k"})

    assert "不要挂机" in before
    assert (done.status_code, done.location) == (303, "/calls/case")
    page = text(client.get("/calls/case"))
    assert "同一人、同一通话" in page
    assert "通话中" in page


def test_several_answers_can_be_ticked_without_a_script(client, operator):
    open_cases()
    held = take(client)
    for question in ("G1", "G2", "G3", "A1", "A2"):
        client.post("/calls/case/answer", data=held | {"question": question, "keys": "1"})

    once = text(client.post("/calls/case/answer", data=held | {"question": "A3", "toggle": "2"}))
    again = held | {"question": "A3", "toggle": "2", "chosen": ["2", "5"]}
    twice = text(client.post("/calls/case/answer", data=again))

    assert 'name="chosen" value="2"' in once
    assert 'name="chosen" value="2"' not in twice
    assert 'name="chosen" value="5"' in twice


def test_going_back_marks_the_former_answers_and_steps_through_them(client, operator):
    open_cases()
    held = call(client)
    for question, keys in [("G1", "1"), ("G2", "2"), ("G3", "1"), ("A1", "1"), ("A2", "1")]:
        given = {"question": question, "keys": keys, "words": "郾城区"}
        client.post("/calls/case/answer", data=held | given)
    several = held | {"question": "A3", "keys": ["2", "8"], "words": "自己投的简历"}
    client.post("/calls/case/answer", data=several)

    back = client.post("/calls/case/back", data=held | {"question": "A4"})
    page = text(client.get(back.location))
    first = client.post("/calls/case/back", data=held | {"question": "G3"})
    second = text(client.get(first.location))
    kept = held | {"question": "G2", "keys": "2", "words": "郾城区"}
    onward = client.post("/calls/case/answer", data=kept)

    assert 'name="chosen" value="8"' in page
    assert 'value="自己投的简历"' in page
    assert 'value="郾城区"' in second
    assert 'aria-current="true"' in second
    assert onward.location.endswith("question=G3")
    client.post("/calls/case/answer", data=held | {"question": "A2", "keys": "2"})
    assert "已搁置" in text(client.get("/calls/case"))


def test_a_relative_is_asked_about_the_person(client, operator):
    open_cases()
    held = call(client)
    pages = {}
    for question, key in [("G1", "2"), ("G1a", "3"), ("G3", "1"), ("A1", "1")]:
        pages[question] = text(client.get("/calls/case"))
        client.post("/calls/case/answer", data=held | {"question": question, "keys": key})

    name = db.session.scalars(select(Case)).one().entry.name
    assert f"请问能请{name}" in pages["G1a"]
    assert "您可以随时拒绝回答" in pages["G3"]
    assert f"或之前，{name}" in pages["A1"]
    assert "不是接电话的人" in pages["A1"]
    client.post("/language/en")
    assert f"has {name} found a job" in text(client.get("/calls/case"))


def test_no_answer_ticked_is_said_as_such(client, operator):
    open_cases()

    answer = client.post("/calls/case/answer", data=call(client) | {"question": "G1"})

    assert answer.status_code == 422
    assert "请至少选一项" in text(answer)


def test_a_double_press_is_one_row(client, operator):
    open_cases()
    held = call(client)
    for _press in range(2):
        answer = client.post("/calls/case/outcome", data=held | {"disposition": "41", "key": "k"})
        assert answer.status_code == 303

    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_a_late_report_is_kept_and_said_in_plain_words(client, operator):
    open_cases()
    held = take(client)
    client.post("/calls/case/hand-back", data=held)

    answer = client.post("/calls/case/outcome", data=held | {"disposition": "41", "key": "k"})

    assert answer.status_code == 409
    assert "对个案 P1-000001 的占用已到期" in text(answer)
    assert client.post("/calls/case/lease", data=held).status_code == 409


def test_an_appointment_is_typed_in_shanghai_time(client, operator):
    open_cases()
    window = {"day": "2098-12-08", "from": "9:30", "to": "10:00"}
    client.post(
        "/calls/case/outcome", data=call(client) | window | {"disposition": "31", "key": "k"}
    )

    assert (
        db.session.scalars(select(Case)).one().schedule.due_at.isoformat()
        == "2098-12-08T01:30:00+00:00"
    )


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"disposition": "22"}, "必须填写备注"),
        ({"disposition": "31"}, "请选择预约的日期和时间"),
        ({"disposition": "11"}, "答案还不能得出结论"),
        ({"disposition": "54"}, "请填写本人的新号码"),
        ({"disposition": "54", "new_number": "12345"}, "不是一个有效的电话号码"),
        ({"disposition": "41", "note": "410102198503159912"}, "身份证号或卡号"),
    ],
)
def test_what_is_missing_is_said(client, operator, form, sentence):
    open_cases()

    answer = client.post("/calls/case/outcome", data=call(client) | form | {"key": "k"})

    assert answer.status_code == 422
    assert sentence in text(answer)


@pytest.mark.parametrize(
    ("day", "start", "end", "fault"),
    [
        ("2026-11-31", "10:00", "10:30", "“2026-11-31”不是有效的日期或时间"),
        ("2098-12-08", "25:99", "10:30", "“25:99”不是有效的日期或时间"),
        ("2098-12-08", "10:30", "10:00", "结束时间不晚于开始时间"),
        ("2020-01-01", "10:00", "", "约定的时间已过"),
        ("2098-12-08", "05:00", "05:30", "08:00–21:00"),
        ("2099-12-31", "10:00", "10:30", "电话核查截至 "),
    ],
)
def test_a_refused_appointment_says_what_is_wrong(client, operator, day, start, end, fault):
    open_cases()
    form = {"disposition": "31", "day": day, "from": start, "to": end, "key": "k"}

    answer = client.post("/calls/case/outcome", data=call(client) | form)

    assert answer.status_code == 422
    assert fault in text(answer)


@pytest.mark.parametrize("disposition", ["33", "41"])
@pytest.mark.parametrize("said_before", [True, False])
def test_a_call_that_was_never_made_is_asked_about(client, operator, disposition, said_before):
    open_cases()
    held = take(client)
    form = held | {"disposition": disposition, "key": "k"}

    refused = client.post("/calls/case/outcome", data=form)
    if said_before:
        client.post("/calls/case/dial", data=held | {"by_hand": "1"})
    else:
        form |= {"by_hand": "1"}
    accepted = client.post("/calls/case/outcome", data=form)

    assert (refused.status_code, accepted.status_code) == (422, 303)
    assert "还没有拨打记录" in text(refused)
    assert db.session.scalars(select(PlacedCall.dialler)).all() == ["hand"]


def test_the_call_keeps_what_the_dialler_calls_it_and_its_recording(client, operator):
    open_cases()
    held = call(client)
    client.post("/calls/case/dial", data=held)
    client.post("/calls/case/hang-up", data=held)
    client.post("/calls/case/dial", data=held)

    first, second = db.session.scalars(select(PlacedCall).order_by(PlacedCall.id)).all()
    assert first.attempt_id == second.attempt_id
    assert first.reference.startswith("sim-")
    assert first.recording
    assert (first.hung_up_at is None, second.hung_up_at is None) == (False, True)


def test_a_link_dials_only_after_the_call_is_written_down(client, operator, app, monkeypatch):
    monkeypatch.setitem(app.config, "DIALLER", "sip:{number}@exchange.example")
    open_cases()
    held = take(client)

    assert "sip:" not in text(client.get("/calls/case"))
    page = text(client.post("/calls/case/dial", data=held))

    assert 'href="sip:13800000000@exchange.example"' in page
    assert db.session.scalars(select(AuditEvent.purpose).where(AuditEvent.purpose == "dial")).all()


def test_the_next_case_comes_after_an_outcome_unless_a_pause_was_wished_for(client, operator):
    open_cases(3)
    form = {"disposition": "41", "key": "first", "by_hand": "1"}
    onward = client.post("/calls/case/outcome", data=take(client) | form)
    client.post("/calls/away")
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    held = {"case": str(case.id), "fence": str(case.fence)}
    paused = client.post("/calls/case/outcome", data=held | form | {"key": "second"})

    assert (onward.location, paused.location) == ("/calls/case", "/calls/")
    assert "您已离席" in text(client.get("/calls/"))
    client.post("/calls/next")
    assert "您已离席" not in text(client.get("/calls/case"))


def test_the_page_says_why_this_case_came_up(client, operator):
    open_cases()
    taken = text(client.post("/calls/next", follow_redirects=True))

    assert "首次拨打" in taken


def test_the_agency_and_the_hotline_of_the_campaign_are_in_the_script(client, operator):
    campaign = open_cases()
    words = Caller("豫测访问中心", "0371-60000000", "查验页")
    set_caller(campaign.id, words, actor=operator, at=utcnow())
    held = take(client)

    assert "豫测访问中心访问员" in text(client.get("/calls/case"))
    for question in ("G1", "G2"):
        client.post("/calls/case/answer", data=held | {"question": question, "keys": "1"})
    assert "0371-60000000" in text(client.get("/calls/case"))


@pytest.mark.parametrize(("said", "code"), [("", "72"), ("1", "71"), ("2", "71"), ("9", "72")])
def test_f8_says_whether_the_number_is_known_to_be_the_persons(client, operator, said, code):
    open_cases()
    held = call(client)
    if said:
        client.post("/calls/case/answer", data=held | {"question": "G1", "keys": said})

    button = re.search(r'<button[^>]*id="hand-over"[^>]*>', text(client.get("/calls/case")))

    assert f'value="{code}"' in button[0]


def test_a_full_slot_is_shown_and_refused_with_the_next_free_one(client, operator):
    campaign = open_cases(2)
    rules = Rules(slot_capacity=1)
    set_calling_rules(campaign.id, rules, actor=operator, at=utcnow())
    tomorrow = (day_of(utcnow()) + timedelta(days=1)).isoformat()
    form = {"disposition": "31", "day": tomorrow, "from": "09:30", "to": "10:00"}
    client.post("/calls/case/outcome", data=call(client) | form | {"key": "first"})

    held = call(client)
    page = text(client.get("/calls/case"))
    refused = client.post("/calls/case/outcome", data=held | form | {"key": "second"})
    later = form | {"from": "14:00", "to": "14:30", "key": "third"}
    accepted = client.post("/calls/case/outcome", data=held | later)

    assert (refused.status_code, accepted.status_code) == (422, 303)
    assert f"从 {tomorrow[5:]} 14:00 开始" in text(refused)
    assert ">满</button>" in page
    assert "余 1" in page


def test_the_page_asks_for_the_whole_desk_after_a_part_of_it_was_posted(client, operator):
    open_cases()
    data = call(client) | {"disposition": "41", "key": "k"}

    answer = client.post("/calls/case/outcome", data=data, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/calls/")


def test_both_languages_show_the_call(client, operator):
    open_cases()
    client.post("/language/en")
    take(client)

    page = text(client.get("/calls/case"))
    assert "Hello! I am interviewer" in page
    assert "No answer" in page


def test_at_night_nothing_is_handed_out_outside_a_demonstration(client, app):
    open_cases()
    log_in(client, make_user())
    local_hour = (utcnow().hour + 8) % 24

    client.post("/calls/next")

    held = db.session.scalars(select(Case.state)).one() is CaseState.HELD
    assert held == (8 <= local_hour < 21)


@pytest.fixture
def supervisor(client, any_hour):
    user = make_user(Role.SUPERVISOR)
    log_in(client, user)
    return user


def escalated(client) -> Case:
    operator = make_user()
    log_in(client, operator)
    held = take(client)
    form = held | {"disposition": "71", "note": "要求公函", "key": "k"}
    client.post("/calls/case/outcome", data=form)
    return db.session.scalars(select(Case)).one()


def test_the_floor_shows_what_was_handed_over_and_returns_it(client, any_hour):
    open_cases()
    case = escalated(client)
    log_in(client, make_user(Role.SUPERVISOR))

    page = text(client.get("/calls/board"))
    client.post(f"/calls/board/{case.id}/return")

    assert "要求公函" in page
    assert "P1-000001" in page
    assert claim_next_case(actor=make_user(), at=utcnow(), hours=ALL_DAY).case_id == case.id


def test_the_supervisor_ends_the_calls_of_a_case_once(client, any_hour):
    open_cases()
    case = escalated(client)
    log_in(client, make_user(Role.SUPERVISOR))

    first = client.post(f"/calls/board/{case.id}/finish", data={"words": "投诉已办结"})
    second = client.post(f"/calls/board/{case.id}/finish", data={"words": "投诉已办结"})

    assert (first.status_code, second.status_code) == (303, 409)
    assert db.session.get_one(Case, case.id, populate_existing=True).state is CaseState.PHONED


def test_a_supervisor_of_another_region_does_not_find_the_case(client, any_hour):
    open_cases()
    case = escalated(client)
    log_in(client, make_user(Role.SUPERVISOR, region="410100"))

    assert client.post(f"/calls/board/{case.id}/return").status_code == 404
    assert "要求公函" not in text(client.get("/calls/board"))


@pytest.mark.parametrize("role", Role)
def test_only_who_calls_sees_the_desk_and_only_supervisors_the_floor(client, role):
    log_in(client, make_user(role))

    assert (client.get("/calls/").status_code == 200) == (role in {Role.OPERATOR, Role.SUPERVISOR})
    assert (client.get("/calls/board").status_code == 200) == (role is Role.SUPERVISOR)


def test_a_disposition_against_the_answers_is_taken_only_when_confirmed(client, operator):
    open_cases()
    held = call(client)
    client.post("/calls/case/answer", data=held | {"question": "G1", "keys": "1"})
    assert "41:somebody" in client.get("/calls/case").text
    report = held | {"disposition": "41", "key": "once"}

    refused = client.post("/calls/case/outcome", data=report)
    assert refused.status_code == 422
    assert 'data-rule="AgainstAnswers"' in refused.text
    assert "本次通话中已有人答题" in refused.text
    client.post("/calls/case/outcome", data=report | {"confirmed": "1"})

    attempt = db.session.scalars(select(Attempt)).one()
    assert attempt.disposition == "41"
    page = f"/calls/day/{attempt.uid}/correct"
    refused = client.post(page, data={"disposition": "42", "key": "twice"})
    assert "与已答内容不符，确认仍按此处置码登记" in refused.text
    client.post(page, data={"disposition": "42", "key": "twice", "confirmed": "1"})
    assert set(db.session.scalars(select(Attempt.disposition))) == {"41", "42"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026-12-05", "2026-12-05"),
        ("12-05", "2026-12-05"),
        ("12月5日", "2026-12-05"),
        ("1205", "2026-12-05"),
        ("20261205", "2026-12-05"),
        ("1-3", "2027-01-03"),
    ],
)
def test_a_day_is_read_as_it_is_typed_and_lies_ahead(typed, read):
    assert read_day(typed, date(2026, 11, 22)).isoformat() == read


@pytest.mark.parametrize("typed", ["125", "99", "13-01", "2-30", "明天"])
def test_what_may_be_two_days_or_none_is_no_day(typed):
    with pytest.raises(AppointmentUnreadable):
        read_day(typed, date(2026, 11, 22))


def test_a_time_is_read_with_and_without_its_colon():
    assert {f"{read_clock(typed):%H:%M}" for typed in ("15:30", "1530", "15：30")} == {"15:30"}
    assert [f"{read_clock(typed):%H:%M}" for typed in ("930", "15")] == ["09:30", "15:00"]
    for typed in ("25:61", "2460", "9:5", "下午"):
        with pytest.raises(AppointmentUnreadable):
            read_clock(typed)


def test_whoever_holds_a_case_is_asked_before_the_log_out_which_hands_it_back(client, operator):
    open_cases()
    held = call(client)
    client.post("/calls/case/answer", data=held | {"question": "G1", "keys": "1"})

    asked = client.post("/log-out")
    assert "您正在与个案" in asked.text
    assert "退回个案并退出" in asked.text
    assert client.get("/calls/case").status_code == 200
    left = client.post("/log-out", data={"leave": held["fence"]})

    assert left.location.endswith("/log-in")
    case, attempt = (
        db.session.scalars(select(Case)).one(),
        db.session.scalars(select(Attempt)).one(),
    )
    assert (case.state, attempt.interrupted, [*attempt.answers]) == (CaseState.READY, True, ["G1"])


def test_a_call_of_whose_desk_nothing_was_heard_ended_when_it_was_last_heard_of(client, operator):
    open_cases()
    call(client)
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    placed = db.session.scalars(select(PlacedCall)).one()
    assert "已挂机" not in client.get("/calls/case").text
    placed.placed_at -= timedelta(minutes=15)
    case.lease_until -= timedelta(minutes=10)
    heard_at = case.lease_until - LEASE
    db.session.commit()

    page = client.get("/calls/case", follow_redirects=True).text

    assert "已挂机" in page
    assert "重拨" in page
    db.session.refresh(placed)
    assert placed.hung_up_at == heard_at
