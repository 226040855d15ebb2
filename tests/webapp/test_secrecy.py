"""Who gets an answer at all: every address, every role, one's own region and another one."""

from copy import deepcopy
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from casework.accounts.models import LoginSession, User
from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.db import Base, db, new_uid
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.models import Ledger
from casework.visits.findings import record_finding
from casework.visits.models import Photo
from tests.casework.visits.factories import KAIFENG, make_assigned_visit, make_photo, make_report
from tests.factories import LUOHE, NOON, make_user
from tests.grounds import begins_with
from tests.webapp.people import log_in
from webapp.access import PUBLIC

#: A campaign's results may be seen in its regions from this day on.
LONG_AGO, FAR_AHEAD = date(2018, 1, 15), date(2199, 1, 1)
#: Addresses without the name of anybody's row; a region's own people may open them.
GENERAL = {
    "home",
    "accounts.users",
    "accounts.trail",
    "accounts.check_trail",
    "ledgers.index",
    "campaigns.index",
    "campaigns.new",
    "calls.desk",
    "day.mine",
    "finding.ask",
    "finding.find",
    "calls.case",
    "supervision.board",
    "supervision.live",
    "supervision.place_yield",
    "supervision.find",
    "supervision.found_by_number",
    "supervision.rules",
    "supervision.recalls",
    "supervision.signals",
    "supervision.rates",
    "supervision.progress",
    "visits.today",
    "visits.plan",
    "leads.template",
    "adjudication.index",
    "rectification.start",
    "device.day",
    "device.locked",
    "review.conflicts",
    "review.signals",
    "estimates.index",
}


def make_places() -> dict[str, dict[str, object]]:
    """Return what the addresses of each area name: rows of a whole campaign in 漯河市."""
    make_user(Role.INSPECTOR)
    visit, inspector = make_assigned_visit("V1")
    report = make_report("V1", photos=[make_photo()])
    record_finding(visit.uid, report, actor=inspector, at=NOON)
    campaign = db.session.scalars(select(Campaign)).one()
    run = request_run(campaign.id, actor=make_user(Role.VERIFIER), at=NOON)
    compute_run(run.uid, at=NOON)
    case = db.session.scalars(select(Case)).one()
    uid = {
        "visits.show": visit.uid,
        "visits.person": visit.uid,
        "visits.photo": db.session.scalars(select(Photo.uid)).one(),
        "device": visit.uid,
        "enterprise": visit.uid,
        "review": new_uid(),
        "review.visit": visit.uid,
        "review.photo": db.session.scalars(select(Photo.uid)).one(),
        "leads": campaign.uid,
        "trips": campaign.uid,
        "trips.lead": new_uid(),
        "trips.lead_person": new_uid(),
        "device.lead": new_uid(),
        "adjudication": new_uid(),
        "rectification": campaign.uid,
        "rectification.file": new_uid(),
        "reports": run.uid,
        "day": new_uid(),
        "supervision.read_answer": new_uid(),
        "supervision.settle_call_back": new_uid(),
        "supervision.overrule": new_uid(),
        "plans": new_uid(),
        "visits": campaign.uid,
        "estimates.compute": campaign.uid,
        "estimates.person": case.uid,
        "estimates.photo": db.session.scalars(select(Photo.uid)).one(),
        "estimates": run.uid,
        "judging": run.uid,
        "objections": run.uid,
    }
    row = {
        "ledger_id": db.session.scalars(select(Ledger.id)).one(),
        "campaign_id": campaign.id,
        "case_id": case.id,
        "case_uid": case.uid,
        "user_id": inspector.id,
        "number": 1,
        "operator_id": inspector.id,
        "recall_id": 1,
        "spared_id": 1,
        "kind": "csv",
        "other": run.uid,
        "override": new_uid(),
        "project": case.project.value,
        "code": LUOHE,
        "unit": LUOHE,
    }
    return {"uid": uid, "row": row, "inspector": {"login": inspector.login}}


pytestmark = begins_with(make_places)


@pytest.fixture
def places(begun) -> dict[str, dict[str, object]]:
    return deepcopy(begun)  # a test may change it


