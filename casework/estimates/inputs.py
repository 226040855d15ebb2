"""From the database to what the estimation takes: the frame, the released cases, the targets."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from casework.campaigns.models import (
    Campaign,
    CampaignProject,
    CampaignUnit,
    DeskOutcome,
    Replicate,
    Stratum,
    Target,
)
from casework.campaigns.strata import read_key, whole_key
from casework.cases.lifecycle import CaseState
from casework.cases.models import RESOLVED, Case, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes, final_outcome, verdict_of
from casework.db import db
from casework.estimates.censuses import counted_on_site
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import CALLED, Project
from casework.regions.models import PROVINCE
from casework.regions.tree import load_tree
from casework.visits.adjudication_rule import disagree
from casework.visits.models import Finding, Lead, Visit, VisitReason

#: Claims that say themselves that the person is not resettled: known not achieved, never called.
CLAIMS_NOT_SETTLED = "claims_not_settled"
#: Entries of an enterprise that was counted whole on site.
COUNTED_ON_SITE = "counted_on_site"


@dataclass(frozen=True, slots=True)
class StratumInput:
    """One stratum of the whole frame."""

    id: int
    key: str
    project: Project
    region_code: str
    unit_code: str
    frame_size: int


@dataclass(frozen=True, slots=True)
class CaseInput:
    """What is known of one released case; ``visit`` is what was settled, or the latest finding."""

    uid: str
    stratum_id: int
    phone: PhoneClass | None
    visit: Verdict | None
    reason: VisitReason | None
    has_lead: bool
    claims_not_settled: bool
    finished: bool
    outcome: str  #: the code that counts: on site if resolved there, else by phone
    counted: bool = False  #: one row of a head-count, nobody in particular
    disputed: bool = False  #: phone and site disagree, and nobody settled it yet

    @property
    def known_from_claim(self) -> bool:
        """Whether the ledger itself settles the case."""
        return self.claims_not_settled and self.visit is None

    @property
    def phone_verdict(self) -> str:
        """The phone's verdict in the words of the estimation."""
        if self.known_from_claim or self.counted:
            return Verdict.UNRESOLVED
        if self.phone is None:
            return ""
        return self.phone.value if self.phone in RESOLVED else Verdict.UNRESOLVED

    @property
    def phone_class(self) -> str:
        """The class of the second phase; a claim that settles itself is a class of its own."""
        if self.known_from_claim:
            return CLAIMS_NOT_SETTLED
        if self.counted:
            return COUNTED_ON_SITE
        return self.phone.value if self.phone else ""

    @property
    def visit_verdict(self) -> str:
        """The verdict on site; a claim that settles itself counts as seen."""
        if self.known_from_claim:
            return Verdict.NOT_ACHIEVED
        return self.visit.value if self.visit else ""

    @property
    def visit_reason(self) -> str:
        """The part of the second phase in which the case stands, or "" if it is not visited.

        The leads are a class that is visited whole, those chosen at random among them. Were the
        latter left to speak for their phone class, leads would count there and again as leads.
        """
        if self.known_from_claim:
            return VisitReason.RANDOM
        if self.reason and self.has_lead:
            return VisitReason.LEAD
        return self.reason.value if self.reason else ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything one run is computed from."""

    projects: tuple[Project, ...]
    units: tuple[str, ...]
    strata: tuple[StratumInput, ...]
    cases: tuple[CaseInput, ...]
    targets: Mapping[tuple[Project, str], int]
    desk: Mapping[str, bool]  #: what the coordinator entered for the desk project
    places: Mapping[str, tuple[str, ...]]  #: the next-lower regions of every unit, covered or not

    @property
    def called(self) -> tuple[Project, ...]:
        """The projects that are estimated from a sample, others only where people were called."""
        sampled = {case.stratum_id for case in self.cases}
        drawn = {stratum.project for stratum in self.strata if stratum.id in sampled}
        return tuple(p for p in self.projects if p in CALLED or p in drawn)

    @property
    def interim(self) -> bool:
        """Whether some released cases are unfinished, or phone and site disagree on some."""
        return any(case.disputed or not case.finished for case in self.cases)

    def covers_province(self) -> bool:
        """Whether every unit that reports to the province takes part."""
        return set(self.places) <= set(self.units)

    def province_target(self, project: Project) -> int | None:
        """The province's own target, or the sum of the units' where there is none for them all."""
        stated = self.targets.get((project, PROVINCE))
        if stated is not None and self.covers_province():
            return stated
        parts = [self.targets[project, u] for u in self.units if (project, u) in self.targets]
        return sum(parts) if parts else None

    def digest(self, method: Mapping[str, Any]) -> str:
        """Return the SHA-256 of the sorted rows, the targets and the method."""
        lines = sorted(json.dumps(row, ensure_ascii=False) for row in self._rows())
        lines.append(json.dumps(method, ensure_ascii=False, sort_keys=True))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _rows(self) -> Iterator[Sequence[str | int | bool]]:
        keys = {stratum.id: stratum.key for stratum in self.strata}
        for case in self.cases:
            yield (
                "case",
                case.uid,
                keys[case.stratum_id],
                case.phone_class,
                case.visit_verdict,
                case.visit_reason,
            )
        for stratum in self.strata:
            yield "stratum", stratum.key, stratum.unit_code, stratum.frame_size
        for (project, code), persons in self.targets.items():
            yield "target", project, code, persons
        for code, met in self.desk.items():
            yield "desk", code, met
        for unit in self.units:
            yield "unit", unit


def read_inputs(campaign: Campaign) -> Inputs:
    """Read what a run of *campaign* is computed from, in a few queries.

    Raises
    ------
    ValueError
        If a case has an outcome that the table of outcomes lacks.
    """
    of_campaign = {"campaign_id": campaign.id}
    projects = select(CampaignProject.project).filter_by(**of_campaign)
    units = select(CampaignUnit.region_code).filter_by(**of_campaign)
    targets = select(Target.project, Target.region_code, Target.persons).filter_by(**of_campaign)
    desk = select(DeskOutcome.region_code, DeskOutcome.met).filter_by(**of_campaign)
    strata = _strata(campaign)
    cases = _cases(campaign, {number: stratum.id for number, stratum in strata.items()})
    return Inputs(
        projects=tuple(sorted(db.session.scalars(projects), key=list(Project).index)),
        units=tuple(sorted(db.session.scalars(units))),
        strata=tuple(dict.fromkeys(strata.values())),
        cases=_with_censuses(campaign, tuple(dict.fromkeys(strata.values())), cases),
        targets={(p, code): persons for p, code, persons in db.session.execute(targets)},
        desk=dict(db.session.execute(desk).all()),
        places=_places(),
    )


def _places() -> dict[str, tuple[str, ...]]:
    tree = load_tree()
    return {
        unit.code: tuple(region.code for region in tree.children_of(unit.code))
        for unit in tree.units
    }


def _strata(campaign: Campaign) -> dict[int, StratumInput]:
    """Return the strata by the ids of the rows; the two halves of a follow-up wave are one."""
    query = (
        select(
            Stratum.id,
            Stratum.key,
            Stratum.project,
            Stratum.region_code,
            Stratum.unit_code,
            Stratum.frame_size,
        )
        .where(Stratum.campaign_id == campaign.id)
        .order_by(Stratum.key)
    )
    by_id: dict[int, str] = {}
    found: dict[str, StratumInput] = {}
    for number, key, project, region_code, unit_code, size in db.session.execute(query):
        by_id[number] = whole = whole_key(key)
        first = found.get(whole)
        found[whole] = (
            StratumInput(number, whole, project, region_code, unit_code, size)
            if first is None
            else replace(first, frame_size=first.frame_size + size)
        )
    return {number: found[key] for number, key in by_id.items()}


def _cases(campaign: Campaign, whole: Mapping[int, int]) -> tuple[CaseInput, ...]:
    """Return the released cases. *whole* says which stratum each row of a stratum is part of."""
    latest = (
        select(Finding.visit_id, func.max(Finding.id).label("id"))
        .group_by(Finding.visit_id)
        .subquery()
    )
    query = (
        select(
            Case.uid,
            Case.stratum_id,
            Case.phone_class,
            Case.phone_outcome,
            Finding.outcome,
            Visit.reason,
            select(Lead.id).where(Lead.case_id == Case.id).exists(),
            LedgerEntry.claims_not_settled,
            Case.state,
        )
        .join(LedgerEntry, LedgerEntry.uid == Case.entry_uid)
        .join(
            Replicate,
            (Replicate.campaign_id == Case.campaign_id) & (Replicate.number == Case.replicate),
        )
        .outerjoin(Visit, Visit.case_id == Case.id)
        .outerjoin(latest, latest.c.visit_id == Visit.id)
        .outerjoin(Finding, Finding.id == latest.c.id)
        .where(Case.campaign_id == campaign.id, Replicate.released_at.is_not(None))
        .order_by(Case.uid)
    )
    settled: dict[str, str] = {}
    adjudicated = select(Case.uid, Case.settled_outcome).where(
        Case.campaign_id == campaign.id, Case.settled_outcome != ""
    )
    for uid, outcome in db.session.execute(adjudicated):
        settled[uid] = outcome
    rows = db.session.execute(query)
    cases = (_case(*row, settled_outcome=settled.get(row[0], "")) for row in rows)
    return tuple(replace(case, stratum_id=whole[case.stratum_id]) for case in cases)


def _with_censuses(
    campaign: Campaign, strata: Sequence[StratumInput], cases: Sequence[CaseInput]
) -> tuple[CaseInput, ...]:
    """Put a row for every entry in the place of the cases of an enterprise counted on site."""
    named = {(s.unit_code, read_key(s.key)[2]): s for s in strata if read_key(s.key)[2]}
    entries = {place: stratum.frame_size for place, stratum in named.items()}
    counted = {
        named[place]: outcomes for place, outcomes in counted_on_site(campaign, entries).items()
    }
    left = {stratum.id for stratum in counted}
    rows = (row for stratum, outcomes in counted.items() for row in _census(stratum, outcomes))
    return (*(case for case in cases if case.stratum_id not in left), *rows)


def _census(stratum: StratumInput, outcomes: Mapping[str, int]) -> Iterator[CaseInput]:
    for outcome, persons in outcomes.items():
        for number in range(persons):
            yield CaseInput(
                uid=f"{stratum.key}|{outcome}|{number}",
                stratum_id=stratum.id,
                phone=None,
                visit=verdict_of(outcome),
                reason=VisitReason.RANDOM,
                has_lead=False,
                claims_not_settled=False,
                finished=True,
                outcome=outcome,
                counted=True,
            )


def _case(  # noqa: PLR0913, PLR0917 - the columns of one row
    uid: str,
    stratum_id: int,
    phone: PhoneClass | None,
    phone_outcome: str,
    site_outcome: str | None,
    reason: VisitReason | None,
    has_lead: bool,  # noqa: FBT001 - a column
    claims_not_settled: bool,  # noqa: FBT001 - a column
    state: CaseState,
    *,
    settled_outcome: str,
) -> CaseInput:
    for outcome in (phone_outcome, site_outcome, settled_outcome):
        if outcome and outcome not in all_outcomes():
            raise ValueError(f"case {uid} has an outcome that is not in the table: {outcome}")
    on_site = settled_outcome or site_outcome  # what people settled stands in place of the finding
    return CaseInput(
        uid=uid,
        stratum_id=stratum_id,
        phone=phone,
        visit=verdict_of(on_site) if on_site else None,
        reason=reason,
        has_lead=has_lead,
        claims_not_settled=claims_not_settled,
        finished=state is CaseState.CLOSED,
        disputed=not settled_outcome and disagree(phone, verdict_of(on_site) if on_site else None),
        outcome=final_outcome(phone_outcome, site_outcome or "", settled_outcome),
    )
