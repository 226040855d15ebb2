"""Many replications of a survey, estimated by the product at once: each is a domain."""

from collections.abc import Sequence

import numpy as np

from estimation.classes import ClassTable, Kind
from estimation.intervals import Precision, share_limits
from estimation.totals import Totals, domain_totals
from estimation.two_phase import class_rates, make_design
from tests.studies.coverage.results import LEVEL, Coverage, measure

YES, NO, UNREACHED = range(3)
NAMES = ("achieved", "not_achieved", "unresolved")
KINDS = np.array([Kind.YES, Kind.NO, Kind.UNRESOLVED], dtype=np.int64)


def class_table(rows, visited=None, achieved=None) -> ClassTable:
    """Put counts of the three classes, ``(..., 3)``, as the product wants them, ``(H, 3)``."""
    counts = [np.zeros_like(rows) if c is None else c for c in (rows, visited, visited, achieved)]
    return ClassTable(NAMES, KINDS, *(c.reshape(-1, 3).astype(float) for c in counts))


def estimate(table: ClassTable, frame_size) -> Totals:
    """Estimate ``(R, L)`` strata, those of a replication beside each other, as R domains."""
    replications, strata = frame_size.shape
    domain = np.repeat(np.arange(replications), strata)
    alone = np.arange(replications * strata)
    design = make_design(frame_size.reshape(-1).astype(float), domain, alone)
    return domain_totals(class_rates(table, design), design, replications)


def visit(rng: np.random.Generator, genuine, false, visits):
    """Visit *visits* rows of each class at random; return how many of them were genuine."""
    return rng.hypergeometric(genuine, false, visits)


def coverages(methods: Sequence[str], precision: Precision, truth: float) -> dict[str, Coverage]:
    """Measure intervals by name over replications of one truth."""
    return {name: measure(share_limits(name, precision, LEVEL), truth) for name in methods}
