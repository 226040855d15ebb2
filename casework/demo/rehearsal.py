"""A whole campaign on fictitious ledgers, from the first upload to the decision of each region.

Everything goes through the services that people use; only the clock, the people on the telephone
and what inspectors find are simulated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import func, select

from casework.calls.attempts import facts_of
from casework.campaigns.design import (
    CampaignPlan,
    close_campaign,
    enter_desk_outcome,
    open_campaign,
    set_targets,
)
from casework.campaigns.drawing import draw_sample, request_draw, set_sizes
from casework.campaigns.frame import freeze_frame, request_freeze
from casework.campaigns.models import Stratum
from casework.campaigns.size_plans import SizePlan, SizeRule
from casework.campaigns.target_tables import TargetRow
from casework.cases.models import Case, CaseSchedule, PhoneClass, Standing
from casework.cases.numbers import dialable_numbers
from casework.cases.release import release_replicate
from casework.db import db
from casework.demo import MARK
from casework.demo.agreeing import agree_on_seed
from casework.demo.call_floor import CallFloor, Person
from casework.demo.cast import Cast, make_cast
from casework.demo.entries import PERIOD_END, YEAR
from casework.demo.field_work import A_DAY, assigned_visits, make_visits, settle_disputes
from casework.demo.handing_in import hand_in, origins
from casework.demo.ledgers import Demonstration, build_demonstration
from casework.demo.progress import Progress
from casework.demo.protocol import LEAST_OF_STRATUM, UNRESOLVED_VISITS, sample_of, yes_visits_of
from casework.demo.scale import DEFAULT_SCALE, places, units
from casework.demo.sources import DEFAULT_SEED, generator
from casework.demo.truth import TrueRow
from casework.estimates.runs import compute_run, request_run
from casework.ledgers.projects import CALLED, Project
from casework.visits.assignment import assign_visits
from casework.visits.rates import set_rates
from casework.visits.selection import close_calling
from sampling.allocation import proportional

NAME = f"{YEAR}年度核查批次（{MARK}）"
USERS_MADE = datetime(2017, 11, 20, 1, tzinfo=UTC)
HANDED_IN = datetime(2017, 12, 1, 0, 30, tzinfo=UTC)
FROZEN = datetime(2017, 12, 1, 12, tzinfo=UTC)
DRAWN = datetime(2017, 12, 3, 14, tzinfo=UTC)  # the evening after the public value came out
RELEASED = datetime(2017, 12, 4, 0, 30, tzinfo=UTC)
VISITS_BEGIN = datetime(2017, 12, 14, 1, tzinfo=UTC)
LAST_DAY, RESULTS = date(2017, 12, 31), date(2018, 1, 15)
ESTIMATED = datetime(2018, 1, 8, 1, tzinfo=UTC)
_DESK_NOTE = f"{MARK}：案头核查认定完成"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rehearsed."""

    seed: str = DEFAULT_SEED
    scale: float = DEFAULT_SCALE
    units: tuple[str, ...] = ()  #: reporting units that take part; all of them if empty

    @property
    def covered(self) -> tuple[str, ...]:
        """The units that take part, in the official order."""
        return tuple(unit for unit in units() if not self.units or unit in self.units)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A campaign that was rehearsed: its run, the people in it and the truth behind them."""

    plan: Plan
    run_uid: str
    cast: Cast
    built: Demonstration
    truth: Mapping[str, TrueRow]  #: by entry
    cases: int
    calls: int
    visits: int


def rehearse(folder: Path, plan: Plan, progress: Progress) -> Rehearsed:
    """Rehearse a whole campaign in an empty installation; the ledgers go into *folder*."""
    seed = plan.seed
    with progress.part("生成台账 (ledgers)"):
        built = build_demonstration(folder, seed=seed, scale=plan.scale, covered=plan.covered)
        cast = make_cast(at=USERS_MADE)
    with progress.part("上报、自查、入库 (hand in)"):
        unit_of = {place.code: place.unit_code for place in places()}
        files = [file for file in built.ledgers if file.rows]  # who has nobody sends nothing
        total = len(files)
        hand_in(
            files,
            cast.clerks,
            unit_of,
            begin=HANDED_IN,
            done=lambda n: progress.count("台账", n, total),
        )
    with progress.part("批次、冻结、抽样 (draw)"):
        campaign = _open(cast, built, plan.covered)
        _draw(campaign, cast, seed)
    truth = truth_of_entries(built)
    with progress.part("电话核查 (calls)"):
        cases, calls = _call(campaign, cast, truth, seed, progress)
    with progress.part("现场核查 (visits)"):
        visits = _visit(campaign, cast, truth, seed, progress)
    with progress.part("推算 (estimates)"):
        run_uid = _estimate(campaign, cast)
    return Rehearsed(plan, run_uid, cast, built, truth, cases, calls, visits)


def truth_of_entries(built: Demonstration) -> dict[str, TrueRow]:
    """Return the truth of each accepted entry, by its uid."""
    return {uid: built.truth.of(*origin) for uid, origin in origins().items()}


@dataclass(frozen=True, slots=True)
class Opened:
    """The two names of a campaign; its row changes with every step."""

    id: int
    uid: str


def _open(cast: Cast, built: Demonstration, covered: Sequence[str]) -> Opened:
    who = cast.coordinator
    plan = CampaignPlan(
        name=NAME,
        year=YEAR,
        cutoff_on=PERIOD_END,
        fieldwork_ends_on=LAST_DAY,
        results_from=RESULTS,
        projects=frozenset(Project),
        units=frozenset(covered),
    )
    campaign = open_campaign(plan, actor=who, at=FROZEN)
    opened = Opened(campaign.id, campaign.uid)
    targets = [
        TargetRow(t.project, t.region, t.persons, t.carry_over, t.planned) for t in built.targets
    ]
    set_targets(opened.id, targets, actor=who, at=FROZEN)
    # The desk project is judged elsewhere; that every unit met it is a fact of the demonstration.
    for unit in covered:
        enter_desk_outcome(opened.id, unit, met=True, note=_DESK_NOTE, actor=who, at=FROZEN)
    for unit in covered:
        set_rates(opened.id, unit, visit_shares(unit), actor=who, at=FROZEN)
    return opened


def visit_shares(unit: str) -> dict[PhoneClass, float]:
    """Return the share of random visits of each phone class in a unit, by the protocol."""
    shares = dict.fromkeys(PhoneClass, UNRESOLVED_VISITS)
    shares[PhoneClass.ACHIEVED] = yes_visits_of(unit)
    # A unit has two or three of them: a share would leave some units without one that was checked.
    shares[PhoneClass.DEEMED] = 1.0
    # Whoever says no is a lead and visited anyway, so nothing is left to chance there.
    shares[PhoneClass.NOT_ACHIEVED] = 0.0
    return shares


def _draw(campaign: Opened, cast: Cast, seed: str) -> None:
    who = cast.coordinator
    request_freeze(campaign.id, actor=who, at=FROZEN)
    freeze_frame(campaign.uid, at=FROZEN, nonce_key=lambda: hex_seed(seed, "nonces"))
    for project in CALLED:
        given = sizes_of(campaign.id, project)
        plan = SizePlan(SizeRule.GIVEN, minimum=0, given=given)
        set_sizes(campaign.id, project, plan, actor=who, at=FROZEN)
    agree_on_seed(campaign.id, generator(seed, "draw"), parties=(who, cast.auditor), at=DRAWN)
    request_draw(campaign.id, replicates=1, actor=who, at=DRAWN)
    draw_sample(campaign.uid, at=DRAWN)


def sizes_of(campaign_id: int, project: Project) -> dict[str, int]:
    """Return the sample size of each stratum: the protocol's of each unit, spread over it."""
    sizes: dict[str, int] = {}
    rows = db.session.execute(
        select(Stratum.unit_code, Stratum.key, Stratum.frame_size).where(
            Stratum.campaign_id == campaign_id, Stratum.project == project
        )
    ).all()
    for unit in sorted({unit for unit, _, _ in rows}):
        population = {key: size for of, key, size in rows if of == unit}
        least = sum(min(LEAST_OF_STRATUM, size) for size in population.values())
        total = min(max(sample_of(project, unit), least), sum(population.values()))
        sizes |= proportional(population, total, minimum=LEAST_OF_STRATUM)
    return sizes


