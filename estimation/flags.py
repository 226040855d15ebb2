"""What a reader must know before trusting a number, as short codes.

``no_frame`` no entries; ``no_sample:S`` and ``no_resolved:S`` stratum S has no cases, or none
that can be used; ``interim`` work is unfinished; ``assumes_mar`` unresolved cases are weighted;
``lead_unvisited`` leads wait; ``visit_unresolved`` visits brought no verdict; ``phone_unaudited``
phone-yes answers that nobody checked; ``pooled_audit`` a borrowed audit rate; ``audits_differ`` own
visits speak against it; ``few_audits`` too few to decide "met"; ``single_row`` and
``single_visit`` show no spread and get the largest; ``census`` every entry is known;
``target_above_frame``, ``target_equals_frame`` no sample can show that it is met.
"""

import numpy as np

from estimation.classes import Kind
from estimation.decision import audit_state
from estimation.survey import Runs, Survey
from estimation.two_phase import Flags


def flags(survey: Survey, runs: Runs) -> tuple[tuple[str, ...], ...]:
    """Return the flags of each domain, those about single strata last."""
    marks = {
        code: mark.tolist()
        for code, mark in (_about_frame(survey, runs) | _about_cases(survey, runs)).items()
    }
    strata: list[list[str]] = [[] for _ in survey.domains]
    for h, code in _about_strata(survey, runs):
        strata[survey.design.domain[h]].append(f"{code}:{survey.stratum_names[h]}")
    return tuple(
        (*(code for code, mark in marks.items() if mark[d]), *strata[d])
        for d in range(len(survey.domains))
    )


def _about_frame(survey: Survey, runs: Runs) -> dict[str, Flags]:
    N, totals = runs.weighted.frame_size, runs.weighted
    return {
        "no_frame": N == 0,
        "target_above_frame": survey.target > N,
        "target_equals_frame": (survey.target == N) & (N > 0),
        "census": (N > 0) & (totals.rows == N) & (totals.variance == 0),
    }


def _about_cases(survey: Survey, runs: Runs) -> dict[str, Flags]:
    table, audit = survey.table, runs.rates.audit
    state, N = audit_state(survey, runs), survey.design.frame_size
    lead = table.kinds == Kind.LEAD
    n = runs.rates.kept.sum(axis=1)

    def any_part(mark: Flags) -> Flags:
        return np.asarray(survey.of_part(mark.any(axis=1).astype(float)) > 0)

    def any_stratum(mark: Flags) -> Flags:
        return np.asarray(survey.of_domain(mark.astype(float)) > 0)

    return {
        "interim": any_stratum(survey.progress.unfinished > 0),
        "assumes_mar": any_part(audit.dropped & ~lead),
        "lead_unvisited": any_stratum(((table.rows > table.visited) & lead).any(axis=1)),
        "visit_unresolved": any_stratum(survey.progress.fruitless > 0),
        "phone_unaudited": state.unaudited,
        "pooled_audit": state.pooled,
        "audits_differ": state.contradicted,
        "few_audits": state.few,
        "single_row": any_stratum((n == 1) & (N > 1)),
        "single_visit": any_part(audit.estimated & (audit.visits == 1)),
    }


def _about_strata(survey: Survey, runs: Runs) -> list[tuple[int, str]]:
    has_frame = survey.design.frame_size > 0
    unused = has_frame & (runs.rates.kept.sum(axis=1) == 0)
    return [
        (int(h), "no_resolved" if survey.progress.sampled[h] else "no_sample")
        for h in np.flatnonzero(unused)
    ]
