"""The least an outcome and the next claim can cost: two statements in a view, nothing else.

The view is asked for both at once, as our desk asks, or for each by itself. No log-in, no form, no
check, no script, no trail of any kind. The statements leave case, schedule and attempt as the
product's do. The first writes the closed attempt under its fence, frees the case and lets it rest;
the second takes the due case that comes first, passes by what is locked, and says who holds it,
until when and under which fence. Without these nobody would know whose case it is, and a claim
would not be one.
"""

import os
import threading

import psycopg
from flask import Flask, request

CLAIM = """
WITH taken AS (
    UPDATE case_schedule SET standing = 'out', claimed_as = tier
    WHERE case_id = (
        SELECT case_id FROM case_schedule
        WHERE standing = 'due' AND tier = 5 AND skill = '' AND due_at <= now()
        ORDER BY {tried}, priority, due_at, turn LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING case_id)
UPDATE "case"
SET state = 'held', holder_id = %(operator)s, lease_until = now() + interval '20 minutes',
    fence = fence + 1
FROM taken WHERE id = taken.case_id
RETURNING id
"""
OUTCOME = """
WITH freed AS (
    UPDATE "case" SET state = 'ready', holder_id = NULL, lease_until = NULL
    WHERE id = %(case)s AND holder_id = %(operator)s
    RETURNING id, fence
), planned AS (
    UPDATE case_schedule
    SET standing = 'resting', tier = 4, due_at = now() + interval '3 hours', tried = tried + 1
    FROM freed WHERE case_id = freed.id)
INSERT INTO attempt (
    uid, case_id, operator_id, fence, number_used, started_at, ended_at, interrupted, blind,
    disposition, outcome, idempotency_key)
SELECT %(key)s, id, %(operator)s, fence, 0, now(), now(), false, false, '41', '', %(key)s
FROM freed
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

    def report(sent: dict[str, str]) -> None:
        assert connection().execute(OUTCOME, sent).rowcount == 1

    def take(sent: dict[str, str]) -> str:
        row = connection().execute(claim_next, sent).fetchone()
        assert row is not None
        return str(row[0])

    @app.post("/outcome")
    def outcome() -> str:
        report(request.form.to_dict())
        return ""

    @app.post("/claim")
    def claim() -> str:
        return take(request.form.to_dict())

    @app.post("/pair")
    def pair() -> str:
        sent = request.form.to_dict()
        report(sent)
        return take(sent)

    return app
