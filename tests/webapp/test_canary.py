"""One fictitious person goes through the whole work and is looked for wherever nobody should be."""

import base64
import io
import json
import logging
import zlib
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select
from sqlalchemy.engine import make_url

from casework.accounts.roles import Role
from casework.audit.models import AuditEvent
from casework.calls.script import answers_leading_to
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case, PhoneClass
from casework.cases.release import release_replicate
from casework.db import db, utcnow
from casework.estimates.models import EstimateRun
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from casework.reports.models import Handout
from casework.visits.models import Photo, Visit
from casework.visits.rates import set_rates
from casework.visits.selection import close_calling
from tests.casework.ledgers.builders import identity_number, row
from tests.casework.ledgers.uploads import XUCHANG, book_of
from tests.casework.visits.factories import assign, make_photo
from tests.databases import make_settings
from tests.factories import agree, make_campaign, make_user
from tests.webapp.people import log_in
from tests.webapp.test_visits import answers

NAME, IDENTITY, PHONE = "阚鸢丝雀", identity_number("19830729"), "13907318264"
#: What is left of them when they are covered.
ID_TAIL = IDENTITY[-4:]


def forms_of(text: str) -> set[bytes]:
    """The ways in which *text* could lie about."""
    raw = text.encode()
    escaped = json.dumps(text).strip('"').encode()
    return {
        raw,
        raw[::-1],
        escaped,
        text.encode("utf-16-le"),
        text.encode("gb18030"),
        raw.hex().encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
    }


def found_in(content: bytes) -> list[str]:
    return [text for text in (NAME, IDENTITY, PHONE) for form in forms_of(text) if form in content]


