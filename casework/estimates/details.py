"""The counts under an estimate: phone classes with their rates, leads, and outcomes."""

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np

from casework.cases.outcomes import Verdict
from casework.estimates.counts import DONE, counts_of
from casework.estimates.inputs import CaseInput
from casework.visits.models import VisitReason
from estimation.classes import Floats
from estimation.survey import Survey
from estimation.two_phase import Audit, class_rates, divide, sum_by


class Basis(StrEnum):
    """What the rate of a phone class rests on."""

    KNOWN = "known"  #: every row was seen on site
    RANDOM = "random"  #: random visits of its own
    BORROWED = "borrowed"  #: random visits of the whole unit
    AS_PHONED = "as_phoned"  #: nobody looked; the answer stands
    WEIGHTED = "weighted"  #: nobody looked; left out, the others stand for it
    MIXED = "mixed"  #: differs between the units


def details(
    survey: Survey, cases: Sequence[CaseInput], domain_of_case: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return what lies under the estimate of each domain, ready to be kept as JSON.

    Parameters
    ----------
    survey
        The same cut into domains that was estimated.
    cases, domain_of_case
        The released cases and the domain of each.

    Returns
    -------
    dict of str to dict
        ``classes``: a row for each phone class in which there are cases; ``leads``: phone class to
        how many leads, of them seen on site, of them achieved; ``outcomes``: code to cases, ""
        for those without one, persons counted on site among them; ``counts``: the counts of cases
        by name, see :func:`casework.estimates.counts.counts_of`; ``unresolved``: of these, kind to
        cases without a verdict; ``reached``: cases that the phone settled; ``corrections``: cases
        in which the site said what the phone did not, ``false`` for claims that the phone had held
        true, ``true`` for the reverse.
    """
    classes = _classes(survey)
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in survey.domains}
    counts: dict[str, Counter[str]] = {name: Counter() for name in survey.domains}
    leads: dict[str, dict[str, list[int]]] = {name: {} for name in survey.domains}
    for case, name in zip(cases, domain_of_case, strict=True):
        outcomes[name][case.outcome] += 1
        counts[name].update(counts_of(case))
        if case.visit_reason == VisitReason.LEAD:
            count = leads[name].setdefault(case.phone_class, [0, 0, 0])
            count[0] += 1
            count[1] += case.visit not in {None, Verdict.UNRESOLVED}
            count[2] += case.visit in DONE
    return {
        name: {
            "classes": classes[d],
            "leads": leads[name],
            "outcomes": dict(outcomes[name]),
            "counts": dict(counts[name]),
            "unresolved": _part(counts[name], "open"),
            "reached": counts[name]["reached"],
            "corrections": _part(counts[name], "site"),
        }
        for d, name in enumerate(survey.domains)
    }


def _part(counts: Counter[str], kind: str) -> dict[str, int]:
    """Return the counts whose names begin with *kind*, by what follows it."""
    named = ((name.partition(":"), amount) for name, amount in counts.items())
    return {value: amount for (first, _colon, value), amount in named if first == kind}


def _classes(survey: Survey) -> list[list[dict[str, Any]]]:
    table, design = survey.table, survey.design
    rates = class_rates(table, design)
    weight = divide(design.frame_size, rates.kept.sum(axis=1))[:, np.newaxis] * rates.kept
    sums = {
        name: sum_by(design.domain, values, len(survey.domains))
        for name, values in {
            "rows": table.rows,
            "chosen": table.chosen,
            "visited": table.visited,
            "achieved": table.achieved,
            "size": weight,
            "persons": weight * rates.rate,
        }.items()
    }
    behind = {
        name: _by_domain(survey, values)
        for name, values in {
            **_marks(rates.audit),
            "visits": rates.audit.visits,
            "hits": rates.audit.achieved,
        }.items()
    }
    return [
        [
            _class(name, d, g, sums, behind)
            for g, name in enumerate(table.names)
            if sums["rows"][d, g] > 0
        ]
        for d in range(len(survey.domains))
    ]


def _marks(audit: Audit) -> dict[str, Floats]:
    return {
        Basis.BORROWED: audit.borrowed.astype(float),
        Basis.RANDOM: (audit.estimated & ~audit.borrowed).astype(float),
        Basis.AS_PHONED: audit.as_phoned.astype(float),
        Basis.WEIGHTED: audit.dropped.astype(float),
    }


def _by_domain(survey: Survey, values: Floats) -> Floats:
    """Add up a number of each part and class, ``(P, G)``, by domain, ``(D, G)``."""
    columns = [survey.of_part(values[:, g]) for g in range(values.shape[1])]
    return np.stack(columns, axis=1)


def _class(
    name: str, d: int, g: int, sums: dict[str, Floats], behind: dict[str, Floats]
) -> dict[str, Any]:
    size, persons = float(sums["size"][d, g]), float(sums["persons"][d, g])
    counts = {key: int(sums[key][d, g]) for key in ("rows", "chosen", "visited", "achieved")}
    marks = [basis for basis in Basis if basis in behind and behind[basis][d, g] > 0]
    basis = marks[0] if len(marks) == 1 else Basis.MIXED if marks else Basis.KNOWN
    return {
        "name": name,
        **counts,
        "rate": persons / size if size else None,
        "persons": persons,  #: completed persons of the whole frame that the class stands for
        "basis": basis.value,
        "basis_visits": int(behind["visits"][d, g]),
        "basis_achieved": int(behind["hits"][d, g]),
    }