def frame_size(campaign_id: int, project: Project) -> int:
    """Return how many entries of *project* the frame of a campaign holds."""
    entries = db.session.scalar(
        select(func.sum(Stratum.frame_size)).where(
            Stratum.campaign_id == campaign_id, Stratum.project == project
        )
    )
    return entries or 0


def hex_seed(*parts: str) -> str:
    """Return a seed as hex text that depends on *parts* alone."""
    return generator(*parts).bytes(32).hex()


def _call(
    campaign: Opened, cast: Cast, truth: Mapping[str, TrueRow], seed: str, progress: Progress
) -> tuple[int, int]:
    cases = release_replicate(campaign.id, 1, actor=cast.coordinator, at=RELEASED)
    people = people_of(campaign.id, truth)
    floor = CallFloor(cast.operators, people, waiting_cases(campaign.id), generator(seed, "calls"))
    ended = floor.work(RELEASED, said=lambda calls: progress.count("拨打", calls, 2 * cases))
    progress.line(f"  {cases} 个个案，{floor.calls} 次拨打，至 {ended:%Y-%m-%d}")
    return cases, floor.calls


def waiting_cases(campaign_id: int) -> dict[int, datetime]:
    """Return when each case that waits for a call is due."""
    rows = db.session.execute(
        select(CaseSchedule.case_id, CaseSchedule.due_at).where(
            CaseSchedule.campaign_id == campaign_id, CaseSchedule.standing != Standing.OUT
        )
    )
    return dict(rows.all())


