"""Small surveys whose estimates can be worked out by hand. All persons are fictitious."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select

from casework.accounts.roles import Role
from casework.calls.models import Attempt
from casework.campaigns.models import (
    Campaign,
    CampaignState,
    DeskOutcome,
    Draw,
    Replicate,
    SampleEntry,
    Stratum,
    Target,
)
from casework.campaigns.strata import stratum_key
from casework.cases.lifecycle import CaseAction, CaseState
from casework.cases.models import Case, CaseEvent, PhoneClass
from casework.cases.outcomes import verdict_of
from casework.db import db, new_uid
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.visits.adjudication_rule import disagree
from casework.visits.models import Finding, Lead, LeadSeverity, Visit, VisitReason, VisitState
from tests.factories import LUOHE, NOON, make_campaign, make_entries, make_ledger, make_user

YUANHUI, YANCHENG, SHAOLING, WUYANG, LINYING = "411102", "411103", "411104", "411121", "411122"
OUTCOMES = {
    PhoneClass.ACHIEVED: "V1",
    PhoneClass.DEEMED: "D1",
    PhoneClass.NOT_ACHIEVED: "N1",
    PhoneClass.REFUSED: "U2",
}
FOUND = NOON + timedelta(days=2, hours=1)
_number = count(1)


@dataclass(frozen=True)
class Said:
    """*times* cases of which the phone said one thing and the site another, or nothing."""

    phone: PhoneClass | None = PhoneClass.ACHIEVED
    site: str = ""  #: an outcome code, "" if nobody has been there
    reason: VisitReason | None = None
    times: int = 1
    has_lead: bool = False  #: besides those that are visited for it
    claims_not_settled: bool = False
    released: bool = True
    settled: bool = True  #: by two people, where phone and site disagree


def make_released_campaign(
    *, projects: tuple[Project, ...] = (Project.RE_EMPLOYMENT,), units: tuple[str, ...] = (LUOHE,)
) -> Campaign:
    """Return a campaign that is being called, without any stratum yet."""
    campaign = make_campaign(projects=projects, units=units)
    campaign.state = CampaignState.CALLING
    db.session.add_all(
        [
            Replicate(campaign_id=campaign.id, number=1, entries=0, released_at=NOON),
            Replicate(campaign_id=campaign.id, number=2, entries=0),
        ]
    )
    draw = Draw(
        campaign_id=campaign.id,
        uid=campaign.uid,
        frame_digest="f" * 64,
        drawn_by_id=campaign.opened_by_id,
        drawn_at=NOON,
    )
    draw.seed, draw.manifest = "a seed", {}
    db.session.add(draw)
    db.session.commit()
    return campaign


def make_stratum(
    campaign: Campaign,
    *said: Said,
    frame_size: int,
    region: str = LINYING,
    unit: str = LUOHE,
    project: Project = Project.RE_EMPLOYMENT,
    enterprise: str = "",
) -> Stratum:
    """Add a stratum with the cases that *said* lists."""
    stratum = Stratum(
        campaign_id=campaign.id,
        key=stratum_key(project, region, enterprise),
        project=project,
        region_code=region,
        unit_code=unit,
        enterprise=enterprise,
        frame_size=frame_size,
        sample_size=sum(one.times for one in said),
    )
    db.session.add(stratum)
    db.session.flush()
    ledger = make_ledger(project, region=region)
    make_entries(ledger, sum(one.times for one in said), enterprise=enterprise)
    entries = iter(
        db.session.scalars(
            select(LedgerEntry).where(LedgerEntry.ledger_id == ledger.id).order_by(LedgerEntry.row)
        ).all()
    )
    each = [one for one in said for _ in range(one.times)]
    for rank, one in enumerate(each, start=1):
        _make_case(campaign, stratum, next(entries), one, rank)
    db.session.commit()
    return stratum


def set_target(campaign: Campaign, region: str, persons: int, project: Project) -> None:
    db.session.add(
        Target(campaign_id=campaign.id, project=project, region_code=region, persons=persons)
    )
    db.session.commit()


def enter_desk(campaign: Campaign, region: str, *, met: bool) -> None:
    db.session.add(
        DeskOutcome(
            campaign_id=campaign.id,
            region_code=region,
            met=met,
            entered_by_id=campaign.opened_by_id,
            entered_at=NOON,
        )
    )
    db.session.commit()


def _make_case(
    campaign: Campaign, stratum: Stratum, entry: LedgerEntry, said: Said, rank: int
) -> None:
    number = next(_number)
    entry.claims_not_settled = said.claims_not_settled
    finished = said.phone is not None and (bool(said.site) or said.reason is None)
    case = Case(
        uid=f"{number:032x}",
        campaign_id=campaign.id,
        code=f"P1-{number:06}",
        entry_uid=entry.uid,
        stratum_id=stratum.id,
        project=stratum.project,
        region_code=stratum.region_code,
        replicate=1 if said.released else 2,
        state=CaseState.CLOSED if finished or said.claims_not_settled else CaseState.READY,
        phone_class=PhoneClass.NOT_ACHIEVED if said.claims_not_settled else said.phone,
        phone_outcome=_phone_outcome(said),
    )
    db.session.add(case)
    db.session.add(
        SampleEntry(
            campaign_id=campaign.id,
            stratum_id=stratum.id,
            entry_uid=entry.uid,
            rank=rank,
            key=f"{number:064x}",
            replicate=case.replicate,
        )
    )
    db.session.flush()
    if said.reason:
        _make_visit(case, said)


def _phone_outcome(said: Said) -> str:
    if said.claims_not_settled:
        return "SN"  # as the release of a replicate writes it, without a call
    return OUTCOMES.get(said.phone, "U1") if said.phone else ""


def _make_visit(case: Case, said: Said) -> None:
    visit = Visit(
        case_id=case.id,
        reason=said.reason,
        state=VisitState.DONE if said.site else VisitState.PLANNED,
        place_code=case.region_code,
    )
    db.session.add(visit)
    db.session.flush()
    if said.has_lead or said.reason is VisitReason.LEAD:
        lead = Lead(
            campaign_id=case.campaign_id,
            case_id=case.id,
            region_code=case.region_code,
            cause="N1",
            severity=LeadSeverity.NORMAL,
            raised_at=NOON,
        )
        db.session.add(lead)
    if said.site:
        add_finding(visit, said.site)
        if said.settled and disagree(said.phone, verdict_of(said.site)):
            case.settled_outcome = said.site


def add_finding(visit: Visit, outcome: str, *, at: datetime = FOUND) -> Finding:
    """Add what a visit established, received at *at*; the latest counts."""
    inspector = make_user(Role.INSPECTOR)
    number = next(_number)
    finding = Finding(
        uid=new_uid(),
        visit_id=visit.id,
        inspector_id=inspector.id,
        outcome=outcome,
        checklist={"R4": "confirms"},
        found_at=at - timedelta(hours=1),
        received_at=at,
        idempotency_key=f"key{number}",
    )
    finding.note = "演示：查看了考勤表"
    visit.case.site_outcome = outcome
    db.session.add(finding)
    db.session.commit()
    return finding


def add_attempt(
    case: Case,
    *,
    disposition: str = "11",
    outcome: str = "V1",
    answers: dict[str, dict[str, object]] | None = None,
) -> Attempt:
    """Add one finished call."""
    operator = make_user(Role.OPERATOR)
    attempt = Attempt(
        uid=new_uid(),
        case_id=case.id,
        operator_id=operator.id,
        fence=next(_number),
        started_at=NOON + timedelta(hours=1),
        dialled_at=NOON + timedelta(hours=1, seconds=5),
        ended_at=NOON + timedelta(hours=1, minutes=4),
        disposition=disposition,
        outcome=outcome,
    )
    attempt.note = "演示：本人接听"
    attempt.answers = answers or {}
    db.session.add(attempt)
    db.session.add(
        CaseEvent(
            case_id=case.id,
            actor_id=operator.id,
            action=CaseAction.FINISH_CALLS,
            state=CaseState.PHONED,
            at=NOON + timedelta(hours=1, minutes=4),
        )
    )
    db.session.commit()
    return attempt


def computed(campaign: Campaign, *, at: datetime = NOON) -> EstimateRun:
    """Ask for a run of *campaign*, compute it, and return it as it is stored."""
    run = request_run(campaign.id, actor=make_user(Role.VERIFIER), at=NOON)
    compute_run(run.uid, at=at)
    return db.session.scalars(select(EstimateRun).where(EstimateRun.id == run.id)).one()


def row_of(
    run: EstimateRun,
    level: Level,
    region: str,
    project: Project = Project.RE_EMPLOYMENT,
) -> EstimateRow:
    """Return one figure of a run."""
    return db.session.scalars(
        select(EstimateRow).where(
            EstimateRow.run_id == run.id,
            EstimateRow.level == level,
            EstimateRow.region_code == region,
            EstimateRow.project == project,
        )
    ).one()
