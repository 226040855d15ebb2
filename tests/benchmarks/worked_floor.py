"""A call floor after fourteen days of work, written straight by SQL: cases, calls, recordings.

All persons are fictitious, 演示数据.
"""

import json
from datetime import datetime

import psycopg

from casework.accounts.models import User
from casework.accounts.roles import Role
from casework.accounts.service import hash_password
from casework.calls.script import answers_leading_to
from casework.db import db
from casework.regions.models import PROVINCE
from casework.sealing import seal
from tests.bars.floor import PASSWORD, PROJECT, Floor, add_cases, open_floor

OPERATORS = 100
CALLS_OF_A_CASE = 7  # at most; half as many on average
SUPERVISOR = "supervisor"


def work_floor(address: str, cases: int, at: datetime) -> Floor:
    """Write *cases* cases and their calls up to *at*, in the application's context."""
    floor = open_floor(OPERATORS)
    password = hash_password(PASSWORD)
    facts = {"login": SUPERVISOR, "name": "演示督导", "password_hash": password}
    db.session.add(User(role=Role.SUPERVISOR, region_code=PROVINCE, **facts))
    db.session.commit()
    add_cases(address, floor, range(1, cases + 1))
    given = {"at": at, "most": CALLS_OF_A_CASE, "operators": OPERATORS, "cases": cases}
    given |= {"campaign": floor.campaign_id}
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in WORK:
            connection.execute(statement, given)
        _answer(connection)
        connection.execute("VACUUM ANALYZE")
    return floor


