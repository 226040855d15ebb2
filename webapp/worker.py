"""The background worker."""

from flask import Flask
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job

from casework.db import db
from webapp.queue import ring_unheard

# Seconds. An idle worker wakes every WORKER_TTL - 15 = 15 s, which is more than SWEEP_EVERY, so
# it sweeps each time; a job whose worker died is taken up again after about a minute.
WORKER_TTL = 30
JOB_MONITORING = 5
SWEEP_EVERY = 12


class AppWorker(Worker):
    """Runs each job inside the application, so that it has a session and loses it afterwards."""

    app: Flask

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        with self.app.app_context():
            return super().perform_job(job, queue, execution)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        # The horse is a fork: database connections opened before belong to its parent.
        with self.app.app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def run_maintenance_tasks(self) -> None:
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call] # RQ gives it no types
        ring_unheard(self.app)


def make_worker(app: Flask, kind: type[AppWorker] = AppWorker) -> AppWorker:
    """Return a worker of *app*'s jobs. Messages are JSON: to read one can run no code."""
    queue: Queue = app.extensions["jobs"]
    worker = kind(
        [queue],
        connection=queue.connection,
        serializer="json",
        worker_ttl=WORKER_TTL,
        job_monitoring_interval=JOB_MONITORING,
        maintenance_interval=SWEEP_EVERY,
    )
    worker.app = app
    return worker
