"""How sure the findings of a run are, beside its decisions: for display, it decides nothing.

The chance that a region is wholly complete is kept with each run, and so is how strongly the data
say that a task was not met when all tests of the run are taken together. A single decision is
wrong one time in twenty at most; of a hundred regions some would be named wrongly. Holm's method
keeps the risk of naming even one region wrongly at one in twenty (METHOD B3.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casework.db import db
from casework.estimates.figures import Figure
from casework.estimates.models import EstimateRun, Level, RunInputs
from casework.ledgers.projects import Project
from estimation.multiplicity import adjust
from estimation.p_values import RISK

#: The figures of a publication by which a region can be named.
NAMED = frozenset({Level.UNIT, Level.PLACE})


@dataclass(frozen=True, slots=True)
class Sureness:
    """What a run says of one region beside its decisions."""

    complete: float | None  #: the chance that it is wholly complete
    error: float | None  #: of that chance, by simulation
    met: Mapping[Project, float]  #: the chance that its own total meets the task
    holm: Mapping[Project, float]  #: p-values of "not met", adjusted for all tests of the run

    def named(self, project: Project) -> bool:
        """Whether "not met" also holds when all tests of the run are taken together."""
        return self.holm.get(project, 1.0) <= RISK


def adjusted(figures: Iterable[Figure]) -> dict[str, dict[str, float]]:
    """Adjust the p-values of "not met" of all units and places; by region, then by project."""
    tested = [
        (figure, p)
        for figure in figures
        if figure.level in NAMED and (p := figure.columns["classes"]["p"]["not_met"]) is not None
    ]
    found: dict[str, dict[str, float]] = {}
    for (figure, _p), p in zip(tested, adjust([p for _, p in tested], "holm"), strict=True):
        found.setdefault(figure.region_code, {})[figure.project.value] = float(p)
    return found


def how_sure(run: EstimateRun) -> dict[str, Sureness]:
    """Return what was kept with a run, by region; nothing for runs that kept none."""
    kept = db.session.get(RunInputs, run.id)
    if kept is None:
        return {}
    return {
        code: Sureness(
            complete=chance.get("complete"),
            error=chance.get("error"),
            met={Project(name): p for name, p in chance.get("met", {}).items()},
            holm={Project(name): p for name, p in chance.get("holm", {}).items()},
        )
        for code, chance in kept.chances.items()
    }
