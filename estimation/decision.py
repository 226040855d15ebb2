"""Has a domain done its task? Met, not met, undetermined, or no task at all.

The interval that is shown is never the rule. A cell whose rows are all known is tested exactly,
one side, at .05; everything else by capped Korn-Graubard limits, .025 a side.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from estimation.classes import Floats, Kind
from estimation.hypergeometric import TIE, fail_probability, pass_probability
from estimation.intervals import korn_graubard_capped
from estimation.survey import Runs, Survey
from estimation.totals import Totals
from estimation.two_phase import BORROW_BELOW, Flags, contradicted

CELL_ALPHA = 0.05 * (1 + TIE)  # a probability that is .05 must not depend on its last digit
TWO_SIDED_LEVEL = 0.95  # .025 a side
ROUNDING = 1e-6  # persons; completed persons are whole, their estimates are floats
FEWEST_AUDITS = BORROW_BELOW  # visits of phone-yes answers where a decision hangs on them


class Decision(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    NO_TASK = "no_task"


@dataclass(frozen=True, slots=True)
class AuditState:
    """How far phone-yes answers were checked on site in each domain, ``(D,)``."""

    unaudited: Flags  #: some of them stand as phoned
    unheard: Flags  #: all of them do
    pooled: Flags  #: their rate is borrowed
    few: Flags  #: the rate rests on fewer visits than a decision may hang on
    contradicted: Flags  #: own visits speak against the borrowed rate


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold beside the tests of a domain, or decides without them, ``(D,)``."""

    heard: Flags  #: somebody looked at its phone-yes answers, or need not
    audited: Flags  #: so for every class of them
    enough: Flags  #: the audit can support "met": it is large enough, and not contradicted
    pooled: Flags  #: its audit rate is borrowed
    surely_met: Flags  #: verdicts alone reach the target
    surely_missed: Flags  #: too few entries are left to reach it


@dataclass(frozen=True, slots=True)
class Grades:
    """The decision of each domain under each assumption about those without a verdict."""

    certified: tuple[Decision, ...]
    two_phase: tuple[Decision, ...]
    weighted: tuple[Decision, ...]


def audit_state(survey: Survey, runs: Runs) -> AuditState:
    """Look up how the phone-yes classes of each domain were audited."""
    audit, yes = runs.rates.audit, survey.table.kinds == Kind.YES
    few = survey.of_part(np.where(audit.estimated & yes, audit.visits, 0).sum(axis=1))
    some = survey.of_part((audit.estimated & yes).any(axis=1).astype(float)) > 0
    seen = survey.of_domain(np.where(yes, survey.table.visited, 0).sum(axis=1)) > 0
    own = contradicted(runs.rates, survey.table, survey.design)
    unaudited = survey.of_part((audit.as_phoned & yes).any(axis=1).astype(float)) > 0
    return AuditState(
        unaudited=unaudited,
        unheard=unaudited & ~some & ~seen,
        pooled=survey.of_part((audit.borrowed & yes).any(axis=1).astype(float)) > 0,
        few=some & (few < FEWEST_AUDITS),
        contradicted=survey.of_part(own.astype(float)) > 0,
    )


def conditions(survey: Survey, runs: Runs, *, phone_accepted: bool) -> Conditions:
    """Establish what decides beside the tests of the target.

    Verdicts on site that alone exceed the target, or leave too few entries to reach it, prove the
    answer. Phone-yes answers that nobody audited decide nothing unless *phone_accepted*: the runs
    count them both ways, and where there is no audit at all the domain is undetermined. Fewer
    than 20 audits never support "met", nor does a borrowed rate that the domain's own visits
    speak against.
    """
    state = audit_state(survey, runs)
    heard, audited = ~state.unheard | phone_accepted, ~state.unaudited | phone_accepted
    surely_met, surely_missed = _proven(survey, runs, heard, audited)
    return Conditions(
        heard=heard,
        audited=audited,
        enough=~(state.few | state.contradicted) | phone_accepted,
        pooled=state.pooled,
        surely_met=surely_met,
        surely_missed=surely_missed,
    )


