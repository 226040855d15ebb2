"""Work that is left half done, so that people can try each role: calls, visits and ledgers.

Everything here lies around the present moment, since operators can only claim what is due now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from casework.calls.schedule import SHANGHAI
from casework.campaigns.design import CampaignPlan, open_campaign, set_targets
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.campaigns.target_tables import TargetRow
from casework.cases.release import release_replicate
from casework.demo import MARK
from casework.demo.agreeing import agree_on_seed
from casework.demo.call_floor import CallFloor
from casework.demo.cast import CLERKS_UNIT, Cast
from casework.demo.claims import draw_cell
from casework.demo.defects import ERRORS
from casework.demo.entries import PERIOD_END, YEAR
from casework.demo.field_work import assigned_visits, make_visits
from casework.demo.handing_in import upload
from casework.demo.ledgers import LedgerFile, office_of, write_ledger
from casework.demo.people import Numbers
from casework.demo.progress import Progress
from casework.demo.rehearsal import (
    Opened,
    Rehearsed,
    frame_size,
    hex_seed,
    people_of,
    visit_shares,
    waiting_cases,
)
from casework.demo.scale import Place, units
from casework.demo.sources import generator
from casework.demo.tuning import CellPlan
from casework.ledgers.intake import check_ledger
from casework.ledgers.projects import Project
from casework.visits.assignment import assign_visits
from casework.visits.leads import raise_leads
from casework.visits.rates import set_rates
from casework.visits.selection import close_calling

CALLING_UNITS = ("411100", "410225", "411000")  # 漯河市, 兰考县, 许昌市
VISITING_UNITS = ("410600", "410800", "410900", "411525")  # 鹤壁市, 焦作市, 濮阳市, 固始县
PROJECTS = (Project.RE_EMPLOYMENT, Project.HARDSHIP)
SAMPLE = 60  #: people of each project in one of these campaigns
CALLS_MADE = 45  #: of the calling campaign; more cases than that wait for people
VISITS_MADE = 0.6  #: share of the first day's visits that other inspectors have made already
ROWS = 24  #: of each ledger that waits for the clerk
#: Faults of the file that people upload themselves: a number, a blank, a copy, a day too early.
FAULTS_TO_FIND = frozenset({"F005", "F009", "D001", "T001"})


@dataclass(frozen=True, slots=True)
class Exercise:
    """A ledger file that nobody has handed in, with what the clerk enters on the page."""

    path: Path
    project: Project
    region: str
    region_name: str
    year: int = YEAR
    period_end: date = PERIOD_END


def leave_work(
    folder: Path, rehearsed: Rehearsed, *, now: datetime, progress: Progress
) -> Exercise:
    """Leave a campaign that is calling, one that is visiting, and two ledgers with the clerk.

    Return the file that is left for the clerk to upload.
    """
    with progress.part("练习用批次与台账 (practice)"):
        _leave_calls(rehearsed, now)
        _leave_visits(rehearsed, now)
        _leave_ledgers(folder, rehearsed.cast, rehearsed.plan.seed, now)
        return write_exercise(folder, rehearsed.plan.seed)


def _of(wanted: Sequence[str], rehearsed: Rehearsed) -> Sequence[str]:
    """Return the wanted units that took part in the rehearsal, or else one that did."""
    covered = rehearsed.plan.covered
    return [unit for unit in wanted if unit in covered] or covered[:1]


def _leave_calls(rehearsed: Rehearsed, now: datetime) -> None:
    cast, opened = rehearsed.cast, now - timedelta(days=2)
    name = f"{now:%Y}年{now.month}月电话抽查（{MARK}）"
    campaign = _prepare(name, _of(CALLING_UNITS, rehearsed), rehearsed, opened, replicates=2)
    floor = _floor(campaign, rehearsed, at=opened)
    most = min(CALLS_MADE, floor.waiting // 2)
    floor.work(now - timedelta(hours=26), until=now, most=most)
    raise_leads(campaign.id, actor=cast.coordinator, at=now)


def _leave_visits(rehearsed: Rehearsed, now: datetime) -> None:
    cast, opened = rehearsed.cast, now - timedelta(days=21)
    name = f"{now:%Y}年{now.month}月现场抽查（{MARK}）"
    covered = _of(VISITING_UNITS, rehearsed)
    campaign = _prepare(name, covered, rehearsed, opened, replicates=1)
    for unit in covered:
        set_rates(campaign.id, unit, visit_shares(unit), actor=cast.coordinator, at=opened)
    first_day = _working_day_before(now.astimezone(SHANGHAI).date())
    eve = datetime.combine(first_day, time(), SHANGHAI).astimezone(now.tzinfo)
    floor = _floor(campaign, rehearsed, at=opened)
    floor.work(opened, until=eve - timedelta(days=1))
    close_calling(campaign.id, actor=cast.coordinator, at=eve - timedelta(hours=8))
    assign_visits(
        campaign.id,
        actor=cast.coordinator,
        at=eve - timedelta(hours=7),
        on_date=first_day,
        seed=hex_seed(rehearsed.plan.seed, "practice"),
    )
    told = {uid: row.behaviour for uid, row in rehearsed.truth.items()}
    stops = assigned_visits(campaign.id)
    mine = cast.inspectors[0].id  # the log-in that people are told finds its whole list
    others = [stop for stop in stops if stop.inspector_id != mine and stop.on == first_day]
    make_visits(
        others[: int(VISITS_MADE * len(others))], cast.inspectors, told, done=lambda n: None
    )


def _working_day_before(day: date) -> date:
    """Return the latest weekday before *day*: what was due then is on the list of today too."""
    back = {0: 3, 6: 2}.get(day.weekday(), 1)
    return day - timedelta(days=back)


def _floor(campaign: Opened, rehearsed: Rehearsed, *, at: datetime) -> CallFloor:
    cast = rehearsed.cast
    release_replicate(campaign.id, 1, actor=cast.coordinator, at=at)
    people = people_of(campaign.id, rehearsed.truth)
    rng = generator(rehearsed.plan.seed, "practice", f"{at:%F}")
    return CallFloor(cast.operators, people, waiting_cases(campaign.id), rng)


def _prepare(
    name: str,
    covered: Sequence[str],
    rehearsed: Rehearsed,
    at: datetime,
    *,
    replicates: int,
) -> Opened:
    """Open a campaign on the ledgers that were accepted, freeze it and draw."""
    who = rehearsed.cast.coordinator
    plan = CampaignPlan(
        name=name,
        year=YEAR,
        cutoff_on=PERIOD_END,
        fieldwork_ends_on=at.date() + timedelta(days=90),
        results_from=at.date() + timedelta(days=100),
        projects=frozenset(PROJECTS),
        units=frozenset(covered),
    )
    frozen = at - timedelta(days=2)  # the protocol of the draw takes two days
    campaign = open_campaign(plan, actor=who, at=frozen)
    opened = Opened(campaign.id, campaign.uid)
    codes = {p.code for unit in covered for p in units()[unit]} | set(covered)
    targets = [
        TargetRow(t.project, t.region, t.persons)
        for t in rehearsed.built.targets
        if t.project in PROJECTS and t.region in codes
    ]
    set_targets(opened.id, targets, actor=who, at=frozen)
    request_freeze(opened.id, actor=who, at=frozen)
    freeze_frame(opened.uid, at=frozen)
    for project in PROJECTS:
        total = min(SAMPLE, frame_size(opened.id, project))
        sizes = SizePlan(SizeRule.PROPORTIONAL, minimum=1, total=total)
        set_sizes(opened.id, project, sizes, actor=who, at=at)
    agree_on_seed(
        opened.id,
        generator(rehearsed.plan.seed, name),
        parties=(who, rehearsed.cast.auditor),
        at=at,
    )
    request_draw(opened.id, replicates=replicates, actor=who, at=at)
    draw_sample(opened.uid, at=at)
    return opened


def _leave_ledgers(folder: Path, cast: Cast, seed: str, now: datetime) -> None:
    """Hand in two late ledgers of one county: one has errors, the other could be accepted."""
    clerk = cast.clerks[CLERKS_UNIT]
    apart = folder / "practice"
    apart.mkdir(exist_ok=True)
    for project, faulty in ((Project.RE_EMPLOYMENT, True), (Project.HARDSHIP, False)):
        kinds = {defect.rule for defect in ERRORS} if faulty else frozenset[str]()
        file = _late_ledger(apart, project, seed, kinds)
        _, uid = upload(file, clerk, at=now)
        check_ledger(uid, at=now)


def write_exercise(folder: Path, seed: str) -> Exercise:
    """Write a workbook with a few faults that no ledger of the installation came from."""
    apart = folder / "upload"
    apart.mkdir(exist_ok=True)
    place = units()[CLERKS_UNIT][-1]
    plan = _small_plan(Project.RE_EMPLOYMENT, place, FAULTS_TO_FIND)
    alone = f"{seed}|upload"
    records = draw_cell(plan, alone, Numbers(set(), set()), [])
    file = write_ledger(apart, plan, records, replace(office_of(place, alone), text=False))
    return Exercise(file.path, file.project, place.code, place.name)


def _late_ledger(folder: Path, project: Project, seed: str, faults: Collection[str]) -> LedgerFile:
    place = next(p for p in units()[CLERKS_UNIT] if not p.is_unit)
    plan = _small_plan(project, place, faults)
    late = f"{seed}|late"
    records = draw_cell(plan, late, Numbers(set(), set()), [])
    return write_ledger(folder, plan, records, office_of(place, late))


def _small_plan(project: Project, place: Place, faults: Collection[str]) -> CellPlan:
    """Plan a small ledger, with one row for each of *faults* that the project knows."""
    kinds = [each for each in ERRORS if each.rule in faults and project in each.projects]
    return CellPlan(project, place, None, ROWS, 1, dict.fromkeys(kinds, 1))