class Day:
    """What each person of the work sees, and every address that was asked for or answered."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.addresses: list[str] = []
        self.pages: dict[str, list[str]] = {}

    def user(self, role: Role, region: str = "410000") -> FlaskClient:
        return log_in(self.app.test_client(), make_user(role, region=region))

    def ask(self, who: str, client: FlaskClient, method: str, path: str, **sent: object) -> str:
        answer = client.open(path, method=method, **sent)
        assert answer.status_code < 400, (path, answer.status_code, answer.text[:2000])
        self.addresses += [path, answer.location or "", str(answer.headers)]
        self.pages.setdefault(who, []).append(answer.get_data(as_text=True))
        return self.pages[who][-1]


def hand_in(day: Day, work_off) -> None:
    clerk = day.user(Role.CLERK, XUCHANG)
    content = book_of(row(name=NAME, id_no=IDENTITY, phone=PHONE))
    fields = {
        "project": "re_employment",
        "region": XUCHANG,
        "year": "2017",
        "period_end": "2017-11-30",
        "file": (io.BytesIO(content), "演示台账.xlsx"),
    }
    day.ask("clerk", clerk, "POST", "/ledgers/", data=fields)
    work_off(day.app)
    day.ask("clerk", clerk, "GET", "/ledgers/1")
    day.ask("clerk", clerk, "POST", "/ledgers/1/acceptance")
    work_off(day.app)
    day.ask("clerk", clerk, "GET", "/ledgers/1")


def draw(day: Day) -> Campaign:
    campaign = make_campaign(units=(XUCHANG,))
    campaign.fieldwork_ends_on = campaign.results_from = date(2099, 1, 1)
    db.session.commit()
    coordinator, at = make_user(Role.COORDINATOR), utcnow()
    request_freeze(campaign.id, actor=coordinator, at=at)
    freeze_frame(campaign.uid, at=at)
    plan = SizePlan(SizeRule.EQUAL, minimum=1, total=1)
    set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=coordinator, at=at)
    agree(campaign)
    request_draw(campaign.id, replicates=1, actor=coordinator, at=at)
    draw_sample(campaign.uid, at=at)
    release_replicate(campaign.id, 1, actor=coordinator, at=at)
    return campaign


def call(day: Day) -> None:
    operator = day.user(Role.OPERATOR)
    day.ask("operator", operator, "GET", "/calls/")
    day.ask("operator", operator, "POST", "/calls/next")
    case = db.session.scalars(select(Case).where(Case.state == CaseState.HELD)).one()
    held = {"case": str(case.id), "fence": str(case.fence)}
    day.ask("operator", operator, "GET", "/calls/case")
    day.ask("operator", operator, "POST", "/calls/case/dial", data=held)
    day.ask("reveal", operator, "POST", "/calls/case/number", data=held)
    day.ask("operator", operator, "POST", "/calls/case/read", data=held)
    for question, keys in answers_leading_to(Project.RE_EMPLOYMENT, "N1").items():
        sent = held | {"question": question, "keys": list(keys), "words": "演示"}
        day.ask("operator", operator, "POST", "/calls/case/answer", data=sent)
        day.ask("operator", operator, "GET", "/calls/case")
    done = held | {"disposition": "11", "key": "key", "note": "演示备注"}
    day.ask("operator", operator, "POST", "/calls/case/outcome", data=done)
    day.ask("operator", operator, "GET", "/calls/")
    supervisor = day.user(Role.SUPERVISOR)
    day.ask("supervisor", supervisor, "GET", "/calls/board")


def visit(day: Day, campaign: Campaign) -> None:
    coordinator, at = make_user(Role.COORDINATOR), utcnow()
    shares = dict.fromkeys(PhoneClass, 1.0)
    set_rates(campaign.id, XUCHANG, shares, actor=coordinator, at=at)
    close_calling(campaign.id, actor=coordinator, at=at)
    user = make_user(Role.INSPECTOR)
    assign(campaign)
    planner, inspector = day.user(Role.COORDINATOR), log_in(day.app.test_client(), user)
    day.ask("coordinator", planner, "GET", f"/visits/plan/{campaign.uid}")
    uid = db.session.scalars(select(Visit.uid)).one()
    day.ask("inspector", inspector, "GET", "/visits/today")
    day.ask("inspector", inspector, "GET", f"/visits/{uid}")
    day.ask("inspector reveals", inspector, "POST", f"/visits/{uid}/person")
    sent = answers("N1", photos=(io.BytesIO(make_photo()), "photo.jpg"))
    day.ask("inspector", inspector, "POST", f"/visits/{uid}", data=sent)
    day.ask("inspector", inspector, "GET", f"/visits/{uid}")
    photo = db.session.scalars(select(Photo.uid)).one()
    assert inspector.get(f"/visits/photo/{photo}").status_code == 200


def estimate(day: Day, campaign: Campaign, work_off) -> bytes:
    verifier = day.user(Role.VERIFIER)
    day.ask("verifier", verifier, "POST", f"/estimates/campaigns/{campaign.uid}/runs")
    work_off(day.app)
    run = db.session.scalars(select(EstimateRun.uid)).one()
    case = db.session.scalars(select(Case.uid)).one()
    base = f"/estimates/runs/{run}"
    for path in (f"regions/{XUCHANG}/re_employment/cases", f"cases/{case}"):
        day.ask("verifier", verifier, "GET", f"{base}/{path}")
    sent = {"purpose": "objection"}
    day.ask("verifier reveals", verifier, "POST", f"/estimates/cases/{case}/person", data=sent)
    auditor = day.user(Role.AUDITOR)
    day.ask("auditor", auditor, "GET", "/audit")
    annex = {"kind": "annex", "region": PROVINCE}
    day.ask("verifier asks", verifier, "POST", f"/reports/runs/{run}", data=annex)
    work_off(day.app)
    paper = db.session.scalars(select(Handout.uid)).one()
    with verifier.get(f"/reports/{paper}/file") as answer:
        return answer.get_data()


def everything_in(redis: Redis) -> bytes:
    """Every key and value, also those that jobs compress."""
    found: list[bytes] = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        found.append(key)
        if kind == b"hash":
            found += [part for pair in redis.hgetall(key).items() for part in pair]
        elif kind in {b"list", b"set", b"zset", b"string"}:
            found += {
                b"list": lambda key: redis.lrange(key, 0, -1),
                b"set": redis.smembers,
                b"zset": lambda key: redis.zrange(key, 0, -1),
                b"string": lambda key: [redis.get(key)],
            }[kind](key)
        else:
            found.append(repr(redis.xrange(key)).encode())
    return b"\n".join(unpacked(part) for part in found if part)


def unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


@pytest.fixture
def day(new_app, redis, work_off, caplog, monkeypatch):
    """The whole work, with every log at its wordiest and every job left in Redis for a look."""
    app = new_app("sqlite")
    app.config["DEMO"] = True  # calls at any hour
    caplog.set_level(logging.INFO)
    lying: list[bytes] = []

    def work_off_watched(app: Flask) -> None:
        lying.append(everything_in(redis))
        work_off(app)

    with app.app_context():
        day = Day(app)
        hand_in(day, work_off_watched)
        campaign = draw(day)
        call(day)
        visit(day, campaign)
        day.workbook = estimate(day, campaign, work_off_watched)
        day.redis = b"\n".join([*lying, everything_in(redis)])
        yield day


def test_nobody_lies_about_unsealed(day, caplog, capfd):
    trail = "\n".join(
        json.dumps([event.subject, event.purpose, event.facts], ensure_ascii=False)
        for event in db.session.scalars(select(AuditEvent))
    )
    db.session.remove()
    db.engine.dispose()
    path = Path(make_url(day.app.config["SQLALCHEMY_DATABASE_URI"]).database or "")
    stored = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    out = capfd.readouterr()

    assert len(stored) > 100_000
    assert found_in(stored) == []
    assert b"casework.jobs.check_ledger" in day.redis
    assert found_in(day.redis) == []
    assert found_in((caplog.text + out.out + out.err).encode()) == []
    assert found_in("\n".join(day.addresses).encode()) == []
    assert "case:1" in trail
    assert found_in(trail.encode()) == []
    assert found_in(day.workbook) == []


def test_each_sees_only_what_the_work_needs(day):
    pages = {who: "\n".join(texts) for who, texts in day.pages.items()}

    assert PHONE in pages["reveal"]
    assert IDENTITY in pages["verifier reveals"]
    assert NAME in pages["inspector reveals"]
    assert ID_TAIL in pages["inspector reveals"]
    for who, text in pages.items():
        if who != "verifier reveals":
            assert IDENTITY not in text, who
        if who not in {"reveal", "verifier reveals"}:
            assert PHONE not in text, who
        if who not in {"operator", "reveal", "inspector reveals", "verifier reveals"}:
            assert NAME not in text, who
    for who in ("operator", "reveal", "supervisor", "coordinator", "auditor"):
        assert ID_TAIL not in pages[who].replace(PHONE, ""), who


def test_the_titles_of_pages_name_nobody(day):
    for texts in day.pages.values():
        for text in texts:
            title = text.partition("<title>")[2].partition("</title>")[0]
            assert NAME[:1] not in title


def test_settings_of_the_database_keep_values_out_of_errors(redis_url):
    assert make_settings("sqlite://", redis_url).SQLALCHEMY_ENGINE_OPTIONS["hide_parameters"]
