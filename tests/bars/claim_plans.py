"""What PostgreSQL makes of the statements of one claim that touch the schedule."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import event, select

from casework.accounts.models import User
from casework.calls.queue import claim_next_case
from casework.calls.schedule import ALL_DAY
from casework.db import db, utcnow

TIMES = 7  # each statement is run so often; the median counts


@dataclass(frozen=True, slots=True)
class ClaimCost:
    """What one claim asks of the schedule."""

    cost: float  #: of taking the case, in the planner's unit
    pages: int  #: that all of its statements look at
    milliseconds: float  #: of all of its statements, in the database
    scans: int  #: of the whole table


def claim_cost(login: str, address: str, notes: Path) -> ClaimCost:
    """Let *login* claim a case, and explain what that claim asked of the schedule.

    In the application's context. The statements are run again, and rolled back; *notes* keeps
    their plans.
    """
    statements = _statements_of_a_claim(login)
    with psycopg.connect(address) as connection:
        runs = [_explain(connection, *statement) for statement in statements]
    last = [run[-1] for run in runs]
    plans = list(zip((text for text, _ in statements), last, strict=True))
    notes.write_text(json.dumps(plans, indent=1))
    return ClaimCost(
        # Only what takes a case returns one. What the planner expects of the others says nothing:
        # it cannot know that hardly a case rests that is due.
        cost=sum(plan["Total Cost"] for text, plan in plans if "RETURNING" in text),
        pages=sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in last),
        milliseconds=sum(median(plan["Actual Total Time"] for plan in run) for run in runs),
        scans=sum(_scans(node) for plan in last for node in _nodes(plan)),
    )


def _statements_of_a_claim(login: str) -> list[tuple[str, Any]]:
    """Return each statement that names the schedule, with its parameters."""
    heard: list[tuple[str, Any]] = []

    def listen(
        connection: object, cursor: object, statement: str, parameters: Any, *_: object
    ) -> None:
        if "case_schedule" in statement:
            heard.append((statement, parameters))

    actor = db.session.scalars(select(User).where(User.login == login)).one()
    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        claim = claim_next_case(actor=actor, at=utcnow(), hours=ALL_DAY)
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    assert claim is not None
    assert heard
    return heard


def _explain(
    connection: psycopg.Connection[Any], statement: str, parameters: Any
) -> list[dict[str, Any]]:
    """Return the plan of *statement*, as often as it is run."""
    plans = []
    for _ in range(TIMES):
        row = connection.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters
        ).fetchone()
        connection.rollback()
        assert row is not None
        plans.append(row[0][0]["Plan"])
    return plans


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _scans(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] == "case_schedule"
