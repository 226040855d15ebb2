"""Rehearsing a design: drawn, called, visited, estimated and decided, many times, on paper.

Every time the counties get a fictitious truth, the sample is drawn, people answer by what is true
of them, visits are chosen at random, and the estimation itself decides. Only counts are drawn, not
people: of a simple random sample of SRSWOR nothing else matters.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casework.campaigns.belief import Assumptions
from estimation.classes import Cases, Coded, Strata
from estimation.decision import Decision
from estimation.domains import DomainEstimates, estimate_domains
from sampling.plan import Answers, Design

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

TOGETHER = 10  # rehearsals that are estimated at once
#: Classes of people who were reached and answered.
_VERDICTS = {name: name for name in ("achieved", "deemed", "not_achieved")}
_EPSILON = 1e-6  # persons; completed persons are whole, ends of intervals are floats


@dataclass(frozen=True, slots=True)
class Scene:
    """What is rehearsed: the counties by name, their targets, and who they add up to."""

    names: Sequence[str]  #: (H,) counties
    units: Sequence[str]  #: (H,) project and unit
    projects: Sequence[str]  #: (H,)
    target: Floats  #: (H,) persons, NaN where there is no task


@dataclass(frozen=True, slots=True)
class Tally:
    """How one level of regions fared, added up over all rehearsals."""

    level: str  #: county, unit or project
    judged: int  #: regions with a target, times rehearsals
    decisions: Counter[str]
    wrong_met: int  #: decided "met" though missed
    wrong_not_met: int  #: decided "not met" though reached
    truly_met: int
    covered: int  #: intervals that hold the truth
    intervals: int

    @property
    def undetermined(self) -> float:
        """The share of the regions with a target that stayed undetermined."""
        return self.decisions[Decision.UNDETERMINED] / self.judged if self.judged else 0.0

    @property
    def coverage(self) -> float:
        """The share of the intervals that hold the truth."""
        return self.covered / self.intervals if self.intervals else 1.0

    def plus(self, other: "Tally") -> "Tally":
        return Tally(
            self.level,
            self.judged + other.judged,
            self.decisions + other.decisions,
            self.wrong_met + other.wrong_met,
            self.wrong_not_met + other.wrong_not_met,
            self.truly_met + other.truly_met,
            self.covered + other.covered,
            self.intervals + other.intervals,
        )


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What the rehearsals came to."""

    times: int
    tallies: tuple[Tally, ...]
    undetermined: Counts  #: (times,) counties that stayed undetermined, each time
    calls: float  #: cases called, on average
    attempts: float
    visits: float
    money: float  #: yuan


