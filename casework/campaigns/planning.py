"""How likely a design is to decide about its counties, by the rule that will decide.

Two ways to decide, as in docs/statistics.md. Where every phone class is visited whole, each truth
is known and the exact test of a cell applies. Elsewhere a county extrapolates from visits
(:mod:`casework.campaigns.extrapolating`).

The share of a county is not known when its calls are planned, so chances are averaged over what is
believed of it. They are expectations for planning, checked against the estimation itself by
:mod:`casework.campaigns.rehearsal`.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from casework.campaigns.belief import Assumptions, Nodes
from casework.campaigns.extrapolating import Chances, Trial, extrapolated
from estimation.decision import CELL_ALPHA
from sampling.acceptance import acceptance_probability
from sampling.plan import Answers, Design, Workload, expected_visits, half_widths, workload

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is expected of a design: the work, the precision, and how much will be decided."""

    work: Workload
    half_width: Floats  #: (H,) of each county's share
    unit_half_width: Floats  #: (U,) of each pool's
    project_half_width: Floats  #: (P,) of each project's
    chances: Chances  #: (H,)
    judged: int  #: counties with a target
    undetermined: float  #: of these, expected to stay undetermined
    audits: Floats  #: (U,) random visits of phone-yes answers expected in each pool


def outlook(
    design: Design,
    target: Floats,
    project: Counts,
    assumptions: Assumptions,
) -> Outlook:
    """Return what to expect of a design.

    ``target`` is (H,) persons, NaN where a county has no task; ``project`` is (H,), the position
    of the stratum's project. Some 30 ms for a province, so that sliders can ask at once.
    """
    nodes, answers = assumptions.belief.nodes(), assumptions.answers
    weight, _ = nodes.mixed(answers)
    share = nodes.share @ nodes.weight
    visits = expected_visits(design, weight)
    chances = decision_chances(trial_of(design, target, visits), nodes, answers)
    judged = np.isfinite(target)
    first = np.unique(design.pool, return_index=True)[1]
    each = np.arange(len(share))
    return Outlook(
        work=workload(design, answers, share, assumptions.costs),
        half_width=half_widths(design, answers, share, each),
        unit_half_width=half_widths(design, answers, share, design.pool),
        project_half_width=half_widths(design, answers, share, project),
        chances=chances,
        judged=int(judged.sum()),
        undetermined=float(chances.undetermined[judged].sum()),
        audits=np.asarray(visits[first][:, answers.yes].sum(axis=1)),
    )


def trial_of(design: Design, target: Floats, unit_visits: Floats) -> Trial:
    """Return the design as a trial of each of its counties."""
    alone = np.bincount(design.pool)[design.pool] == 1
    return Trial(design.frame_size, target, design.sizes, design.visit_rates, unit_visits, alone)


def decision_chances(trial: Trial, nodes: Nodes, answers: Answers) -> Chances:
    """Return how likely each trial is to end in "met" and in "not met", ``(R,)``.

    ``nodes`` and ``answers`` are those of the R counties. A target above the frame is not met
    without any call; a county without a target or without a case is never decided.
    """
    N, n, T = trial.frame_size, trial.sizes, np.nan_to_num(trial.target)
    met, not_met = np.zeros(len(N)), np.zeros(len(N))
    whole = (trial.visit_rates >= 1).all(axis=1)
    open_ = np.isfinite(trial.target) & (T <= N) & (n > 0)
    if np.any(rows := open_ & whole):
        h = np.flatnonzero(rows)
        found = _known(_rows(trial, h), nodes.of(h))
        met[h], not_met[h] = found.met, found.not_met
    if np.any(rows := open_ & ~whole):
        h = np.flatnonzero(rows)
        found = extrapolated(_rows(trial, h), nodes.of(h), answers.of(h))
        met[h], not_met[h] = found.met, found.not_met
    not_met[np.isfinite(trial.target) & (T > N)] = 1.0
    return Chances(met, not_met)


def _rows(trial: Trial, h: Counts) -> Trial:
    return Trial(*(getattr(trial, field.name)[h] for field in fields(trial)))


def _known(trial: Trial, nodes: Nodes) -> Chances:
    """Every truth is known: the exact test of a cell, and hypergeometric chances."""
    N, n, T = trial.frame_size, trial.sizes, trial.target.astype(np.int64)
    few = _last_below(CELL_ALPHA, n, N, np.clip(N - T + 1, 0, N))
    many = _last_below(1 - CELL_ALPHA, n, N, np.clip(N - T, 0, N)) + 1
    failing = np.rint(N[:, np.newaxis] * (1 - nodes.share))
    met = _at_most(few, n, N, failing) @ nodes.weight
    return Chances(met, 1 - _at_most(many, n, N, failing) @ nodes.weight)


def _last_below(chance: float, n: Counts, N: Counts, failing: Counts) -> Counts:
    """Return the largest c with P(X <= c) at most *chance*, -1 if there is none.

    It is looked for by the binomial approximation and then put right exactly, since the sizes that
    are planned lie where one failure more can just be borne.
    """
    few, many = np.full(len(n), -1), n.copy()  # P(X <= n) is 1
    while np.any(many - few > 1):
        middle = (few + many) // 2
        below = _at_most(middle, n, N, failing[:, np.newaxis])[:, 0] <= chance
        open_ = many - few > 1
        few, many = np.where(open_ & below, middle, few), np.where(open_ & ~below, middle, many)
    above = acceptance_probability(n, np.maximum(few, 0), N, failing) > chance
    few = np.where((few >= 0) & above, few - 1, few)
    more = acceptance_probability(n, np.minimum(few + 1, n), N, failing) <= chance
    return np.where(more & (few < n), few + 1, few)


def _at_most(c: Counts, n: Counts, N: Counts, failing: Counts | Floats) -> Floats:
    """Return P(X <= c) for many numbers of failures, ``(R, Q)``, to a few thousandths.

    The hypergeometric distribution treats sample and failures alike; the smaller of the two is
    near binomial draws from the other, with the share that is left halfway: with n the smaller,
    (2 failing - c) / (2 N - n + 1).
    """
    drawn, size, most = (v[:, np.newaxis].astype(float) for v in (n, N, c))
    fewer, more = np.minimum(drawn, failing), np.maximum(drawn, failing)
    share = np.clip((2 * more - most) / (2 * size - fewer + 1), 0, 1)
    inside = bdtr(np.clip(most, 0, fewer), fewer.astype(np.int64), share)
    return np.asarray(np.where(most < 0, 0.0, np.where(most >= fewer, 1.0, inside)))
