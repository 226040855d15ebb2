"""Messages and workers, with real rows, a real Redis and real processes."""

from datetime import date

import pytest
from flask import Flask
from rq import Queue

from casework import jobs
from casework.accounts.roles import Role
from casework.db import db
from casework.ledgers.handing_in import Upload, upload_ledger
from casework.ledgers.models import Ledger, LedgerState
from casework.ledgers.projects import Project
from tests.factories import LINYING, NOON, make_user
from webapp.queue import ring, ring_unheard
from webapp.worker import make_worker

pytestmark = pytest.mark.both_engines

UID = "a" * 32


def queue_of(app: Flask) -> Queue:
    return app.extensions["jobs"]


def hand_in_rubbish() -> Ledger:
    clerk = make_user(Role.CLERK, region=LINYING)
    upload = Upload(
        project=Project.RE_EMPLOYMENT,
        region_code=LINYING,
        year=2017,
        period_end=date(2017, 11, 30),
        file_name="演示数据.xlsx",
        content=b"no workbook",
    )
    return upload_ledger(upload, actor=clerk, at=NOON)


def test_a_message_says_only_which_row(app):
    ring(jobs.check_ledger, UID)

    (job,) = queue_of(app).jobs
    assert (job.func_name, job.args) == ("casework.jobs.check_ledger", [UID])


def test_ringing_twice_leaves_one_message(app):
    ring(jobs.check_ledger, UID)
    ring(jobs.check_ledger, UID)

    assert len(queue_of(app)) == 1


def test_a_row_whose_bell_was_lost_is_rung_for_once(app):
    ledger = hand_in_rubbish()

    ring_unheard(app)
    ring_unheard(app)

    (job,) = queue_of(app).jobs
    assert job.args == [ledger.uid]


def test_a_worker_finds_what_nobody_rang_for(app, work_off):
    ledger = hand_in_rubbish()

    work_off(app)

    assert ledger.state is LedgerState.REFUSED


def test_a_job_that_fails_is_shown_to_the_test(app, work_off):
    ring(jobs.check_ledger, UID)

    with pytest.raises(AssertionError, match="NotFound"):
        work_off(app)


def test_a_worker_forks_and_the_fork_has_connections_of_its_own(committed_app):
    with committed_app.app_context():
        uid = hand_in_rubbish().uid
        ring(jobs.check_ledger, uid)
        assert db.session.connection()  # one that the fork must not use

        make_worker(committed_app).work(burst=True, logging_level="WARNING")

        db.session.rollback()
        ledger = db.session.query(Ledger).filter_by(uid=uid).one()
        assert ledger.state is LedgerState.REFUSED
