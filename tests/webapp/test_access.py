import re

import pytest
from sqlalchemy import func, select

from casework.accounts.models import LoginSession, User
from casework.accounts.roles import Permission, Role
from casework.accounts.service import set_active
from casework.audit.models import AuditEvent
from casework.calls.pushing import push_case
from casework.calls.queue import claim_next_case
from casework.cases.models import Case
from casework.db import db, utcnow
from tests.casework.calls.rows import open_replicate
from tests.factories import NOON, PASSWORD, make_user
from tests.webapp.people import log_in
from webapp.access import PUBLIC
from webapp.areas import HOME, MENU
from webapp.headers import HEADERS

NOTHING = "现在没有可拨的个案，原因见下表。"


def test_every_view_is_public_by_name_or_asks_for_a_permission(app):
    unmarked = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in PUBLIC and not isinstance(getattr(view, "permission", None), Permission)
    }

    assert unmarked == set()


def test_every_menu_entry_and_home_exists(app):
    endpoints = {item.endpoint for item in MENU} | set(HOME.values())

    assert endpoints <= set(app.view_functions)
    assert set(HOME) == set(Role)


def test_a_stranger_is_sent_to_the_log_in_page(client):
    for path in ("/", "/users", "/campaigns/", "/calls/", "/estimates/", "/ledgers/", "/visits/"):
        response = client.get(path)
        assert (response.status_code, response.location) == (302, "/log-in"), path
        assert client.post(path).status_code in {401, 405}, path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_starts_on_its_own_page_and_sees_only_its_menu(client, role):
    user = make_user(role)
    allowed = {item.endpoint for item in MENU if user.can(item.permission)}
    log_in(client, user)

    page = client.get("/", follow_redirects=True)

    assert page.status_code == 200
    for item in MENU:
        with client.application.test_request_context():
            path = client.application.url_for(item.endpoint)
        assert (client.get(path).status_code == 200) == (item.endpoint in allowed), path


def test_the_wrong_password_says_what_to_do_and_shows_nothing(client):
    user = make_user()

    page = client.post("/log-in", data={"login": user.login, "password": "not the password"})

    assert page.status_code == 401
    assert "账号或密码不对" in page.text


def test_logging_in_changes_the_token_and_the_cookie_is_kept_from_scripts(client):
    user = make_user()
    client.post("/language/en")
    before = client.get_cookie("sid").value

    response = client.post("/log-in", data={"login": user.login, "password": PASSWORD})

    assert client.get_cookie("sid").value != before
    assert re.search("HttpOnly.*SameSite=Strict", response.headers["Set-Cookie"])
    assert db.session.scalars(select(LoginSession.user_id)).all() == [user.id]


def test_what_a_page_is_to_say_is_said_once_and_believed_only_if_it_is_ours(client):
    log_in(client, make_user())
    client.get("/calls/")  # the first page writes its token into the session
    row = db.session.scalars(select(LoginSession)).one()
    stored = dict(row.content)

    client.post("/calls/next")
    first, second = client.get("/calls/"), client.get("/calls/")

    assert NOTHING in first.text
    assert NOTHING not in second.text
    db.session.refresh(row)
    assert row.content == stored

    client.set_cookie("said", "W1siZG9uZSIsImZvcmdlZCJdXQ.x")
    assert "forged" not in client.get("/calls/").text


def test_a_stolen_cookie_is_worthless_after_logging_out(client):
    log_in(client, make_user(Role.CLERK))
    stolen = client.get_cookie("sid").value

    response = client.post("/log-out")
    client.set_cookie("sid", stolen)

    assert response.headers["Clear-Site-Data"]
    assert client.get("/ledgers/").location == "/log-in"


def test_a_disabled_user_is_out_at_the_next_request(client):
    user, administrator = make_user(Role.CLERK), make_user(Role.ADMINISTRATOR)
    log_in(client, user)

    set_active(user.id, active=False, actor=administrator, at=utcnow())

    assert client.get("/ledgers/").location == "/log-in"


def test_an_idle_session_ends(client, app):
    log_in(client, make_user(Role.CLERK))
    row = db.session.scalars(select(LoginSession)).one()
    row.seen_at = row.seen_at - 2 * app.config["IDLE_SESSION"]
    db.session.commit()

    assert client.get("/ledgers/").location == "/log-in"


@pytest.mark.parametrize("path", ["/log-in", "/no-such-page", "/healthz"])
def test_every_answer_carries_the_protecting_headers(client, path):
    headers = client.get(path).headers

    for name, value in HEADERS.items():
        assert headers[name] == value
    assert headers["Cache-Control"] == "no-store"
    assert "'unsafe" not in headers["Content-Security-Policy"]


