"""What a clerk can see does not depend on who was drawn, nor on whether anybody was."""

import re

import pytest
from flask import Flask

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.calls.queue import claim_next_case
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Campaign
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.cases.models import PhoneClass
from casework.cases.release import release_replicate
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.handing_in import request_acceptance
from casework.ledgers.intake import accept_ledger
from casework.ledgers.models import Ledger
from casework.ledgers.projects import Project
from casework.visits.rates import set_rates
from casework.visits.selection import close_calling
from tests.casework.ledgers.uploads import AT, XUCHANG, book_of, checked, make_clerk, people
from tests.factories import NOON, agree, make_campaign, make_user
from tests.webapp.people import log_in
from webapp.queue import ring_unheard

#: What differs between any two answers: the token of the form, and how long the page took.
_FRESH = re.compile(rb'(name="csrf_token"[^>]*value="|csrf-token" content=")[^"]*"')


@pytest.fixture
def clerk(app) -> User:
    return make_clerk()


@pytest.fixture
def ledger(clerk) -> Ledger:
    ledger = checked(book_of(*people(30)), clerk)
    request_acceptance(ledger.id, actor=clerk, at=AT)
    accept_ledger(ledger.uid, at=AT)
    return ledger


@pytest.fixture
def campaign(ledger) -> Campaign:
    campaign = make_campaign(units=(XUCHANG,))
    request_freeze(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)
    freeze_frame(campaign.uid, at=NOON)
    return campaign


def draw_and_release(campaign: Campaign, seed: str) -> None:
    coordinator = make_user(Role.COORDINATOR)
    plan = SizePlan(SizeRule.EQUAL, minimum=0, total=9)
    set_sizes(campaign.id, Project.RE_EMPLOYMENT, plan, actor=coordinator, at=NOON)
    agree(campaign, seed)
    request_draw(campaign.id, replicates=2, actor=coordinator, at=NOON)
    draw_sample(campaign.uid, at=NOON)
    release_replicate(campaign.id, 1, actor=coordinator, at=NOON)


def work(campaign: Campaign) -> None:
    """Call, choose visits and compute, as far as that needs no person."""
    coordinator = make_user(Role.COORDINATOR)
    claim_next_case(actor=make_user(), at=NOON)
    set_rates(campaign.id, XUCHANG, dict.fromkeys(PhoneClass, 1.0), actor=coordinator, at=NOON)
    compute_run(request_run(campaign.id, actor=coordinator, at=NOON).uid, at=NOON)


def crawl(app: Flask, clerk: User, ledger_id: int) -> dict[str, tuple[int, bytes, str]]:
    """Every answer a clerk can get about ledgers: pages, filters, errors and refused forms."""
    client = log_in(app.test_client(), clerk)
    paths = [
        "/ledgers/",
        "/ledgers/?project=re_employment",
        "/ledgers/?state=accepted",
        "/ledgers/?after=99999",
        f"/ledgers/{ledger_id}",
        f"/ledgers/{ledger_id}?severity=error",
        f"/ledgers/{ledger_id}/progress",
        f"/ledgers/{ledger_id + 1}",
        "/",
        "/campaigns/",
        "/estimates/",
        "/calls/board",
    ]
    forms = ["removals", "removals/all", "acceptance", "withdrawal"]
    answers = {f"GET {path}": client.get(path) for path in paths}
    answers |= {f"POST {form}": client.post(f"/ledgers/{ledger_id}/{form}") for form in forms}
    return {
        name: (answer.status_code, _FRESH.sub(b"", answer.data), answer.location or "")
        for name, answer in answers.items()
    }


def test_draw_release_and_calls_change_nothing_that_a_clerk_sees(app, clerk, ledger, campaign):
    before = crawl(app, clerk, ledger.id)

    draw_and_release(campaign, "a seed")
    released = crawl(app, clerk, ledger.id)
    work(campaign)
    worked = crawl(app, clerk, ledger.id)

    assert released == before
    assert worked == before
    assert before["GET /ledgers/"][0] == 200
    assert before["POST withdrawal"][0] == 409


def test_closing_the_calls_changes_nothing_that_a_clerk_sees(app, clerk, ledger, campaign):
    before = crawl(app, clerk, ledger.id)

    draw_and_release(campaign, "another seed")
    close_calling(campaign.id, actor=make_user(Role.COORDINATOR), at=NOON)

    assert crawl(app, clerk, ledger.id) == before


def test_the_queue_of_work_knows_no_more_of_a_ledger_after_the_draw(app, ledger, campaign, redis):
    draw_and_release(campaign, "a seed")

    ring_unheard(app)

    assert [key for key in redis.scan_iter() if ledger.uid.encode() in key] == []
