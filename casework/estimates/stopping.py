"""May calling stop? The sequential test of each cell, as far as its replicates are fully worked.

A cell is a project in a place that has a task of its own and is one stratum: there the rows in draw
order are a simple random sample. Overcapacity (its strata are enterprises) and follow-up waves
(their strata have two halves) are not tested. A replicate counts once the phone is done with every
row of it, and after every earlier one; so nobody can stop because the quick answers were good.

What was settled, or found on site, counts. A visit that is still to be made counts against each
decision, and so does a yes on the phone that nobody checked, unless the campaign's protocol accepts
phone answers. What the test would say if all answers of the phone held is told apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import takewhile

from sqlalchemy import func, select

from casework.accounts.models import User
from casework.campaigns.models import (
    Campaign,
    Replicate,
    SampleEntry,
    Stratum,
    StratumPart,
    Target,
)
from casework.campaigns.overview import find_campaign
from casework.cases.lifecycle import CaseState
from casework.cases.models import Case
from casework.cases.outcomes import all_outcomes, final_outcome
from casework.db import db
from casework.ledgers.projects import Project
from casework.regions.models import Region
from casework.regions.tree import RegionTree, load_tree
from estimation.stopping import Replicates, Stop, stopping_report

WITH_THE_PHONE = frozenset({CaseState.READY, CaseState.HELD, CaseState.ESCALATED})
MOST_CELLS = 4096  # whose tests a process keeps


class Answer(StrEnum):
    """Whether calling may stop in a cell or a unit, from the surest to the least sure."""

    STOP = "stop"  #: decided, whatever more calls bring
    VISITS = "visits"  #: decided if the answers of the phone hold: visits have to confirm them
    USED_UP = "used_up"  #: every drawn row is worked, and nothing is decided
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Cell:
    """A project in a place, with what its worked replicates decide."""

    project: Project
    region: Region
    unit_code: str
    frame_size: int
    target: int
    stop: Stop  #: by the rule
    as_phoned: Stop  #: if every answer of the phone holds
    opened: int  #: rows of released replicates; an open replicate is worked to its end
    worked_in: Sequence[int]  #: the numbers of the fully worked replicates

    @property
    def answer(self) -> Answer:
        if self.stop.decided:
            return Answer.STOP
        if self.as_phoned.decided:
            return Answer.VISITS
        return Answer.USED_UP if self.stop.worked == self.stop.planned else Answer.GO_ON

    @property
    def spared(self) -> int:
        """Return the drawn rows that nobody has to call, if calling stops now."""
        return self.stop.planned - self.opened if self.answer in _ENOUGH else 0


@dataclass(frozen=True, slots=True)
class UnitCells:
    """The cells of one reporting unit."""

    unit: Region
    cells: Sequence[Cell]

    @property
    def answer(self) -> Answer:
        """Return the least sure answer of its cells."""
        return max((cell.answer for cell in self.cells), key=list(Answer).index)

    @property
    def answers(self) -> Mapping[Answer, int]:
        return Counter(cell.answer for cell in self.cells)

    @property
    def planned(self) -> int:
        return sum(cell.stop.planned for cell in self.cells)

    @property
    def worked(self) -> int:
        return sum(cell.stop.worked for cell in self.cells)

    @property
    def spared(self) -> int:
        return sum(cell.spared for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Stopping:
    """The stopping report of a campaign as it stands."""

    campaign: Campaign
    units: Sequence[UnitCells]

    @property
    def cells(self) -> Sequence[Cell]:
        return [cell for unit in self.units for cell in unit.cells]

    @property
    def planned(self) -> int:
        return sum(unit.planned for unit in self.units)

    @property
    def worked(self) -> int:
        return sum(unit.worked for unit in self.units)

    @property
    def spared(self) -> int:
        return sum(unit.spared for unit in self.units)

    def amount(self, answer: Answer) -> int:
        """Return how many cells have this answer."""
        return sum(unit.answers[answer] for unit in self.units)


_ENOUGH = frozenset({Answer.STOP, Answer.VISITS})


@dataclass(slots=True)
class _Part:
    """One replicate of one stratum; verdicts by their y: 1 achieved, 0 not, None unresolved."""

    number: int
    planned: int
    released: bool
    phoned: int = 0  #: rows that the phone is done with
    by_rule: Counter[int | None] = field(default_factory=Counter)
    as_phoned: Counter[int | None] = field(default_factory=Counter)

    @property
    def worked(self) -> bool:
        return self.released and self.phoned == self.planned


def stopping(campaign_id: int, *, actor: User) -> Stopping:
    """Say of every cell of a campaign whether calling may stop there.

    Raises NotFound for whoever may not see the sample of the campaign.
    """
    campaign, tree = find_campaign(campaign_id, actor=actor), load_tree()
    parts = _parts(campaign)
    units: dict[str, list[Cell]] = defaultdict(list)
    for stratum, target in _single(campaign):
        if stratum.region_code == stratum.unit_code and tree.children_of(stratum.unit_code):
            continue  # the task is of the whole unit, the stratum only a part of it
        if drawn := parts.get(stratum.id):
            units[stratum.unit_code].append(_cell(stratum, target, drawn, tree))
    ordered = (tree.by_code[unit.code] for unit in tree.units if unit.code in units)
    return Stopping(campaign, [UnitCells(unit, units[unit.code]) for unit in ordered])


def _single(campaign: Campaign) -> Iterator[tuple[Stratum, int]]:
    """Yield the strata that are the only one of a place with a task, and the task."""
    found = db.session.execute(
        select(Stratum, Target.persons)
        .join(
            Target,
            (Target.campaign_id == Stratum.campaign_id)
            & (Target.project == Stratum.project)
            & (Target.region_code == Stratum.region_code),
        )
        .where(Stratum.campaign_id == campaign.id)
        .order_by(Stratum.key)
    ).all()
    parts = Counter((stratum.project, stratum.region_code) for stratum, _ in found)
    for stratum, target in found:
        whole = stratum.part is StratumPart.WHOLE and not stratum.enterprise
        if whole and parts[stratum.project, stratum.region_code] == 1:
            yield stratum, target


def _parts(campaign: Campaign) -> dict[int, list[_Part]]:
    """Return of each stratum its replicates in the order of the draw."""
    drawn = db.session.execute(
        select(SampleEntry.stratum_id, Replicate.number, Replicate.released_at, func.count())
        .join(
            Replicate,
            (Replicate.campaign_id == SampleEntry.campaign_id)
            & (Replicate.number == SampleEntry.replicate),
        )
        .where(SampleEntry.campaign_id == campaign.id)
        .group_by(SampleEntry.stratum_id, Replicate.number, Replicate.part, Replicate.released_at)
        .order_by(Replicate.part, Replicate.number)
    )
    named = {
        (stratum, number): _Part(number, amount, released is not None)
        for stratum, number, released, amount in drawn
    }
    _add_verdicts(campaign, named)
    found: dict[int, list[_Part]] = defaultdict(list)
    for (stratum, _number), part in named.items():
        found[stratum].append(part)
    return found


def _add_verdicts(campaign: Campaign, parts: Mapping[tuple[int, int], _Part]) -> None:
    codes = (Case.phone_outcome, Case.site_outcome, Case.settled_outcome)
    cases = db.session.execute(
        select(Case.stratum_id, Case.replicate, Case.state, *codes, func.count())
        .where(Case.campaign_id == campaign.id)
        .group_by(Case.stratum_id, Case.replicate, Case.state, *codes)
    )
    for stratum, number, state, phone, site, settled, amount in cases:
        if state in WITH_THE_PHONE:
            continue
        part = parts[stratum, number]
        part.phoned += amount
        y = _y(final_outcome(phone, site, settled))
        part.as_phoned[y] += amount
        seen = bool(settled) or _y(site) is not None
        waits = not seen and (
            state is CaseState.TO_VISIT or (y == 1 and not campaign.phone_answers_accepted)
        )
        part.by_rule[None if waits else y] += amount


def _y(outcome: str) -> int | None:
    return all_outcomes()[outcome].value_y if outcome else None


def _cell(stratum: Stratum, target: int, parts: Sequence[_Part], tree: RegionTree) -> Cell:
    planned = tuple(part.planned for part in parts)
    worked = list(takewhile(lambda part: part.worked, parts))
    size = stratum.frame_size
    return Cell(
        stratum.project,
        tree.by_code[stratum.region_code],
        stratum.unit_code,
        size,
        target,
        _stop(size, target, planned, tuple(_verdicts(part.by_rule) for part in worked)),
        _stop(size, target, planned, tuple(_verdicts(part.as_phoned) for part in worked)),
        sum(part.planned for part in parts if part.released),
        [part.number for part in worked],
    )


def _verdicts(counted: Counter[int | None]) -> tuple[int, int, int]:
    return counted[1], counted[0], counted[None]


@lru_cache(maxsize=MOST_CELLS)
def _stop(
    size: int, target: int, planned: tuple[int, ...], worked: tuple[tuple[int, int, int], ...]
) -> Stop:
    """Test one cell: achieved, not achieved and unresolved of its worked replicates."""
    counts = [*worked, *[(0, 0, 0)] * (len(planned) - len(worked))]
    achieved, not_achieved, unresolved = zip(*counts, strict=True)
    replicates = Replicates([planned], [achieved], [not_achieved], [unresolved])
    return stopping_report([""], [size], [target], replicates).cells[0]