def test_a_form_without_its_token_changes_nothing(app):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        response = app.test_client().post("/log-in", data={"login": "a", "password": "b"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert response.status_code == 400


def test_the_administrator_adds_and_disables_a_user(client):
    log_in(client, make_user(Role.ADMINISTRATOR))
    facts = {"login": "new.clerk", "name": "演示填报员", "role": "clerk", "region": "411122"}

    assert client.post("/users", data=facts | {"password": "short"}).status_code == 422
    added = client.post("/users", data=facts | {"password": PASSWORD}, follow_redirects=True)
    again = client.post("/users", data=facts | {"password": PASSWORD})

    assert "new.clerk" in added.text
    assert again.status_code == 422
    assert "已有同名账号" in again.text


def test_the_auditor_reads_the_trail_and_checks_the_chain(client):
    log_in(client, make_user(Role.AUDITOR, name="演示审计员"))

    page = client.get("/audit")
    checked = client.get("/audit/check")

    assert "演示审计员" in page.text
    assert "审计链完整" in checked.text


def test_a_long_chain_is_checked_in_stretches_and_says_how_far(client, monkeypatch):
    monkeypatch.setattr("webapp.accounts.views.STRETCH", 1)
    log_in(client, make_user(Role.ADMINISTRATOR))
    log_in(client, make_user(Role.AUDITOR))
    last = db.session.scalar(select(func.max(AuditEvent.id)))

    begun = client.get("/audit/check").text
    ended = client.get(f"/audit/check?after={last - 1}", headers={"HX-Request": "true"}).text

    assert "hx-get" in begun
    assert "审计链完整" not in begun
    assert "审计链完整" in ended
    assert "<html" not in ended


def test_the_trail_names_to_whom_a_case_was_pushed(client):
    campaign, operator = open_replicate(1), make_user(login="yun.he", name="演示话务员乙")
    pushed = db.session.scalars(select(Case.id).where(Case.campaign_id == campaign.id)).one()
    push_case(pushed, operator.id, actor=make_user(Role.SUPERVISOR), at=NOON)
    log_in(client, make_user(Role.AUDITOR))

    assert "演示话务员乙 yun.he" in client.get("/audit?action=case:push").text


def test_acts_are_found_by_person_kind_day_and_case_and_said_in_words(client):
    open_replicate(1)
    operator = make_user(name="演示话务员甲")
    claim = claim_next_case(actor=operator, at=NOON)
    log_in(client, make_user(Role.AUDITOR))

    of_case = client.get("/audit?case=p1-000001").text
    of_person = client.get(f"/audit?actor={operator.id}&action=case:claim&day=2017-12-04").text

    for page in (of_case, of_person):
        assert "个案 P1-000001" in page
        assert f"占用序号: {claim.fence}" in page
    for nothing in ("case=P1-999999", "day=2017-12-05", "day=soon", f"actor={10**9}"):
        assert "没有符合条件的操作" in client.get(f"/audit?{nothing}").text


def test_a_user_is_found_and_changed_by_one_at_a_time(client):
    log_in(client, me := make_user(Role.ADMINISTRATOR))
    user = make_user(name="演示李敏", login="li.min")
    make_user(name="演示王强", login="wang.qiang")
    facts = {"name": "演示李敏敏", "role": "supervisor", "region": "411100"}
    page, version = f"/users/{user.id}", str(user.version)

    found = client.get("/users?find=LI.M").text
    form = client.get(f"/users/{make_user(region='411122').id}").text
    changed = client.post(page, data=facts | {"version": version})
    stale = client.post(page, data=facts | {"version": version})
    own = facts | {"version": str(me.version)}
    refused = client.post(f"/users/{me.id}", data=own)

    assert 'selected value="411122"' in form
    assert ("li.min" in found, "wang.qiang" in found) == (True, False)
    assert (changed.status_code, stale.status_code, refused.status_code) == (303, 409, 422)
    now = db.session.get_one(User, user.id, populate_existing=True)
    assert (now.name, now.role, now.region_code) == ("演示李敏敏", Role.SUPERVISOR, "411100")


def test_a_forgotten_password_is_set_anew_and_ends_every_session(client, app):
    log_in(client, make_user(Role.ADMINISTRATOR))
    user = make_user(login="li.min")
    there = log_in(app.test_client(), user)
    page, new = f"/users/{user.id}/password", "another long password"

    weak, sent = (client.post(page, data={"password": given}) for given in ("short", new))
    ended = there.get("/calls/")
    entered = there.post("/log-in", data={"login": "li.min", "password": new})

    assert (weak.status_code, sent.status_code) == (422, 303)
    assert (ended.location, entered.location) == ("/log-in", "/")


def test_a_refused_form_leads_back_to_the_page_it_was_sent_from(client):
    log_in(client, make_user(Role.SUPERVISOR))
    path = "/calls/board/999999/return"

    ours = client.post(path, headers={"Referer": "http://localhost/calls/board?x=1"}).text
    theirs = client.post(path, headers={"Referer": "http://elsewhere.example/calls/board"}).text

    assert 'href="/calls/board?x=1"' in ours
    assert "返回刚才的页面" not in theirs


def test_an_operators_skills_are_given_with_the_account_and_changed_later(client):
    log_in(client, make_user(Role.ADMINISTRATOR))
    facts = {"name": "演示", "role": "operator", "region": "410000", "password": PASSWORD}
    client.post("/users", data={"login": "new", "skills": ["dialect", "refusal"], **facts})
    user = db.session.scalars(select(User).where(User.login == "new")).one()
    first = list(user.skills)

    client.post(f"/users/{user.id}/skills", data={"skills": ["refusal", "no such skill"]})
    page = client.get("/users").get_data(as_text=True)

    assert first == ["dialect", "refusal"]
    assert db.session.get_one(User, user.id, populate_existing=True).skills == ["refusal"]
    assert "善于转化拒访" in page
    assert client.post("/users/999999/skills").status_code == 404


def test_a_skill_that_does_not_exist_is_refused_with_the_account(client):
    log_in(client, make_user(Role.ADMINISTRATOR))
    facts = {"name": "演示", "role": "operator", "region": "410000", "password": PASSWORD}

    page = client.post("/users", data={"login": "new", "skills": ["singing"], **facts})

    assert page.status_code == 422
