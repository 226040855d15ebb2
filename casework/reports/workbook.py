"""A run as a workbook: units, places, one row for each released case, and what it rests on.

There is no personal data in it: a case is named by its code alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, defer, joinedload

from casework.accounts.scope import in_scope
from casework.calls.models import Attempt, stands
from casework.cases.models import Case
from casework.cases.outcomes import final_outcome, verdict_of
from casework.db import db
from casework.estimates.cases import released
from casework.estimates.directory import run_number
from casework.estimates.inputs import read_inputs
from casework.estimates.judged import judged
from casework.estimates.judgement import stages
from casework.estimates.models import EstimateRow, EstimateRun, Level
from casework.ledgers.projects import official_order
from casework.regions.models import PROVINCE, Region
from casework.regions.tree import RegionTree, load_tree
from casework.reports.handouts import Order
from casework.reports.lost_evidence import lost_photos
from casework.reports.sheets import PERSONS, SHARE, WHOLE, Cell, Sheet, write_sheets
from casework.visits.models import Visit, VisitReason

BATCH = 2000
SHANGHAI = ZoneInfo("Asia/Shanghai")
Row = tuple[Cell, ...]
#: Words for a code, such as ``("head", "completed")`` or ``("decision", "met")``.
Words = Callable[[str, str], str]

#: The numbers of a figure and how they are shown; persons are rounded to tenths.
NUMBERS = {
    **dict.fromkeys(("frame_size", "sampled", "resolved", "target"), WHOLE),
    **dict.fromkeys(("completed", "completed_se", "completed_low", "completed_high"), PERSONS),
    **dict.fromkeys(("rate", "rate_low", "rate_high"), SHARE),
    **dict.fromkeys(("share", "share_se", "share_low", "share_high"), SHARE),
    **dict.fromkeys(("bounds_low", "bounds_high"), SHARE),
}
DIGITS = {WHOLE: 0, PERSONS: 1, SHARE: 4}
REGION_HEADS = (
    *("region_code", "region", "project", "decision"),
    *NUMBERS,
    *("completion", "interval", "flags"),
)
CASE_HEADS = (
    *("case", "project", "region_code", "region", "enterprise", "frame_size", "replicate"),
    *("state", "attempts", "phone_class", "phone_outcome", "visit_reason", "site_outcome"),
    *("outcome", "verdict"),
)
WIDE = {
    "region": 18.0,
    "project": 18.0,
    "flags": 56.0,
    "enterprise": 24.0,
    "case": 16.0,
    **dict.fromkeys(("decision", "completion"), 13.0),
    **dict.fromkeys(("interval", "phone_outcome", "site_outcome", "outcome"), 26.0),
}


def write_workbook(
    order: Order, out: BinaryIO, *, words: Words, demonstration: bool
) -> list[Sheet]:
    """Write the workbook of a run for a region, as far as the actor may see it.

    Parameters
    ----------
    words
        Gives the words for sheets, heads and codes: the domain has none.
    demonstration
        Whether the data are fictitious; the workbook then says so.

    Returns
    -------
    list of Sheet
        Units, places, cases and what they rest on, with how many rows were written.
    """
    tree, words = load_tree(), cache(words)
    sheets = [
        _regions(order, tree, words, "units", (Level.UNIT, Level.PROVINCE)),
        _regions(order, tree, words, "places", (Level.PLACE,)),
        _cases(order, tree, words),
    ]
    sheets.append(_about(order, sheets, words, demonstration=demonstration))
    number = run_number(order.run)
    write_sheets(
        out,
        sheets,
        lambda rows, digest: words("about", "ending").format(rows=f"{rows:,}", digest=digest),
        footer=" ".join(
            [
                *([words("about", "demonstration")] if demonstration else []),
                *([words("about", "interim")] if order.run.interim else []),
                words("about", "footer").format(number=number, digest=order.run.input_digest[:12]),
            ]
        ),
    )
    return sheets


def _inside(order: Order, code: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition that a region is the one that was ordered, or lies in it."""
    if order.region.code == PROVINCE:
        return in_scope(order.actor, code)
    below = select(Region.code).where(
        or_(Region.code == order.region.code, Region.unit_code == order.region.code)
    )
    return and_(in_scope(order.actor, code), code.in_(below))


def _regions(
    order: Order, tree: RegionTree, words: Words, name: str, levels: tuple[Level, ...]
) -> Sheet:
    heads = {head: words("head", head) for head in REGION_HEADS}
    return Sheet(
        words("sheet", name),
        list(heads.values()),
        _region_rows(order, tree, words, levels),
        {heads[head]: shown for head, shown in NUMBERS.items()},
        {heads[head]: width for head, width in WIDE.items() if head in heads},
        wrapped=heads["flags"],
    )


