"""Adding to the trail, and checking that nobody changed it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, literal_column, select, text
from sqlalchemy.orm import Session

from casework.audit.models import AuditAction, AuditEvent
from casework.db import db

START = "0" * 64
_ACTED = ("at", "actor_id", "action", "subject", "purpose")
_CHAIN_LOCK = 4_771_019  # any number that no other advisory lock of this product uses
_HOLD_END = text(f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK})")
_END = select(AuditEvent.digest).order_by(AuditEvent.id.desc()).limit(literal_column("1"))
_ADD = insert(AuditEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act to be added. ``facts`` holds codes and counts, never personal data."""

    action: AuditAction
    actor_id: int | None
    at: datetime
    subject: str
    purpose: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


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
    act = Act(
        action=action,
        actor_id=actor_id,
        at=at,
        subject=subject,
        purpose=purpose,
        facts=facts or {},
    )
    record_all(session, [act])


def record_all(session: Session, acts: Sequence[Act]) -> None:
    """Add the acts of one unit of work to the trail, in their order; last, like ``record``."""
    if not acts:
        return
    session.flush()  # the rows the acts wrote come before the rows that speak of them
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD_END)
    previous = connection.scalar(_END) or START
    # A plain insert: every act passes here, and the unit of work would triple what a row costs.
    rows = []
    for act in acts:
        columns = {key: getattr(act, key) for key in _ACTED} | {"facts": dict(act.facts)}
        event = AuditEvent(previous=previous, **columns)
        previous = _digest(event)
        rows.append(columns | {"previous": event.previous, "digest": previous})
    connection.execute(_ADD, rows)


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