def people_of(campaign_id: int, truth: Mapping[str, TrueRow]) -> dict[str, Person]:
    """Return whom each released case is about."""
    cases = db.session.scalars(select(Case).where(Case.campaign_id == campaign_id))
    people = {
        case.entry_uid: Person(
            truth[case.entry_uid].behaviour,
            len(dialable_numbers(case.entry)),
            facts_of(case),
        )
        for case in cases
    }
    db.session.expunge_all()
    return people


def _visit(
    campaign: Opened, cast: Cast, truth: Mapping[str, TrueRow], seed: str, progress: Progress
) -> int:
    who = cast.coordinator
    close_calling(campaign.id, actor=who, at=VISITS_BEGIN)
    assign_visits(
        campaign.id,
        actor=who,
        at=VISITS_BEGIN,
        on_date=VISITS_BEGIN.date(),
        seed=hex_seed(seed, "assign"),
        per_day=A_DAY,
    )
    stops = assigned_visits(campaign.id)
    make_visits(
        stops,
        cast.inspectors,
        {uid: row.behaviour for uid, row in truth.items()},
        done=lambda n: progress.count("现场核查", n, len(stops)),
    )
    settled = settle_disputes(cast.verifiers, at=ESTIMATED)
    progress.line(f"  {len(stops)} 次现场核查，裁定 {settled} 件不一致")
    close_campaign(campaign.id, actor=who, at=ESTIMATED)
    return len(stops)


def _estimate(campaign: Opened, cast: Cast) -> str:
    run = request_run(campaign.id, actor=cast.verifiers[0], at=ESTIMATED)
    uid = run.uid
    compute_run(uid, at=ESTIMATED)
    return uid
