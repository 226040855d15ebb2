"""Phone answers corrected by random visits: one cell, three classes, people who lie or hide."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from estimation.hypergeometric import exact_limits
from tests.studies.coverage.results import (
    LEVEL,
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
    measure,
)
from tests.studies.coverage.surveys import (
    NO,
    YES,
    class_table,
    coverages,
    estimate,
    visit,
)

FRAME = 2000
SAMPLES = (100, 200, 400)
SHARES = (0.80, 0.85, 0.90, 0.95, 0.98, 0.99)
METHODS = (
    "jeffreys_capped",
    "korn_graubard_capped",
    "wilson_capped",
    "added_row",
    "korn_graubard",
    "logit",
    "wald",
)
CONSERVATIVE, PHONE_ONLY = "korn_graubard_capped", "hypergeometric_exact, phone only"
VISITED = np.array([0.2, 0.5, 0.25])  # share of each class, in the order of surveys.NAMES
AT_LEAST = np.array([20, 5, 5])  # visits, or the whole class
OFF = 0.027  # respondents alone are this far off where people hide
ESTIMATORS = ("two-phase", "respondents only", "all visits pooled")
PART = 3


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the phone treats those who are employed (genuine) and those who are not (false)."""

    name: str
    reached_genuine: float
    reached_false: float
    lying: float  #: share of the false that say yes when they are reached

    def told(self) -> str:
        return (
            f"{self.name} (reached {self.reached_genuine:.0%} of the genuine, "
            f"{self.reached_false:.0%} of the false; {self.lying:.0%} of these say yes)"
        )


SCENARIOS = (
    Scenario("all true, missed alike", 0.6, 0.6, 0.0),
    Scenario("lies, missed alike", 0.6, 0.6, 0.5),
    Scenario("false hide", 0.7, 0.35, 0.0),
    Scenario("false hide and lie", 0.7, 0.35, 0.5),
)


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    scenario: Scenario
    share: float
    sampled: int
    replications: int


@dataclass(frozen=True, slots=True)
class Found:
    setting: Setting
    coverage: dict[str, Coverage]
    bias: dict[str, float]  #: by estimator


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(SCENARIOS, SHARES, SAMPLES)))
    for number, (scenario, share, sampled) in grid[:: size.every]:
        yield Setting(number, scenario, share, sampled, size.replications)


def frame_counts(scenario: Scenario, share: float) -> np.ndarray:
    """Return the entries of the frame by truth and class, ``(2, 3)``, genuine first."""
    genuine = round(share * FRAME)
    false = FRAME - genuine
    answering = round(scenario.reached_genuine * genuine)
    found = round(scenario.reached_false * false)
    liars = round(scenario.lying * found)
    return np.array(
        [[answering, 0, genuine - answering], [liars, found - liars, false - found]], dtype=np.int64
    )


def visits(rows: np.ndarray) -> np.ndarray:
    """Return how many rows of each class are visited, ``(..., 3)``."""
    return np.minimum(rows, np.maximum(np.ceil(VISITED * rows), AT_LEAST)).astype(np.int64)


def simulate(setting: Setting) -> Found:
    rng = generator(PART, setting.number)
    counts = frame_counts(setting.scenario, setting.share)
    drawn = rng.multivariate_hypergeometric(
        counts.reshape(-1), setting.sampled, size=setting.replications, method="marginals"
    ).reshape(-1, 2, 3)
    rows = drawn.sum(axis=1)
    visited = visits(rows)
    achieved = visit(rng, drawn[:, 0], drawn[:, 1], visited)
    truth = counts[0].sum() / FRAME
    frame = np.full((setting.replications, 1), FRAME)
    precision = estimate(class_table(rows, visited, achieved), frame).precision()
    phoned = estimate(class_table(rows), frame).precision()
    found = coverages(METHODS, precision, truth)
    found[PHONE_ONLY] = measure(phone_only(rows), truth)
    pooled = achieved.sum(axis=1) / visited.sum(axis=1)
    means = (share.mean() for share in (precision.share, phoned.share, pooled))
    bias = {name: float(mean - truth) for name, mean in zip(ESTIMATORS, means, strict=True)}
    return Found(setting, found, bias)


def phone_only(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take phone answers for the truth and those who answered for the sample; some are enough."""
    yes, no = rows[:500, YES], rows[:500, NO]
    kinds, again = np.unique(np.stack([yes, yes + no], axis=1), axis=0, return_inverse=True)
    ends = exact_limits(kinds[:, 0], kinds[:, 1], np.full(len(kinds), FRAME), LEVEL)
    low, high = (end[again.reshape(-1)] / FRAME for end in ends)
    return low, high


def study(size: Size, run: Map) -> Part:
    found = list(run(simulate, settings(size)))
    methods = by_method([one.coverage for one in found])
    bias = {scenario: _mean_bias(found, scenario) for scenario in SCENARIOS}
    where = [b for b in bias.values() if b["respondents only"][0] >= OFF]
    return Part(
        "two_phase",
        "Two phases",
        f"{size.replications:,} samples of each setting. N {FRAME:,}; n {SAMPLES}; true share "
        f"{SHARES}. Visited at random: {told_visits()}. On the phone: "
        + "; ".join(s.told() for s in SCENARIOS)
        + ".",
        (coverage_table(methods), _bias_table(bias)),
        (
            Goal(f"{CONSERVATIVE}, smallest coverage", least_coverage(methods[CONSERVATIVE]), 0.93),
            Goal(
                f"two-phase, largest bias where respondents only are off by {OFF} or more",
                max((abs(b["two-phase"][0]) for b in where), default=np.inf),
                at_most=0.001,
            ),
        ),
        methods,
    )


def told_visits() -> str:
    names = ("yes", "no", "unreached")
    return ", ".join(
        f"{share:.0%} of phone {name} and at least {least}"
        for name, share, least in zip(names, VISITED, AT_LEAST, strict=True)
    )


def _mean_bias(found: list[Found], scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Return the bias of each estimator over the settings of a scenario: mean, and largest."""
    here = [one.bias for one in found if one.setting.scenario == scenario]
    return {
        estimator: (
            float(np.mean([bias[estimator] for bias in here])),
            max((bias[estimator] for bias in here), key=abs),
        )
        for estimator in ESTIMATORS
    }


def _bias_table(bias: dict[Scenario, dict[str, tuple[float, float]]]) -> Table:
    rows = [
        (scenario.name, estimator, f"{mean:+.4f}", f"{largest:+.4f}")
        for scenario, of in bias.items()
        for estimator, (mean, largest) in of.items()
    ]
    return Table(("phone", "estimator", "mean bias", "largest of a setting"), rows)
