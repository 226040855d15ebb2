"""Figures of one project at every level."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from casework.estimates.details import details
from casework.estimates.inputs import CaseInput, Inputs, StratumInput
from casework.estimates.models import Level
from casework.estimates.unreached import unreached
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.classes import Cases, Strata
from estimation.domains import Protocol, estimate_survey
from estimation.survey import Survey, make_survey, run

#: From the smallest to the largest; each is one step of a run's progress.
LEVELS = (Level.STRATUM, Level.PLACE, Level.UNIT, Level.PROVINCE)

#: The decision under three assumptions about those without a verdict, METHOD B3.1.
GRADES = ("certified", "two_phase", "weighted")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a run before it is stored; ``columns`` are those of an estimate row."""

    level: Level
    project: Project
    region_code: str
    stratum_id: int | None
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """The strata and cases of one project, as the estimation takes them."""

    strata: Sequence[StratumInput]
    cases: Sequence[CaseInput]
    frame: Strata
    sample: Cases


def all_figures(inputs: Inputs, *, protocol: Protocol) -> Iterator[list[Figure]]:
    """Estimate every project that was called, level by level; each is one step of progress."""
    for project in inputs.called:
        for level in LEVELS:
            yield figures(inputs, project, level, protocol=protocol)


def figures(inputs: Inputs, project: Project, level: Level, *, protocol: Protocol) -> list[Figure]:
    """Estimate every region of *level* in *project*.

    Rates of phone classes are estimated over the reporting unit: units and the province are
    design-based, a place with few visits borrows from its unit and is flagged. Overcapacity has
    no places. A unit that is its own place is a unit only, so that nothing counts twice.

    Raises ValueError if the rows contradict each other, such as more cases than entries.
    """
    part = _part(inputs, project, level)
    survey = _survey(inputs, part, project, level)
    if not survey.domains:
        return []
    runs = run(survey, phone_accepted=protocol.phone_accepted)
    estimates = estimate_survey(survey, runs, protocol)
    domains = [_domain(stratum, level) for stratum in part.strata]
    domain_of_case = [domains[h] for h in np.asarray(part.sample.stratum)]
    under = details(survey, part.cases, domain_of_case)
    what_if = unreached(survey, runs, phone_accepted=protocol.phone_accepted)
    by_key = {stratum.key: stratum for stratum in part.strata if level is Level.STRATUM}
    return [
        _figure(
            project,
            level,
            {**estimates.row(d), "classes": under[name] | what_if[d]},
            by_key.get(name),
        )
        for d, name in enumerate(estimates.domain)
    ]


def lowest(inputs: Inputs, project: Project) -> Survey:
    """Cut a project into the lowest regions of its strata, units that are their own place too."""
    return _survey(inputs, _part(inputs, project, None), project, Level.PLACE)


def _survey(inputs: Inputs, part: _Part, project: Project, level: Level) -> Survey:
    domains = [_domain(stratum, level) for stratum in part.strata]
    pools = [stratum.unit_code for stratum in part.strata]
    targets = _targets(inputs, project, level)
    return make_survey(part.frame, part.sample, domains, pools, targets)


def _part(inputs: Inputs, project: Project, level: Level | None) -> _Part:
    strata = [
        stratum
        for stratum in inputs.strata
        if stratum.project is project
        and (level is not Level.PLACE or stratum.region_code != stratum.unit_code)
    ]
    position = {stratum.id: i for i, stratum in enumerate(strata)}
    cases = [case for case in inputs.cases if case.stratum_id in position]
    return _Part(
        strata,
        cases,
        Strata([s.key for s in strata], [s.frame_size for s in strata]),
        Cases(
            stratum=np.array([position[case.stratum_id] for case in cases], dtype=np.int64),
            phone=[case.phone_verdict for case in cases],
            visit=[case.visit_verdict for case in cases],
            visit_reason=[case.visit_reason for case in cases],
            phone_class=[case.phone_class for case in cases],
        ),
    )


def _domain(stratum: StratumInput, level: Level) -> str:
    return {
        Level.STRATUM: stratum.key,
        Level.PLACE: stratum.region_code,
        Level.UNIT: stratum.unit_code,
        Level.PROVINCE: PROVINCE,
    }[level]


def _targets(inputs: Inputs, project: Project, level: Level) -> dict[str, int]:
    if level is Level.STRATUM:
        return {}
    if level is Level.PROVINCE:
        persons = inputs.province_target(project)
        return {} if persons is None else {PROVINCE: persons}
    regions = set(inputs.units)
    if level is Level.PLACE:
        regions = {place for unit in inputs.units for place in inputs.places[unit]}
    return {
        code: persons
        for (of, code), persons in inputs.targets.items()
        if of is project and code in regions
    }


def _figure(
    project: Project, level: Level, row: dict[str, Any], stratum: StratumInput | None
) -> Figure:
    domain = row.pop("domain")
    row["classes"]["grades"] = {name: row.pop(name) for name in GRADES}
    row["target"] = None if row["target"] is None else int(row["target"])
    if stratum is None:
        return Figure(level, project, domain, None, row)
    return Figure(level, project, stratum.region_code, stratum.id, row)
