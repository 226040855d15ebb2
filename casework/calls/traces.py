"""The traces of calls that the signals read, out of the database."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import select

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

SHOWN = 4  #: calls named as evidence of one signal
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
        select(Attempt, Case.project)
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
    return [_trace(attempt, project, allowed) for attempt, project in rows]


def _trace(attempt: Attempt, project: Project, hours: CallingHours) -> Trace:
    found = all_dispositions()[attempt.disposition]
    answers = _answers(attempt) if found.is_interview else ()
    verdict = all_outcomes()[attempt.outcome].value_y if attempt.outcome else None
    return Trace(
        attempt_id=attempt.id,
        operator_id=attempt.operator_id,
        project=project.value,
        started_at=attempt.started_at,
        dialled_at=attempt.dialled_at,
        ended_at=attempt.ended_at or attempt.started_at,
        interview=found.ending is Ending.ANSWERED,
        needs_dial=found.ending not in WITHOUT_CALL,
        achieved=None if verdict is None else verdict == 1,
        dealt=attempt.claimed_as == Tier.FRESH and not attempt.blind,
        answers=answers,
        least_seconds=least_seconds(
            _text(project, question)
            for question, _keys in answers
            if datetime.fromisoformat(attempt.answers[question]["at"]) >= attempt.started_at
        ),
        hours=hours,
        unread=_unread(attempt, project),
    )


def _unread(attempt: Attempt, project: Project) -> bool | None:
    """Tell whether a sentence was marked as read before anybody can have read it."""
    questions, read_at = script_for(project).questions, attempt.waiver_read_at
    given = {id_: one for id_, one in attempt.answers.items() if id_ in questions}
    sentence = next((questions[id_].zh for id_ in given if questions[id_].verbatim), None)
    answered = [datetime.fromisoformat(one["at"]) for one in given.values()]
    before = max((at for at in answered if read_at and at < read_at), default=None)
    if sentence is None or read_at is None or before is None:
        return None
    return (read_at - before).total_seconds() < len(sentence) / CHARACTERS_A_SECOND


def _answers(attempt: Attempt) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (question, tuple(given["keys"]))
        for question, given in sorted(attempt.answers.items())
        if question != NEW_NUMBER
    )


@cache
def _text(project: Project, question: str) -> str:
    """Return what is read out for a question, without the places that the ledger fills."""
    found = script_for(project).questions.get(question)
    return _PLACE.sub("", found.zh) if found else ""
