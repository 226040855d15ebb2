"""Operators who differ: each works a block of the cases, and some of them badly.

A careless operator notes some of the false as employed, gives up early, or makes answers up. The
phone classes then mean something else for every operator; the random visits do not mind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from tests.studies.coverage.results import (
    Coverage,
    Goal,
    Map,
    Part,
    Size,
    by_method,
    coverage_table,
    generator,
    least_coverage,
    measure,
)
from tests.studies.coverage.surveys import (
    NO,
    UNREACHED,
    YES,
    class_table,
    coverages,
    estimate,
    visit,
)
from tests.studies.coverage.two_phase import (
    CONSERVATIVE,
    FRAME,
    PHONE_ONLY,
    phone_only,
    told_visits,
    visits,
)

SAMPLED = 240
SHARES = (0.85, 0.90, 0.95, 0.98)
METHODS = ("jeffreys_capped", "korn_graubard_capped", "added_row", "korn_graubard", "wald")
PART = 4


@dataclass(frozen=True, slots=True)
class Team:
    """Operators with equal shares of the cases; each array has one entry an operator."""

    name: str
    reaching: tuple[float, ...]  #: share of the cases they get hold of
    misnoting: tuple[float, ...]  #: share of the false they reach and note as employed
    inventing: tuple[float, ...]  #: share of those not reached they note as employed


TEAMS = (
    Team("four alike", (0.65,) * 4, (0.2,) * 4, (0.0,) * 4),
    Team("misnoting by 0 to 80 %", (0.65,) * 8, (0, 0, 0, 0.1, 0.2, 0.3, 0.6, 0.8), (0.0,) * 8),
    Team("reaching 35 to 85 %", tuple(np.linspace(0.35, 0.85, 8)), (0.2,) * 8, (0.0,) * 8),
    Team("one of three invents", (0.65,) * 3, (0.1,) * 3, (0.0, 0.0, 0.8)),
)


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    team: Team
    share: float
    replications: int


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(TEAMS, SHARES)))
    for number, (team, share) in grid[:: size.every]:
        yield Setting(number, team, share, size.replications)


def simulate(setting: Setting) -> dict[str, Coverage]:
    rng = generator(PART, setting.number)
    genuine = _cases(rng, setting)
    answer = _answers(rng, setting.team, genuine)
    by_truth = [
        np.stack([((answer == g) & mask).sum(axis=1) for g in (YES, NO, UNREACHED)], axis=-1)
        for mask in (genuine, ~genuine)
    ]
    rows = by_truth[0] + by_truth[1]
    visited = visits(rows)
    achieved = visit(rng, *by_truth, visited)
    truth = round(setting.share * FRAME) / FRAME
    frame = np.full((setting.replications, 1), FRAME)
    precision = estimate(class_table(rows, visited, achieved), frame).precision()
    return coverages(METHODS, precision, truth) | {PHONE_ONLY: measure(phone_only(rows), truth)}


def _cases(rng: np.random.Generator, setting: Setting) -> np.ndarray:
    """Draw samples, ``(replications, n)``, in random order; true for the genuine."""
    in_frame = round(setting.share * FRAME)
    drawn = rng.hypergeometric(in_frame, FRAME - in_frame, SAMPLED, size=setting.replications)
    order = rng.random((setting.replications, SAMPLED)).argsort(axis=1)
    return np.asarray(order < drawn[:, np.newaxis])


def _answers(rng: np.random.Generator, team: Team, genuine: np.ndarray) -> np.ndarray:
    """Return the phone class of every case; cases stand in blocks, one an operator."""
    operator = np.arange(SAMPLED) * len(team.reaching) // SAMPLED
    reach, misnote, invent = (
        np.array(rates)[operator] for rates in (team.reaching, team.misnoting, team.inventing)
    )
    reached, noted = (rng.random(genuine.shape) < rate for rate in (reach, misnote))
    invented = rng.random(genuine.shape) < invent
    answer = np.where(genuine | noted, YES, NO)
    return np.where(reached, answer, np.where(invented, YES, UNREACHED))


def study(size: Size, run: Map) -> Part:
    methods = by_method(list(run(simulate, settings(size))))
    return Part(
        "operators",
        "Operators who differ",
        f"{size.replications:,} samples of each setting. N {FRAME:,}; n {SAMPLED}; true share "
        f"{SHARES}; operators work equal blocks of the cases: "
        f"{'; '.join(team.name for team in TEAMS)}. Visits: {told_visits()}.",
        (coverage_table(methods),),
        (Goal(f"{CONSERVATIVE}, smallest coverage", least_coverage(methods[CONSERVATIVE]), 0.93),),
        methods,
    )
