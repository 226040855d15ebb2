"""The protocol of a draw on its pages: each party with its own log-in."""

import io
import json
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from casework.accounts.roles import Role
from casework.audit.models import AuditAction, AuditEvent
from casework.campaigns.design import open_campaign
from casework.campaigns.drawing import set_sizes
from casework.campaigns.models import Campaign, CampaignState, SampleEntry
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.db import db
from casework.ledgers.models import Ledger
from casework.ledgers.projects import Project
from sampling.commitments import commitment
from tests.casework.campaigns.factories import frozen, plan
from tests.factories import LINYING, NOON, make_entries, make_ledger, make_user
from tests.webapp.people import log_in

SECRETS = {Role.COORDINATOR: ("a1" * 32, "b2" * 32), Role.AUDITOR: ("c3" * 32, "d4" * 32)}


@pytest.fixture
def clock(monkeypatch):
    """Set the clock of the pages; it begins at noon of 4 December 2017 in Shanghai."""
    now = {"at": NOON}
    for module in ("draws", "views"):
        monkeypatch.setattr(f"webapp.campaigns.{module}.utcnow", lambda: now["at"])

    def set_to(day: date) -> None:
        now["at"] = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

    return set_to


@pytest.fixture
def campaign(app):
    make_entries(make_ledger(), 12)
    made = frozen()
    sizes = SizePlan(SizeRule.PROPORTIONAL, minimum=0, total=5)
    set_sizes(made.id, Project.RE_EMPLOYMENT, sizes, actor=make_user(), at=NOON)
    return made


@pytest.fixture
def parties(app):
    return {role: log_in(app.test_client(), make_user(role)) for role in SECRETS}


def promise(role: Role) -> dict[str, str]:
    return {"digest": commitment(*SECRETS[role])}


def named(parties, campaign):
    value = {"name": "双色球第 2017143 期", "known_on": "2017-12-07"}
    return parties[Role.AUDITOR].post(f"/draws/{campaign.id}/name", data=value)


def up_to_reveal(parties, campaign, clock):
    named(parties, campaign)
    for role, page in parties.items():
        page.post(f"/draws/{campaign.id}/commit", data=promise(role))
    clock(date(2017, 12, 7))
    parties[Role.COORDINATOR].post(
        f"/draws/{campaign.id}/value", data={"value": "05 11 17 22 + 08"}
    )


def test_two_parties_and_a_public_value_lead_to_one_draw(app, parties, campaign, clock, work_off):
    coordinator = parties[Role.COORDINATOR]
    assert "指定公开随机数" in coordinator.get(f"/draws/{campaign.id}").text
    up_to_reveal(parties, campaign, clock)
    for role, page in parties.items():
        secret, salt = SECRETS[role]
        page.post(f"/draws/{campaign.id}/reveal", data={"secret": secret, "salt": salt})

    assert "统筹员抽样" in coordinator.get(f"/draws/{campaign.id}").text
    coordinator.post(f"/campaigns/{campaign.id}/draw", data={"replicates": "1"})
    work_off(app)

    assert len(db.session.scalars(select(SampleEntry)).all()) == 5
    checked = coordinator.get(f"/draws/{campaign.id}/check").text
    assert "抽样框完好" in checked
    assert "抽样完好" in checked
    assert "2018-01-15" in coordinator.get(f"/draws/{campaign.id}").text


def test_who_has_to_act_is_told_and_the_other_waits(parties, campaign, clock):
    named(parties, campaign)
    auditor = parties[Role.AUDITOR]
    auditor.post(f"/draws/{campaign.id}/commit", data=promise(Role.AUDITOR))

    assert "本方已提交承诺" in auditor.get(f"/draws/{campaign.id}").text
    assert "在本浏览器中生成" in parties[Role.COORDINATOR].get(f"/draws/{campaign.id}").text


def test_a_wrong_reveal_is_said_plainly_recorded_and_nothing_is_drawn(parties, campaign, clock):
    up_to_reveal(parties, campaign, clock)
    wrong = {"secret": "00" * 32, "salt": SECRETS[Role.AUDITOR][1]}

    page = parties[Role.AUDITOR].post(f"/draws/{campaign.id}/reveal", data=wrong)
    drawing = parties[Role.COORDINATOR].post(
        f"/campaigns/{campaign.id}/draw", data={"replicates": "1"}
    )

    assert page.status_code == 422
    assert "与本方的承诺不符" in page.text
    assert drawing.status_code == 409
    tried = select(AuditEvent).where(AuditEvent.action == AuditAction.DRAW_REVEAL_REFUSE)
    assert len(db.session.scalars(tried).all()) == 1
    assert db.session.get_one(Campaign, campaign.id).state is CampaignState.FROZEN


