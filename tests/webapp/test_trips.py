import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.calls.call_codes import GOOD_FOR, call_code, calls_with
from casework.calls.models import Attempt
from casework.cases.models import PhoneClass
from casework.db import db, utcnow
from casework.visits.along_models import LeadReport
from casework.visits.lead_entry import enter_leads
from casework.visits.models import Lead, LeadResult, LeadSubject, Trip
from tests.casework.visits.factories import make_visiting_campaign, visits_of
from tests.casework.visits.test_lead_entry import DRAFT
from tests.factories import LUOHE, NOON, make_user
from tests.webapp.people import log_in
from tests.webapp.test_supervision import called, open_now
from tests.webapp.test_visits import TODAY
from webapp.formats import local
from webapp.limits import CHECK


@pytest.fixture
def coordinator(client):
    return log_in(client, make_user(Role.COORDINATOR))


@pytest.fixture
def campaign(coordinator):
    make_user(Role.INSPECTOR, name="演示李明")
    campaign = make_visiting_campaign("N2", "V1", shares={PhoneClass.ACHIEVED: 0})
    coordinator.post(f"/visits/plan/{campaign.uid}/assign", data={"on_date": TODAY.isoformat()})
    return campaign


@pytest.fixture
def trip(campaign) -> Trip:
    return db.session.scalars(select(Trip)).one()


def test_trips_are_listed_and_a_letter_names_no_person_but_the_inspector(
    coordinator, campaign, trip
):
    page = coordinator.get(f"/visits/trips/{campaign.uid}").text
    letter = coordinator.post(f"/visits/trips/trip/{trip.uid}/letter").text

    assert "漯河市 临颍县" in page
    assert "演示李明" in letter
    assert f"{trip.code[:5]}-{trip.code[5:]}" in letter
    assert "演示2" not in letter


def test_a_trip_is_given_over_on_the_page_with_a_reason(coordinator, campaign, trip):
    taker = make_user(Role.INSPECTOR, name="演示王芳")
    path = f"/visits/trips/trip/{trip.uid}/give"
    form = {"inspector": taker.id, "version": trip.version}

    refused = coordinator.post(path, data=form | {"reason": " "})
    done = coordinator.post(path, data=form | {"reason": "车坏了"}, follow_redirects=True)

    assert refused.status_code == 422
    assert "行程已转交" in done.text
    assert "演示王芳" in done.text
    assert coordinator.post(path, data=form | {"reason": "又"}).status_code in {409, 422}
    db.session.expire_all()
    assert visits_of(campaign)[0].inspector_id == taker.id


def check(app, code: str, name: str):
    return app.test_client().post("/check/", data={"code": code, "name": name})


def test_anybody_may_check_a_letter_and_learns_place_and_day_alone(app, trip):
    yes = check(app, trip.code, "演示李明")

    assert yes.status_code == 200
    assert "该介绍信有效" in yes.text
    assert "漯河市 临颍县" in yes.text
    assert TODAY.isoformat() in yes.text


def test_every_no_is_the_same_page(app, trip):
    def answer(code: str, name: str) -> str:
        page = check(app, code, name).text
        return re.sub('name="csrf.*', "", page).replace(code, "").replace(name, "")

    unknown = answer("ZZZZZZZZZZ", "演示甲乙")
    wrong_name = answer(trip.code, "演示甲丙")
    db.session.get(User, trip.inspector_id).active = False
    db.session.commit()
    left = answer(trip.code, "演示李明")

    assert "没有与该编码和姓名相符的有效核查" in unknown
    assert unknown == wrong_name == left


def test_the_code_that_an_interviewer_read_out_is_known_without_a_name(app):
    open_now()
    called("41", make_user(name="演示话务员"))
    call = db.session.scalars(select(Attempt)).one()
    code = call_code(call.uid)
    other = f"{(int(code, 16) + 1) % 16**6:06X}"

    yes, no = check(app, f" {code.lower()}", ""), check(app, other, "")

    assert "是我们拨打的" in yes.text
    assert local(call.dialled_at) in yes.text
    assert "演示话务员" not in yes.text
    assert "没有使用这个查验码" in no.text
    assert calls_with(code, at=utcnow() + GOOD_FOR) == []
    assert check(app, "ZZZZZZZZZZ", "").status_code == 422


def test_an_empty_form_is_refused_in_words(app):
    assert check(app, "", "").status_code == 422


