"""How much a decision hangs on the people nobody reached.

The unreached are the unresolved cases and leads without a verdict on site. Suppose K of a domain's
U are genuine and the others false, spread evenly over its strata and classes: then nothing about
them is unknown any more, and the rule of decision gives an answer for each whole number K. The
tipping points are the numbers at which that answer changes. The number of K is searched by halving:
more genuine cases never make a decision worse, but for what rounding does to a variance.

For the point rule, "the estimate reaches the target", the share is p* = (T/N - pi_r p_r)/pi_nr,
with pi_r and pi_nr the parts of the frame that the reached and the unreached stand for.

Source: docs/statistics.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import expit, logit

from estimation.classes import ClassTable, Counts, Floats
from estimation.decision import ROUNDING, Decision, Grades, grade
from estimation.nonresponse import fill_rows, unreached
from estimation.survey import Survey, run
from estimation.totals import domain_totals
from estimation.two_phase import ClassRates, class_rates, divide

Words = tuple[Decision, ...]

RANK = {Decision.NOT_MET: 0, Decision.UNDETERMINED: 1, Decision.NO_TASK: 1, Decision.MET: 2}
RATIOS = (1.0, 0.9, 0.75, 0.5, 0.25, 0.0)
SHIFTS = (-0.5, -1.0, -2.0)  # log odds


class Side(StrEnum):
    FALSE = "false"
    GENUINE = "genuine"


@dataclass(frozen=True, slots=True)
class Tip:
    """The decision becomes another one if at least so many of the unreached are on one side."""

    side: Side
    cases: int  #: 0 if it changes whatever they are
    more_than: float  #: the same as a share: more than this part of the unreached
    becomes: Decision


@dataclass(frozen=True, slots=True)
class TippingPoints:
    """What the unreached can change in each of D domains.

    The nearest tip comes first. None means that nothing about them can change the answer, or that
    there is no task or no number.
    """

    domain: tuple[str, ...]
    unreached: Counts  #: (D,) cases
    unreached_share: Floats  #: (D,) of the frame that they stand for
    decision: Words  #: that counts, of the two-phase grade
    decision_tips: tuple[tuple[Tip, ...], ...]
    weighted: Words  #: if the unresolved are like the others of their stratum
    weighted_tips: tuple[tuple[Tip, ...], ...]
    point: Words  #: of the estimate alone; undetermined if there is none
    point_tips: tuple[tuple[Tip, ...], ...]
    point_share: Floats  #: (D,) p*, under 0 or over 1 if no share of them reaches the line


@dataclass(frozen=True, slots=True)
class Scenario:
    """What would be found if the unresolved were less often genuine, ``(D,)``.

    Exactly one of *ratio* and *shift* is given.
    """

    ratio: float | None  #: kappa: their rate by that of the others
    shift: float | None  #: delta: their log odds less those of the others
    completed: Floats  #: persons
    share: Floats
    point: Words
    decision: Words  #: by the rule, if that is what they are


@dataclass(frozen=True, slots=True)
class _Unreached:
    """The unreached one by one, ``(U,)``, ranked so that strata and classes fill evenly."""

    cell: Counts  #: position of the stratum and class in the next two
    stratum: Counts  #: (P,)
    group: Counts  #: (P,)
    domain: Counts
    rank: Counts  #: within the domain

    def fill(self, table: ClassTable, genuine: Counts) -> ClassTable:
        """Take the first of each domain, so many as *genuine*, for genuine, the rest for false."""
        rows, achieved = np.zeros_like(table.rows), np.zeros_like(table.rows)
        first = self.rank < genuine[self.domain]
        P = len(self.stratum)
        rows[self.stratum, self.group] = np.bincount(self.cell, minlength=P)
        achieved[self.stratum, self.group] = np.bincount(self.cell[first], minlength=P)
        return fill_rows(table, rows, achieved)


def tipping_points(survey: Survey, *, phone_accepted: bool = False) -> TippingPoints:
    """Find what the unreached of each domain can change.

    *survey* is one of :func:`estimation.survey.make_survey`, which refuses bad input;
    *phone_accepted* is what the protocol of the campaign says.
    """
    order, target = _rank(survey), survey.target
    everyone = np.bincount(order.domain, minlength=len(survey.domains))

    def completed(genuine: Counts) -> Floats:
        return _completed(survey, order.fill(survey.table, genuine))

    def decided(genuine: Counts) -> list[Words]:
        filled = order.fill(survey.table, genuine)
        grades = _decided(survey, filled, phone_accepted=phone_accepted)
        return [grades.two_phase, grades.weighted]

    none, all_ = completed(np.zeros_like(everyone)), completed(everyone)
    now = _decided(survey, survey.table, phone_accepted=phone_accepted)
    decision_turns, weighted_turns = _turns(everyone, 2, decided)
    (point_turns,) = _turns(everyone, 1, lambda genuine: [_point(completed(genuine), target)])
    point = _point(_completed(survey, survey.table), target)
    return TippingPoints(
        domain=survey.domains,
        unreached=everyone,
        unreached_share=_unreached_share(survey),
        decision=now.two_phase,
        decision_tips=_all_tips(now.two_phase, decision_turns, everyone),
        weighted=now.weighted,
        weighted_tips=_all_tips(now.weighted, weighted_turns, everyone),
        point=point,
        point_tips=_all_tips(point, point_turns, everyone),
        point_share=np.where(everyone > 0, divide(target - none, all_ - none), np.nan),
    )


def pattern_mixture(
    survey: Survey,
    *,
    phone_accepted: bool = False,
    ratios: Sequence[float] = RATIOS,
    shifts: Sequence[float] = SHIFTS,
) -> tuple[Scenario, ...]:
    """Estimate again with the unresolved less (or more) often genuine than weighting has it.

    Weighting takes the unresolved whom no random visit speaks for to be like the others of their
    stratum, at rate p_r. Here their rate is kappa * p_r for each of *ratios*, and logit^-1(logit
    p_r + delta) for each of *shifts*. A ratio of 1 and a shift of 0 are the weighted estimate.

    Raises ValueError for a ratio outside [0, 1] or a shift that is not a finite number.
    """
    if not all(0 <= kappa <= 1 for kappa in ratios):
        raise ValueError(f"ratios must lie between 0 and 1, got {list(ratios)}")
    if not all(np.isfinite(delta) for delta in shifts):
        raise ValueError(f"shifts must be finite, got {list(shifts)}")
    rates = class_rates(survey.table, survey.design)
    kept = rates.kept.sum(axis=1)
    others = np.where(kept > 0, divide((rates.kept * rates.rate).sum(axis=1), kept), np.nan)
    patterns: list[tuple[float | None, float | None, Floats]]
    patterns = [(kappa, None, kappa * others) for kappa in ratios]
    patterns += [(None, delta, expit(logit(others) + delta)) for delta in shifts]
    N = survey.of_domain(survey.design.frame_size)
    scenarios = []
    for ratio, shift, assumed in patterns:
        completed, filled = _assuming(survey, rates, assumed)
        share = np.where(N > 0, divide(completed, N), np.nan)
        decision = _decided(survey, filled, phone_accepted=phone_accepted).two_phase
        point = _point(completed, survey.target)
        scenarios.append(Scenario(ratio, shift, completed, share, point, decision))
    return tuple(scenarios)


def _assuming(survey: Survey, rates: ClassRates, assumed: Floats) -> tuple[Floats, ClassTable]:
    """Take the cases that weighting drops to be genuine at the rate *assumed*, ``(H,)``."""
    table, N = survey.table, survey.design.frame_size
    dropped = np.where(rates.audit.dropped[survey.design.part], unreached(table), 0)
    kept = rates.kept.sum(axis=1)
    achieved = (rates.kept * rates.rate).sum(axis=1) + dropped.sum(axis=1) * assumed
    completed = np.where(kept > 0, N * divide(achieved, table.rows.sum(axis=1)), np.nan)
    genuine = dropped * np.nan_to_num(assumed)[:, np.newaxis]
    filled = fill_rows(table, dropped, genuine)
    return survey.of_domain(np.where(N > 0, completed, 0)), filled


def _decided(survey: Survey, table: ClassTable, *, phone_accepted: bool) -> Grades:
    """Decide by the rule as if the table had been found."""
    found = replace(survey, table=table)
    runs = run(found, phone_accepted=phone_accepted)
    return grade(found, runs, phone_accepted=phone_accepted)


def _completed(survey: Survey, table: ClassTable) -> Floats:
    rates = class_rates(table, survey.design)
    return domain_totals(rates, survey.design, len(survey.domains)).completed


def _point(completed: Floats, target: Floats) -> Words:
    """Decide by the estimate alone."""
    words = np.where(completed >= target - ROUNDING, Decision.MET, Decision.NOT_MET).astype(object)
    words[np.isnan(completed)] = Decision.UNDETERMINED
    words[np.isnan(target)] = Decision.NO_TASK
    return tuple(Decision(str(word)) for word in words)


def _rank(survey: Survey) -> _Unreached:
    """Put the unreached of each domain in a fixed order; the j-th of u in a cell at (j - 1/2)/u."""
    count = np.rint(unreached(survey.table)).astype(np.int64)
    stratum, group = np.nonzero(count)
    size = count[stratum, group]
    cell = np.repeat(np.arange(len(size)), size)
    before = np.repeat(np.cumsum(size) - size, size)
    place = (np.arange(len(cell)) - before + 0.5) / size[cell]
    domain = survey.design.domain[stratum][cell]
    order = np.lexsort((cell, place, domain))
    start = np.searchsorted(domain[order], np.arange(len(survey.domains)))
    rank = np.zeros(len(cell), dtype=np.int64)
    rank[order] = np.arange(len(cell)) - start[domain[order]]
    return _Unreached(cell, stratum, group, domain, rank)


def _unreached_share(survey: Survey) -> Floats:
    """Return the part of the frame that the unreached stand for, ``(D,)``; NaN without a frame."""
    N, n = survey.design.frame_size, survey.table.rows.sum(axis=1)
    persons = survey.of_domain(N * divide(unreached(survey.table).sum(axis=1), n))
    total = survey.of_domain(N)
    return np.where(total > 0, divide(persons, total), np.nan)


def _turns(
    everyone: Counts, rules: int, words: Callable[[Counts], list[Words]]
) -> Sequence[Counts]:
    """Find the numbers of genuine cases, from 0 to everyone, at which the words of rules change.

    Returns for each rule, ``(2, D)``, the first number that is not "not met" and the first that is
    "met", or one more than everyone. Each look serves all searches.
    """
    shape, thresholds = (rules, 2, len(everyone)), np.array([[1], [2]])
    low, high = np.full(shape, -1), np.broadcast_to(everyone + 1, shape)
    while np.any(high - low > 1):
        look = _middle(low, high)
        rank = np.array([[RANK[word] for word in row] for row in words(look)])
        holds, inside = rank[:, np.newaxis] >= thresholds, (low < look) & (look < high)
        high = np.where(inside & holds, look, high)
        low = np.where(inside & ~holds, look, low)
    return list(high)


def _middle(low: Counts, high: Counts) -> Counts:
    """Return the middle of each domain's widest bracket, ``(D,)``, and -1 where all are closed."""
    D = low.shape[-1]
    width, middle = (high - low).reshape(-1, D), ((low + high) // 2).reshape(-1, D)
    chosen = middle[width.argmax(axis=0), np.arange(D)]
    return np.where(width.max(axis=0) > 1, chosen, -1)


def _all_tips(now: Words, turns: Counts, everyone: Counts) -> tuple[tuple[Tip, ...], ...]:
    rows = zip(now, *turns.tolist(), everyone.tolist(), strict=True)
    return tuple(_tips(*row) for row in rows)


def _tips(now: Decision, open_: int, met: int, everyone: int) -> tuple[Tip, ...]:
    """List the ways out of a decision: not met under *open_* genuine cases, met from *met* on."""
    ends = {Decision.NOT_MET: (0, open_ - 1), Decision.UNDETERMINED: (open_, met - 1)}
    ends[Decision.MET] = (met, everyone)
    order = list(ends)
    if now not in order:
        return ()
    tips = []
    for other, (first, last) in ends.items():
        if other is now or first > last:
            continue
        worse = order.index(other) < order.index(now)
        side, cases = (Side.FALSE, everyone - last) if worse else (Side.GENUINE, first)
        tips.append(Tip(side, cases, (cases - 1) / max(everyone, 1), other))
    return tuple(sorted(tips, key=lambda tip: tip.cases))
