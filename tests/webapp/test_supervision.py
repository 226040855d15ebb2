"""The supervisor's pages: what they show, who may open them, what their forms do."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.attempts import start_attempt
from casework.calls.board import floor
from casework.calls.call_codes import call_code
from casework.calls.corrections import correct_attempt
from casework.calls.holding import LEASE, expire_leases
from casework.calls.late_models import LateOutcome, LateState
from casework.calls.messages import answer_message, said_to, send_message
from casework.calls.models import Attempt
from casework.calls.queue import claim_next_case
from casework.calls.recall_models import Recall, RecallPlan
from casework.calls.reports import OutcomeKeptLate
from casework.calls.rules import calling_rules
from casework.calls.schedule import ALL_DAY
from casework.calls.supervision import replies_to
from casework.calls.supervision_models import ReleaseRequest, Ruling
from casework.campaigns.models import Campaign, ReleaseReason, Replicate
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, CaseSchedule, Tier
from casework.cases.release import release_replicate
from casework.db import db, utcnow
from tests.casework.calls.rows import report, to_report
from tests.factories import NOON, make_drawn_campaign, make_user
from tests.webapp.people import log_in

PAGES = (
    *("/calls/board", "/calls/board/live", "/calls/board/yield", "/calls/cases", "/calls/rules"),
    *("/calls/introduction", "/calls/not-called"),
    *("/calls/recalls", "/calls/signals", "/calls/rates", "/calls/progress"),
)


@pytest.fixture
def supervisor(app):
    return make_user(Role.SUPERVISOR, name="演示督导甲")


def open_now(cases=4, replicates=2):
    """A campaign that calls today, as the pages read the true clock."""
    campaign = make_drawn_campaign(entries=cases, sampled=cases, replicates=replicates)
    row = db.session.get_one(Campaign, campaign.id)
    row.fieldwork_ends_on = (utcnow() + timedelta(days=30)).date()
    db.session.commit()
    release_replicate(campaign.id, 1, actor=make_user(Role.COORDINATOR), at=NOON)
    return row


def called(disposition, operator=None, **facts):
    operator = operator or make_user()
    at = utcnow() - timedelta(minutes=5)
    claim = claim_next_case(actor=operator, at=at, hours=ALL_DAY)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=at, hours=ALL_DAY)
    report(claim, disposition, actor=operator, at=at + timedelta(minutes=3), **facts)
    return claim


def text(response):
    return unescape(response.get_data(as_text=True))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_so_when_there_is_nothing(client, supervisor, path):
    log_in(client, supervisor)

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_shows_a_floor_at_work_in_both_languages(client, supervisor, language):
    open_now(8)
    called("11", outcome="V1")
    called("71", note="对方要求公函")
    called("61", note="户口不在本省")
    log_in(client, supervisor)
    client.post(f"/language/{language}")

    for path in (*PAGES, "/calls/rates?by=day&weighted=1", "/calls/cases?code=P1-000001"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "%(" not in text(page), path
    assert "对方要求公函" in text(client.get("/calls/board"))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_the_floor_is_the_supervisors(client, role):
    campaign = open_now()
    log_in(client, make_user(role))

    for path in PAGES[:-1]:
        assert client.get(path).status_code == 403, path
    may_read = role in {Role.COORDINATOR, Role.VERIFIER}
    assert (client.get("/calls/progress").status_code == 200) == may_read
    for path in (
        f"/calls/recalls/{campaign.id}/share",
        f"/calls/progress/{campaign.id}/ask/2",
        "/calls/cases/1/push",
        "/calls/board/late/1/accept",
    ):
        assert client.post(path).status_code == 403, path


def test_cases_are_listed_by_state_last_call_place_and_operator(client, supervisor):
    open_now(6, replicates=1)
    caller = make_user(name="演示话务员甲")
    called("41", caller)
    called("22", make_user(name="演示话务员乙"))
    log_in(client, supervisor)
    place = db.session.scalars(select(Case.region_code)).first()

    def listed(**wanted):
        page = text(client.get("/calls/cases", query_string=wanted))
        return re.findall(r"code=(P1-\d{6})", page)

    everybody = listed()
    assert len(everybody) == 6
    assert everybody == sorted(everybody)
    assert listed(sort="-code") == everybody[::-1]
    assert len(listed(state="phoned")) == len(listed(last="22")) == 1
    assert listed(operator=caller.id) == listed(last="41")
    assert len(listed(place=place)) == 6
    assert listed(place="410100") == []
    assert listed(sort="called")[2:] == listed(sort="-called")[2:]  # never called: last
    assert listed(state="nonsense", page="9") == everybody


def test_a_supervisor_learns_which_call_has_a_code(client, supervisor):
    open_now()
    called("41", make_user(name="演示话务员"))
    code = call_code(db.session.scalars(select(Attempt.uid)).one())
    log_in(client, supervisor)

    page = text(client.get(f"/calls/cases?code={code}"))

    assert "演示话务员" in page
    assert "/calls/cases?code=P1-" in page


def test_a_case_goes_back_with_a_reply_and_is_confirmed_or_ended(client, supervisor):
    open_now(8)
    asked, outside, ended = (called(code) for code in ("71", "61", "73"))
    log_in(client, supervisor)

    client.post(f"/calls/board/{asked.case_id}/return", data={"words": "公函已寄"})
    client.post(f"/calls/board/{outside.case_id}/confirm", data={"words": "户口在外省"})
    unexplained = client.post(f"/calls/board/{ended.case_id}/finish", data={"words": " "})
    client.post(f"/calls/board/{ended.case_id}/finish", data={"words": "对方投诉"})
    again = client.post(f"/calls/board/{ended.case_id}/finish", data={"words": "对方投诉"})

    rulings = [replies_to(case.case_id)[0].ruling for case in (asked, outside, ended)]
    assert rulings == [Ruling.RETURN, Ruling.OUT_OF_SAMPLE, Ruling.FINISH]
    assert replies_to(asked.case_id)[0].words == "公函已寄"
    assert (unexplained.status_code, again.status_code) == (422, 409)
    assert "公函已寄" in text(client.get(f"/calls/cases?code={asked.code}"))


def test_a_case_is_pushed_to_an_operator_and_is_the_next_one(client, supervisor):
    open_now()
    claim, operator = called("41"), make_user()
    log_in(client, supervisor)

    sent = client.post(
        f"/calls/cases/{claim.case_id}/push", data={"operator": operator.id, "code": claim.code}
    )

    assert sent.status_code == 303
    schedule = db.session.get_one(CaseSchedule, claim.case_id, populate_existing=True)
    assert (schedule.tier, schedule.owner_id) == (Tier.PUSHED, operator.id)
    assert "督导指派" in text(client.get("/calls/board"))


def test_a_push_is_taken_back_on_the_page_of_the_case(client, supervisor):
    open_now()
    claim, operator = called("41"), make_user()
    log_in(client, supervisor)
    data = {"operator": operator.id, "code": claim.code}
    client.post(f"/calls/cases/{claim.case_id}/push", data=data)
    assert "收回指派" in text(client.get(f"/calls/cases?code={claim.code}"))

    client.post(f"/calls/cases/{claim.case_id}/take-back", data=data)
    again = client.post(f"/calls/cases/{claim.case_id}/take-back", data=data)

    assert again.status_code == 409
    assert "收回指派" not in text(client.get(f"/calls/cases?code={claim.code}"))


def test_a_supervisor_takes_over_what_was_handed_over(client, supervisor):
    open_now()
    claim = called("71", note="对方要求公函")
    log_in(client, supervisor)
    assert "接手" in text(client.get("/calls/board"))

    data = {"operator": supervisor.id, "code": claim.code}
    sent = client.post(f"/calls/cases/{claim.case_id}/push", data=data)
    taken = claim_next_case(actor=supervisor, at=utcnow(), hours=ALL_DAY)

    assert sent.location == "/calls/"
    assert taken.case_id == claim.case_id


def test_a_case_is_found_by_a_number_that_stands_in_no_address(client, supervisor):
    open_now()
    log_in(client, supervisor)

    path = "/calls/cases/number"
    sent = client.post(path, data={"number": "138 0000 0000"})
    found = client.get(sent.location)
    nobody = client.post(path, data={"number": "13912345678"}, follow_redirects=True)
    unreadable = client.post(path, data={"number": "1234"})

    assert (sent.status_code, sent.location) == (303, path)
    assert "P1-000001" in text(found)
    assert "13800000000" not in text(found)
    assert "没有个案使用该号码" in text(nobody)
    assert unreadable.status_code == 422


def test_a_corrected_call_shows_both_rows_to_the_supervisor(client, supervisor):
    open_now()
    operator = make_user()
    claim = called("41", operator)
    old = db.session.scalars(select(Attempt)).one()
    correct_attempt(old.uid, to_report("43"), actor=operator, at=utcnow())
    log_in(client, supervisor)

    page = text(client.get(f"/calls/cases?code={claim.code}"))

    assert "41 无人接听" in page
    assert "已被后一条更正" in page
    assert "43 关机" in page


def test_a_held_case_is_freed_on_its_page_with_a_reason(client, supervisor):
    open_now()
    operator = make_user()
    at = utcnow() - timedelta(minutes=5)
    claim = claim_next_case(actor=operator, at=at, hours=ALL_DAY)
    log_in(client, supervisor)
    free = f"/calls/board/{claim.case_id}/free"
    assert free in text(client.get("/calls/cases", query_string={"code": claim.code}))

    unexplained = client.post(free, data={"words": " "})
    freed = client.post(free, data={"words": "话务员断网", "code": claim.code})

    assert (unexplained.status_code, freed.status_code) == (422, 303)
    assert "话务员断网" in text(client.get(freed.location))
    assert db.session.get_one(Case, claim.case_id, populate_existing=True).holder_id is None


def test_a_supervisor_corrects_a_closed_call_with_a_reason_and_the_signals_show_it(
    client, supervisor
):
    operator = make_user()
    campaign = open_now()
    at = utcnow()
    claim = claim_next_case(actor=operator, at=at, hours=ALL_DAY)  # and not dialled here
    report(claim, "51", actor=operator, at=at, answers={"G1": ("1",)})
    code = db.session.get_one(Case, claim.case_id).code
    uid = db.session.scalars(select(Attempt.uid)).one()
    log_in(client, supervisor)
    page = f"/calls/cases/calls/{uid}/correct"
    assert page in text(client.get("/calls/cases", query_string={"code": code}))

    unexplained = client.post(page, data={"disposition": "41", "note": " "})
    said = {"disposition": "41", "note": "按错了键", "key": "correction"}
    not_dialled = client.post(page, data=said)
    against = client.post(page, data=said | {"by_hand": "1"})
    corrected = client.post(page, data=said | {"by_hand": "1", "confirmed": "1"})

    refused = [answer.status_code for answer in (unexplained, not_dialled, against)]
    assert (refused, corrected.status_code) == ([422] * 3, 303)
    assert 'name="by_hand"' in text(not_dialled)
    assert 'name="confirmed"' not in text(not_dialled)
    assert 'name="confirmed"' in text(against)
    signals = text(client.get(f"/calls/signals?campaign={campaign.id}"))
    assert "按错了键" in signals
    assert operator.name in signals
    case = text(client.get("/calls/cases", query_string={"code": code}))
    assert supervisor.name in case
    assert client.get(page).status_code == 409


def test_a_number_goes_on_the_list_and_off_it_with_reasons(client, supervisor):
    open_now()
    log_in(client, supervisor)

    form = {"number": "13800000000", "words": "身份证 410102198503159912"}
    refused = client.post("/calls/not-called", data=form)
    kept = client.post("/calls/not-called", data={"number": "13800000000", "words": "本人来电"})
    listed = text(client.get("/calls/not-called"))
    (lift,) = re.findall(r'action="(/calls/not-called/\d+/lift)"', listed)
    lifted = client.post(lift, data={"words": "登记有误"})

    assert [r.status_code for r in (refused, kept, lifted)] == [422, 303, 303]
    assert "13800000000" in text(refused)
    assert "13800000000" not in listed
    assert "本人来电" in listed
    assert "138****0000" in listed
    after = text(client.get("/calls/not-called"))
    assert "登记有误" in after
    assert "已恢复拨打" in after


def test_the_introduction_is_set_and_read_out(client, supervisor):
    campaign = open_now()
    log_in(client, supervisor)
    said = {"agency": "豫测访问中心", "hotline": "0371-60000000", "check_place": "豫测查验页"}

    sent = client.post("/calls/introduction", data=said)
    too_long = client.post("/calls/introduction", data=said | {"agency": "长" * 61})

    assert [sent.status_code, too_long.status_code] == [303, 422]
    page = text(client.get(f"/calls/introduction?campaign={campaign.id}"))
    assert "豫测访问中心访问员" in page
    assert "可拨打0371-60000000或在豫测查验页输入" in page


def test_a_skill_is_asked_for_by_hand(client, supervisor):
    open_now()
    claim = called("41")
    log_in(client, supervisor)
    path, data = f"/calls/cases/{claim.case_id}/skill", {"skill": "refusal", "code": claim.code}

    nobody = client.post(path, data=data)
    make_user(skills=["refusal"])
    somebody = client.post(path, data=data)
    unknown = client.post(path, data={"skill": "singing"})

    assert [r.status_code for r in (nobody, somebody, unknown)] == [409, 303, 404]
    assert "没有在用的话务员" in text(nobody)
    assert (
        db.session.get_one(CaseSchedule, claim.case_id, populate_existing=True).skill == "refusal"
    )


@pytest.mark.both_engines
@pytest.mark.parametrize("code", ["P1-999999", "", "'; --", "一" * 300])
def test_a_code_that_no_case_has_is_answered_in_words(client, supervisor, code):
    open_now()
    log_in(client, supervisor)

    page = client.get("/calls/cases", query_string={"code": code})

    assert page.status_code == (404 if code else 200)


@pytest.fixture
def late(client, supervisor):
    """A report that came when the case had gone back into the queue."""
    open_now()
    operator, at = make_user(name="演示迟到员"), utcnow() - timedelta(hours=1)
    claim = claim_next_case(actor=operator, at=at, hours=ALL_DAY)
    start_attempt(claim.case_id, claim.fence, actor=operator, at=at, hours=ALL_DAY)
    after = at + LEASE + timedelta(minutes=1)
    expire_leases(at=after)
    with pytest.raises(OutcomeKeptLate):
        report(claim, "22", actor=operator, at=after, note="明确拒绝")
    log_in(client, supervisor)
    return db.session.scalars(select(LateOutcome)).one()


def test_a_late_report_is_shown_and_accepted(client, late):
    page = text(client.get("/calls/board"))
    case_id, number = late.case_id, late.id

    accepted = client.post(f"/calls/board/late/{number}/accept")

    assert "演示迟到员" in page
    assert "明确拒绝" in page
    assert accepted.status_code == 303
    assert db.session.get_one(Case, case_id, populate_existing=True).state is CaseState.PHONED
    assert "演示迟到员 在占用失效后提交" not in text(client.get("/calls/board"))


def test_a_late_report_is_dismissed_only_with_a_reason(client, late):
    number = late.id

    without = client.post(f"/calls/board/late/{number}/dismiss", data={"words": " "})
    reasoned = client.post(f"/calls/board/late/{number}/dismiss", data={"words": "重复"})

    assert (without.status_code, reasoned.status_code) == (422, 303)
    kept = db.session.get_one(LateOutcome, number, populate_existing=True)
    assert kept.state is LateState.DISMISSED


RULES = {
    "opens": "09:00",
    "ends": "20:30",
    "rest_from": "12:00",
    "rest_until": "14:00",
    "calls_of_a_case": "9",
    "calls_a_day": "2",
    "fresh_share": "60",
    "slot_capacity": "4",
    "rest_41": "1.5",
    "rest_21": "",
}


def test_the_rules_are_changed_and_shown(client, supervisor):
    campaign = open_now()
    log_in(client, supervisor)

    sent = client.post(f"/calls/rules?campaign={campaign.id}", data=RULES)
    late = client.post(f"/calls/rules?campaign={campaign.id}", data=RULES | {"since": ""})

    assert (sent.status_code, late.status_code) == (303, 409)  # of two tabs the second is told
    rules = calling_rules(campaign.id)
    assert (rules.hours.opens.hour, rules.hours.rest_until.hour) == (9, 14)
    assert (rules.calls_of_a_case, rules.calls_a_day, rules.fresh_share) == (9, 2, 60)
    assert rules.rests == {"41": 90}
    page = text(client.get("/calls/rules"))
    assert 'value="20:30"' in page
    assert 'value="1.5"' in page
    assert 'value="168"' in page  # after a soft refusal, as usual


@pytest.mark.parametrize(
    "wrong",
    [
        {"opens": "06:00"},
        {"ends": "22:00"},
        {"rest_until": ""},
        {"calls_a_day": "11"},
        {"fresh_share": "101"},
        {"slot_capacity": "viele"},
        {"opens": "25:00"},
        {"rest_21": "1"},
        {"rest_41": "x"},
    ],
)
def test_rules_that_cannot_be_used_change_nothing_and_keep_what_was_typed(
    client, supervisor, wrong
):
    campaign = open_now()
    log_in(client, supervisor)
    before = calling_rules(campaign.id)

    page = client.post("/calls/rules", data=RULES | wrong)

    assert page.status_code == 422
    assert calling_rules(campaign.id) == before
    assert 'value="14:00"' in text(page) or "rest_until" in wrong
    field = next(iter(wrong))
    assert f'class="hy-err" id="{field}-error"' in text(page)


def test_the_share_of_re_calls_is_set_and_one_operator_is_called_again(client, supervisor):
    campaign, operator = open_now(), make_user()
    called("11", operator, outcome="V1")
    log_in(client, supervisor)

    client.post(f"/calls/recalls/{campaign.id}/share", data={"share": "2.5"})
    bad = client.post(f"/calls/recalls/{campaign.id}/share", data={"share": "x"})
    page = client.post(
        f"/calls/recalls/{campaign.id}/operators/{operator.id}", follow_redirects=True
    )

    assert db.session.get_one(RecallPlan, campaign.id).share == 0.025
    assert bad.status_code == 422
    assert 'id="share-error"' in text(bad)
    assert 'value="x"' in text(bad)
    assert "没有可复核的访问" in text(page)
    assert len(db.session.scalars(select(Recall)).all()) == 1
    assert operator.name in text(page)


@pytest.mark.parametrize("settlement", ["lead", "kept"])
def test_a_contradiction_is_settled_on_the_page(client, supervisor, settlement):
    campaign, second = open_now(), make_user()
    called("11", outcome="V1")
    log_in(client, supervisor)
    client.post(f"/calls/recalls/{campaign.id}/share", data={"share": "100"})
    later = utcnow() + timedelta(days=2)  # a re-call waits for the morning of the next day
    claim = claim_next_case(actor=second, at=later, hours=ALL_DAY)
    while not db.session.scalar(select(Recall.id).where(Recall.case_id == claim.case_id)):
        report(claim, "22", actor=second, at=later)
        claim = claim_next_case(actor=second, at=later, hours=ALL_DAY)
    report(claim, "11", outcome="N2", actor=second, at=later)
    recall_id = db.session.scalars(select(Recall.id)).one()
    path = f"/calls/recalls/{campaign.id}/settle/{recall_id}"

    shown = text(client.get("/calls/recalls"))
    client.post(path, data={"settlement": settlement, "words": "家属接听"})
    twice = client.post(path, data={"settlement": settlement, "words": "家属接听"})

    assert claim.code in shown
    assert twice.status_code == 409
    case = db.session.get_one(Case, claim.case_id, populate_existing=True)
    assert case.lead_cause == ("N2" if settlement == "lead" else "")
    assert case.phone_outcome == "V1"


def test_the_supervisor_asks_and_the_coordinator_opens_the_next_replicate(client, supervisor):
    campaign = open_now()
    log_in(client, supervisor)
    client.post(f"/calls/progress/{campaign.id}/ask/2")
    refused = client.post(f"/calls/progress/{campaign.id}/release/2")
    log_in(client, make_user(Role.COORDINATOR))

    page = text(client.get("/calls/progress"))
    shown = [text(client.get(path)) for path in ("/campaigns/", f"/campaigns/{campaign.id}")]
    opened = client.post(f"/calls/progress/{campaign.id}/release/2")

    assert db.session.get(ReleaseRequest, (campaign.id, 2)) is not None
    assert refused.status_code == 403
    assert "演示督导甲" in page
    assert "已申请第 2 批" in shown[0]
    assert "演示督导甲" in shown[1]
    assert "已申请第 2 批" not in text(client.get("/campaigns/"))
    assert opened.status_code == 303
    replicate = db.session.get_one(Replicate, (campaign.id, 2), populate_existing=True)
    assert replicate.reason is ReleaseReason.FEW_ANSWERS


def test_rates_are_exported_in_both_forms(client, supervisor):
    campaign = open_now()
    called("11", outcome="V1")
    log_in(client, supervisor)

    book = client.get(f"/calls/rates/export.xlsx?campaign={campaign.id}&by=operator")
    plain = client.get("/calls/rates/export.csv?by=day&weighted=1")

    assert book.data[:2] == b"PK"
    assert "按设计" not in plain.get_data(as_text=True)
    assert "应答率 1" in plain.get_data(as_text=True)
    assert "rates-weighted" in plain.headers["Content-Disposition"]
    assert "rates-weighted" not in book.headers["Content-Disposition"]
    for path in ("export.pdf", "export.csv?by=weather", "export.csv?campaign=99"):
        assert client.get(f"/calls/rates/{path}").status_code == 404, path


def test_a_message_is_sent_from_the_board_with_words_only(client, supervisor):
    operator = make_user()
    log_in(client, supervisor)
    address = f"/calls/board/operators/{operator.id}/message"

    sent = client.post(address, data={"words": "请逐字读"})
    empty = client.post(address, data={"words": " "})

    assert [sent.status_code, empty.status_code] == [303, 422]
    assert [one.words for one in said_to(actor=operator, at=utcnow())] == ["请逐字读"]
    assert "未读留言" in text(client.get("/calls/board"))


def test_an_operators_answer_waits_on_the_board_until_it_is_read(client, supervisor):
    operator = make_user(name="演示话务员丙")
    send_message(operator.id, "请逐字读", actor=supervisor, at=utcnow())
    [asked] = said_to(actor=operator, at=utcnow())
    answer_message(asked.uid, "已照办", actor=operator, at=utcnow())
    log_in(client, supervisor)

    shown = text(client.get("/calls/board"))
    [waiting] = floor(actor=supervisor, at=utcnow()).answers
    client.post(f"/calls/board/answers/{waiting.uid}/read")

    for words in ("演示话务员丙", "“已照办”", "“请逐字读”"):
        assert words in shown
    assert "“已照办”" not in text(client.get("/calls/board"))


def test_the_board_offers_the_next_replicate_and_says_what_speaks_for_it(client, supervisor):
    campaign = open_now(8)
    log_in(client, supervisor)
    assert "最近七天没有办结个案" in text(client.get("/calls/board/yield"))
    called("11", outcome="V1")
    assert "未办结个案会在现场工作结束前拨完" in text(client.get("/calls/board/yield"))

    client.post(f"/calls/progress/{campaign.id}/ask/2")

    assert "已申请" in text(client.get("/calls/board/yield"))
