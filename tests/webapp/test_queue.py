from redis import Redis
from rq import Queue

from casework import jobs
from webapp.queue import ring


def test_a_bell_that_cannot_ring_loses_nothing_and_fails_nobody(app, monkeypatch, caplog):
    """The row is the request; the sweep of the workers finds it when Redis is back."""
    gone = Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setitem(app.extensions, "jobs", Queue("jobs", connection=gone, serializer="json"))

    ring(jobs.check_ledger, "0" * 32)

    assert "check_ledger" in caplog.text
