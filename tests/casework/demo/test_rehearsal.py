"""A small rehearsal, from the ledgers to the decisions, on both databases."""

import time
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from casework.accounts.roles import Role
from casework.audit.trail import first_broken_link
from casework.calls.models import Attempt
from casework.calls.queue import claim_next_case
from casework.calls.schedule import CALLING_HOURS
from casework.campaigns.drawing import draw_is_intact
from casework.campaigns.models import Campaign, CampaignState
from casework.db import db
from casework.demo.cast import CLERKS_UNIT, log_ins, read_cast
from casework.demo.handing_in import upload
from casework.demo.ledgers import LedgerFile
from casework.demo.practice import FAULTS_TO_FIND, leave_work
from casework.demo.progress import Progress
from casework.demo.rehearsal import Plan, rehearse
from casework.demo.results import results_of
from casework.estimates.models import Level
from casework.ledgers.intake import check_ledger
from casework.ledgers.models import Ledger, LedgerProblem, LedgerState
from casework.ledgers.rules import Severity
from casework.visits.models import Photo, Visit, VisitState

#: 兰考县 and 滑县, which truly misses its re-employment target; each is its own place.
PLAN = Plan(scale=0.004, units=("410225", "410526"))
SATURDAY = 5
NOW = datetime(2018, 1, 22, 6, tzinfo=UTC)  # two in the afternoon in Shanghai


@pytest.fixture
def rehearsed(app, tmp_path):
    return rehearse(tmp_path, PLAN, Progress(print, time.monotonic))


def test_a_rehearsal_ends_in_decisions_that_do_not_contradict_the_truth(rehearsed):
    results = results_of(rehearsed)

    assert [row for row in results.rows if row.wrong] == []
    decided = {(row.project.value, row.region): row.decision for row in results.at(Level.UNIT)}
    assert decided["re_employment", "410526"] == "not_met"
    assert decided["re_employment", "410225"] == "met"
    assert decided["overcapacity", "410225"] == "no_task"
    assert results.completion["410000"] == "not_complete"
    assert results.coverage(Level.UNIT) == 1


def test_everything_went_through_the_services_and_leaves_its_traces(rehearsed):
    assert first_broken_link() is None
    assert db.session.scalars(select(Campaign.state)).all() == [CampaignState.CLOSED]
    assert set(db.session.scalars(select(Ledger.state))) == {LedgerState.ACCEPTED}
    campaign_id = db.session.scalars(select(Campaign.id)).one()
    assert draw_is_intact(campaign_id)
    calls = db.session.scalars(select(Attempt)).all()
    assert len(calls) == rehearsed.calls
    assert all(
        call.disposition and call.dialled_at and CALLING_HOURS.contain(call.started_at)
        for call in calls
    )
    interviews = [call for call in calls if call.disposition == "11"]
    assert all(call.answers and call.outcome for call in interviews)
    assert set(db.session.scalars(select(Visit.state))) == {VisitState.DONE}
    assert db.session.scalar(select(func.count(Photo.id))) >= 1


def test_work_is_left_for_every_role(rehearsed, tmp_path):
    exercise = leave_work(tmp_path, rehearsed, now=NOW, progress=Progress(print, time.monotonic))

    states = Counter(db.session.scalars(select(Campaign.state)))
    assert states == {
        CampaignState.CLOSED: 1,
        CampaignState.CALLING: 1,
        CampaignState.VISITING: 1,
    }
    assert claim_next_case(actor=read_cast().operators[0], at=NOW) is not None
    to_make = select(Visit).where(Visit.state == VisitState.ASSIGNED)
    # One unit a day: the first trips were due on Friday, others follow; nobody travels on Sunday.
    days = {visit.visit_on for visit in db.session.scalars(to_make)}
    assert min(days) == date(2018, 1, 19)
    assert all(day.weekday() < SATURDAY for day in days)
    waiting = db.session.scalars(
        select(Ledger.state).where(Ledger.state != LedgerState.ACCEPTED).order_by(Ledger.id)
    ).all()
    assert waiting == [LedgerState.FAULTY, LedgerState.CLEAN]
    _can_be_uploaded(exercise)


def _can_be_uploaded(exercise):
    clerk = read_cast().clerks[CLERKS_UNIT]
    file = LedgerFile(exercise.path, exercise.project, exercise.region, rows=0)
    ledger_id, uid = upload(file, clerk, at=NOW, year=exercise.year, period_end=exercise.period_end)
    check_ledger(uid, at=NOW)
    rules = db.session.scalars(
        select(LedgerProblem.rule).where(
            LedgerProblem.ledger_id == ledger_id, LedgerProblem.severity == Severity.ERROR
        )
    )
    assert set(rules) == FAULTS_TO_FIND


def test_there_is_one_log_in_for_each_role():
    assert [role for role, *_ in log_ins()] == list(Role)
