"""The traces of calls that the signals read, out of the database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, case, or_, select

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.calls.dialling import WITHOUT_CALL
from casework.calls.dispositions import all_dispositions
from casework.calls.history import NEW_NUMBER
from casework.calls.models import Attempt, stands
from casework.calls.rules import rules_of
from casework.calls.schedule import CallingHours
from casework.calls.script import script_for
from casework.calls.signals import CHARACTERS_A_SECOND, Signal, Trace, find_signals, least_seconds
from casework.cases.models import Case, Tier
from casework.cases.outcomes import all_outcomes
from casework.cases.phone_result import Ending
from casework.db import db
from casework.ledgers.projects import Project
from casework.sealing import unseal_json

SHOWN = 4  #: calls named as evidence of one signal
_INTERVIEWS = [code for code, found in all_dispositions().items() if found.is_interview]
#: Only the answers of these calls are opened, which takes most of the time.
_TELLS = or_(Attempt.disposition.in_(_INTERVIEWS), Attempt.waiver_read_at.is_not(None))
_PLACE = re.compile(r"{\w+}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One call behind a signal."""

    code: str  #: of the case
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Look:
    """One signal with the operator's name and the first calls it rests on."""

    signal: Signal
    login: str
    name: str
    evidence: tuple[Evidence, ...]


def signals_of(
    campaign_id: int,
    since: datetime,
    until: datetime,
    *,
    actor: User,
    hours: CallingHours | None = None,
) -> list[Look]:
    """Return the signals in a campaign's calls of a period, those of many kinds first.

    *hours* replace those of the campaign, for demonstrations.
    """
    traces = _traces(campaign_id, since, until, actor, hours)
    signals = find_signals(traces)
    kinds = {s.operator_id: sum(o.operator_id == s.operator_id for o in signals) for s in signals}
    ordered = sorted(signals, key=lambda s: (-kinds[s.operator_id], s.operator_id))
    names = {
        user.id: (user.login, user.name)
        for user in db.session.scalars(select(User).where(User.id.in_(kinds)))
    }
    codes = _codes([attempt for signal in signals for attempt in signal.evidence[:SHOWN]])
    lengths = {trace.attempt_id: trace for trace in traces}
    return [
        Look(
            signal,
            *names[signal.operator_id],
            tuple(
                Evidence(codes[attempt], lengths[attempt].started_at, lengths[attempt].seconds)
                for attempt in signal.evidence[:SHOWN]
            ),
        )
        for signal in ordered
    ]


def _codes(attempts: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Attempt.id, Case.code)
        .join(Case, Case.id == Attempt.case_id)
        .where(Attempt.id.in_(attempts))
    )
    return dict(rows.all())


def _traces(
    campaign_id: int,
    since: datetime,
    until: datetime,
    actor: User,
    hours: CallingHours | None,
) -> list[Trace]:
    rows = db.session.execute(
        select(
            *(Attempt.id, Attempt.uid, Attempt.operator_id, Attempt.claimed_as, Attempt.blind),
            *(Attempt.started_at, Attempt.dialled_at, Attempt.ended_at, Attempt.waiver_read_at),
            *(Attempt.disposition, Attempt.outcome, Case.project),
            case((_TELLS, Attempt.answers_sealed)).label("sealed"),
        )
        .join(Case, Case.id == Attempt.case_id)
        .where(
            Case.campaign_id == campaign_id,
            in_scope(actor, Case.region_code),
            Attempt.ended_at >= since,
            Attempt.ended_at < until,
            Attempt.disposition != "",
            stands(),
        )
    )
    allowed = hours or rules_of(db.session(), campaign_id).hours
    return [_trace(row, allowed) for row in rows]


def _trace(row: Row[*tuple[Any, ...]], hours: CallingHours) -> Trace:
    interview, needs_dial = _says(row.disposition)
    verdict = all_outcomes()[row.outcome].value_y if row.outcome else None
    told = _NOTHING if row.sealed is None else _told(row)
    return Trace(
        attempt_id=row.id,
        operator_id=row.operator_id,
        project=row.project,
        started_at=row.started_at,
        dialled_at=row.dialled_at,
        ended_at=row.ended_at,
        interview=interview,
        needs_dial=needs_dial,
        achieved=None if verdict is None else verdict == 1,
        dealt=row.claimed_as == Tier.FRESH and not row.blind,
        answers=told.answers,
        least_seconds=told.least_seconds,
        hours=hours,
        unread=told.unread,
    )


@cache
def _says(disposition: str) -> tuple[bool, bool]:
    """Tell whether a disposition is that of an interview, and whether it says what a call brought.

    Most calls are told apart by no more than that, and there are many.
    """
    ending = all_dispositions()[disposition].ending
    return ending is Ending.ANSWERED, ending not in WITHOUT_CALL


@dataclass(frozen=True, slots=True)
class _Told:
    """What a call's answers say."""

    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    least_seconds: float = 0.0
    unread: bool | None = None


_NOTHING = _Told()


def _told(row: Row[*tuple[Any, ...]]) -> _Told:
    given = unseal_json(row.sealed, table=Attempt.__tablename__, column="answers", row=row.uid)
    asked = _asked(given) if all_dispositions()[row.disposition].is_interview else []
    return _Told(
        tuple((id_, tuple(one["keys"])) for id_, one in asked),
        least_seconds(
            _text(row.project, id_)
            for id_, one in asked
            if datetime.fromisoformat(one["at"]) >= row.started_at
        ),
        _unread(row.project, given, row.waiver_read_at),
    )


def _asked(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what was answered, question by question; a number that was told is no answer."""
    return [(id_, given[id_]) for id_ in sorted(given) if id_ != NEW_NUMBER]


def _unread(project: Project, answers: Mapping[str, Any], read_at: datetime | None) -> bool | None:
    """Tell whether a sentence was marked as read before anybody can have read it."""
    if read_at is None:
        return None
    questions = script_for(project).questions
    given = {id_: one for id_, one in answers.items() if id_ in questions}
    sentence = next((questions[id_].zh for id_ in given if questions[id_].verbatim), None)
    answered = [datetime.fromisoformat(one["at"]) for one in given.values()]
    before = max((at for at in answered if at < read_at), default=None)
    if sentence is None or before is None:
        return None
    return (read_at - before).total_seconds() < len(sentence) / CHARACTERS_A_SECOND


@cache
def _text(project: Project, question: str) -> str:
    """Return what is read out for a question, without the places that the ledger fills."""
    found = script_for(project).questions.get(question)
    return _PLACE.sub("", found.zh) if found else ""
