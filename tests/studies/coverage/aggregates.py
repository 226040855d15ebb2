"""Several strata, every row known: the shares of units and the province, near one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from estimation.intervals import DECISIVE, INTERVALS
from estimation.intervals import DEFAULT as SHIPPED
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
    mean_coverage,
)
from tests.studies.coverage.surveys import NO, YES, class_table, coverages, estimate

STRATA = (3, 8, 20)
SHARES = (0.80, 0.85, 0.90, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995)
METHODS = (
    "jeffreys_capped",
    "korn_graubard_capped",
    "wilson_capped",
    "added_row",
    "korn_graubard",
    "wilson",
    "logit",
    "wald",
)
DEFAULT, CONSERVATIVE = INTERVALS[SHIPPED].aggregate, INTERVALS[DECISIVE].aggregate
DOUBTFUL, SURER = 12, 20  # settings repeated for each method, and with how many samples
PART = 2


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    design: str
    strata: int
    share: float
    failures: str
    replications: int


def sizes(design: str, strata: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the entries and the sampled rows of each stratum."""
    N = np.round(np.geomspace(60, 2400, strata)).astype(int)
    if design == "alike":
        return np.full(strata, 400), np.full(strata, 40)
    if design == "equal n":
        return N, np.full(strata, 30)
    if design == "proportional":
        return N, np.maximum(np.round(0.1 * N).astype(int), 10)
    return np.round(np.geomspace(24, 300, strata)).astype(int), np.full(strata, 10)


DESIGNS = {
    "alike": "N 400, n 40",
    "equal n": "N from 60 to 2,400 in equal steps of the logarithm, n 30",
    "proportional": "the same N, n a tenth and at least 10",
    "small": "N from 24 to 300, n 10",
}


def successes(failures: str, N: np.ndarray, share: float) -> np.ndarray:
    """Spread the failures of the frame over the strata."""
    wanted, middle = (1 - share) * N.sum(), len(N) // 2
    weight = N.astype(float)
    if failures == "in every second stratum":
        weight[1::2] /= 10
    if failures == "half in one stratum":
        weight[middle] = N.sum() - N[middle]
    failed = np.minimum(np.round(wanted * weight / weight.sum()), 0.9 * N).astype(int)
    return np.asarray(N - failed)


FAILURES = ("alike", "in every second stratum", "half in one stratum")


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(DESIGNS, STRATA, SHARES, FAILURES)))
    for number, (design, strata, share, failures) in grid[:: size.every]:
        yield Setting(number, design, strata, share, failures, size.replications // 4)


def simulate(setting: Setting) -> dict[str, Coverage]:
    """Draw the samples of one setting and measure every interval on them."""
    rng = generator(PART, setting.number)
    N, n = sizes(setting.design, setting.strata)
    K = successes(setting.failures, N, setting.share)
    rows = np.zeros((setting.replications, setting.strata, 3))
    rows[..., YES] = rng.hypergeometric(K, N - K, n, size=rows.shape[:2])
    rows[..., NO] = n - rows[..., YES]
    frame = np.broadcast_to(N, rows.shape[:2])
    precision = estimate(class_table(rows), frame).precision()
    return coverages(METHODS, precision, K.sum() / N.sum())


def study(size: Size, run: Map) -> Part:
    grid = list(settings(size))
    found = list(run(simulate, grid))
    _settle(grid, found, run)
    methods = by_method(found)
    default, conservative = methods[DEFAULT], methods[CONSERVATIVE]
    designs = "; ".join(f"{name}: {text}" for name, text in DESIGNS.items())
    return Part(
        "aggregates",
        "Several strata",
        f"{size.replications // 4:,} samples of each setting, {SURER} times as many where the "
        f"default, the conservative or the candidate covered least. Strata {STRATA}; true share "
        f"{SHARES}; "
        f"{designs}; failures {', '.join(FAILURES)}.",
        (coverage_table(methods),),
        (
            Goal(f"{DEFAULT}, mean coverage", mean_coverage(default), at_least=0.96),
            Goal(f"{DEFAULT}, smallest coverage", least_coverage(default), at_least=0.915),
            Goal(f"{CONSERVATIVE}, smallest coverage", least_coverage(conservative), at_least=0.95),
        ),
        methods,
    )


def _settle(grid: list[Setting], found: list[dict[str, Coverage]], run: Map) -> None:
    """Repeat the settings that look worst: the smallest of many noisy figures is too small."""
    worst = {
        int(i)
        for method in (DEFAULT, CONSERVATIVE, "added_row")
        for i in np.argsort([point[method].covered for point in found])[:DOUBTFUL]
    }
    again = [replace(grid[i], replications=SURER * grid[i].replications) for i in sorted(worst)]
    for i, coverage in zip(sorted(worst), run(simulate, again), strict=True):
        found[i] = coverage
