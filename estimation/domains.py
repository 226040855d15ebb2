"""Estimates, intervals and decisions of many domains at once, from case-level arrays.

A domain is any set of strata: the strata themselves, counties, units, the province. Only
``domain_of_stratum`` changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from estimation.classes import Cases, Counts, Floats, Strata
from estimation.decision import Decision, grade
from estimation.flags import flags
from estimation.intervals import DEFAULT, interval_method
from estimation.shares import limits, shares
from estimation.survey import Runs, Survey, make_survey, run


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a campaign fixes before its draw about the figures it will show."""

    level: float = 0.95  #: of the interval that is shown; no decision rests on it
    interval: str | None = None  #: a name of estimation.intervals; None: as docs/statistics.md
    phone_accepted: bool = False  #: phone answers count without any audit


Value = str | int | float | list[str] | None


@dataclass(frozen=True, slots=True)
class DomainEstimates:
    """One entry for each domain in every column; numbers that do not exist are NaN.

    Shares are of the frame, ``completed`` is in persons, ``rate`` is completed by target. The
    bounds assume nothing of the cases without a verdict; each has its sampling error.
    """

    domain: tuple[str, ...]
    frame_size: Counts
    sampled: Counts
    resolved: Counts
    share: Floats
    share_se: Floats
    share_low: Floats
    share_high: Floats
    completed: Floats
    completed_se: Floats
    completed_low: Floats
    completed_high: Floats
    target: Floats
    rate: Floats
    rate_low: Floats
    rate_high: Floats
    decision: tuple[Decision, ...]
    bounds_low: Floats
    bounds_high: Floats
    method: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]
    certified: tuple[Decision, ...]  #: the decision if nothing is assumed of the unresolved
    two_phase: tuple[Decision, ...]  #: if random visits speak for their class, and no more
    weighted: tuple[Decision, ...]  #: if the unresolved are like the others of their stratum

    def row(self, d: int) -> dict[str, Value]:
        """Return the columns of one domain as plain values; what does not exist is None."""
        return {field.name: _plain(getattr(self, field.name)[d]) for field in fields(self)}


def estimate_domains(
    strata: Strata,
    cases: Cases,
    *,
    domain_of_stratum: Sequence[str],
    targets: Mapping[str, int] | None = None,
    pool_of_stratum: Sequence[str] | None = None,
    protocol: Protocol | None = None,
) -> DomainEstimates:
    """Estimate the completed persons of each domain and decide about its target.

    Parameters
    ----------
    strata, cases
        The frame with H strata and the released sample.
    domain_of_stratum : (H,) labels
        The results are in the order in which the domains first occur.
    targets : domain -> persons
        A domain that is not named has no task. A target without strata is a domain without
        entries, which cannot meet it.
    pool_of_stratum : (H,) labels
        Where rates of classes are shared, see :mod:`estimation.two_phase`. None shares nothing.
    protocol
        None is the default protocol.

    Raises ValueError for columns of different length, unknown codes or intervals, more cases than
    entries, a level outside (0, 1), or targets that are not whole and 0 or more.

    Sources and formulas: docs/statistics.md.
    """
    protocol = protocol or Protocol()
    interval_method(protocol.interval)
    survey = make_survey(strata, cases, domain_of_stratum, pool_of_stratum, targets or {})
    return estimate_survey(survey, run(survey, phone_accepted=protocol.phone_accepted), protocol)


def estimate_survey(survey: Survey, runs: Runs, protocol: Protocol) -> DomainEstimates:
    """Estimate and decide from cases that are counted already, and the *runs* over them."""
    grades = grade(survey, runs, phone_accepted=protocol.phone_accepted)
    name, level, totals = protocol.interval or DEFAULT, protocol.level, runs.weighted
    method = interval_method(name)
    found = shares(survey.domains, totals, interval=name, level=level)
    persons = [
        np.where(totals.frame_size == 0, 0, end * totals.frame_size)
        for end in (found.low, found.high)
    ]
    task = np.where(survey.target > 0, survey.target, np.nan)
    return DomainEstimates(
        domain=survey.domains,
        frame_size=totals.frame_size.astype(np.int64),
        sampled=survey.of_domain(survey.progress.sampled).astype(np.int64),
        resolved=survey.of_domain(survey.progress.resolved).astype(np.int64),
        share=found.share,
        share_se=found.se,
        share_low=found.low,
        share_high=found.high,
        completed=totals.completed,
        completed_se=np.where(np.isnan(totals.completed), np.nan, np.sqrt(totals.variance)),
        completed_low=persons[0],
        completed_high=persons[1],
        target=survey.target,
        rate=totals.completed / task,
        rate_low=persons[0] / task,
        rate_high=persons[1] / task,
        decision=grades.two_phase,
        bounds_low=limits(runs.bounds[0], name, level)[0],
        bounds_high=limits(runs.bounds[1], name, level)[1],
        method=tuple(name if cell or method.limits else method.aggregate for cell in totals.cell),
        flags=flags(survey, runs),
        certified=grades.certified,
        two_phase=grades.two_phase,
        weighted=grades.weighted,
    )


def _plain(value: object) -> Value:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return float(value) if np.isfinite(value) else None
    raise TypeError(f"no plain form for {type(value).__name__}")