def test_an_address_that_tries_codes_is_stopped(app):
    app.config["RATELIMIT_ENABLED"] = True
    try:
        tries = [check(app, f"ZZZZZZZZZ{n}", "演示").status_code for n in range(11)]
    finally:
        app.config["RATELIMIT_ENABLED"] = False
    assert tries == [200] * int(CHECK.split()[0]) + [429]


@pytest.fixture
def along(coordinator) -> tuple[Lead, User]:
    """A lead that travels along today, and the inspector on whose trip it is."""
    inspector = make_user(Role.INSPECTOR)
    campaign = make_visiting_campaign("N2")
    draft = replace(DRAFT, subject=LeadSubject.PERSON, name="演示甲乙")
    enter_leads(campaign.id, [draft], actor=make_user(Role.COORDINATOR), at=NOON)
    lead = db.session.scalars(select(Lead).where(Lead.source_no != "")).one()
    lead.owner_id = inspector.id
    db.session.commit()
    coordinator.post(f"/visits/plan/{campaign.uid}/assign", data={"on_date": TODAY.isoformat()})
    return lead, inspector


def test_a_lead_that_travels_along_is_part_of_the_inspectors_day_and_of_nobody_elses(along, app):
    lead, inspector = along
    own = log_in(app.test_client(), inspector)
    other = log_in(app.test_client(), make_user(Role.INSPECTOR))
    path = f"/visits/trips/along/{lead.uid}"

    assert path in own.get("/visits/today").text
    assert path in own.get("/visits/device/day").json["pages"]
    assert path not in other.get("/visits/today").text
    page = own.get(path).text
    assert DRAFT.words in page
    assert "演示甲乙" not in page
    assert "演示甲乙" in own.post(f"{path}/person", data={"purpose": "visit"}).text
    assert other.get(path).status_code == other.post(f"{path}/person").status_code == 404


def test_what_the_inspector_finds_out_is_the_result_of_the_lead(along, app, coordinator):
    lead, inspector = along
    own = log_in(app.test_client(), inspector)
    other = log_in(app.test_client(), make_user(Role.INSPECTOR))
    found = {"result": "false", "words": "演示：当面核对不属实", "idempotency_key": "k1"}
    path = f"/visits/device/lead/{lead.uid}"

    assert other.post(path, data=found).status_code == 404
    refused = own.post(path, data=found | {"words": " "})
    assert (refused.status_code, refused.json["state"]) == (422, "refused")
    receipt = own.post(path, data=found).json

    assert (receipt["state"], receipt["key"]) == ("received", "k1")
    assert own.post(path, data=found).json == receipt
    db.session.expire_all()
    assert (lead.result, lead.result_words) == (LeadResult.FALSE, found["words"])
    assert "1 / 2" in own.get("/visits/today").text
    page = coordinator.get(f"/visits/leads/lead/{lead.uid}").text
    assert all(told in page for told in (lead.number, found["words"], inspector.name))


def test_a_report_about_a_lead_that_ended_meanwhile_waits_for_the_coordinator(
    along, app, coordinator
):
    lead, inspector = along
    own = log_in(app.test_client(), inspector)
    coordinator.post(
        f"/visits/leads/lead/{lead.uid}/settle", data={"result": "true", "words": "已电话查清"}
    )
    found = {"result": "false", "words": "演示：当面核对不属实", "idempotency_key": "k1"}

    receipt = own.post(f"/visits/device/lead/{lead.uid}", data=found).json
    waiting = coordinator.get("/visits/review/conflicts").text
    report = db.session.scalars(select(LeadReport)).one()
    noted = coordinator.post(f"/visits/review/conflicts/lead/{report.uid}/note")

    assert receipt["state"] == "kept"
    assert "已由他人写明结果" in receipt["words"]
    for told in (found["words"], "已电话查清", inspector.name):
        assert told in waiting
    assert noted.status_code == 302
    assert found["words"] not in coordinator.get("/visits/review/conflicts").text
    assert found["words"] in coordinator.get(f"/visits/leads/lead/{lead.uid}").text


def test_a_share_raised_after_the_wave_says_how_many_visits_it_added(coordinator, campaign):
    form = dict.fromkeys(PhoneClass, 0.0) | {PhoneClass.ACHIEVED: 100}
    path = f"/visits/plan/{campaign.uid}/shares/{LUOHE}"

    page = coordinator.post(path, data=form, follow_redirects=True)

    assert "补入现场核查 1 件" in page.text
    assert len(visits_of(campaign)) == 2
