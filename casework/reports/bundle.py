"""The bundle of a run: a ZIP archive from which anybody recomputes its figures offline.

Cases are named by pseudonyms that nobody can trace to the draw, so that a county which knows its
own entries does not learn what a person said. Source of the format: ``recompute.py``.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.resources import files
from io import TextIOWrapper
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import select

from casework.campaigns.models import Campaign
from casework.campaigns.protocol import local_day
from casework.campaigns.protocol_errors import StillSecret
from casework.campaigns.published import draw_files
from casework.db import db
from casework.estimates.directory import run_number
from casework.estimates.inputs import Inputs
from casework.estimates.judged import judged
from casework.estimates.models import EstimateRow, EstimateRun, Level, RollUp
from casework.regions.models import PROVINCE
from casework.reports.lost_evidence import lost_photos
from casework.reports.run_inputs import inputs_of
from casework.sealing import sign
from estimation.plain.recompute import digest_of, signed_text, written

PROTOCOL = "estimate-v1"
SOURCES = (*("__init__.py", "rates.py", "totals.py", "limits.py", "decisions.py", "signature.py"),)
CHUNK = 2**20
FIGURES = (
    *("frame_size", "sampled", "resolved", "share", "share_se", "share_low", "share_high"),
    *("completed", "completed_se", "completed_low", "completed_high", "target"),
    *("rate", "rate_low", "rate_high", "bounds_low", "bounds_high", "decision"),
)
GRADES = ("certified", "weighted")

Rows = Iterable[tuple[object, ...]]


def must_be_public(campaign: Campaign, *, at: datetime) -> None:
    """Raise StillSecret before the day on which the results of *campaign* are shown."""
    if local_day(at) < campaign.results_from:
        raise StillSecret(until=campaign.results_from)


def write_run_bundle(run: EstimateRun, out: BinaryIO, *, at: datetime, demonstration: bool) -> None:
    """Write the bundle of a finished run.

    Raises
    ------
    StillSecret
        Before the day of the results.
    RunOutdated
        If the data of the run are no longer what they were.
    """
    must_be_public(run.campaign, at=at)
    inputs = inputs_of(run)
    frame = run.campaign.frame
    with_draw = frame is not None and bool(frame.root)
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        if with_draw:
            draw_files(archive, run.campaign_id, at=at, folder="draw/")
        for name, text in _texts():
            archive.writestr(_entry(name, at), text)
        for name, head, rows in _tables(run, inputs):
            _write_table(archive, _entry(f"{name}.csv", at), head, rows)
    out.seek(0)
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:  # what is written is what is digested
        digests = {name: _digest(archive, name) for name in sorted(archive.namelist())}
        manifest = _about(run, at, demonstration=demonstration) | {
            "draw": with_draw,
            "lost_photos": sorted(photo.digest for photo in lost_photos(run, PROVINCE)),
            "files": digests,
        }
        manifest["digest"] = digest_of(manifest)
        key, value = sign(signed_text(manifest))
        manifest["signature"] = {"key": key, "value": value}
        archive.writestr(_entry("manifest.json", at), written(manifest))


def _texts() -> Iterator[tuple[str, str]]:
    plain = files("estimation.plain")
    yield "recompute.py", (plain / "recompute.py").read_text("utf-8")
    for name in SOURCES:
        yield f"estimation/plain/{name}", (plain / name).read_text("utf-8")
    yield "README.md", (files("casework.reports") / "data" / "run_bundle.md").read_text("utf-8")


def _about(run: EstimateRun, at: datetime, *, demonstration: bool) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "campaign": run.campaign.name,
        "run": run.uid,
        "run_number": run_number(run),
        "computed_at": run.finished_at.isoformat() if run.finished_at else "",
        "written_at": at.isoformat(),
        "results_from": run.campaign.results_from.isoformat(),
        "interim": run.interim,
        "demonstration": demonstration,
        "method": run.method,
        "input_digest": run.input_digest,
        "code_version": run.code_version,
    }


def _tables(run: EstimateRun, inputs: Inputs) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    yield (
        "strata",
        ("project", "province", "unit", "place", "stratum", "frame_size"),
        (
            (s.project, PROVINCE, s.unit_code, s.region_code, s.key, s.frame_size)
            for s in inputs.strata
        ),
    )
    yield (
        "cases",
        ("case", "stratum", "phone", "phone_class", "visit", "visit_reason", "weight"),
        _cases(run, inputs),
    )
    yield "targets", ("project", "level", "region", "persons"), _targets(inputs)
    yield "figures", ("project", "level", "domain", *FIGURES, *GRADES), _figures(run, inputs)
    yield "overrides", ("region", "project", "computed", "decision"), _overrides(run)
    yield "completions", ("region", "completion", "of", "project", "decision"), _completions(run)


def _cases(run: EstimateRun, inputs: Inputs) -> Rows:
    """Give each case with its pseudonym, by which the cases of a stratum are in no known order."""
    strata = {stratum.id: stratum for stratum in inputs.strata}
    sampled = Counter(case.stratum_id for case in inputs.cases)
    return sorted(
        (
            hashlib.sha256(f"{run.uid}\x1f{case.uid}".encode()).hexdigest()[:20],
            strata[case.stratum_id].key,
            case.phone_verdict,
            case.phone_class,
            case.visit_verdict,
            case.visit_reason,
            strata[case.stratum_id].frame_size / sampled[case.stratum_id],
        )
        for case in inputs.cases
    )


def _targets(inputs: Inputs) -> Rows:
    for (project, code), persons in sorted(inputs.targets.items()):
        if code != PROVINCE:
            yield project, Level.UNIT if code in inputs.units else Level.PLACE, code, persons
    for project in inputs.called:
        if (whole := inputs.province_target(project)) is not None:
            yield project, Level.PROVINCE, PROVINCE, whole


def _figures(run: EstimateRun, inputs: Inputs) -> Rows:
    keys: dict[int | None, str] = {stratum.id: stratum.key for stratum in inputs.strata}
    rows = db.session.scalars(
        select(EstimateRow)
        .where(EstimateRow.run_id == run.id)
        .order_by(EstimateRow.project, EstimateRow.level, EstimateRow.id)
    )
    for row in rows:
        domain = keys.get(row.stratum_id, row.region_code)
        grades = row.classes["grades"]
        numbers = (getattr(row, name) for name in FIGURES)
        yield row.project, row.level, domain, *numbers, *(grades[name] for name in GRADES)


def _overrides(run: EstimateRun) -> Rows:
    """Give what two people set otherwise than the rule; nothing else in the bundle follows it."""
    for (code, project), override in sorted(judged(run).overrides.items()):
        yield code, project, override.computed, override.decision


def _completions(run: EstimateRun) -> Rows:
    rolled = select(RollUp).where(RollUp.run_id == run.id).order_by(RollUp.region_code)
    for row in db.session.scalars(rolled):
        for line in row.reasons:
            lower = "" if line["project"] else line["region"]
            yield row.region_code, row.completion, lower, line["project"], line["decision"]


def _write_table(archive: ZipFile, entry: ZipInfo, head: tuple[str, ...], rows: Rows) -> None:
    with (
        archive.open(entry, "w", force_zip64=True) as raw,
        TextIOWrapper(raw, encoding="utf-8", newline="") as table,
    ):
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _digest(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _entry(name: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry
