"""Waking workers. The row is the request; the message only says that there is one."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask, current_app
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from casework import jobs
from casework.db import utcnow
from casework.reports.handouts import unmade
from webapp.reports.making import make_handout

LONGEST_JOB = timedelta(hours=2)
AFTER_FAILURE = timedelta(minutes=1)  # how long a failed job blocks its row's next try


def ring(job: Callable[[str], None], row: str) -> None:
    """Ask a worker to run *job* for a row that is already committed. Ringing twice is harmless.

    Parameters
    ----------
    job : callable
        A public function of ``casework.jobs``.
    row : str
        The row's uid, the only thing about it that leaves the database.
    """
    queue: Queue = current_app.extensions["jobs"]
    try:
        queue.enqueue(
            job,
            row,
            job_id=f"{job.__name__}-{row}",
            unique=True,
            job_timeout=int(LONGEST_JOB.total_seconds()),
            result_ttl=0,
            failure_ttl=int(AFTER_FAILURE.total_seconds()),
        )
    except DuplicateJobError:
        return  # The bell is still ringing.
    except RedisError:
        # The row is committed, and the sweep of the workers finds it once Redis is back.
        current_app.logger.warning("no Redis to ring for %s", job.__name__)


def ring_unheard(app: Flask) -> None:
    """Ring again for every row whose bell was lost, with the server or between commit and ring."""
    with app.app_context():
        for job, row in jobs.unheard(at=utcnow()):
            ring(job, row)
        for row in unmade(before=utcnow() - jobs.GRACE):
            ring(make_handout, row)
