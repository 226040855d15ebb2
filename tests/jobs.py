"""Background jobs, worked off while the test waits."""

from flask import Flask, has_app_context
from rq import SimpleWorker

from casework.db import db
from webapp.worker import AppWorker, make_worker


class InlineWorker(SimpleWorker, AppWorker):
    """Runs jobs in this process; SimpleWorker comes first, or the job would be forked."""


def work_off(app: Flask) -> None:
    """Run every job of *app* that waits, and those whose bell was lost.

    Raises
    ------
    AssertionError
        If a job failed, with its traceback.
    """
    if has_app_context():
        db.session.rollback()  # on one connection the test's savepoint would lie around the jobs'
    worker = make_worker(app, InlineWorker)
    worker.work(burst=True, logging_level="WARNING")
    (queue,) = worker.queues
    for number in queue.failed_job_registry.get_job_ids():
        job = queue.fetch_job(number)
        raise AssertionError(f"{number} failed:\n{job and job.latest_result().exc_string}")
