"""Looking at ledgers: the list, the problems of one, what was taken out. Scoped to the reader."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.db import db
from casework.errors import NotFound
from casework.ledgers.models import (
    Ledger,
    LedgerProblem,
    LedgerRemoval,
    LedgerState,
    RemovalClass,
)
from casework.ledgers.projects import Project
from casework.ledgers.rules import Severity, rules
from casework.regions.models import Region

#: What a rule asks for, and the class under which a row that breaks it is taken out.
CLASS_OF_ACTION = {
    "补充": RemovalClass.INCOMPLETE,
    "无效": RemovalClass.INVALID,
    "重复": RemovalClass.DUPLICATE,
}
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Window:
    """A page of a long list by key: the rows after one key, or those before another."""

    size: int
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Part(Generic[_Item]):
    """The rows of one window, and whether there are others before and after them."""

    rows: list[_Item]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True, slots=True)
class SeenProblem:
    """A problem, and the class under which its row was taken out if it was."""

    problem: LedgerProblem
    removed: RemovalClass | None


@dataclass(frozen=True, slots=True)
class RuleCount:
    rule: str
    severity: Severity
    problems: int


def visible_ledgers(actor: User) -> Select[Ledger]:
    """Select the ledgers of the actor's region."""
    return select(Ledger).where(in_scope(actor, Ledger.region_code))


def find_ledger(ledger_id: int, *, actor: User) -> Ledger:
    """Return one ledger. Raises NotFound for one of a region the actor may not see."""
    ledger = db.session.scalar(visible_ledgers(actor).where(Ledger.id == ledger_id))
    if ledger is None:
        raise NotFound(ledger=ledger_id)
    return ledger


def regions_of(actor: User) -> list[Region]:
    """Return the places and units the actor may hand in ledgers for, by code."""
    regions = db.session.scalars(
        select(Region).where(in_scope(actor, Region.code)).order_by(Region.code)
    )
    return [region for region in regions if region.is_place or region.is_unit]


def ledgers_of(
    actor: User,
    window: Window,
    *,
    project: Project | None = None,
    state: LedgerState | None = None,
) -> Part[Ledger]:
    """Return ledgers of the actor's region, the newest first."""
    chosen = visible_ledgers(actor)
    if project:
        chosen = chosen.where(Ledger.project == project)
    if state:
        chosen = chosen.where(Ledger.state == state)
    part = _part(chosen, Ledger.id, window, newest_first=True)
    return Part([row.Ledger for row in part.rows], part.has_previous, part.has_next)


def problems_of(
    ledger_id: int,
    window: Window,
    *,
    actor: User,
    rule: str = "",
    severity: Severity | None = None,
) -> Part[SeenProblem]:
    """Return problems of one ledger in the order of the file."""
    chosen = (
        select(LedgerProblem, LedgerRemoval.removal_class)
        .outerjoin(LedgerRemoval, _same_row())
        .where(LedgerProblem.ledger_id == find_ledger(ledger_id, actor=actor).id)
    )
    if rule:
        chosen = chosen.where(LedgerProblem.rule == rule)
    if severity:
        chosen = chosen.where(LedgerProblem.severity == severity)
    part = _part(chosen, LedgerProblem.id, window)
    seen = [SeenProblem(row.LedgerProblem, row.removal_class) for row in part.rows]
    return Part(seen, part.has_previous, part.has_next)


def _part(
    chosen: Select[*tuple[Any, ...]],
    key: InstrumentedAttribute[int],
    window: Window,
    *,
    newest_first: bool = False,
) -> Part[Row[Any]]:
    """Fetch one row more than the window holds, to know whether there are others."""
    backwards = window.before is not None
    edge = window.before if backwards else window.after
    falling = newest_first != backwards
    if edge is not None:
        chosen = chosen.where(key < edge if falling else key > edge)
    chosen = chosen.order_by(key.desc() if falling else key).limit(window.size + 1)
    rows = list(db.session.execute(chosen))
    more, rows = len(rows) > window.size, rows[: window.size]
    if backwards:
        return Part(rows[::-1], has_previous=more, has_next=True)
    return Part(rows, has_previous=window.after is not None, has_next=more)


def problems_by_rule(ledger_id: int) -> list[RuleCount]:
    """How often each rule was broken, the most frequent first."""
    number = func.count().label("number")
    rows = db.session.execute(
        select(LedgerProblem.rule, LedgerProblem.severity, number)
        .where(LedgerProblem.ledger_id == ledger_id)
        .group_by(LedgerProblem.rule, LedgerProblem.severity)
        .order_by(number.desc(), LedgerProblem.rule)
    )
    return [RuleCount(row.rule, row.severity, row.number) for row in rows]


def removals_by_class(ledger_id: int) -> Counter[RemovalClass]:
    """How many rows were taken out under each class."""
    rows = db.session.execute(
        select(LedgerRemoval.removal_class, func.count().label("rows"))
        .where(LedgerRemoval.ledger_id == ledger_id)
        .group_by(LedgerRemoval.removal_class)
    )
    return Counter({row.removal_class: row.rows for row in rows})


def faults_by_class(ledger_id: int) -> Counter[RemovalClass]:
    """How many rows would be taken out under each class if all faulty ones were."""
    first = first_faults(ledger_id).subquery()
    rows = db.session.execute(
        select(first.c.rule, func.count().label("rows")).group_by(first.c.rule)
    )
    found: Counter[RemovalClass] = Counter()
    for row in rows:
        found[class_of_rule(row.rule)] += row.rows
    return found


def class_of_rule(rule: str) -> RemovalClass:
    """Return the class under which a row that breaks *rule* is taken out."""
    return CLASS_OF_ACTION[rules()[rule].action]


def first_faults(ledger_id: int) -> Select[*tuple[Any, ...]]:
    """Select sheet, row and the first broken rule of each row with an error not taken out."""
    first = (
        select(func.min(LedgerProblem.id))
        .outerjoin(LedgerRemoval, _same_row())
        .where(
            LedgerProblem.ledger_id == ledger_id,
            LedgerProblem.severity == Severity.ERROR,
            LedgerRemoval.id.is_(None),
        )
        .group_by(LedgerProblem.sheet, LedgerProblem.row)
    )
    return select(LedgerProblem.sheet, LedgerProblem.row, LedgerProblem.rule).where(
        LedgerProblem.id.in_(first)
    )


def _same_row() -> Any:
    return and_(
        LedgerRemoval.ledger_id == LedgerProblem.ledger_id,
        LedgerRemoval.sheet == LedgerProblem.sheet,
        LedgerRemoval.row == LedgerProblem.row,
    )
