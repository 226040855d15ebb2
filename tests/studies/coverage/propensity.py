"""People without a verdict, nobody visited: weighting by classes of the response propensity.

Age and the kind of number drive who answers and who is employed. Weighting by stratum alone leaves
a bias; classes of the fitted propensity take most of it away. Where the truth itself drives the
answers neither can, which is what random visits are for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import expit

from estimation.class_weighting import weighted_shares
from estimation.classes import Strata
from estimation.intervals import Precision
from estimation.propensity import indicators, propensity_classes, response_propensity
from estimation.response_classes import Responses, response_classes
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
from tests.studies.coverage.surveys import coverages
from tests.studies.coverage.two_phase import CONSERVATIVE

FRAMES = (1600, 900, 500)
SAMPLED = 200
KINDS = np.array(["mobile", "landline", "agency"])
LOGIT_OF_SHARE = {0.85: 1.9, 0.92: 2.65, 0.97: 3.75}  # where age and kind of number are average
BATCH = 250
METHODS = ("jeffreys_capped", "korn_graubard_capped", "added_row", "korn_graubard", "wald")
PART = 7


@dataclass(frozen=True, slots=True)
class Response:
    """Log odds of being reached: constant, a standard deviation of age, landline, agency, truth."""

    name: str
    log_odds: tuple[float, float, float, float, float]

    @property
    def at_random(self) -> bool:
        """Tell whether the truth plays no part once age and kind of number are known."""
        return self.log_odds[-1] == 0


RESPONSES = (
    Response("by age and number, weakly", (1.0, 0.4, -0.3, -0.6, 0.0)),
    Response("by age and number, strongly", (1.0, 0.8, -0.6, -1.4, 0.0)),
    Response("by the truth", (-0.2, 0.3, -0.3, -0.6, 1.2)),
)


@dataclass(frozen=True, slots=True)
class Setting:
    number: int
    response: Response
    share: float
    replications: int


@dataclass(frozen=True, slots=True)
class Frame:
    """Every entry of a unit: stratum, age in standard deviations, kind of number, truth."""

    stratum: np.ndarray
    age: np.ndarray
    kind: np.ndarray
    genuine: np.ndarray


@dataclass(frozen=True, slots=True)
class Found:
    setting: Setting
    coverage: dict[str, Coverage]  #: with classes of the propensity
    bias: tuple[float, float]  #: weighted by stratum, by classes


def settings(size: Size) -> Iterator[Setting]:
    grid = list(enumerate(product(RESPONSES, LOGIT_OF_SHARE)))
    for number, (response, share) in grid[:: size.every]:
        yield Setting(number, response, share, max(size.replications // 10, 2))


def simulate(setting: Setting) -> Found:
    rng = generator(PART, setting.number)
    frame = _frame(rng, setting.share)
    truth = float(frame.genuine.mean())
    left, found = setting.replications, []
    while left:
        found.append(_estimates(rng, setting, frame, min(left, BATCH)))
        left -= min(left, BATCH)
    by_stratum = np.concatenate([plain.share for plain, _ in found])
    precision = _joined([classed for _, classed in found])
    return Found(
        setting,
        coverages(METHODS, precision, truth),
        (float(by_stratum.mean() - truth), float(precision.share.mean() - truth)),
    )


def _frame(rng: np.random.Generator, share: float) -> Frame:
    N = sum(FRAMES)
    age, kind = rng.standard_normal(N), rng.choice(len(KINDS), p=(0.7, 0.2, 0.1), size=N)
    log_odds = LOGIT_OF_SHARE[share] + 0.6 * age - 0.8 * (kind == 1) - 1.2 * (kind == 2)
    stratum = np.repeat(np.arange(len(FRAMES)), FRAMES)
    return Frame(stratum, age, kind, rng.random(N) < expit(log_odds))


def _estimates(
    rng: np.random.Generator, setting: Setting, frame: Frame, replications: int
) -> tuple[Precision, Precision]:
    """Draw, call and estimate many surveys: weighted by stratum, and by classes."""
    sample = np.stack([_sample(rng) for _ in range(replications)])
    constant, of_age, landline, agency, of_truth = setting.response.log_odds
    age, kind, genuine = frame.age[sample], frame.kind[sample], frame.genuine[sample]
    log_odds = constant + of_age * age + landline * (kind == 1) + agency * (kind == 2)
    resolved = rng.random(sample.shape) < expit(log_odds + of_truth * genuine)
    survey = np.arange(replications)[:, np.newaxis]
    where = frame.stratum[sample] + survey * len(FRAMES)
    responses = Responses(where.ravel(), resolved.ravel(), genuine.ravel())
    fifths = [_fifths(*case) for case in zip(age, kind, resolved, strict=True)]
    names = [str(h) for h in range(replications * len(FRAMES))]
    strata = Strata(names, np.tile(FRAMES, replications))
    domains = [str(h // len(FRAMES)) for h in range(len(names))]

    def weighted(label: np.ndarray) -> Precision:
        classes = response_classes(strata, responses, label)
        return weighted_shares(strata, responses, classes, domain_of_stratum=domains).precision

    return weighted(np.zeros(sample.size, dtype=np.int64)), weighted(np.concatenate(fifths))


def _sample(rng: np.random.Generator) -> np.ndarray:
    starts = np.concatenate([[0], np.cumsum(FRAMES)[:-1]])
    strata = zip(FRAMES, starts, strict=True)
    return np.concatenate([first + rng.permutation(N)[:SAMPLED] for N, first in strata])


def _fifths(age: np.ndarray, kind: np.ndarray, resolved: np.ndarray) -> np.ndarray:
    covariates = np.column_stack([age, indicators(KINDS[kind].tolist())])
    return propensity_classes(response_propensity(covariates, resolved).probability)


def _joined(parts: list[Precision]) -> Precision:
    names = ("share", "variance", "sampled", "df", "planned")
    return Precision(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def study(size: Size, run: Map) -> Part:
    found = list(run(simulate, settings(size)))
    random = [one for one in found if one.setting.response.at_random]
    methods = by_method([one.coverage for one in random])
    return Part(
        "propensity",
        "Propensity classes",
        f"{max(size.replications // 10, 2):,} surveys of each setting, no visits. A unit of "
        f"{len(FRAMES)} strata, N {FRAMES}, n {SAMPLED} in each; age and kind of number known of "
        "everybody; fifths of the fitted propensity, collapsed by the shipped rule. The first "
        "table is of the responses that age and number explain.",
        (coverage_table(methods), _bias_table(found)),
        (
            Goal(f"{CONSERVATIVE}, smallest coverage", least_coverage(methods[CONSERVATIVE]), 0.93),
            Goal(
                "bias with classes, as a part of that by stratum",
                max(abs(one.bias[1] / one.bias[0]) for one in random),
                at_most=0.5,
            ),
        ),
        methods,
    )


def _bias_table(found: list[Found]) -> Table:
    rows = [
        (
            f"{one.setting.response.name}, share about {one.setting.share}",
            f"{one.bias[0]:+.4f}",
            f"{one.bias[1]:+.4f}",
            f"{one.coverage[CONSERVATIVE].covered:.3f}",
        )
        for one in found
    ]
    header = ("response", "bias by stratum", "bias by classes", f"{CONSERVATIVE} covers")
    return Table(header, rows)
