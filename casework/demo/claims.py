"""The rows of one ledger with the truth behind each, before anything is written."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from casework.demo.contact import Behaviour, Contact, draw_behaviours
from casework.demo.defects import FAKE_PHONE, Defect, share_of, spoil
from casework.demo.employers import draw_employers, draw_jobs, mine
from casework.demo.entries import (
    EARLY,
    ENDED,
    NOT_SETTLED,
    OTHER,
    TRANSFER,
    WAIVED,
    Claim,
    draw_births,
    draw_days,
    draw_hardship,
    draw_help,
)
from casework.demo.people import Numbers, draw_people
from casework.demo.scale import Place, largest_remainder, overcapacity_targets, units
from casework.demo.sources import generator, picks, shares_of
from casework.demo.tuning import MISSING, CellPlan
from casework.ledgers.projects import Project

_FORM_TABLES = {Project.RE_EMPLOYMENT: "form", Project.HARDSHIP: "P2_form"}
#: Of the workers who are said to be resettled; those who are not come from the untrue rows.
_CHANNELS = {TRANSFER: 0.50, EARLY: 0.09, ENDED: 0.33, OTHER: 0.03, WAIVED: 0.02}
ADMITTED = 0.3  #: of the workers who are not resettled, how many rows say so themselves
_MEN = {Project.RE_EMPLOYMENT: 0.53, Project.HARDSHIP: 0.53, Project.OVERCAPACITY: 0.82}
#: One hardship entry in five is in the re-employment ledger as well.
OVERLAP = 0.2
NEAR_RETIREMENT = 0.6  #: of the people in hardship are within ten years of it
_AGE_SHARES = (0.27, 0.55)  #: 16 to 24 and 25 to 45; the rest is older


@dataclass(frozen=True, slots=True)
class Record:
    """A claim, the truth behind it and the fault that was put into it, if any."""

    claim: Claim
    behaviour: Behaviour
    defect: Defect | None = None


def draw_cell(plan: CellPlan, seed: str, taken: Numbers, also: Sequence[Record]) -> list[Record]:
    """Draw every row of one ledger, in the order of the starting days.

    *also* are the re-employment rows of the same place; some of their people appear again in
    the hardship ledger, with the same job, the same telephone and the same truth.
    """
    rng = generator(seed, plan.project, plan.place.code)
    overcapacity = plan.project is Project.OVERCAPACITY
    claims = _resettlements(rng, plan, taken) if overcapacity else _employments(rng, plan, taken)
    fabricated = (plan.project, plan.place.unit_code) in MISSING
    clean, spare = claims[: plan.clean], claims[plan.clean :]
    told = draw_behaviours(rng, clean, plan.untrue, fabricated=fabricated)
    records = [Record(claim, behaviour) for claim, behaviour in zip(clean, told, strict=True)]
    records = _fake_phones(rng, _share_people(rng, _admit(rng, records), also))
    records += _spoiled(rng, plan, records, spare)
    return sorted(records, key=lambda record: (record.claim.started_on, record.defect is not None))


def _employments(rng: np.random.Generator, plan: CellPlan, taken: Numbers) -> list[Claim]:
    place, count = plan.place, plan.claim
    days, births, men = _days_births_men(rng, plan.project, count)
    people = draw_people(rng, place.code, men, births, taken)
    staff = draw_employers(generator("employers", place.code), place, max(3, count // 25))
    forms = picks(rng, shares_of("employment", _FORM_TABLES[plan.project]), count)
    jobs = draw_jobs(rng, place, staff, forms)
    waits = rng.integers(30, 300, size=count)
    details, helps = draw_hardship(rng, count), draw_help(rng, count)
    return [
        Claim(plan.project, place, who, day, day - timedelta(days=int(wait)), job, detail, given)
        for who, day, wait, job, detail, given in zip(
            people, days, waits, jobs, details, helps, strict=True
        )
    ]


def _resettlements(rng: np.random.Generator, plan: CellPlan, taken: Numbers) -> list[Claim]:
    count = plan.claim
    days, births, men = _days_births_men(rng, plan.project, count)
    channels = picks(rng, _CHANNELS, count)
    carried = set(rng.permutation(count)[: _carried(plan)].tolist())
    claims = []
    for i, (place, number) in enumerate(_pits(rng, plan)):
        who = draw_people(rng, place.code, men[i : i + 1], births[i : i + 1], taken)[0]
        year = "2016年结转" if i in carried else "2017年计划"
        job, day = mine(place, number), days[i]
        claims.append(Claim(plan.project, place, who, day, day, job, channels[i], "", year))
    order = rng.permutation(count)  # so that the rows put aside for faults come from every mine
    return [claims[i] for i in order]


def _pits(rng: np.random.Generator, plan: CellPlan) -> list[tuple[Place, int]]:
    """The mine of each worker: its place and number. A unit has two to six of them."""
    own = [place for place in units()[plan.place.code] if place.mine_workers]
    number = int(min(6, max(2, plan.claim // 60, len(own))))
    sizes = largest_remainder(rng.uniform(1, 4, size=number), plan.claim)
    pits = [(own[i % len(own)], i + 1) for i in range(number)]
    return [pit for pit, workers in zip(pits, sizes, strict=True) for _ in range(workers)]


def _carried(plan: CellPlan) -> int:
    """Rows of the ledger that belong to the task brought over from 2016."""
    full = next(t for t in overcapacity_targets(1.0) if t.region == plan.place.code)
    return round(plan.claim * (full.carry_over or 0) / full.persons)


def _days_births_men(
    rng: np.random.Generator, project: Project, count: int
) -> tuple[list[date], list[date], list[bool]]:
    days = draw_days(rng, count)
    men = rng.random(count) < _MEN[project]
    ages = _draw_ages(rng, project, men)
    return days, draw_births(rng, days, ages), men.tolist()


def _draw_ages(
    rng: np.random.Generator, project: Project, men: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Draw ages at the start, below retirement: women under 50, men under 60."""
    top = np.where(men, 60, 50)
    group = rng.random(len(men))
    if project is Project.OVERCAPACITY:
        low, high = np.full_like(top, 35), top
    elif project is Project.HARDSHIP:
        near = group < NEAR_RETIREMENT
        low, high = np.where(near, top - 10, 22), np.where(near, top, top - 10)
    else:
        young, middle = np.cumsum(_AGE_SHARES)
        low = np.where(group < young, 18, np.where(group < middle, 25, 46))
        high = np.where(group < young, 25, np.where(group < middle, 46, top))
    ages: NDArray[np.int64] = low + (rng.random(len(men)) * (high - low)).astype(np.int64)
    return ages


