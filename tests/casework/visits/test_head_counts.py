"""Counting the workers of an enterprise on site."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.campaigns.models import CampaignState
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.projects import Project
from casework.visits.findings import CampaignOver, WordsTooMany
from casework.visits.head_counts import (
    CountsDoNotAddUp,
    CountUnusable,
    HeadCountReport,
    count_of,
    latest_counts,
    ledger_count,
    record_head_count,
)
from casework.visits.head_models import HeadCount
from casework.visits.models import Signer, Visit
from casework.visits.photos import NotAPhoto
from casework.visits.worklist import visit_pass
from tests.casework.visits.factories import make_assigned_visit, make_photo
from tests.factories import NOON, make_user
from tests.grounds import begins_with, nothing

LATER = NOON + timedelta(hours=3)
REPORT = HeadCountReport(
    total=8,
    resettled={"S1": 3, "S2": 2, "S3": 0},
    waived=1,
    unsettled={"2": 2},
    found_at=NOON + timedelta(hours=2),
    idempotency_key="one count",
    note="演示备注",
)


def make_work() -> tuple[Visit, User]:
    make_user(Role.INSPECTOR)
    return make_assigned_visit("SN", project=Project.OVERCAPACITY, enterprise="演示矿业")


pytestmark = [begins_with(make_work), pytest.mark.one_engine]


@pytest.fixture
def visit_and_inspector(begun):
    return begun


def record(visit_and_inspector, report=REPORT, *, actor=None, shown=""):
    visit, inspector = visit_and_inspector
    return record_head_count(visit.uid, report, shown=shown, actor=actor or inspector, at=LATER)


@begins_with(nothing)
def test_the_ledger_is_counted_by_channel_beside_it(app):
    make_user(Role.INSPECTOR)
    facts = {"project": Project.OVERCAPACITY, "enterprise": "演示矿业"}
    visit, _ = make_assigned_visit("SN", **facts, details={"channel": "T"})

    said = ledger_count(visit.case)

    assert (said.total, said.waived, said.resettled, said.unsettled) == (1, 0, {"S1": 1}, {})


def test_a_count_is_kept_with_its_channels_and_reasons(visit_and_inspector):
    count = record(visit_and_inspector)

    assert (count.total, count.settled, count.waived) == (8, 5, 1)
    assert count.resettled == {"S1": 3, "S2": 2}
    assert count.unsettled == {"2": 2}
    assert (count.enterprise, count.note) == ("演示矿业", "演示备注")
    assert not count.confirmed


@pytest.mark.both_engines
def test_the_enterprise_confirms_by_its_signature(visit_and_inspector):
    drawn = make_photo("PNG", size=(300, 96))

    count = record(visit_and_inspector, replace(REPORT, signatures={Signer.CLERK: drawn}))

    assert count.confirmed
    assert count.clerk_signature
    assert drawn not in count.clerk_signature
    assert count.inspector_signature is None


@pytest.mark.both_engines
def test_the_same_count_sent_again_is_one_row(visit_and_inspector):
    assert record(visit_and_inspector).id == record(visit_and_inspector).id
    assert rows() == 1


def test_after_the_campaign_nothing_is_counted(visit_and_inspector):
    first = record(visit_and_inspector)
    visit_and_inspector[0].case.campaign.state = CampaignState.CLOSED
    db.session.commit()

    assert record(visit_and_inspector).id == first.id  # whose receipt was lost
    with pytest.raises(CampaignOver):
        record(visit_and_inspector, replace(REPORT, idempotency_key="another"))


@pytest.mark.both_engines
def test_the_latest_count_of_an_enterprise_counts(visit_and_inspector):
    record(visit_and_inspector)
    later = replace(REPORT, total=9, waived=2, idempotency_key="a later count")
    record(visit_and_inspector, later)

    case = visit_and_inspector[0].case
    assert count_of(case).total == 9
    assert [count.total for count in latest_counts(case.campaign_id)] == [9]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"total": 9}, CountsDoNotAddUp),
        ({"total": 0, "resettled": {}, "waived": 0, "unsettled": {}}, CountUnusable),
        ({"waived": -1, "total": 6}, CountUnusable),
        ({"resettled": {"V1": 5}}, CountUnusable),
        ({"unsettled": {"99": 2}}, CountUnusable),
        ({"note": "长" * 2001}, WordsTooMany),
        ({"signatures": {Signer.CLERK: b"no image"}}, NotAPhoto),
    ],
)
def test_a_refused_count_leaves_nothing(visit_and_inspector, changes, error):
    with pytest.raises(error):
        record(visit_and_inspector, replace(REPORT, **changes))

    assert rows() == 0


def test_only_who_was_shown_the_visit_counts_there(visit_and_inspector):
    stranger = make_user(Role.INSPECTOR)
    with pytest.raises(NotFound):
        record(visit_and_inspector, actor=stranger)

    record(
        visit_and_inspector,
        actor=stranger,
        shown=visit_pass(visit_and_inspector[0].uid, stranger),
    )
    assert rows() == 1


@begins_with(nothing)
def test_a_case_without_an_enterprise_has_no_count(app):
    make_user(Role.INSPECTOR)
    with pytest.raises(NotFound):
        record(make_assigned_visit("N2"))


def rows() -> int:
    return db.session.scalar(select(func.count(HeadCount.id))) or 0