def addresses(app: Flask, places, method: str) -> dict[str, str]:
    """The address of every view that is not public, with rows that are there.

    A view with a name in its address that is not known above fails here.
    """
    found = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint in PUBLIC or method not in (rule.methods or set()):
                continue
            area = rule.endpoint.split(".")[0]
            named = {"uid": places["uid"].get(rule.endpoint, places["uid"].get(area))}
            values = {name: (named | places["row"])[name] for name in rule.arguments}
            found[rule.endpoint] = app.url_for(rule.endpoint, **values)
    return found


def allowed(app: Flask, endpoint: str, user: User) -> bool:
    return user.can(app.view_functions[endpoint].permission)  # type: ignore[attr-defined]


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database but log-ins and the trail of what was looked at."""
    left_out = {LoginSession.__tablename__, AuditEvent.__tablename__}
    return {
        table.name: [tuple(row) for row in db.session.execute(select(table))]
        for table in Base.metadata.sorted_tables
        if table.name not in left_out
    }


def client_of(app: Flask, user: User) -> FlaskClient:
    return log_in(app.test_client(), user)


class TestEveryAddress:
    def test_a_stranger_gets_nothing(self, app, places):
        client = app.test_client()
        for endpoint, path in addresses(app, places, "GET").items():
            answer = client.get(path)
            assert (answer.status_code, answer.location) == (302, "/log-in"), endpoint
        for endpoint, path in addresses(app, places, "POST").items():
            assert client.post(path).status_code == 401, endpoint

    def test_a_role_without_the_permission_gets_nothing(self, app, places):
        for role in Role:
            user = make_user(role)
            client = client_of(app, user)

            for method in ("GET", "POST"):
                for endpoint, path in addresses(app, places, method).items():
                    if not allowed(app, endpoint, user):
                        status = client.open(path, method=method).status_code
                        assert status == 403, (method, endpoint)

    @pytest.mark.both_engines
    def test_looking_changes_nothing_and_never_fails(self, app, places):
        for role in Role:
            user = make_user(role)
            client, before = client_of(app, user), rows()

            for endpoint, path in addresses(app, places, "GET").items():
                status = client.get(path).status_code
                assert status < 500, endpoint
                if allowed(app, endpoint, user):
                    assert status in {200, 302, 303, 404}, endpoint

            assert rows() == before

    @pytest.mark.both_engines
    @pytest.mark.parametrize("there", [True, False])
    def test_an_empty_form_never_fails(self, app, places, there):
        for role in Role:
            user = make_user(role)
            client = client_of(app, user)
            if not there:
                places["row"] |= {"ledger_id": 9**9, "campaign_id": 9**9, "case_id": 9**9}
                places["row"] |= {"user_id": 9**9, "number": 9**12, "code": "x", "unit": "\0"}
                places["uid"] = dict.fromkeys(places["uid"], "\0")

            for endpoint, path in addresses(app, places, "POST").items():
                if allowed(app, endpoint, user) and endpoint != "accounts.log_out":
                    status = client.post(path, data={"case": 9**12, "fence": -1}).status_code
                    assert status < 500, endpoint

    def test_rows_of_another_region_do_not_exist(self, app, places):
        for role in Role:
            user = make_user(role, region=KAIFENG)
            client = client_of(app, user)

            for method in ("GET", "POST"):
                for endpoint, path in addresses(app, places, method).items():
                    if endpoint in GENERAL or endpoint.startswith("accounts."):
                        continue
                    if not allowed(app, endpoint, user) or path.count("/") < 3 or "/case/" in path:
                        continue
                    status = client.open(path, method=method).status_code
                    # A form is looked at before the row it is for, so it may be refused first.
                    assert status in ({404} if method == "GET" else {400, 404, 422}), (
                        method,
                        endpoint,
                    )

    def test_an_inspector_sees_the_visits_of_no_other_one(self, app, places):
        client = client_of(app, make_user(Role.INSPECTOR))
        own = {"visits.show", "visits.photo", "visits.person"}

        for method in ("GET", "POST"):
            for endpoint, path in addresses(app, places, method).items():
                if endpoint in own:
                    data = {"outcome": "V1", "idempotency_key": "key"}
                    sent = data if method == "POST" else None
                    status = client.open(path, method=method, data=sent).status_code
                    assert status == 404, (method, endpoint)

    @pytest.mark.both_engines
    @pytest.mark.parametrize(
        "path",
        [
            "/ledgers/99999999999999999999",
            "/ledgers/?after=99999999999999999999",
            "/ledgers/?project=%00&state=%ff",
            "/ledgers/{ledger_id}?rule=%00",
        ],
    )
    def test_odd_addresses_find_nothing(self, app, places, path):
        client = client_of(app, make_user(Role.COORDINATOR))

        status = client.get(path.format(**places["row"])).status_code

        assert status in {200, 400, 404}, path


class TestTheSampleIsSecret:
    @pytest.fixture
    def estimates(self, app, places) -> dict[str, str]:
        found = addresses(app, places, "GET") | {
            f"{endpoint} by form": path for endpoint, path in addresses(app, places, "POST").items()
        }
        return {name: path for name, path in found.items() if name.startswith("estimates.")}

    def set_results_from(self, day: date) -> None:
        db.session.scalars(select(Campaign)).one().results_from = day
        db.session.commit()

    def test_a_city_sees_no_result_and_no_case_before_its_day(self, app, estimates):
        self.set_results_from(FAR_AHEAD)
        client = client_of(app, make_user(Role.VERIFIER, region=LUOHE))
        name = db.session.scalars(select(Campaign.name)).one()

        assert name not in client.get(estimates.pop("estimates.index")).text
        for endpoint, path in estimates.items():
            method = "POST" if endpoint.endswith("by form") else "GET"
            status = client.open(path, method=method, data={"purpose": "objection"}).status_code
            assert status == 404, endpoint

    def test_a_city_sees_its_own_from_that_day_on(self, app, estimates):
        self.set_results_from(LONG_AGO)
        client = client_of(app, make_user(Role.VERIFIER, region=LUOHE))

        for endpoint in ("estimates.region", "estimates.case", "estimates.photo"):
            assert client.get(estimates[endpoint]).status_code == 200, endpoint

    def test_the_province_works_with_it_before(self, app, estimates):
        self.set_results_from(FAR_AHEAD)
        client = client_of(app, make_user(Role.VERIFIER))

        assert client.get(estimates["estimates.case"]).status_code == 200

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
    def test_sizes_shares_and_leads_are_for_the_province_alone(self, app, places, role):
        user = make_user(role, region=LUOHE)
        client = client_of(app, user)
        name = db.session.scalars(select(Campaign.name)).one()

        for endpoint, path in addresses(app, places, "GET").items():
            if endpoint.startswith(("campaigns.", "visits.")) and allowed(app, endpoint, user):
                assert name not in client.get(path).text, endpoint

    def test_a_coordinator_of_a_city_designs_nothing(self, app, places):
        user = make_user(Role.COORDINATOR, region=LUOHE)
        client, before = client_of(app, user), rows()

        for endpoint, path in addresses(app, places, "POST").items():
            if endpoint.startswith(("campaigns.", "visits.")) and allowed(app, endpoint, user):
                status = client.post(path).status_code
                # An empty form is told so before anybody asks what it is for.
                assert status in ({422} if endpoint == "campaigns.new" else {404}), endpoint

        assert rows() == before


def test_a_photo_runs_nothing_and_is_kept_nowhere(app, places):
    client = client_of(app, make_user(Role.VERIFIER))

    headers = client.get(addresses(app, places, "GET")["estimates.photo"]).headers

    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_looked_at_and_who_is_shown_stands_in_the_trail(app, places):
    found = addresses(app, places, "GET")
    found["person"] = addresses(app, places, "POST")["estimates.person"]
    client = client_of(app, make_user(Role.VERIFIER))

    client.get(found["estimates.case"])
    client.get(found["estimates.photo"])
    client.post(found["person"], data={"purpose": "objection"})

    kept = dict(
        db.session.execute(
            select(AuditEvent.action, func.count()).group_by(AuditEvent.action)
        ).all()
    )
    assert kept[AuditAction.EVIDENCE_SHOW] == 2
    assert kept[AuditAction.PERSON_REVEAL] == 1
