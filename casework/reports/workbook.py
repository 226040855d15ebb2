"""A run as a workbook: units, places, one row for each released case, and what it rests on.

There is no personal data in it: a case is named by its code alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

from rustpy_xlsxwriter import FastExcel
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import defer, joinedload

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.audit import trail
from casework.audit.models import AuditAction
from casework.calls.models import Attempt, stands
from casework.campaigns.models import Stratum
from casework.cases.models import Case
from casework.cases.outcomes import verdict_of
from casework.db import db, transaction
from casework.estimates.cases import final_outcome, released
from casework.estimates.directory import done_run, run_number
from casework.estimates.models import EstimateRow, EstimateRun, Level, RollUp
from casework.regions.tree import RegionTree, load_tree
from casework.visits.models import Visit

BATCH = 2000
SHANGHAI = ZoneInfo("Asia/Shanghai")
Cell = str | int | float | None
Record = dict[str, Cell]
#: Words for a code, such as ``("head", "completed")`` or ``("decision", "met")``.
Words = Callable[[str, str], str]

NUMBERS = (
    *("frame_size", "sampled", "resolved"),
    *("completed", "completed_se", "completed_low", "completed_high"),
    *("target", "rate", "rate_low", "rate_high"),
    *("share", "share_se", "share_low", "share_high", "bounds_low", "bounds_high"),
)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A finished workbook and how many rows its sheets have."""

    content: bytes
    units: int
    places: int
    cases: int


def export_run(
    uid: str, *, actor: User, at: datetime, words: Words, demonstration: bool
) -> Workbook:
    """Write what *actor* may see of a run as a workbook, and keep that it was exported.

    Parameters
    ----------
    words
        Gives the words for sheets, heads and codes: the domain has none.
    demonstration
        Whether the data are fictitious; the workbook then says so.

    Raises
    ------
    NotFound
        If the run has no figures or lies outside the actor's region.
    """
    run, tree, words = done_run(uid, actor=actor), load_tree(), cache(words)
    units = list(_regions(run, tree, actor, words, Level.UNIT, Level.PROVINCE))
    places = list(_regions(run, tree, actor, words, Level.PLACE))
    cases = db.session.scalar(select(func.count(Case.id)).where(_of_run(run, actor))) or 0
    book = Workbook(b"", len(units), len(places), cases)
    about = _about(run, book, actor, at, words, demonstration=demonstration)
    rows = _case_records(run, tree, actor, words)
    content = _write(words, {"units": units, "places": places, "cases": rows, "about": about})
    with transaction() as session:
        trail.record(
            session,
            AuditAction.ESTIMATE_EXPORT,
            actor_id=actor.id,
            at=at,
            subject=f"run:{run.uid}",
            facts={"units": book.units, "places": book.places, "cases": cases},
        )
    return Workbook(content, book.units, book.places, cases)


def _write(words: Words, sheets: dict[str, Sequence[Record] | Iterator[Record]]) -> bytes:
    stream = BytesIO()
    book = FastExcel(stream).format(float_format="#,##0.0###", bold_headers=True).freeze(row=1)
    for name, records in sheets.items():
        book.sheet(words("sheet", name), records, column_width=14.0)
    book.save()
    return stream.getvalue()


def _regions(
    run: EstimateRun, tree: RegionTree, actor: User, words: Words, *levels: Level
) -> Iterator[Record]:
    completions = dict(
        db.session.execute(
            select(RollUp.region_code, RollUp.completion).where(RollUp.run_id == run.id)
        ).all()
    )
    rows = db.session.scalars(
        select(EstimateRow)
        .where(
            EstimateRow.run_id == run.id,
            EstimateRow.level.in_(levels),
            in_scope(actor, EstimateRow.region_code),
        )
        .order_by(EstimateRow.region_code, EstimateRow.project)
        .options(defer(EstimateRow.classes))
    )
    for row in rows:
        completion = completions.get(row.region_code)
        yield {
            words("head", "region_code"): row.region_code,
            words("head", "region"): tree.name(row.region_code),
            words("head", "project"): words("project", row.project),
            words("head", "decision"): words("decision", row.decision),
            **{words("head", name): getattr(row, name) for name in NUMBERS},
            words("head", "completion"): words("completion", completion) if completion else None,
            words("head", "interval"): row.method,
            words("head", "flags"): "; ".join(words("flag", str(flag)) for flag in row.flags),
        }


def _of_run(run: EstimateRun, actor: User) -> ColumnElement[bool]:
    return and_(Case.campaign_id == run.campaign_id, released(), in_scope(actor, Case.region_code))


def _case_records(
    run: EstimateRun, tree: RegionTree, actor: User, words: Words
) -> Iterator[Record]:
    calls = select(func.count()).where(Attempt.case_id == Case.id, stands()).scalar_subquery()
    query = (
        select(Case, Visit, calls)
        .outerjoin(Visit, Visit.case_id == Case.id)
        .where(_of_run(run, actor))
        .order_by(Case.code)
        .options(joinedload(Case.stratum))
        .execution_options(yield_per=BATCH)
    )
    for case, visit, attempts in db.session.execute(query):
        yield _case_record(case, visit, attempts, tree, words)


def _case_record(
    case: Case, visit: Visit | None, attempts: int, tree: RegionTree, words: Words
) -> Record:
    stratum: Stratum = case.stratum
    outcome = final_outcome(case.phone_outcome, case.site_outcome)
    return {
        words("head", "case"): case.code,
        words("head", "project"): words("project", case.project),
        words("head", "region_code"): case.region_code,
        words("head", "region"): tree.name(case.region_code),
        words("head", "stratum"): stratum.key,
        words("head", "frame_size"): stratum.frame_size,
        words("head", "replicate"): case.replicate,
        words("head", "state"): words("state", case.state),
        words("head", "attempts"): attempts,
        words("head", "phone_class"): words("phone_class", case.phone_class)
        if case.phone_class
        else None,
        words("head", "phone_outcome"): case.phone_outcome or None,
        words("head", "visit_reason"): words("reason", visit.reason) if visit else None,
        words("head", "site_outcome"): case.site_outcome or None,
        words("head", "outcome"): outcome or None,
        words("head", "verdict"): words("verdict", verdict_of(outcome)) if outcome else None,
    }


def _about(
    run: EstimateRun,
    book: Workbook,
    actor: User,
    at: datetime,
    words: Words,
    *,
    demonstration: bool,
) -> list[Record]:
    lines: list[tuple[str, Cell]] = [
        *([("data", words("about", "demonstration"))] if demonstration else []),
        ("campaign", run.campaign.name),
        ("run", run_number(run)),
        ("state", words("about", "interim" if run.interim else "final")),
        ("computed", _local(run.finished_at)),
        ("method", "; ".join(f"{name}={value}" for name, value in sorted(run.method.items()))),
        ("input_digest", run.input_digest),
        ("code_version", run.code_version),
        ("unit_rows", book.units),
        ("place_rows", book.places),
        ("case_rows", book.cases),
        ("exported_by", actor.name),
        ("exported_at", _local(at)),
        ("cases_note", words("about", "cases_are_live")),
    ]
    return [
        {words("head", "item"): words("about", name), words("head", "value"): value}
        for name, value in lines
    ]


def _local(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""
