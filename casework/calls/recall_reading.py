"""What the blind re-calls show: how far two interviews of the same person agree. Reading only."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.calls.blind_calls import finds_true
from casework.calls.history import NEW_NUMBER
from casework.calls.models import Attempt
from casework.calls.recall_models import Recall, RecallPlan, RecallState
from casework.cases.models import Case
from casework.db import db
from casework.ledgers.projects import Project
from estimation.agreement import Agreement, agreement


@dataclass(frozen=True, slots=True)
class Pair:
    """Two interviews of one person: what was answered in both, and what they came to."""

    operator_id: int  #: of the first
    project: Project
    outcomes: tuple[str, str]
    answers: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

    @property
    def truths(self) -> tuple[bool, bool]:
        return finds_true(self.outcomes[0]), finds_true(self.outcomes[1])


@dataclass(frozen=True, slots=True)
class OperatorChecked:
    """The interviews of one operator that were chosen to be held again."""

    operator_id: int
    login: str
    name: str
    chosen: int
    open: int
    missed: int
    verdicts: Agreement | None  #: on true or not true; None before the first pair
    answers: int  #: to questions asked in both interviews
    equal: int  #: of these


@dataclass(frozen=True, slots=True)
class QuestionChecked:
    """One question, as answered in both interviews."""

    project: Project
    question: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two interviews of which one finds the claim true; a supervisor settles it."""

    recall_id: int
    code: str
    first: str  #: outcome
    second: str
    first_by: str
    second_by: str
    at: datetime
    differing: tuple[tuple[str, str, str], ...]  #: question, first keys, second keys


@dataclass(frozen=True, slots=True)
class RecallReport:
    share: float
    states: dict[RecallState, int]
    operators: tuple[OperatorChecked, ...]
    questions: tuple[QuestionChecked, ...]  #: of the chosen operator, or of all
    contradictions: tuple[Contradiction, ...]


def recall_report(campaign_id: int, operator_id: int | None = None, *, actor: User) -> RecallReport:
    """Return what the re-calls of a campaign show; questions of *operator_id* or of all."""
    session = db.session()
    seen = and_(Recall.campaign_id == campaign_id, in_scope(actor, Case.region_code))
    pairs = _pairs(session, seen)
    plan = session.get(RecallPlan, campaign_id)
    of_chosen = [p for p in pairs if operator_id is None or p.operator_id == operator_id]
    counts = _counts(session, seen)
    states: Counter[RecallState] = Counter()
    for (_who, state), cases in counts.items():
        states[state] += cases
    return RecallReport(
        share=plan.share if plan else 0.0,
        states=dict(states),
        operators=_operators(session, counts, pairs),
        questions=_questions(of_chosen),
        contradictions=_contradictions(session, seen),
    )


def _counts(session: Session, seen: ColumnElement[bool]) -> dict[tuple[int, RecallState], int]:
    counted = (
        select(Recall.operator_id, Recall.state, func.count())
        .join(Case, Case.id == Recall.case_id)
        .where(seen)
        .group_by(Recall.operator_id, Recall.state)
    )
    return {(who, state): cases for who, state, cases in session.execute(counted)}


def _pairs(session: Session, seen: ColumnElement[bool]) -> list[Pair]:
    first, second = aliased(Attempt), aliased(Attempt)
    rows = session.execute(
        select(Recall.operator_id, Case.project, first, second)
        .join(Case, Case.id == Recall.case_id)
        .join(first, first.id == Recall.first_id)
        .join(second, second.id == Recall.second_id)
        .where(seen, Recall.state == RecallState.HELD)
        .order_by(Recall.id)
    )
    return [
        Pair(who, project, (one.outcome, two.outcome), _in_both(one, two))
        for who, project, one, two in rows
    ]


def _in_both(first: Attempt, second: Attempt) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    one, two = _keys(first), _keys(second)
    return {question: (one[question], two[question]) for question in one if question in two}


def _keys(attempt: Attempt) -> dict[str, tuple[str, ...]]:
    return {
        question: tuple(sorted(given["keys"]))
        for question, given in attempt.answers.items()
        if question != NEW_NUMBER
    }


def _operators(
    session: Session, counts: dict[tuple[int, RecallState], int], pairs: Sequence[Pair]
) -> tuple[OperatorChecked, ...]:
    of: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        of[pair.operator_id].append(pair)
    chosen = {who for who, _state in counts}
    users = session.scalars(select(User).where(User.id.in_(chosen)).order_by(User.login))
    return tuple(
        OperatorChecked(
            user.id,
            user.login,
            user.name,
            chosen=sum(counts.get((user.id, state), 0) for state in RecallState),
            open=counts.get((user.id, RecallState.OPEN), 0),
            missed=counts.get((user.id, RecallState.MISSED), 0),
            verdicts=_agreed([pair.truths for pair in of[user.id]]),
            answers=sum(len(pair.answers) for pair in of[user.id]),
            equal=sum(one == two for pair in of[user.id] for one, two in pair.answers.values()),
        )
        for user in users
    )


def _questions(pairs: Sequence[Pair]) -> tuple[QuestionChecked, ...]:
    readings: dict[tuple[Project, str], list[tuple[object, object]]] = defaultdict(list)
    for pair in pairs:
        for question, both in pair.answers.items():
            readings[pair.project, question].append(both)
    return tuple(
        QuestionChecked(project, question, found)
        for (project, question), both in sorted(readings.items())
        if (found := _agreed(both)) is not None
    )


def _agreed(readings: Sequence[tuple[object, object]]) -> Agreement | None:
    if not readings:
        return None
    return agreement([one for one, _ in readings], [two for _, two in readings])


def _contradictions(session: Session, seen: ColumnElement[bool]) -> tuple[Contradiction, ...]:
    rows = session.scalars(
        select(Recall)
        .join(Case, Case.id == Recall.case_id)
        .where(seen, Recall.contradicts, Recall.settled_at.is_(None))
        .order_by(Recall.ended_at)
        .options(
            joinedload(Recall.case),
            joinedload(Recall.first).joinedload(Attempt.operator),
            joinedload(Recall.second).joinedload(Attempt.operator),
        )
    )
    return tuple(
        Contradiction(
            recall.id,
            recall.case.code,
            recall.first.outcome,
            recall.second.outcome,
            recall.first.operator.name,
            recall.second.operator.name,
            recall.ended_at or recall.chosen_at,
            tuple(
                (question, " ".join(one), " ".join(two))
                for question, (one, two) in _in_both(recall.first, recall.second).items()
                if one != two
            ),
        )
        for recall in rows
        if recall.second is not None
    )
