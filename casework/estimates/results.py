"""Everything that one run finds, and its digest: the same inputs give the same bits."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casework.estimates.chances import Chance, chances
from casework.estimates.figures import Figure
from casework.estimates.inputs import Inputs
from casework.estimates.models import Level
from casework.estimates.regions import completions
from casework.estimates.rollup import RolledUp
from casework.estimates.sureness import adjusted
from estimation.domains import Protocol

#: Level, project, region and stratum of a figure; of a roll-up its region.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The figures of a run, the roll-up of their decisions, and how likely it is."""

    figures: list[Figure]
    completions: Mapping[str, RolledUp]
    chances: Mapping[str, Chance]

    def digest(self) -> str:
        """Return the SHA-256 of all of it; floating point numbers by all their digits."""
        rows = {"|".join(key): columns for key, columns in self.records()}
        text = json.dumps(rows, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def records(self) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        """Yield every row by its key, as it is stored."""
        for figure in self.figures:
            yield figure_key(figure), figure.columns
        for code, rolled in self.completions.items():
            yield ("roll_up", code), {"completion": rolled.completion, "reasons": reasons(rolled)}
        for code, chance in self.chances.items():
            yield ("chance", code), chance


def results(inputs: Inputs, figures: Iterable[Figure], *, protocol: Protocol, seed: str) -> Results:
    """Sum up what follows from the *figures* of *inputs*."""
    found = list(figures)
    decisions = {
        (row.project, row.region_code): row.columns["decision"]
        for row in found
        if row.level is not Level.STRATUM
    }
    sure = chances(inputs, protocol=protocol, seed=seed)
    for code, p in adjusted(found).items():
        sure[code] = {**sure.get(code, {}), "holm": p}
    return Results(found, completions(inputs, decisions), sure)


def figure_key(figure: Figure) -> Key:
    """Return what names a figure within its run."""
    stratum = "" if figure.stratum_id is None else str(figure.stratum_id)
    return figure.level.value, figure.project.value, figure.region_code, stratum


def reasons(rolled: RolledUp) -> list[dict[str, Any]]:
    """Return the lines of a roll-up as they are stored."""
    return [
        {"region": r.region, "project": r.project, "decision": r.decision} for r in rolled.reasons
    ]