def rehearse(
    scene: Scene,
    design: Design,
    assumptions: Assumptions,
    *,
    times: int,
    rng: np.random.Generator,
) -> Rehearsed:
    """Rehearse a design so many times. Raises ValueError unless times >= 1.

    The truth is drawn from what is believed, anew each time; two designs that are rehearsed with
    the same ``rng`` meet the same truths.
    """
    if times < 1:
        raise ValueError(f"a rehearsal takes place once or more, got {times}")
    truths, chance = rng.spawn(2)  # so that designs are tried on the same truths
    tallies: list[tuple[Tally, ...]] = []
    open_: list[Counts] = []
    rows, visits = np.zeros(len(assumptions.answers.names)), 0.0
    for start in range(0, times, TOGETHER):
        count = min(TOGETHER, times - start)
        worked = [_worked(design, assumptions, truths, chance) for _ in range(count)]
        parts = ((each.true, each.rows, each.visits, each.found) for each in worked)
        work = _Work(*map(np.concatenate, zip(*parts, strict=True)))
        rows += work.rows.sum(axis=0)
        visits += float(work.visits.sum()) / times
        found, undetermined = _judged(scene, design, assumptions.answers, work, count)
        tallies.append(found)
        open_.append(undetermined)
    costs = assumptions.costs
    attempts = float(rows @ costs.attempts) / times
    return Rehearsed(
        times=times,
        tallies=tuple(_added(level) for level in zip(*tallies, strict=True)),
        undetermined=np.concatenate(open_),
        calls=float(rows.sum()) / times,
        attempts=attempts,
        visits=visits,
        money=attempts * costs.attempt + visits * costs.visit,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """True persons by county, (H,), and cases, visits and true visits by phone class, (H, G)."""

    true: Counts
    rows: Counts
    visits: Counts
    found: Counts


def _worked(
    design: Design,
    assumptions: Assumptions,
    truths: np.random.Generator,
    rng: np.random.Generator,
) -> _Work:
    """Draw a truth, the sample, the answers and the visits."""
    share, false = assumptions.belief.draw(truths)
    answers = assumptions.answers
    true = np.rint(share * design.frame_size).astype(np.int64)
    drawn = rng.hypergeometric(true, design.frame_size - true, design.sizes)
    untrue = np.where(false[:, np.newaxis], answers.made_up, answers.untrue)
    said = rng.multinomial(drawn, np.broadcast_to(answers.true, untrue.shape))
    rows = said + rng.multinomial(design.sizes - drawn, untrue)
    visits = rng.binomial(rows, design.visit_rates)
    return _Work(true, rows, visits, rng.hypergeometric(said, rows - said, visits))


def _judged(
    scene: Scene, design: Design, answers: Answers, work: _Work, times: int
) -> tuple[tuple[Tally, ...], Counts]:
    """Estimate and decide some rehearsals at once; return the counties each left undetermined."""

    def labelled(labels: Sequence[str]) -> list[str]:
        return [f"{number}|{label}" for number in range(times) for label in labels]

    counties, pools = labelled(scene.names), labelled(scene.units)
    target = np.tile(scene.target, times)
    strata, cases = Strata(counties, np.tile(design.frame_size, times)), _cases(answers, work)
    tallies: list[Tally] = []
    open_ = np.zeros(0, dtype=bool)
    for level, labels in (
        ("county", counties),
        ("unit", pools),
        ("project", labelled(scene.projects)),
    ):
        estimates = estimate_domains(
            strata,
            cases,
            domain_of_stratum=labels,
            targets=_targets(labels, target),
            pool_of_stratum=pools,
        )
        if level == "county":
            open_ = np.array([each == Decision.UNDETERMINED for each in estimates.decision])
        tallies.append(_tallied(level, estimates, _sums(labels, work.true)))
    return tuple(tallies), open_.reshape(times, -1).sum(axis=1)


def _cases(answers: Answers, work: _Work) -> Cases:
    """Write the counts out as cases, since that is what the estimation takes."""
    H, G = work.rows.shape
    rows = work.rows.ravel()
    cell = np.repeat(np.arange(H * G), rows)
    number = np.arange(len(cell)) - np.repeat(np.cumsum(rows) - rows, rows)
    kind = cell % G
    visited = number < work.visits.ravel()[cell]
    found = np.where(number < work.found.ravel()[cell], 1, 2)
    said = [_VERDICTS.get(name, "unresolved") for name in answers.names]
    # Whoever says no is visited for it, so it is a lead and speaks for nobody else.
    reason = np.where(answers.no[kind], 2, 1)
    return Cases(
        cell // G,
        phone=Coded(kind, said),
        visit=Coded(np.where(visited, found, 0), ("", "achieved", "not_achieved")),
        visit_reason=Coded(np.where(visited, reason, 0), ("", "random", "lead")),
        phone_class=Coded(kind, answers.names),
    )


def _targets(labels: Sequence[str], target: Floats) -> dict[str, int]:
    """Add up the targets by region; a region has one if all its counties have."""
    total: dict[str, float] = {}
    for label, persons in zip(labels, target.tolist(), strict=True):
        total[label] = total.get(label, 0.0) + persons
    return {label: int(persons) for label, persons in total.items() if np.isfinite(persons)}


def _sums(labels: Sequence[str], true: Counts) -> dict[str, int]:
    total: Counter[str] = Counter()
    for label, persons in zip(labels, true.tolist(), strict=True):
        total[label] += persons
    return total


def _tallied(level: str, estimates: DomainEstimates, truth: dict[str, int]) -> Tally:
    true = np.array([truth[domain] for domain in estimates.domain])
    judged = np.isfinite(estimates.target)
    reached = judged & (true >= np.nan_to_num(estimates.target))
    decision = np.array([str(each) for each in estimates.decision])
    low, high = estimates.completed_low, estimates.completed_high
    shown = np.isfinite(low) & np.isfinite(high)
    holds = shown & (low <= true + _EPSILON) & (true <= high + _EPSILON)
    return Tally(
        level=level,
        judged=int(judged.sum()),
        decisions=Counter(decision[judged].tolist()),
        wrong_met=int((judged & ~reached & (decision == Decision.MET)).sum()),
        wrong_not_met=int((reached & (decision == Decision.NOT_MET)).sum()),
        truly_met=int(reached.sum()),
        covered=int(holds.sum()),
        intervals=int(shown.sum()),
    )


def _added(tallies: Sequence[Tally]) -> Tally:
    total = tallies[0]
    for each in tallies[1:]:
        total = total.plus(each)
    return total
