"""A survey cut into domains, and the runs over it that differ in what they assume."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from estimation.classes import (
    Cases,
    ClassTable,
    Column,
    Counts,
    Floats,
    Progress,
    Strata,
    coded,
    tabulate,
)
from estimation.nonresponse import Fill, fill_pending_visits, fill_unresolved
from estimation.totals import Totals, domain_totals
from estimation.two_phase import (
    ClassRates,
    Design,
    class_rates,
    make_design,
    relieved,
    stressed,
    sum_by,
)


@dataclass(frozen=True, slots=True)
class Survey:
    """The counts of a survey and its cut into D domains."""

    stratum_names: tuple[str, ...]
    domains: tuple[str, ...]
    table: ClassTable
    progress: Progress
    design: Design
    target: Floats  #: (D,) persons, NaN where a domain has no task

    def of_domain(self, values: Counts | Floats) -> Floats:
        """Add up a number of each stratum, ``(H,)``, by domain, ``(D,)``."""
        return sum_by(self.design.domain, values.astype(float), len(self.domains))

    def of_part(self, values: Floats) -> Floats:
        """Add up a number of each part, ``(P,)``, by domain, ``(D,)``."""
        return sum_by(self.design.domain_of_part, values, len(self.domains))


@dataclass(frozen=True, slots=True)
class Runs:
    """One survey estimated under each assumption about those without a verdict."""

    rates: ClassRates  #: of the weighted run
    weighted: Totals  #: like the others of their stratum
    two_phase: tuple[Totals, Totals]  #: classes without visits count against, for
    certified: tuple[Totals, Totals]  #: everyone without a verdict counts against, for
    bounds: tuple[Totals, Totals]  #: the same, and phone answers are believed
    stressed: Totals  #: two-phase, against, with borrowed rates at their lower bound
    relieved: Totals  #: two-phase, for, with borrowed rates at the upper bound of own visits


def make_survey(
    strata: Strata,
    cases: Cases,
    domain_of_stratum: Sequence[str],
    pool_of_stratum: Column | None,
    targets: Mapping[str, int],
) -> Survey:
    """Count the cases and number the domains: those with strata, then targets without any.

    Raises ValueError for columns of different length, codes that are not known, more cases than
    entries, or a target that is not a whole number, 0 or more.
    """
    H = len(strata.names)
    if len(domain_of_stratum) != H or (pool_of_stratum is not None and len(pool_of_stratum) != H):
        raise ValueError(f"need a domain, and a pool if any, for each of the {H} strata")
    table, progress = tabulate(strata, cases)
    domain = coded([*domain_of_stratum, *targets])
    pool = np.arange(H) if pool_of_stratum is None else coded(pool_of_stratum).positions()
    design = make_design(
        np.asarray(strata.frame_size, dtype=float),
        domain.positions()[:H],
        pool,
    )
    target = _targets(domain.words, targets)
    return Survey(tuple(strata.names), tuple(domain.words), table, progress, design, target)


def run(survey: Survey, *, phone_accepted: bool) -> Runs:
    """Estimate the survey under each assumption.

    Phone-yes answers without any audit count against and for like those without a verdict, unless
    *phone_accepted*.
    """
    table, design, D = survey.table, survey.design, len(survey.domains)
    rates = class_rates(table, design)

    def rated(filled: ClassTable, fill: Fill, *, trusting: bool = phone_accepted) -> ClassRates:
        return class_rates(filled, design, fill=fill, trusting=trusting)

    def totals(filled_rates: ClassRates, fill: Fill) -> Totals:
        return domain_totals(filled_rates, design, D, fill=fill)

    against, in_favour = (fill_pending_visits(table, fill) for fill in Fill)
    low, high = rated(against, Fill.AGAINST), rated(in_favour, Fill.FOR)
    unseen = [(fill_unresolved(table, fill), fill) for fill in Fill]
    certified = [totals(rated(filled, fill), fill) for filled, fill in unseen]
    bounds = [totals(rated(filled, fill, trusting=True), fill) for filled, fill in unseen]
    return Runs(
        rates=rates,
        weighted=domain_totals(rates, design, D),
        two_phase=(totals(low, Fill.AGAINST), totals(high, Fill.FOR)),
        certified=(certified[0], certified[1]),
        bounds=(bounds[0], bounds[1]),
        stressed=totals(stressed(low, against, design), Fill.AGAINST),
        relieved=totals(relieved(high, in_favour, design), Fill.FOR),
    )


def _targets(domains: Sequence[str], targets: Mapping[str, int]) -> Floats:
    for domain, persons in targets.items():
        if not (np.isfinite(persons) and persons >= 0 and persons == int(persons)):
            raise ValueError(
                f"the target of {domain!r} must be a whole number, 0 or more, got {persons}"
            )
    return np.array([targets.get(domain, np.nan) for domain in domains], dtype=float)