def _answer(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Seal the answers of every interview, ten seconds apart."""
    given = answers_leading_to(PROJECT, "V1")
    rows = connection.execute(
        "SELECT uid, dialled_at FROM attempt WHERE disposition = '11'"
    ).fetchall()
    connection.execute("CREATE TEMP TABLE said (uid text PRIMARY KEY, answers bytea)")
    with connection.cursor().copy("COPY said FROM STDIN") as copy:
        for uid, at in rows:
            content = {
                question: {"keys": list(keys), "at": at.isoformat()}
                for question, keys in given.items()
            }
            text = json.dumps(content).encode()
            copy.write_row((uid, seal(text, table="attempt", column="answers", row=uid)))
    connection.execute(
        "UPDATE attempt SET answers_sealed = answers FROM said WHERE said.uid = attempt.uid"
    )


#: Half of the cases are done; of the others most rest, some are agreed on, held or handed over.
CALLS = """
CREATE TABLE worked AS
SELECT number, calls,
       CASE WHEN calls = 0 THEN ''
            WHEN number %% 2 = 0
            THEN (ARRAY['11','11','11','11','11','11','22','51'])[1 + number / 2 %% 8]
            WHEN number %% 600 = 5 THEN '71'
            ELSE (ARRAY['41','42','43','31'])[1 + number / 2 %% 4] END AS last
FROM (SELECT number, floor(random() * (%(most)s + 1))::int AS calls
      FROM generate_series(1, %(cases)s) AS number) AS drawn
"""
ATTEMPTS = """
INSERT INTO attempt (uid, case_id, operator_id, fence, claimed_as, number_used, started_at,
    dialled_at, ended_at, interrupted, blind, disposition, outcome, idempotency_key)
SELECT md5('attempt ' || number || ' ' || call), number, 1 + floor(random() * %(operators)s)::int,
       call, CASE WHEN call = 1 THEN 5 ELSE 4 END, 0, began, began + interval '5 seconds',
       began + interval '95 seconds', false, false,
       CASE WHEN call < calls THEN (ARRAY['41','42','43'])[1 + (number + call) %% 3] ELSE last END,
       CASE WHEN call < calls OR last <> '11' THEN '' ELSE 'V1' END,
       md5('key ' || number || ' ' || call)
FROM (SELECT *, %(at)s - (calls - call + 0.01 + 0.9 * random()) / calls * interval '14 days'
             AS began
      FROM worked, generate_series(1, calls) AS call) AS made
ORDER BY began
"""
PLACED = """
INSERT INTO placed_call (attempt_id, dialler, reference, recording, placed_at, hung_up_at)
SELECT id, 'tel', '', '', dialled_at, ended_at FROM attempt ORDER BY id
"""
EVENTS = """
INSERT INTO case_event (case_id, actor_id, action, state, at)
SELECT case_id, operator_id, 'claim', 'held', started_at FROM attempt
UNION ALL
SELECT case_id, operator_id, 'finish_calls', 'phoned', ended_at FROM attempt
WHERE disposition IN ('11', '22', '51')
ORDER BY 5
"""
STATES = """
UPDATE "case" SET fence = calls,
    state = CASE WHEN last IN ('11', '22', '51') THEN 'phoned' WHEN last = '71' THEN 'escalated'
                 WHEN held THEN 'held' ELSE 'ready' END,
    holder_id = CASE WHEN held THEN 1 + number / 601 END,
    lease_until = CASE WHEN held THEN %(at)s::timestamptz + interval '15 minutes' END,
    phone_class = CASE last WHEN '11' THEN 'achieved' WHEN '22' THEN 'refused'
                            WHEN '51' THEN 'dead_number' END,
    phone_outcome = CASE last WHEN '11' THEN 'V1' WHEN '22' THEN 'U2' WHEN '51' THEN 'U1'
                              ELSE '' END
FROM (SELECT *, number %% 601 = 0 AND number / 601 < %(operators)s
          AND last NOT IN ('11', '22', '51', '71') AS held FROM worked) AS worked
WHERE id = number
"""
SCHEDULE = """
UPDATE case_schedule SET tried = calls,
    standing = CASE WHEN state <> 'ready' THEN 'out' WHEN calls = 0 THEN 'due' ELSE 'resting' END,
    tier = CASE WHEN state <> 'ready' OR calls = 0 THEN 5 WHEN last = '31' THEN 2 ELSE 4 END,
    due_at = %(at)s + (random() - 0.3) * interval '2 days'
FROM worked JOIN "case" ON "case".id = number
WHERE case_id = number
"""
LAST_CALLS = """
UPDATE case_schedule
SET last_code = disposition, last_by_id = operator_id, last_began_at = started_at
FROM worked JOIN attempt ON attempt.case_id = number AND attempt.fence = calls
WHERE case_schedule.case_id = number
"""
APPOINTMENTS = """
WITH agreed AS (
    UPDATE case_schedule SET window_end = due_at + interval '30 minutes' WHERE tier = 2
    RETURNING case_id, due_at, window_end)
INSERT INTO appointment (case_id, attempt_id, owner_id, window_start, window_end)
SELECT agreed.case_id, attempt.id, operator_id, due_at, window_end
FROM agreed JOIN worked ON number = case_id
JOIN attempt ON attempt.case_id = number AND attempt.fence = calls
"""
SAMPLE = """
INSERT INTO sample_entry (campaign_id, stratum_id, entry_uid, rank, key, replicate)
SELECT campaign_id, stratum_id, entry_uid, id, entry_uid, 1 FROM "case"
UNION ALL
SELECT campaign_id, stratum_id, md5(entry_uid), id + %(cases)s, entry_uid, 2 FROM "case"
WHERE id %% 6 = 0
"""
REPLICATES = """
INSERT INTO replicate (campaign_id, number, entries, part, released_at)
VALUES (%(campaign)s, 1, %(cases)s, 1, %(at)s::timestamptz - interval '14 days'),
       (%(campaign)s, 2, %(cases)s / 6, 1, NULL)
"""
RECALLS = """
WITH again AS (
    INSERT INTO attempt (uid, case_id, operator_id, fence, number_used, started_at, dialled_at,
        ended_at, interrupted, blind, disposition, outcome, answers_sealed)
    SELECT md5('again ' || uid), case_id, 1 + operator_id %% %(operators)s, fence + 1, 0,
           started_at + interval '1 day', dialled_at + interval '1 day',
           ended_at + interval '1 day', false, true, '11',
           CASE WHEN case_id %% 100 = 0 THEN 'N1' ELSE 'V1' END, NULL
    FROM attempt WHERE disposition = '11' AND case_id %% 20 = 0
    RETURNING id, case_id, fence, outcome, ended_at)
INSERT INTO recall (uid, campaign_id, case_id, first_id, operator_id, reason, state, chosen_at,
    second_id, ended_at, contradicts)
SELECT md5('recall ' || again.id), %(campaign)s, again.case_id, first.id, first.operator_id,
       'random', 'held', first.ended_at, again.id, again.ended_at, again.outcome <> 'V1'
FROM again JOIN attempt AS first
    ON first.case_id = again.case_id AND first.fence = again.fence - 1
"""
CALL_BACKS = """
INSERT INTO call_back (uid, case_id, operator_id, at)
SELECT md5('back ' || id), id, 1, %(at)s FROM "case" WHERE id %% 300 = 0
"""
SESSIONS = """
INSERT INTO login_session (token_digest, user_id, content, created_at, seen_at)
SELECT md5('session ' || id), id, '{}', %(at)s, %(at)s FROM "user" WHERE role = 'operator'
"""
WORK = (
    *(CALLS, ATTEMPTS, PLACED, EVENTS, STATES, SCHEDULE, LAST_CALLS, APPOINTMENTS),
    *(SAMPLE, REPLICATES, RECALLS, CALL_BACKS, SESSIONS),
)
