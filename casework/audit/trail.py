"""Adding to the trail, and checking that nobody changed it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select
from sqlalchemy.orm import Session

from casework.audit.models import AuditAction, AuditEvent
from casework.db import db

START = "0" * 64
_ACTED = ("at", "actor_id", "action", "subject", "purpose")
_CHAIN_LOCK = 4_771_019  # any number that no other advisory lock of this product uses
_END = "SELECT digest FROM audit_event ORDER BY id DESC LIMIT 1"
#: Two statements, since the second must see what was added while the first waited; sent together,
#: since everybody waits for whoever holds the end.
_HOLD_END = f"SELECT pg_advisory_xact_lock({_CHAIN_LOCK}); {_END}"
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


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a change: *now*, and under ``…_before`` what stood there otherwise."""
    other = {f"{key}_before": fact for key, fact in before.items() if fact != now[key]}
    return {**now, **other}


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
    previous = _hold_end(connection)
    # A plain insert: every act passes here, and the unit of work would triple what a row costs.
    rows = []
    for act in acts:
        columns = {key: getattr(act, key) for key in _ACTED} | {"facts": dict(act.facts)}
        digest = _digest(previous, act)
        rows.append(columns | {"previous": previous, "digest": digest})
        previous = digest
    connection.execute(_ADD, rows)


def _hold_end(connection: Connection) -> str:
    """Return the digest of the last row; nobody adds another until the transaction ends."""
    if connection.dialect.name != "postgresql":  # whoever writes is alone
        return connection.exec_driver_sql(_END).scalar() or START
    answers = connection.exec_driver_sql(_HOLD_END)
    if answers.cursor is not None:
        answers.cursor.nextset()
    return answers.scalar() or START


@dataclass(frozen=True, slots=True)
class Checked:
    """How far the chain was checked, row by row from its beginning."""

    done: int  #: id of the last row that was looked at
    last: int  #: id of the newest row
    broken: int | None  #: id of the first row that does not fit

    @property
    def is_over(self) -> bool:
        return self.broken is not None or self.done >= self.last


def check_stretch(after: int, most: int) -> Checked:
    """Check up to *most* rows that follow the row *after*, which fits the chain; 0 begins."""
    session = db.session
    last = session.scalar(select(func.max(AuditEvent.id))) or 0
    before = session.scalar(select(AuditEvent.digest).where(AuditEvent.id == after))
    if after and before is None:
        return Checked(after, last, broken=after)
    rows = session.scalars(_rows_after(after).limit(most)).all()
    broken = _first_unfit(rows, before or START)
    return Checked(rows[-1].id if rows else last, last, broken)


def first_broken_link() -> int | None:
    """Return the id of the first row that does not fit the chain, or None if all fit."""
    return _first_unfit(db.session.scalars(_rows_after(0)).yield_per(1000), START)


def _rows_after(after: int) -> Select[AuditEvent]:
    return select(AuditEvent).where(AuditEvent.id > after).order_by(AuditEvent.id)


def _first_unfit(rows: Iterable[AuditEvent], previous: str) -> int | None:
    for event in rows:
        if event.previous != previous or event.digest != _digest(previous, event):
            return event.id
        previous = event.digest
    return None


def _digest(previous: str, act: Act | AuditEvent) -> str:
    body = [
        previous,
        act.at.isoformat(),
        act.actor_id,
        act.action.value,
        act.subject,
        act.purpose,
        act.facts,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
