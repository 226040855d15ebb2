"""A campaign whose first replicate is open, and short ways to work its cases."""

from datetime import timedelta
from itertools import count

from casework.accounts.models import User
from casework.calls.filling import CallReport
from casework.calls.queue import Claim, claim_next_case
from casework.calls.reports import Recorded, record_outcome
from casework.calls.script import answers_leading_to
from casework.campaigns.models import Campaign
from casework.cases.models import Case
from casework.cases.release import release_replicate
from casework.db import db
from tests.factories import NOON, make_drawn_campaign, make_user

SOON = NOON + timedelta(minutes=3)
_key = count(1)


def open_replicate(cases: int = 1, **columns) -> Campaign:
    campaign = make_drawn_campaign(entries=cases, sampled=cases, **columns)
    release_replicate(campaign.id, 1, actor=make_user(), at=NOON)
    return campaign


def claimed(actor: User, at=NOON) -> Claim:
    claim = claim_next_case(actor=actor, at=at)
    assert claim is not None
    return claim


def to_report(disposition: str, **facts) -> CallReport:
    facts = {"note": "演示备注", "idempotency_key": f"key-{next(_key)}"} | facts
    return CallReport(disposition=disposition, **facts)


def report(claim: Claim, disposition: str, *, actor: User, at=SOON, **facts) -> Recorded:
    if disposition in {"11", "12"} and "outcome" in facts:
        facts.setdefault("answers", answers_leading_to(claim.project, facts["outcome"]))
    sent = to_report(disposition, **facts)
    return record_outcome(claim.case_id, claim.fence, sent, actor=actor, at=at)


def fresh(claim: Claim) -> Case:
    return db.session.get_one(Case, claim.case_id, populate_existing=True)
