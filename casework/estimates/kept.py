"""The inputs of a run as they were, kept with it, so that it can be repeated when they have moved.

They are kept as compressed JSON. A column that is added to a case later has its default in what
was kept before.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from casework.cases.models import PhoneClass
from casework.cases.outcomes import Verdict
from casework.estimates.inputs import CaseInput, Inputs, StratumInput
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason

_CODES = {"phone": PhoneClass, "visit": Verdict, "reason": VisitReason, "project": Project}
Lines = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """How a part of the inputs differs from what a run was computed from."""

    part: str
    gone: int  #: lines that are no more
    new: int  #: lines that were not there; a changed line is one of each


def lines(inputs: Inputs) -> Lines:
    """Return the inputs part by part as plain values, a line for each row."""
    return {
        "projects": [[project.value] for project in inputs.projects],
        "units": [[unit] for unit in inputs.units],
        "strata": [_plain(stratum) for stratum in inputs.strata],
        "cases": [_plain(case) for case in inputs.cases],
        "targets": sorted(
            [p.value, code, persons] for (p, code), persons in inputs.targets.items()
        ),
        "desk": sorted([code, met] for code, met in inputs.desk.items()),
        "places": [[unit, list(places)] for unit, places in inputs.places.items()],
    }


def digests(parts: Lines) -> dict[str, str]:
    """Return the SHA-256 of each part."""
    return {name: hashlib.sha256(_json(rows)).hexdigest() for name, rows in parts.items()}


def packed(parts: Lines) -> bytes:
    """Return what is kept."""
    return zlib.compress(_json(parts))


def unpacked(content: bytes) -> Lines:
    """Return what was kept. Raises zlib.error or ValueError if it was damaged."""
    parts: Lines = json.loads(zlib.decompress(content))
    return parts


def inputs_of(parts: Lines) -> Inputs:
    """Return the inputs that :func:`lines` took apart; runs are computed from what this gives."""
    return Inputs(
        projects=tuple(Project(code) for (code,) in parts["projects"]),
        units=tuple(unit for (unit,) in parts["units"]),
        strata=tuple(StratumInput(**_coded(row)) for row in parts["strata"]),
        cases=tuple(CaseInput(**_coded(row)) for row in parts["cases"]),
        targets={(Project(code), region): n for code, region, n in parts["targets"]},
        desk=dict(parts["desk"]),
        places={unit: tuple(places) for unit, places in parts["places"]},
    )


def changes(before: Lines, now: Lines) -> list[Change]:
    """Return the parts of the inputs that are different now."""
    found = []
    for part, rows in before.items():
        old, new = _distinct(rows), _distinct(now[part])
        if old != new:
            found.append(Change(part, len(old - new), len(new - old)))
    return found


def _distinct(rows: Iterable[Any]) -> set[bytes]:
    return {_json(row) for row in rows}


def _plain(row: StratumInput | CaseInput) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _coded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _CODES[name](value) if name in _CODES and value is not None else value
        for name, value in row.items()
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