def test_a_day_that_has_come_is_refused_with_the_day(parties, campaign, clock):
    clock(date(2017, 12, 8))

    page = named(parties, campaign)

    assert page.status_code == 422
    assert "2017-12-07" in page.text


def test_the_published_files_stay_in_the_house_until_the_day_of_the_results(
    app, parties, campaign, clock, work_off
):
    up_to_reveal(parties, campaign, clock)
    coordinator = parties[Role.COORDINATOR]
    for role, page in parties.items():
        secret, salt = SECRETS[role]
        page.post(f"/draws/{campaign.id}/reveal", data={"secret": secret, "salt": salt})
    coordinator.post(f"/campaigns/{campaign.id}/draw", data={"replicates": "1"})
    work_off(app)

    early = coordinator.get(f"/draws/{campaign.id}/bundle.zip")
    clock(date(2018, 1, 15))
    bundle = coordinator.get(f"/draws/{campaign.id}/bundle.zip")

    assert early.status_code == 409
    assert "2018-01-15" in early.text
    names = zipfile.ZipFile(io.BytesIO(bundle.data)).namelist()
    assert {"manifest.json", "frame.tsv", "verify_draw.py"} <= {n.split("/")[-1] for n in names}


def test_a_clerk_gets_the_proof_of_a_row_of_the_own_ledger_alone(app, campaign, clock):
    ledger = db.session.scalars(select(Ledger)).one()
    asked = {"campaign": campaign.id, "ledger": ledger.id, "sheet": "Sheet1", "row": 2}
    own = log_in(app.test_client(), make_user(Role.CLERK, region=LINYING))
    other = log_in(app.test_client(), make_user(Role.CLERK, region="411121"))

    proof = own.post("/draws/proof", data=asked)

    assert json.loads(proof.data)["frame_rows"] == 12
    missing = own.post("/draws/proof", data=asked | {"row": 99})
    assert "第 99 行没有已提交的记录" in missing.text
    assert other.post("/draws/proof", data=asked).status_code == 422
    assert campaign.name not in other.get("/draws/proof").text


def test_both_parties_must_agree_to_give_a_draw_up(parties, campaign, clock):
    reason = {"reason": "冻结后发现台账漏报"}
    for page in parties.values():
        assert page.post(f"/draws/{campaign.id}/give-up", data=reason).status_code == 302

    assert "作废本次抽样" in parties[Role.AUDITOR].get(f"/draws/{campaign.id}").text
    assert db.session.get_one(Campaign, campaign.id).state is CampaignState.VOID


def test_a_given_up_draw_is_replaced_once_by_a_campaign_still_designed(parties, campaign):
    for page in parties.values():
        page.post(f"/draws/{campaign.id}/give-up", data={"reason": "冻结后发现台账漏报"})
    coordinator, auditor = parties[Role.COORDINATOR], parties[Role.AUDITOR]
    assert "没有正在设计的批次" in coordinator.get(f"/draws/{campaign.id}").text
    successor, late = (open_campaign(plan(), actor=make_user(), at=NOON).id for _ in range(2))
    address = f"/draws/{campaign.id}/anew"

    assert auditor.post(address, data={"campaign": successor}).status_code == 403
    assert coordinator.post(address, data={"campaign": successor}).status_code == 303
    assert coordinator.post(address, data={"campaign": late}).status_code == 409

    assert db.session.get_one(Campaign, successor).replaces_id == campaign.id
    assert "由它重新抽样" not in coordinator.get(f"/draws/{campaign.id}").text
    assert campaign.name in coordinator.get(f"/draws/{successor}").text


def test_the_list_names_the_next_step_of_each_draw(parties, campaign):
    page = parties[Role.AUDITOR].get("/draws/")

    assert campaign.name in page.text
    assert "指定公开随机数" in page.text


def test_an_accepted_ledger_leads_to_the_proof_of_its_rows(app, client):
    ledger = make_ledger()
    clerk = log_in(client, make_user(Role.CLERK, region=LINYING))
    address = f"/draws/proof?ledger={ledger.id}"

    assert f'href="{address}"' in clerk.get(f"/ledgers/{ledger.id}").text
    make_entries(ledger, 1)
    frozen()
    chosen = re.search(rf'<option selected value="{ledger.id}">([^<]*)<', clerk.get(address).text)
    assert chosen is not None
    assert ledger.file_name in chosen[1]