def _admit(rng: np.random.Generator, records: list[Record]) -> list[Record]:
    """Let some workers who are not resettled stand in the ledger as not resettled."""
    says_so = rng.random(len(records)) < ADMITTED
    return [
        Record(replace(record.claim, detail=NOT_SETTLED), replace(record.behaviour, says="SN"))
        if admitted and record.behaviour.verdict == "SN"
        else record
        for record, admitted in zip(records, says_so, strict=True)
    ]


def _share_people(
    rng: np.random.Generator, records: list[Record], also: Sequence[Record]
) -> list[Record]:
    pool: dict[str, list[Record]] = defaultdict(list)
    for other in also:
        if other.defect is None:
            pool[other.behaviour.verdict].append(other)
    chosen = rng.random(len(records)) < OVERLAP
    return [
        _same_person(record, pool[record.behaviour.verdict].pop())
        if again and pool[record.behaviour.verdict]
        else record
        for record, again in zip(records, chosen, strict=True)
    ]


def _same_person(record: Record, other: Record) -> Record:
    claim = replace(
        record.claim,
        person=other.claim.person,
        started_on=other.claim.started_on,
        registered_on=other.claim.registered_on,
        job=other.claim.job,
    )
    return Record(claim, other.behaviour)


def _fake_phones(rng: np.random.Generator, records: list[Record]) -> list[Record]:
    """Give a few people an invented number, which is a warning only; nobody answers there."""
    fake = rng.random(len(records)) < share_of(FAKE_PHONE)
    return [
        Record(
            spoil(record.claim, FAKE_PHONE, rng),
            replace(record.behaviour, contact=Contact.DEAD_NUMBER),
            FAKE_PHONE,
        )
        if invented
        else record
        for record, invented in zip(records, fake, strict=True)
    ]


def _spoiled(
    rng: np.random.Generator, plan: CellPlan, clean: list[Record], spare: Sequence[Claim]
) -> list[Record]:
    """Turn the *spare* claims into faulty rows, one for each fault that was planned."""
    defects = [defect for defect, count in plan.errors.items() for _ in range(count)]
    told = draw_behaviours(rng, spare, 0, fabricated=False)
    early = sorted(clean, key=lambda record: record.claim.started_on)[: max(1, len(clean) // 2)]
    faulty = []
    for claim, behaviour, defect in zip(spare, told, defects, strict=True):
        source = Record(claim, behaviour)
        if defect.rule == "D001":
            # Copies are of rows that are otherwise right, and each of another row.
            source = early.pop(int(rng.integers(len(early)))) if len(early) > 1 else early[0]
        faulty.append(Record(spoil(source.claim, defect, rng), source.behaviour, defect))
    return faulty
