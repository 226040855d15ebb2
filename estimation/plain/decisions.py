"""Has a domain done its task? In plain Python, the same as estimation/decision.py.

One stratum whose rows are all known is tested exactly, one side, at .05; everything else by capped
Korn-Graubard limits, .025 a side. Phone-yes answers that nobody checked count both ways unless the
protocol accepts them.
"""

from dataclasses import dataclass
from math import isnan

from estimation.plain.limits import TIE, Precision, quantile, reaches, upper_tail
from estimation.plain.rates import FEWEST, NO, YES, Audit, Audits, Survey, filled, over, rated
from estimation.plain.totals import Total, total

AGAINST, FOR = 0.0, 1.0  # what those without a verdict are taken for
EXACT_RISK, LEVEL = 0.05 * (1 + TIE), 0.95
LOW, DOUBT = 0.05, 0.20  # one-sided risks of the bounds of a borrowed rate
ROUNDING = 1e-6  # persons; completed persons are whole, their estimates are not


Ends = tuple[dict[str, Total], dict[str, Total]]  # all against, all for


@dataclass
class Runs:
    """One level of one project under each assumption, by domain."""

    audits: Audits  # of the weighted run
    weighted: dict[str, Total]
    two_phase: Ends
    certified: Ends
    bounds: Ends
    stressed: dict[str, Total]  # borrowed yes-rates at their lower bound
    relieved: dict[str, Total]  # borrowed rates at the upper bound of own visits


def all_runs(survey: Survey, *, accepted: bool) -> Runs:
    """Estimate a survey under each assumption; *accepted* phone answers need no check."""

    def ends(*, everyone: bool, trusting: bool) -> Ends:
        low, high = (
            _totals(cases, rated(cases, fill, trusting=trusting), fill)
            for fill in (AGAINST, FOR)
            for cases in [filled(survey, fill, everyone=everyone)]
        )
        return low, high

    def moved(fill: float) -> dict[str, Total]:
        cases = filled(survey, fill, everyone=False)
        audits = rated(cases, fill, trusting=accepted)
        for audit in (audit for of in audits.values() for audit in of if audit.borrowed):
            _move(audit, fill)
        return _totals(cases, audits, fill)

    audits = rated(survey)
    return Runs(
        audits=audits,
        weighted=_totals(survey, audits, None),
        two_phase=ends(everyone=False, trusting=accepted),
        certified=ends(everyone=True, trusting=accepted),
        bounds=ends(everyone=True, trusting=True),
        stressed=moved(AGAINST),
        relieved=moved(FOR),
    )


def _totals(survey: Survey, audits: Audits, fill: float | None) -> dict[str, Total]:
    strata: dict[str, Survey] = {}
    for stratum in survey:
        strata.setdefault(stratum.domain, []).append(stratum)
    return {d: total(of, audits.get(d, []), fill) for d, of in strata.items()}


def _move(audit: Audit, fill: float) -> None:
    """Put a borrowed rate at its lower bound, or at the upper bound of the part's own visits."""
    if fill == FOR:
        audit.put(audit.own_upper(LOW))
    elif audit.kind == YES:
        x = audit.visits * audit.rate
        audit.put(quantile(LOW, x, audit.visits - x + 1) if x > 0 else 0.0)


def grades(runs: Runs, domain: str, target: int | None, *, accepted: bool) -> dict[str, str]:
    """Decide about one domain under each of the three assumptions."""
    if target is None:
        return dict.fromkeys(("certified", "decision", "weighted"), "no_task")
    audits = runs.audits.get(domain, [])
    yes = [audit for audit in audits if audit.kind == YES]
    unaudited = any(audit.as_phoned for audit in yes)
    estimated = [audit for audit in yes if audit.estimated]
    checked = bool(estimated) or any(audit.sum("visited") for audit in yes)
    few = bool(estimated) and sum(audit.visits for audit in estimated) < FEWEST
    differ = any(a.own_upper(DOUBT) < a.rate for a in yes if a.borrowed)
    heard, audited = (accepted or not unaudited or checked), (accepted or not unaudited)
    sound = accepted or not (few or differ)
    if any(audit.borrowed for audit in yes):
        sound = sound and reached(runs.stressed[domain], target)
    alone = missed(runs.relieved[domain], target)
    done = sum(a.sum("achieved") for a in audits) + audited * _phoned(audits, YES)
    failed = sum(a.sum("visited") - a.sum("achieved") for a in audits) + heard * _phoned(audits, NO)
    surely = done >= target, failed > runs.weighted[domain].size - target

    def word(low: Total, high: Total, *, usable: bool) -> str:
        met = surely[0] or (usable and sound and reached(low, target))
        not_met = surely[1] or (usable and alone and missed(high, target))
        return "undetermined" if met == not_met else "met" if met else "not_met"

    weighted = runs.weighted[domain]
    return {
        "certified": word(*(end[domain] for end in runs.certified), usable=heard),
        "decision": word(*(end[domain] for end in runs.two_phase), usable=heard),
        "weighted": word(weighted, weighted, usable=audited),
    }


def reached(of: Total, target: int) -> bool:
    """Tell whether the data rule out that the target is missed."""
    if of.exact and not isnan(of.completed):
        return target <= 0 or (target <= of.size and _tail(of, of.hits, target - 1) <= EXACT_RISK)
    return not isnan(of.completed) and _above(of, of.share, target - 1 + ROUNDING)


def missed(of: Total, target: int) -> bool:
    """Tell whether the data rule out that the target is reached: seen from the other end."""
    if of.exact and not isnan(of.completed):
        failed = int(of.rows) - of.hits
        return target > of.size or _tail(of, failed, of.size - target) <= EXACT_RISK
    left = of.size - target + ROUNDING
    return not isnan(of.completed) and _above(of, 1 - of.share, left)


def precision(of: Total, share: float) -> Precision:
    """Return what an interval of *share*, that of a domain or of its rest, needs to know."""
    return Precision(share, over(of.variance, of.size**2), of.rows, of.df, of.planned)


def _above(of: Total, share: float, persons: float) -> bool:
    if of.size == 0:
        return persons < 0
    return reaches(precision(of, share), persons / of.size, LEVEL)


def _tail(of: Total, x: int, persons: int) -> float:
    return upper_tail(x, int(of.rows), of.size, persons)


def _phoned(audits: list[Audit], kind: str) -> float:
    return sum(audit.sum("rows") for audit in audits if audit.as_phoned and audit.kind == kind)
