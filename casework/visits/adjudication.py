"""Adjudication: where phone and site disagree, people see both evidences and decide.

What stands then counts in the estimate in place of the finding. Until it is settled the finding
counts, as everywhere else, and a run is interim; a later finding of the visit opens it anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.campaigns.models import Campaign, Stratum
from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import Verdict, all_outcomes, verdict_of
from casework.db import db, new_uid, transaction
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.regions.models import Region
from casework.visits.adjudication_rule import Ruling, disagree, rule
from casework.visits.checklists import OutcomeDoesNotSuit, site_outcomes
from casework.visits.findings import LEAD_RESULTS
from casework.visits.lead_handling import ResultUnexplained
from casework.visits.models import Finding, Lead, Opinion, Visit, VisitReason
from estimation.agreement import Agreement, agreement

MOST_WORDS = 2000
_YES = (PhoneClass.ACHIEVED, PhoneClass.DEEMED)


class AlreadyDecided(CaseworkError):
    """Whoever gave an opinion cannot give the second or the third one too."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """One case on which phone and site disagree."""

    case: Case
    campaign: Campaign
    place: Region
    opinions: int
    own: bool  #: the actor gave one of them
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Disputes:
    """The work list of one person."""

    to_decide: Sequence[Dispute]  #: those a third must settle first
    waiting: Sequence[Dispute]  #: the actor has decided, others have not
    settled: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class UnitAgreement:
    """How often phone and site agree in one unit."""

    unit: Region | None  #: None for all units together
    found: Agreement


def disagreeing() -> ColumnElement[bool]:
    """Return the condition of ``disagree`` on the columns of a case."""
    codes = all_outcomes().values()
    counts = [o.code for o in codes if o.verdict in {Verdict.ACHIEVED, Verdict.DEEMED}]
    counts_not = [o.code for o in codes if o.verdict is Verdict.NOT_ACHIEVED]
    return or_(
        and_(Case.phone_class.in_(_YES), Case.site_outcome.in_(counts_not)),
        and_(Case.phone_class == PhoneClass.NOT_ACHIEVED, Case.site_outcome.in_(counts)),
    )


def _works_with(actor: User) -> ColumnElement[bool]:
    """Only the province works with the sample before the day of the results."""
    return true() if actor.sees_all_regions else false()


def disputes_for(actor: User) -> Disputes:
    """Return the cases on which phone and site disagree; only the province has any."""
    rows = db.session.execute(
        select(Case, Campaign, Region)
        .join(Campaign, Campaign.id == Case.campaign_id)
        .join(Region, Region.code == Case.region_code)
        .where(disagreeing(), _works_with(actor))
        .order_by(Case.code)
    ).all()
    given = _opinions([case.id for case, _, _ in rows])
    disputes = [
        Dispute(
            case,
            campaign,
            place,
            opinions=len(given[case.id]),
            own=any(opinion.judge_id == actor.id for opinion in given[case.id]),
            ruling=rule([opinion.outcome for opinion in given[case.id]]),
        )
        for case, campaign, place in rows
    ]
    waiting = [d for d in disputes if not d.ruling.settled]
    todo = sorted((d for d in waiting if not d.own), key=lambda d: not d.ruling.escalated)
    return Disputes(
        to_decide=todo,
        waiting=[d for d in waiting if d.own],
        settled=[d for d in disputes if d.ruling.settled],
    )


def opinions_on(case: Case, *, actor: User) -> tuple[Sequence[tuple[Opinion, str]], bool]:
    """Return the opinions on a case with their authors, and whether *actor* may give one.

    While it is open nobody sees what others said, so that each decides alone.
    """
    given = _opinions([case.id])[case.id]
    ruling = rule([opinion.outcome for opinion in given])
    own = any(opinion.judge_id == actor.id for opinion in given)
    shown = [o for o in given if ruling.settled or o.judge_id == actor.id]
    site = verdict_of(case.site_outcome) if case.site_outcome else None
    may = not own and not ruling.settled and disagree(case.phone_class, site)
    return [(opinion, opinion.judge.name) for opinion in shown], may


def give_opinion(case_uid: str, outcome: str, words: str, *, actor: User, at: datetime) -> Ruling:
    """Say what is true of a case on which phone and site disagree; return where that leads.

    Raises NotFound, NotAllowedNow where nothing is to be settled, AlreadyDecided for the same
    person twice, OutcomeDoesNotSuit, ResultUnexplained without words or with too many.
    """
    said = words.strip()
    if not said or len(said) > MOST_WORDS:
        raise ResultUnexplained
    with transaction() as session:
        case, finding = _disputed(session, case_uid, actor)
        given = _opinions([case.id])[case.id]
        codes = [opinion.outcome for opinion in given]
        if rule(codes).settled:
            raise NotAllowedNow(case=case_uid)
        if any(opinion.judge_id == actor.id for opinion in given):
            raise AlreadyDecided
        if outcome not in {o.code for o in site_outcomes(case.project)}:
            raise OutcomeDoesNotSuit(outcome=outcome)
        seat = len(given) + 1
        opinion = Opinion(
            uid=new_uid(),
            case_id=case.id,
            finding_id=finding.id,
            judge_id=actor.id,
            seat=seat,
            outcome=outcome,
            given_at=at,
        )
        opinion.words = said
        session.add(opinion)
        ruling = rule([*codes, outcome])
        _settle(session, case, ruling)
        trail.record(
            session,
            AuditAction.CASE_ADJUDICATE,
            actor_id=actor.id,
            at=at,
            subject=f"case:{case.id}",
            facts={"outcome": outcome, "seat": seat, "settled": ruling.outcome},
        )
    return ruling


def _disputed(session: Session, uid: str, actor: User) -> tuple[Case, Finding]:
    case = session.scalar(
        select(Case).where(Case.uid == uid, _works_with(actor)).with_for_update(of=Case)
    )
    if case is None:
        raise NotFound(case=uid)
    finding = session.scalar(
        select(Finding)
        .join(Visit)
        .where(Visit.case_id == case.id)
        .order_by(Finding.id.desc())
        .limit(1)
    )
    if finding is None or not disagree(case.phone_class, verdict_of(finding.outcome)):
        raise NotAllowedNow(case=uid)
    return case, finding


def _settle(session: Session, case: Case, ruling: Ruling) -> None:
    if not ruling.settled:
        return
    case.settled_outcome = ruling.outcome
    for lead in session.scalars(select(Lead).where(Lead.case_id == case.id)):
        lead.result = LEAD_RESULTS[verdict_of(ruling.outcome)]


def _opinions(case_ids: Sequence[int]) -> dict[int, list[Opinion]]:
    """Return the opinions on the latest finding of each case, in the order of seats."""
    latest = (
        select(Visit.case_id, func.max(Finding.id).label("id"))
        .join(Finding, Finding.visit_id == Visit.id)
        .where(Visit.case_id.in_(case_ids))
        .group_by(Visit.case_id)
        .subquery()
    )
    given: dict[int, list[Opinion]] = defaultdict(list)
    query = select(Opinion).join(latest, latest.c.id == Opinion.finding_id).order_by(Opinion.seat)
    for opinion in db.session.scalars(query):
        given[opinion.case_id].append(opinion)
    return given


def agreements(campaign: Campaign, *, actor: User) -> list[UnitAgreement]:
    """Return how far phone and site agree by unit, and over all units first.

    Random visits speak, and whoever said no on the phone, for all of those are visited; visits for
    other leads were chosen because something was wrong. A pair is what the phone established and
    what counts now, each as whether the claim counts. Pairs are not weighted by their chances.
    """
    rows = db.session.execute(
        select(Region, Case.phone_class, Case.site_outcome, Case.settled_outcome)
        .join(Stratum, Stratum.unit_code == Region.code)
        .join(Case, Case.stratum_id == Stratum.id)
        .join(Visit, Visit.case_id == Case.id)
        .where(
            Case.campaign_id == campaign.id,
            or_(Visit.reason == VisitReason.RANDOM, Case.phone_class == PhoneClass.NOT_ACHIEVED),
            Case.phone_class.in_((*_YES, PhoneClass.NOT_ACHIEVED)),
            Case.site_outcome != "",
            _works_with(actor),
        )
        .order_by(Region.unit_order)
    )
    pairs: dict[Region | None, list[tuple[bool, bool]]] = defaultdict(list)
    for unit, phone, site, settled in rows:
        verdict = verdict_of(settled or site)
        if verdict is not Verdict.UNRESOLVED:
            pair = (phone in _YES, verdict is not Verdict.NOT_ACHIEVED)
            pairs[None].append(pair)
            pairs[unit].append(pair)
    return [
        UnitAgreement(unit, agreement([a for a, _ in both], [b for _, b in both]))
        for unit, both in pairs.items()
    ]
