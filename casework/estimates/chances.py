"""How likely each region is wholly complete, by simulation: for display, it decides nothing."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from casework.estimates.figures import lowest
from casework.estimates.inputs import Inputs
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.domains import Protocol
from estimation.rollup import Tree, simulate_rollup
from estimation.rollup_leaves import leaves_of
from estimation.survey import run

Chance = dict[str, Any]


def chances(inputs: Inputs, *, protocol: Protocol, seed: str) -> dict[str, Chance]:
    """Return the probabilities of every region with a task in a project that was called.

    The desk's project is left out: nothing of it is estimated.

    Parameters
    ----------
    seed
        Hexadecimal; the same seed and inputs give the same numbers.

    Returns
    -------
    dict
        Region code to ``complete``, its Monte Carlo ``error``, and ``met`` by project.
    """
    regions = list(dict.fromkeys(_regions(inputs)))
    position = {code: i for i, code in enumerate(regions)}
    surveys = {project: lowest(inputs, project) for project in inputs.called}
    surveys = {project: survey for project, survey in surveys.items() if survey.domains}
    if not surveys:
        return {}
    runs = [(s, run(s, phone_accepted=protocol.phone_accepted)) for s in surveys.values()]
    leaves, shared = leaves_of(runs, position)
    projects = list(surveys)
    target = [[_task(inputs, project, code) for project in projects] for code in regions]
    rng = np.random.default_rng(int(seed, 16))
    tree = Tree.of(_parents(inputs, regions, position), target)
    found = simulate_rollup(leaves, tree, rng=rng, shared=shared)
    return {
        code: {
            "complete": float(found.complete[r]),
            "error": float(found.complete_error[r]),
            "met": {
                project.value: float(found.met[r, j])
                for j, project in enumerate(projects)
                if np.isfinite(found.met[r, j])
            },
        }
        for r, code in enumerate(regions)
        if np.isfinite(found.complete[r])
    }


def _regions(inputs: Inputs) -> Iterator[str]:
    yield PROVINCE
    for unit in inputs.units:
        yield unit
        yield from inputs.places[unit]
    yield from chain.from_iterable((s.unit_code, s.region_code) for s in inputs.strata)


def _parents(inputs: Inputs, regions: list[str], position: dict[str, int]) -> list[int]:
    above = {s.region_code: s.unit_code for s in inputs.strata if s.region_code != s.unit_code}
    for unit in inputs.units:
        above |= dict.fromkeys(inputs.places[unit], unit)
    return [-1 if code == PROVINCE else position[above.get(code, PROVINCE)] for code in regions]


def _task(inputs: Inputs, project: Project, code: str) -> float:
    persons = (
        inputs.province_target(project) if code == PROVINCE else inputs.targets.get((project, code))
    )
    return np.nan if persons is None else float(persons)