def _region_rows(
    order: Order, tree: RegionTree, words: Words, levels: tuple[Level, ...]
) -> Iterator[Row]:
    standing = judged(order.run)
    rows = db.session.scalars(
        select(EstimateRow)
        .where(
            EstimateRow.run_id == order.run.id,
            EstimateRow.level.in_(levels),
            _inside(order, EstimateRow.region_code),
        )
        .order_by(EstimateRow.region_code, official_order(EstimateRow.project))
        .options(defer(EstimateRow.classes))
    )
    for row in rows:
        rolled = standing.rolled.get(row.region_code)
        override = standing.overrides.get((row.region_code, row.project))
        remarks = [words("flag", str(flag)) for flag in row.flags]
        if override is not None:
            remarks.insert(0, words("by_rule", row.decision))
        yield (
            row.region_code,
            tree.name(row.region_code),
            words("project", row.project),
            words("decision", override.decision if override else row.decision),
            *(_rounded(getattr(row, name), shown) for name, shown in NUMBERS.items()),
            words("completion", rolled.completion) if rolled else None,
            words("interval", row.method),
            "; ".join(remarks),
        )


def _rounded(value: float | None, shown: str) -> float | None:
    if value is None:
        return None
    return round(value, DIGITS[shown]) if DIGITS[shown] else int(value)


def _cases(order: Order, tree: RegionTree, words: Words) -> Sheet:
    heads = {head: words("head", head) for head in CASE_HEADS}
    return Sheet(
        words("sheet", "cases"),
        list(heads.values()),
        _case_rows(order, tree, words),
        widths={heads[head]: width for head, width in WIDE.items() if head in heads},
    )


def _case_rows(order: Order, tree: RegionTree, words: Words) -> Iterator[Row]:
    """Yield a row for each released case, read page by page so that the bar can move between."""
    where = and_(
        Case.campaign_id == order.run.campaign_id, released(), _inside(order, Case.region_code)
    )
    total = db.session.scalar(select(func.count(Case.id)).where(where)) or 0
    calls = select(func.count()).where(Attempt.case_id == Case.id, stands()).scalar_subquery()
    query = (
        select(Case, Visit.reason, calls)
        .outerjoin(Visit, Visit.case_id == Case.id)
        .where(where)
        .order_by(Case.code)
        .limit(BATCH)
        .options(joinedload(Case.stratum))
    )
    order.show(0, total)
    last, done = "", 0
    while rows := [
        (case.code, _case_row(case, reason, attempts, tree, words))
        for case, reason, attempts in db.session.execute(query.where(Case.code > last))
    ]:
        yield from (row for _, row in rows)
        last, done = rows[-1][0], done + len(rows)
        order.show(done, total)


def _case_row(
    case: Case, reason: VisitReason | None, attempts: int, tree: RegionTree, words: Words
) -> Row:
    outcome = final_outcome(case.phone_outcome, case.site_outcome, case.settled_outcome)
    return (
        case.code,
        words("project", case.project),
        case.region_code,
        tree.name(case.region_code),
        case.stratum.enterprise or None,
        case.stratum.frame_size,
        case.replicate,
        words("state", case.state),
        attempts,
        words("phone_class", case.phone_class) if case.phone_class else None,
        words("outcome", case.phone_outcome) if case.phone_outcome else None,
        words("reason", reason) if reason else None,
        words("outcome", case.site_outcome) if case.site_outcome else None,
        words("outcome", outcome) if outcome else None,
        words("verdict", verdict_of(outcome)) if outcome else None,
    )


def _about(order: Order, sheets: list[Sheet], words: Words, *, demonstration: bool) -> Sheet:
    """Return the last sheet; its rows are read when the others are written."""
    heads = [words("head", "item"), words("head", "value")]
    lines = _about_lines(order, sheets, words, demonstration=demonstration)
    rows = ((words("about", name), value) for name, value in lines)
    return Sheet(words("sheet", "about"), heads, rows, widths={heads[0]: 28.0, heads[1]: 90.0})


def _about_lines(
    order: Order, sheets: list[Sheet], words: Words, *, demonstration: bool
) -> Iterator[tuple[str, Cell]]:
    run = order.run
    if demonstration:
        yield "data", words("about", "demonstration")
    yield "campaign", run.campaign.name
    yield "run", run_number(run)
    yield "state", words("about", "interim" if run.interim else "final")
    yield "stage", words("stage", stages([run])[run.id])
    yield "results_from", run.campaign.results_from.isoformat()
    yield "computed", _local(run.finished_at)
    yield "interval", words("run_interval", str(run.method["interval"]))
    yield "level", f"{run.method['level']:.0%}"
    yield "input_digest", run.input_digest
    yield "code_version", run.code_version
    yield "region", order.region.name
    for name, sheet in zip(("unit_rows", "place_rows", "case_rows"), sheets, strict=False):
        yield name, sheet.written
    yield "exported_by", order.actor.name
    yield "exported_at", _local(order.at)
    yield "cases_note", words("about", "cases_are_live")
    lost = sorted({photo.case_code for photo in lost_photos(run, order.region.code)})
    yield "lost_photos", ", ".join(lost) or words("about", "no_photo_lost")
    if _moved(run):
        yield "moved", words("about", "data_moved")
    yield "digest_note", words("about", "digest_rule")


def _moved(run: EstimateRun) -> bool:
    """Tell whether the data are no longer those that the run was computed from."""
    return read_inputs(run.campaign).digest(run.method) != run.input_digest


def _local(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""
