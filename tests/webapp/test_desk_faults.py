"""What goes wrong at a desk, and what its operator does about it: nothing lost, one row."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from casework.accounts.models import LoginSession
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.calls.call_codes import call_code
from casework.calls.desk_models import PlacedCall
from casework.calls.holding import expire_leases
from casework.calls.late_models import Interruption, LateOutcome
from casework.calls.messages import said_to, send_message
from casework.calls.models import Attempt
from casework.calls.supervision import finish_case
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.db import db, utcnow
from tests.factories import make_user
from tests.webapp.people import log_in
from tests.webapp.test_calls import any_hour, call, open_cases, operator, take, text

__all__ = ["any_hour", "operator"]


def closed_calls() -> list[Attempt]:
    closed = select(Attempt).where(Attempt.disposition != "").order_by(Attempt.id)
    return list(db.session.scalars(closed))


def close(client, disposition: str = "41", **fields: str) -> Attempt:
    form = call(client) | {"disposition": disposition, "key": "first"} | fields
    assert client.post("/calls/case/outcome", data=form).status_code == 303
    return closed_calls()[-1]


@pytest.mark.both_engines
def test_pasted_control_characters_are_taken_out_of_words_and_notes(client, operator):
    open_cases()
    held = call(client)
    words = {"question": "G1", "keys": "1", "words": "郾\x00城\x1b区"}
    client.post("/calls/case/answer", data=held | words)
    form = held | {"disposition": "21", "key": "k", "note": "晚上\x00再打\x07"}
    client.post("/calls/case/outcome", data=form)

    attempt = closed_calls()[0]
    assert (attempt.note, attempt.answers["G1"]["words"]) == ("晚上再打", "郾城区")


@pytest.mark.parametrize("in_another_tab", [False, True])
def test_a_form_whose_session_is_over_asks_to_log_in(client, operator, app, in_another_tab):
    open_cases()
    held = take(client)
    if in_another_tab:
        client.post("/log-out", data={"leave": held["fence"]})
        client.get("/log-in")  # which begins a session of nobody
    else:
        db.session.execute(delete(LoginSession))
        db.session.commit()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client.post("/calls/case/outcome", data=held | {"disposition": "41"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 401


def test_a_report_after_the_hold_was_lost_is_kept_under_a_number(client, operator):
    open_cases()
    held = call(client)
    expire_leases(at=utcnow() + timedelta(hours=1))

    form = held | {"disposition": "41", "key": "k", "note": "晚上再打"}
    answers = [client.post("/calls/case/outcome", data=form) for _press in range(2)]

    number = db.session.scalars(select(LateOutcome.id)).one()
    assert [answer.status_code for answer in answers] == [409, 409]
    assert f"编号 {number}" in text(answers[0])


def test_the_same_form_with_other_contents_is_refused(client, operator):
    open_cases()
    close(client)
    held = {"case": str(closed_calls()[0].case_id), "fence": "1"}
    other = client.post("/calls/case/outcome", data=held | {"disposition": "42", "key": "first"})

    assert other.status_code == 422
    assert [attempt.disposition for attempt in closed_calls()] == ["41"]


def test_a_closed_call_is_corrected_by_a_new_row(client, operator):
    open_cases()
    old = close(client)
    day = text(client.get("/calls/day/"))
    page = text(client.get(f"/calls/day/{old.uid}/correct"))
    form = {"disposition": "51", "key": "correction", "note": "提示音是空号"}
    done = client.post(f"/calls/day/{old.uid}/correct", data=form)

    assert f"/calls/day/{old.uid}/correct" in day
    assert "41 无人接听" in page
    assert done.status_code == 303
    assert [(a.disposition, a.supersedes_id) for a in closed_calls()] == [
        ("41", None),
        ("51", old.id),
    ]
    after = text(client.get("/calls/day/"))
    assert "51 空号" in after
    assert "更正前 <s>41 无人接听</s>" in after


def test_nobody_corrects_the_call_of_somebody_else(client, operator):
    open_cases()
    old = close(client)
    log_in(client, make_user())

    address, form = f"/calls/day/{old.uid}/correct", {"disposition": "51", "key": "x"}
    assert client.get(address).status_code == 404
    assert client.post(address, data=form).status_code == 404


def interrupted(client) -> Attempt:
    open_cases()
    call(client)
    expire_leases(at=utcnow() + timedelta(hours=1))
    return db.session.scalars(select(Attempt)).one()


def test_a_call_that_broke_off_is_asked_about_until_it_is_told(client, operator):
    attempt = interrupted(client)

    assert "1 次通话中断" in text(client.get("/calls/"))
    client.post(f"/calls/day/{attempt.uid}/happened", data={"what": "no_answer"})

    assert "通话中断" not in text(client.get("/calls/"))
    assert db.session.scalars(select(Interruption.what)).all() == ["no_answer"]


def test_a_call_that_was_finished_is_reported_to_the_supervisor(client, operator):
    attempt = interrupted(client)
    onward = client.post(f"/calls/day/{attempt.uid}/happened", data={"what": "finished"})
    page = client.get(onward.location)
    form = {"disposition": "33", "note": "下班后", "key": "k"}
    client.post(onward.location, data=form)

    assert "补报通话" in text(page)
    assert db.session.scalars(select(LateOutcome.disposition)).all() == ["33"]


def test_a_report_away_from_the_desk_asks_whether_there_was_a_call(client, operator):
    open_cases()
    handed_over = {"disposition": "71", "note": "对方要求公函", "key": "first"}
    client.post("/calls/case/outcome", data=take(client) | handed_over)
    [old] = closed_calls()
    page, form = f"/calls/day/{old.uid}/correct", {"disposition": "41", "key": "later"}

    refused = client.post(page, data=form)
    kept = client.post(page, data=form | {"by_hand": "1"})

    assert (refused.status_code, kept.status_code) == (422, 303)
    assert "没有拨打记录" in text(refused)
    assert closed_calls()[-1].dialled_at is not None


@pytest.mark.parametrize("wanted", ["13800000000", " 138-0000-0000", "p1-000001"])
def test_who_calls_back_is_found_exactly_and_taken(client, operator, wanted):
    open_cases()
    found = text(client.post("/calls/find/", data={"wanted": wanted}, follow_redirects=True))
    case = db.session.scalars(select(Case)).one()
    taken = client.post("/calls/find/take", data={"case": str(case.id)}, follow_redirects=True)

    assert "P1-000001" in found
    assert "13800000001" not in found
    assert "对方回电" in text(taken)
    assert "来电通话中" in text(taken)
    assert db.session.scalars(select(PlacedCall.dialler)).all() == ["in"]
    asked = select(func.count()).where(AuditEvent.action == AuditAction.CASE_FIND)
    assert db.session.scalar(asked) == 1


def test_whoever_goes_back_from_the_call_finds_the_search_again(client, operator):
    open_cases()
    done = client.post("/calls/find/", data={"wanted": "13800000000"})

    assert (done.status_code, done.location) == (303, "/calls/find/?shown=1")
    assert "P1-000001" in text(client.get(done.location))
    assert "P1-000001" not in text(client.get("/calls/find/"))


def test_the_code_of_a_call_finds_its_case(client, operator):
    open_cases()
    call(client)
    code = call_code(db.session.scalars(select(Attempt.uid)).one())

    found = client.post("/calls/find/", data={"wanted": code.lower()}, follow_redirects=True)

    assert "P1-000001" in text(found)
    assert "我们的通话中告知" in text(found)


@pytest.mark.parametrize("wanted", ["1380000000", "13800000009", "P1-00000"])
def test_a_part_of_a_number_finds_nobody(client, operator, wanted):
    open_cases()

    found = client.post("/calls/find/", data={"wanted": wanted}, follow_redirects=True)

    assert "P1-000001" not in text(found)


def test_whoever_rings_back_about_a_closed_case_is_written_down_for_the_supervisor(
    client, operator
):
    open_cases()
    closed = close(client, "22", note="不要再打")
    form = {"wanted": "13800000000"}
    found = text(client.post("/calls/find/", data=form, follow_redirects=True))
    path = f"/calls/find/{closed.case_id}/note"

    empty = client.post(path, data={"words": " "})
    kept = client.post(path, data={"words": "本人来电，愿意晚上接受访问"})

    assert path in found
    assert [empty.status_code, kept.status_code] == [422, 303]
    log_in(client, make_user(Role.SUPERVISOR))
    board = text(client.get("/calls/board"))
    assert "本人来电，愿意晚上接受访问" in board
    (done,) = re.findall(r"/calls/board/call-backs/\w+/done", board)
    client.post(done)
    assert "本人来电，愿意晚上接受访问" not in text(client.get("/calls/board"))


def test_what_is_no_number_is_said_on_the_page_that_asked(client, operator):
    answer = client.post("/calls/find/", data={"wanted": "139123456789012"})

    assert answer.status_code == 422
    assert 'value="139123456789012"' in answer.text


def test_a_case_that_somebody_holds_is_not_taken_from_him(client, operator):
    open_cases()
    take(client)
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    log_in(client, make_user(Role.OPERATOR))

    assert client.post("/calls/find/take", data={"case": str(case.id)}).status_code == 409


@pytest.mark.both_engines
def test_a_note_is_saved_while_it_is_typed_and_stands_there_again(client, operator):
    open_cases()
    held = call(client)
    saved = client.post("/calls/case/note", data=held | {"note": "晚上\x00再打"})
    page = text(client.get("/calls/case"))

    assert saved.status_code == 200
    assert 'value="晚上再打"' in page
    client.post("/calls/case/outcome", data=held | {"disposition": "41", "key": "k", "note": ""})
    assert closed_calls()[0].note == ""  # what was taken out again is not kept


def test_the_draft_of_a_note_outlives_a_lost_hold(client, operator):
    open_cases()
    held = call(client)
    client.post("/calls/case/note", data=held | {"note": "约好晚上"})
    expire_leases(at=utcnow() + timedelta(hours=1))

    late = client.post("/calls/case/note", data=held | {"note": "约好晚上八点"})
    attempt = db.session.scalars(select(Attempt)).one()

    assert late.status_code == 409
    assert "约好晚上" in text(client.get("/calls/day/"))
    onward = client.post(f"/calls/day/{attempt.uid}/happened", data={"what": "finished"})
    assert 'value="约好晚上"' in text(client.get(onward.location))


def test_an_identity_number_is_refused_while_it_is_typed(client, operator):
    open_cases()
    held = call(client)
    answer = client.post("/calls/case/note", data=held | {"note": "41010119800101001X"})

    assert answer.status_code == 422
    assert db.session.scalars(select(Attempt)).one().note == ""


def test_a_case_closed_by_the_supervisor_meanwhile_is_said_and_nothing_is_lost(client, operator):
    open_cases()
    close(client, "71", note="对方要求公函")
    supervisor = make_user(Role.SUPERVISOR)
    case = db.session.scalars(select(Case)).one()
    old = closed_calls()[0]
    finish_case(case.id, "演示理由", actor=supervisor, at=utcnow())

    answer = client.post(f"/calls/day/{old.uid}/correct", data={"disposition": "41", "key": "x"})

    assert answer.status_code == 409
    assert [attempt.disposition for attempt in closed_calls()] == ["71"]
    assert "已锁定" in text(client.get("/calls/day/"))


def test_what_the_supervisor_says_stands_on_the_desk_and_beside_the_case(client, operator):
    open_cases()
    send_message(operator.id, "请逐字读 A7", actor=make_user(Role.SUPERVISOR), at=utcnow())
    [sent] = said_to(actor=operator, at=utcnow())
    assert "请逐字读 A7" in text(client.get("/calls/"))
    call(client)
    assert "请逐字读 A7" in text(client.get("/calls/case"))

    refused = client.post(f"/calls/day/messages/{sent.uid}/answer", data={"words": " "})
    answered = client.post(f"/calls/day/messages/{sent.uid}/answer", data={"words": "已照办"})
    assert [refused.status_code, answered.status_code] == [422, 303]
    assert "您的答复 “已照办”" in text(client.get("/calls/day/"))
    read = client.post(f"/calls/day/messages/{sent.uid}/read")

    assert read.status_code == 303
    assert "请逐字读 A7" not in text(client.get("/calls/case"))
    assert "请逐字读 A7" in text(client.get("/calls/day/"))
