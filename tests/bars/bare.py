"""The least an outcome and the next claim can cost: two statements in one view, nothing else.

No log-in, no form, no check, no script, no audit. The statements do to the schedule what the
product's do to it: one writes the closed attempt and lets the case rest, the other takes the due
case that comes first, and passes by what is locked.
"""

import os
import threading

import psycopg
from flask import Flask, request

CLAIM = """
UPDATE case_schedule SET standing = 'out', claimed_as = tier
WHERE case_id = (
    SELECT case_id FROM case_schedule
    WHERE standing = 'due' AND tier = 5 AND skill = '' AND due_at <= now()
    ORDER BY {tried}, priority, due_at, turn LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING case_id
"""
OUTCOME = """
WITH planned AS (
    UPDATE case_schedule
    SET standing = 'resting', tier = 4, due_at = now() + interval '3 hours', tried = tried + 1
    WHERE case_id = %(case)s)
INSERT INTO attempt (
    uid, case_id, operator_id, fence, number_used, started_at, ended_at, interrupted, blind,
    disposition, outcome, idempotency_key)
VALUES (%(key)s, %(case)s, %(operator)s, 0, 0, now(), now(), false, false, '41', '', %(key)s)
"""


def app() -> Flask:
    """Return the view."""
    app = Flask("bare")
    kept = threading.local()
    claim_next = CLAIM.format(tried=os.environ["BARE_TRIED"])

    def connection() -> psycopg.Connection[tuple[int]]:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
        found: psycopg.Connection[tuple[int]] = kept.connection
        return found

    @app.post("/pair")
    def pair() -> str:
        mine = connection()
        if "case" in request.form:
            mine.execute(OUTCOME, request.form.to_dict())
        row = mine.execute(claim_next).fetchone()
        assert row is not None
        return str(row[0])

    return app
