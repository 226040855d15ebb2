"""One cell: a simple random sample, every row known. Coverage by enumeration, without chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom

from estimation.hypergeometric import exact_limits
from estimation.intervals import Precision, share_limits
from tests.studies.coverage.results import (
    LEVEL,
    Coverage,
    Goal,
    Map,
    Part,
    Size,
    coverage_table,
    least_coverage,
    mean_coverage,
    measure,
)
from tests.studies.coverage.surveys import class_table, estimate

FRAMES = (26, 60, 120, 300, 1000, 5000, 20000)
SAMPLES = (10, 20, 40, 80, 160, 320)
SHARES = (0.80, 0.85, 0.90, 0.925, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.995, 1.0)
FINE = 201  # true shares from the lowest to 1 in frames that have more
METHODS = (
    "added_row",
    "jeffreys_capped",
    "korn_graubard_capped",
    "wilson_capped",
    "logit",
    "arcsine",
    "wald",
)
MID_P, EXACT, NO_FPC = "hypergeometric_mid_p", "hypergeometric_exact", "korn_graubard, no fpc"


@dataclass(frozen=True, slots=True)
class Enumerated:
    """One frame and sample size: each true number of successes, each method's coverage of it."""

    truths: np.ndarray
    named: np.ndarray  #: which of them are one of SHARES
    coverage: dict[str, list[Coverage]]


def study(size: Size, run: Map) -> Part:
    pairs = [(N, n) for N in FRAMES for n in SAMPLES if n <= 0.9 * N][:: size.every]
    cells = list(run(enumerate_cell, pairs))
    everywhere = {name: _points(cells, name) for name in cells[0].coverage}
    methods = {name: _points(cells, name, named=True) for name in everywhere}
    mid_p, exact = methods[MID_P], methods[EXACT]
    return Part(
        "cells",
        "One cell",
        f"Exact, every possible sample. N {_list(FRAMES)}; n {_list(SAMPLES)} up to 0.9 N; true "
        f"shares {_list(SHARES)}. Second table: every true number from {SHARES[0]:.0%} of N (in "
        f"frames over 1,000 {FINE} of them), which also finds the worst.",
        (coverage_table(methods), coverage_table(everywhere)),
        (
            Goal(f"{MID_P}, mean coverage", mean_coverage(mid_p), at_least=0.965),
            Goal(f"{MID_P}, smallest coverage", least_coverage(mid_p), at_least=0.925),
            Goal(f"{EXACT}, smallest coverage", least_coverage(exact), at_least=0.95),
            Goal(
                f"{EXACT}, smallest of every true number",
                least_coverage(everywhere[EXACT]),
                at_least=0.95,
            ),
        ),
        methods,
    )


def enumerate_cell(cell: tuple[int, int]) -> Enumerated:
    """Return the coverage of each method for each true number of successes."""
    N, n = cell
    x = np.arange(n + 1)
    named = np.round(np.array(SHARES) * N).astype(int)
    fine = np.round(np.linspace(SHARES[0] * N, N, min(FINE, N - named[0] + 1))).astype(int)
    truths = np.union1d(named, fine)
    chance = hypergeom.pmf(x, N, truths[:, np.newaxis], n)
    coverage = {
        name: [measure(ends, K / N, weights) for K, weights in zip(truths, chance, strict=True)]
        for name, ends in _limits(N, n, x).items()
    }
    return Enumerated(truths, np.isin(truths, named), coverage)


def _points(cells: Sequence[Enumerated], name: str, *, named: bool = False) -> list[Coverage]:
    return [
        point
        for cell in cells
        for point, kept in zip(cell.coverage[name], cell.named | (not named), strict=True)
        if kept
    ]


def _limits(N: int, n: int, x: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    same = (x, np.full_like(x, n), np.full_like(x, N))
    mid_p, exact = (exact_limits(*same, LEVEL, mid_p=halved) for halved in (True, False))
    rows = np.stack([x, n - x, np.zeros_like(x)], axis=-1)
    precision = estimate(class_table(rows), same[2][:, np.newaxis]).precision()
    without = Precision(
        precision.share,
        precision.share * (1 - precision.share) / n,
        precision.sampled,
        precision.df,
        precision.sampled,
    )
    return {
        MID_P: (mid_p[0] / N, mid_p[1] / N),
        EXACT: (exact[0] / N, exact[1] / N),
        **{name: share_limits(name, precision, LEVEL) for name in METHODS},
        NO_FPC: share_limits("korn_graubard", without, LEVEL),
    }


def _list(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:,}" for number in numbers)
