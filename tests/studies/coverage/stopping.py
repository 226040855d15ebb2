"""Stopping early when not everybody is reached: the risks of the sequential test of a cell.

Looks are at fully worked replicates; an unresolved row counts against each decision. Beside it the
same test on the resolved rows alone, as if those were the sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from estimation.decision import CELL_ALPHA
from estimation.sequential import Boundaries, boundaries, evidence_met, log_bar
from tests.studies.coverage.results import Goal, Map, Part, Size, Table, generator

FRAMES = (300, 2000)
TARGETS = (0.85, 0.92)  # share of the frame that must be achieved
REPLICATE, MOST = 20, 240  # rows of a replicate, rows at most
PART = 6


@dataclass(frozen=True, slots=True)
class Response:
    name: str
    genuine: float  #: share of the genuine that are resolved
    false: float


RESPONSES = (
    Response("everybody", 1.0, 1.0),
    Response("95 % of both", 0.95, 0.95),
    Response("95 %, 60 % of the false", 0.95, 0.60),
    Response("75 % of both", 0.75, 0.75),
    Response("75 %, all of the false", 0.75, 1.0),
)


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    frame: int
    target: int
    response: Response
    replications: int


@dataclass(frozen=True, slots=True)
class Found:
    setting: Setting
    wrongly_met: float  #: one achieved is missing to the target
    wrongly_not_met: float  #: the target is just reached
    naive_met: float  #: as wrongly_met, on the resolved rows alone
    met: float  #: 99 % are achieved
    rows: float  #: called until then, on average


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(FRAMES, TARGETS, RESPONSES)))
    for number, (frame, share, response) in grid[:: size.every]:
        yield Setting(number, frame, round(share * frame), response, size.replications // 2)


def simulate(setting: Setting) -> Found:
    rng = generator(PART, setting.number)
    N, T = setting.frame, setting.target
    looks = np.arange(REPLICATE, min(MOST, N) + 1, REPLICATE)
    plan = boundaries(N, T, looks)
    missed = _worked(rng, setting, looks, T - 1)
    reached = _worked(rng, setting, looks, T)
    good = _decided(plan, *_worked(rng, setting, looks, round(0.99 * N)))
    return Found(
        setting,
        float((_decided(plan, *missed)[0]).mean()),
        float((_decided(plan, *reached)[1]).mean()),
        _naive(setting, *missed),
        float(good[0].mean()),
        float(good[2].mean()),
    )


def _worked(
    rng: np.random.Generator, setting: Setting, looks: np.ndarray, achieved: int
) -> tuple[np.ndarray, np.ndarray]:
    """Call rows in the order of the draw; return achieved and unresolved up to each look."""
    shape = (setting.replications, len(looks))
    genuine = _drawn(rng, achieved, setting.frame - achieved, shape)
    false = REPLICATE - genuine
    found = rng.binomial(genuine, setting.response.genuine)
    unresolved = genuine - found + rng.binomial(false, 1 - setting.response.false)
    return found.cumsum(axis=1), unresolved.cumsum(axis=1)


def _drawn(
    rng: np.random.Generator, genuine: int, false: int, shape: tuple[int, int]
) -> np.ndarray:
    """Draw replicate after replicate from what the frame still holds."""
    drawn = np.zeros(shape, dtype=np.int64)
    for look in range(shape[1]):
        so_far = drawn[:, :look].sum(axis=1)
        left = genuine - so_far, false - (look * REPLICATE - so_far)
        drawn[:, look] = rng.hypergeometric(*left, REPLICATE)
    return drawn


def _decided(
    plan: Boundaries, achieved: np.ndarray, unresolved: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the test ends as met, where as not met, and the rows called until it ends."""
    met = achieved >= plan.met_from
    not_met = achieved + unresolved <= plan.not_met_to
    done = met | not_met
    first = np.where(done.any(axis=1), done.argmax(axis=1), len(plan.rows) - 1)
    at = (np.arange(len(first)), first)
    return met[at], not_met[at] & ~met[at], plan.rows[first]


def _naive(setting: Setting, achieved: np.ndarray, unresolved: np.ndarray) -> float:
    rows = REPLICATE * np.arange(1, achieved.shape[1] + 1) - unresolved
    pairs = np.stack([achieved.ravel(), rows.ravel()], axis=1)
    kinds, again = np.unique(pairs, axis=0, return_inverse=True)
    evidence = evidence_met(kinds[:, 0], kinds[:, 1], setting.frame, setting.target)
    surely = (evidence >= log_bar(CELL_ALPHA))[again.reshape(achieved.shape)]
    return float(surely.any(axis=1).mean())


def study(size: Size, run: Map) -> Part:
    found = list(run(simulate, settings(size)))
    met, not_met = (
        [getattr(one, key) for one in found] for key in ("wrongly_met", "wrongly_not_met")
    )
    return Part(
        "stopping",
        "Stopping early with people unreached",
        f"{size.replications // 2:,} cells of each setting. N {FRAMES}; target {TARGETS} of it; a "
        f"look after every {REPLICATE} rows, {MOST} at most; each error at a risk of {CELL_ALPHA}. "
        "Wrong decisions are counted where one person is missing to the target, and where it is "
        "just reached; the last two columns where 99 % are achieved. Naive: the resolved rows "
        "taken for the sample.",
        (_table(found),),
        (
            Goal("wrongly met, largest", max(met), at_most=CELL_ALPHA),
            Goal("wrongly not met, largest", max(not_met), at_most=CELL_ALPHA),
        ),
        {},
    )


def _table(found: list[Found]) -> Table:
    header = (
        "N",
        "target",
        "resolved",
        "wrongly met",
        "wrongly not met",
        "naive wrongly met",
        "met at 99 %",
        "rows called",
    )
    rows = [
        (
            f"{one.setting.frame:,}",
            f"{one.setting.target:,}",
            one.setting.response.name,
            f"{one.wrongly_met:.4f}",
            f"{one.wrongly_not_met:.4f}",
            f"{one.naive_met:.4f}",
            f"{one.met:.3f}",
            f"{one.rows:.0f}",
        )
        for one in found
    ]
    return Table(header, rows)
