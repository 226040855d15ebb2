"""A unit of eight counties with few visits each: rates of classes are shared inside the unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from estimation.classes import ClassTable, Progress
from estimation.decision import Decision, grade
from estimation.survey import Survey, run
from estimation.two_phase import make_design
from tests.studies.coverage.results import (
    Coverage,
    Goal,
    Map,
    Part,
    Size,
    Table,
    by_method,
    coverage_table,
    generator,
    least_coverage,
)
from tests.studies.coverage.surveys import NAMES, class_table, coverages, visit
from tests.studies.coverage.two_phase import CONSERVATIVE

FRAMES = np.array([150, 200, 260, 340, 440, 560, 720, 930])
METHODS = ("jeffreys_capped", "korn_graubard_capped", "added_row", "korn_graubard", "wald")
VISITED = np.array([0.25, 0.5, 0.3])  # share of each class, in the order of surveys.NAMES
AT_LEAST = np.array([6, 3, 3])  # visits in a county, or the whole class
RISK = 0.05
PART = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """The true share of every county, and how the phone treats the false."""

    name: str
    shares: tuple[float, ...]
    reached_false: float
    lying: tuple[float, ...]


ALIKE, SPREAD = (0.93,) * 8, (0.84, 0.88, 0.90, 0.92, 0.94, 0.95, 0.97, 0.98)
ONE_BAD = (0.96, 0.96, 0.96, 0.96, 0.75, 0.96, 0.96, 0.96)
REACHED_GENUINE = 0.65
UNITS = (
    Unit("counties alike, true answers", ALIKE, 0.65, (0.0,) * 8),
    Unit("counties alike, half of the false lie", ALIKE, 0.65, (0.5,) * 8),
    Unit("shares .84 to .98, false hide and lie", SPREAD, 0.35, (0.5,) * 8),
    Unit("one county at .75 among .96, lies", ONE_BAD, 0.65, (0.5,) * 8),
    Unit("only that county lies", ONE_BAD, 0.65, (0, 0, 0, 0, 0.8, 0, 0, 0)),
)
SAMPLED = (40, 80)


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    unit: Unit
    sampled: int  #: in each county
    replications: int


@dataclass(frozen=True, slots=True)
class Found:
    setting: Setting
    coverage: dict[str, Coverage]  #: of the unit
    bias: float  #: of the unit
    wrong: dict[str, float]  #: decisions, by what they are; of counties, those of the worst


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(UNITS, SAMPLED)))
    for number, (unit, sampled) in grid[:: size.every]:
        yield Setting(number, unit, sampled, size.replications // 4)


def simulate(setting: Setting) -> Found:
    rng = generator(PART, setting.number)
    counts = [_frame_counts(setting.unit, c) for c in range(len(FRAMES))]
    drawn = np.stack([_draw(rng, setting, of_county) for of_county in counts], axis=1)
    rows = drawn.sum(axis=2)
    visited = np.minimum(rows, np.maximum(np.ceil(VISITED * rows), AT_LEAST)).astype(np.int64)
    achieved = visit(rng, drawn[:, :, 0], drawn[:, :, 1], visited)
    table = class_table(rows, visited, achieved)
    genuine = np.array([of_county[0].sum() for of_county in counts])
    truth = genuine.sum() / FRAMES.sum()
    unit = _survey(setting, table, by_county=False, target=genuine.sum())
    precision = run(unit, phone_accepted=False).weighted.precision()
    return Found(
        setting,
        coverages(METHODS, precision, truth),
        float(precision.share.mean() - truth),
        _wrong_decisions(setting, table, genuine),
    )


def _frame_counts(unit: Unit, county: int) -> np.ndarray:
    """Return the entries of a county by truth and class, ``(2, 3)``, genuine first."""
    genuine = round(unit.shares[county] * FRAMES[county])
    false = FRAMES[county] - genuine
    answering, found = round(REACHED_GENUINE * genuine), round(unit.reached_false * false)
    liars = round(unit.lying[county] * found)
    return np.array(
        [[answering, 0, genuine - answering], [liars, found - liars, false - found]], dtype=np.int64
    )


def _draw(rng: np.random.Generator, setting: Setting, counts: np.ndarray) -> np.ndarray:
    drawn = rng.multivariate_hypergeometric(
        counts.reshape(-1), setting.sampled, size=setting.replications, method="marginals"
    )
    return drawn.reshape(-1, 2, len(NAMES))


def _wrong_decisions(setting: Setting, table: ClassTable, genuine: np.ndarray) -> dict[str, float]:
    """Decide about targets just reached and just missed; return how often that is wrong."""
    wrong = {}
    for by_county, name in ((True, "county"), (False, "unit")):
        line = genuine if by_county else genuine.sum()
        for target, decision in ((line + 1, Decision.MET), (line, Decision.NOT_MET)):
            survey = _survey(setting, table, by_county=by_county, target=target)
            words = grade(survey, run(survey, phone_accepted=False), phone_accepted=False)
            same = np.array([word is decision for word in words.two_phase])
            often = same.reshape(setting.replications, -1).mean(axis=0)
            wrong[f"{name} wrongly {decision.value.replace('_', ' ')}"] = float(often.max())
    return wrong


def _survey(setting: Setting, table: ClassTable, *, by_county: bool, target) -> Survey:
    """Cut the counties of all replications into domains; pools are the units."""
    replications, counties = setting.replications, len(FRAMES)
    strata = replications * counties
    pool = np.repeat(np.arange(replications), counties)
    domain = np.arange(strata) if by_county else pool
    names = tuple(str(d) for d in range(strata if by_county else replications))
    nothing = np.zeros(strata, dtype=np.int64)
    return Survey(
        stratum_names=tuple(str(h) for h in range(strata)),
        domains=names,
        table=table,
        progress=Progress(table.rows.sum(axis=1).astype(np.int64), nothing, nothing, nothing),
        design=make_design(np.tile(FRAMES, replications).astype(float), domain, pool),
        target=np.broadcast_to(target, (replications, np.size(target))).reshape(-1).astype(float),
    )


def study(size: Size, run_all: Map) -> Part:
    found = list(run_all(simulate, settings(size)))
    methods = by_method([one.coverage for one in found])
    wrong = {key: max(one.wrong[key] for one in found) for key in found[0].wrong}
    return Part(
        "several_cells",
        "Several cells with shared rates",
        f"{size.replications // 4:,} samples of each setting. A unit of {len(FRAMES)} counties, "
        f"N {FRAMES.tolist()}, n {SAMPLED} in each; reached {REACHED_GENUINE:.0%} of the genuine; "
        "visited at random 25% of phone yes, 50% of no and 30% of unreached, at least 6, 3 and 3. "
        "The interval is the unit's. Decisions are taken on targets just missed and just reached; "
        "a county's figure is that of the county where the decision is wrong most often.",
        (coverage_table(methods), _decision_table(found)),
        (
            Goal(
                f"unit, {CONSERVATIVE}, smallest coverage",
                least_coverage(methods[CONSERVATIVE]),
                0.93,
            ),
            *(Goal(key, often, at_most=RISK) for key, often in wrong.items()),
        ),
        methods,
    )


def _decision_table(found: list[Found]) -> Table:
    keys = list(found[0].wrong)
    rows = [
        (
            f"{one.setting.unit.name}, n {one.setting.sampled}",
            f"{one.bias:+.4f}",
            *(f"{one.wrong[key]:.4f}" for key in keys),
        )
        for one in found
    ]
    return Table(("setting", "bias of the unit", *keys), rows)