def grade(survey: Survey, runs: Runs, *, phone_accepted: bool) -> Grades:
    """Decide about every domain.

    A target above the frame is not met without sampling. A borrowed audit rate supports "met" only
    if that holds at the rate's lower bound, and "not met" only if that holds at the upper bound of
    the domain's own audits. What else must hold is said at conditions.
    """
    target = survey.target
    given = conditions(survey, runs, phone_accepted=phone_accepted)
    sound = given.enough & (~given.pooled | reached(runs.stressed, target))
    alone = missed(runs.relieved, target)

    def words(low: Totals, high: Totals, usable: Flags) -> tuple[Decision, ...]:
        met = given.surely_met | (usable & sound & reached(low, target))
        not_met = given.surely_missed | (usable & alone & missed(high, target))
        return _decisions(met, not_met, target)

    return Grades(
        certified=words(*runs.certified, given.heard),
        two_phase=words(*runs.two_phase, given.heard),
        weighted=words(runs.weighted, runs.weighted, given.audited),
    )


def reached(totals: Totals, target: Floats) -> Flags:
    """Tell where the data rule out that the target is missed; ``target`` is ``(D,)`` persons."""
    low = korn_graubard_capped(totals.precision(), TWO_SIDED_LEVEL)[0] * totals.frame_size
    surely = np.asarray(low > target - 1 + ROUNDING)
    cells = testable(totals, target)
    surely[cells] = pass_probability(*cell_counts(totals, target, cells)) <= CELL_ALPHA
    return surely


def missed(totals: Totals, target: Floats) -> Flags:
    """Tell where the data rule out that the target is reached; ``target`` is ``(D,)`` persons."""
    high = korn_graubard_capped(totals.precision(), TWO_SIDED_LEVEL)[1] * totals.frame_size
    surely = np.asarray(high < target - ROUNDING)
    cells = testable(totals, target)
    surely[cells] = fail_probability(*cell_counts(totals, target, cells)) <= CELL_ALPHA
    return surely


def testable(totals: Totals, target: Floats) -> Flags:
    """Tell which domains are cells with a target, to be tested exactly."""
    return totals.cell & np.isfinite(target) & np.isfinite(totals.completed)


def cell_counts(
    totals: Totals, target: Floats, cells: Flags
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the achieved, the sampled, the frame size and the target of some cells."""
    values = totals.hits, totals.rows, totals.frame_size, target
    x, n, N, T = (np.rint(value[cells]) for value in values)
    return x, n, N, T


def _proven(survey: Survey, runs: Runs, heard: Flags, audited: Flags) -> tuple[Flags, Flags]:
    """Decide without any inference: verdicts on site, and phone answers that may stand."""
    table, as_phoned = survey.table, runs.rates.audit.as_phoned[survey.design.part]

    def phoned(kind: Kind) -> Floats:
        return np.asarray(np.where(as_phoned & (table.kinds == kind), table.rows, 0).sum(axis=1))

    done = survey.of_domain(table.achieved.sum(axis=1))
    done = done + audited * survey.of_domain(phoned(Kind.YES))
    failed = survey.of_domain((table.visited - table.achieved).sum(axis=1))
    failed = failed + heard * survey.of_domain(phoned(Kind.NO))
    N = survey.of_domain(survey.design.frame_size)
    return done >= survey.target, failed > N - survey.target


def _decisions(met: Flags, not_met: Flags, target: Floats) -> tuple[Decision, ...]:
    words = np.where(met, Decision.MET, Decision.UNDETERMINED).astype(object)
    words[not_met] = Decision.NOT_MET
    words[met & not_met] = Decision.UNDETERMINED  # the two tests may clash only by assumptions
    words[np.isnan(target)] = Decision.NO_TASK
    return tuple(Decision(str(word)) for word in words)
