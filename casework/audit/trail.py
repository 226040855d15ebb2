"""Adding to the trail, and checking that nobody changed it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from casework.audit.models import AuditAction, AuditEvent
from casework.db import db

START = "0" * 64
_WRITTEN = ("at", "actor_id", "action", "subject", "purpose", "facts", "previous", "digest")
_CHAIN_LOCK = 4_771_019  # any number that no other advisory lock of this product uses


def record(  # noqa: PLR0913 - an audit row has that many facts
    session: Session,
    action: AuditAction,
    *,
    actor_id: int | None,
    at: datetime,
    subject: str,
    purpose: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add one act to the trail, in the transaction of the act itself.

    Call it last: on PostgreSQL it holds the end of the chain until the transaction ends.
    """
    session.flush()  # the rows the act wrote come before the row that speaks of them
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    previous = session.scalar(select(AuditEvent.digest).order_by(AuditEvent.id.desc()).limit(1))
    event = AuditEvent(
        at=at,
        actor_id=actor_id,
        action=action,
        subject=subject,
        purpose=purpose,
        facts=dict(facts or {}),
        previous=previous or START,
        digest="",
    )
    event.digest = _digest(event)
    # A plain insert: every act passes here, and the unit of work would triple what a row costs.
    columns = {key: getattr(event, key) for key in _WRITTEN}
    session.connection().execute(insert(AuditEvent), columns)


def first_broken_link() -> int | None:
    """Return the id of the first row that does not fit the chain, or None if all fit."""
    previous = START
    for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).yield_per(1000):
        if event.previous != previous or event.digest != _digest(event):
            return event.id
        previous = event.digest
    return None


def _digest(event: AuditEvent) -> str:
    body = [
        event.previous,
        event.at.isoformat(),
        event.actor_id,
        event.action.value,
        event.subject,
        event.purpose,
        event.facts,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
