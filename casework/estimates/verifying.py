"""Repeating a run: from the inputs that it kept, bit for bit, and beside the data of today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.db import db
from casework.errors import CaseworkError, NotFound
from casework.estimates.figures import all_figures
from casework.estimates.inputs import read_inputs
from casework.estimates.kept import Change, changes, digests, inputs_of, lines, unpacked
from casework.estimates.models import EstimateRow, EstimateRun, RollUp, RunInputs, RunState
from casework.estimates.results import Key, Results, results
from casework.estimates.runs import METHOD_VERSION, Method, seed_of
from casework.estimates.vanished import Vanished, vanished_photos

COLUMNS = tuple(
    column.key
    for column in EstimateRow.__table__.columns
    if column.key not in {"id", "run_id", "level", "project", "region_code", "stratum_id"}
)


class InputsNotKept(CaseworkError):
    """The run was computed before runs kept their inputs; only its digest can be compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what was stored."""

    where: Key
    what: str
    stored: Any
    recomputed: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """What repeating a run brought."""

    run: EstimateRun
    kept: RunInputs
    method_now: str  #: the method's version of this program
    differences: list[Difference]
    since: list[Change]  #: how the data of today differ from those of the run
    vanished: list[Vanished]  #: evidence that is named and no longer there

    @property
    def equal(self) -> bool:
        """Whether every bit is the same again."""
        return not self.differences


def verify_run(uid: str) -> Verification:
    """Compute a finished run again from the inputs it kept, and compare everything.

    Raises
    ------
    NotFound
        If there is no finished run of that uid.
    InputsNotKept
        If the run is older than the keeping of inputs.
    zlib.error, ValueError
        If what was kept is damaged.
    """
    run = db.session.scalar(
        select(EstimateRun).where(EstimateRun.uid == uid, EstimateRun.state == RunState.DONE)
    )
    if run is None:
        raise NotFound(run=uid)
    kept = db.session.get(RunInputs, run.id, options=[undefer(RunInputs.content)])
    if kept is None:
        raise InputsNotKept(run=uid)
    parts = unpacked(kept.content)
    inputs = inputs_of(parts)
    method = Method(**run.method)
    digest = inputs.digest(run.method)
    figures = (row for some in all_figures(inputs, protocol=method.protocol) for row in some)
    again = results(inputs, figures, protocol=method.protocol, seed=seed_of(digest))
    found = [
        *_unequal(("inputs",), {"digest": run.input_digest}, {"digest": digest}),
        *_unequal(("inputs",), kept.digests, digests(parts)),
        *_rows(run, kept, again),
        *_unequal(("results",), {"digest": kept.result_digest}, {"digest": again.digest()}),
    ]
    return Verification(
        run,
        kept,
        METHOD_VERSION,
        found,
        changes(parts, lines(read_inputs(run.campaign))),
        list(vanished_photos(run.campaign_id)),
    )


def _rows(run: EstimateRun, kept: RunInputs, again: Results) -> Iterator[Difference]:
    stored, computed = dict(_stored(run, kept)), dict(again.records())
    for key in sorted({*stored, *computed}):
        yield from _unequal(key, stored.get(key, {}), computed.get(key, {}))


def _stored(run: EstimateRun, kept: RunInputs) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    for row in db.session.scalars(select(EstimateRow).where(EstimateRow.run_id == run.id)):
        stratum = "" if row.stratum_id is None else str(row.stratum_id)
        key = row.level.value, row.project.value, row.region_code, stratum
        yield key, {name: getattr(row, name) for name in COLUMNS}
    for rolled in db.session.scalars(select(RollUp).where(RollUp.run_id == run.id)):
        columns = {"completion": rolled.completion, "reasons": rolled.reasons}
        yield ("roll_up", rolled.region_code), columns
    for code, chance in kept.chances.items():
        yield ("chance", code), chance


def _unequal(
    key: Key, stored: Mapping[str, Any], recomputed: Mapping[str, Any]
) -> Iterator[Difference]:
    for what in sorted({*stored, *recomputed}):
        before, now = stored.get(what), recomputed.get(what)
        if before != now:
            yield Difference(key, what, before, now)
