"""What a region's roll-up is made of: its projects, the desk's among them, and lower regions."""

from collections.abc import Iterator, Mapping
from itertools import chain

from casework.estimates.inputs import Inputs
from casework.estimates.rollup import RolledUp, roll_up_tree
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.decision import Decision

Decisions = Mapping[tuple[Project, str], str]


def completions(inputs: Inputs, decisions: Decisions) -> dict[str, RolledUp]:
    """Roll up every region that the campaign covers.

    Parameters
    ----------
    inputs
        What the run was computed from.
    decisions
        By project and region code; what is not named has no task.

    Returns
    -------
    dict of str to RolledUp
        Of the province, its units, and the places that are not units themselves. Units that the
        campaign leaves out are undetermined, so the province cannot be complete without them.
    """
    children = {unit: inputs.places[unit] for unit in inputs.units}
    codes = [PROVINCE, *inputs.units, *chain.from_iterable(children.values())]
    own = {code: dict(_own(inputs, decisions, code)) for code in codes}
    for code in set(inputs.places) - set(inputs.units):
        own[code] = dict.fromkeys(inputs.projects, Decision.UNDETERMINED)
    rolled = roll_up_tree(own, {PROVINCE: tuple(inputs.places), **children})
    return {code: rolled[code] for code in codes}


def _own(inputs: Inputs, decisions: Decisions, code: str) -> Iterator[tuple[Project, Decision]]:
    for project in inputs.projects:
        if project in inputs.called:
            yield project, Decision(decisions.get((project, code), Decision.NO_TASK))
        else:
            yield project, _desk(inputs, project, code)


def _desk(inputs: Inputs, project: Project, code: str) -> Decision:
    """Return what the coordinator entered for the desk project; without an entry, undetermined.

    A unit that met its task speaks for its places unless a place has an entry of its own. The
    province without an entry has met its total if every unit with a task has.
    """
    if code in inputs.desk:
        return Decision.MET if inputs.desk[code] else Decision.NOT_MET
    if code == PROVINCE:
        entered = {_desk(inputs, project, unit) for unit in inputs.units} - {Decision.NO_TASK}
        return Decision.MET if entered == {Decision.MET} else Decision.UNDETERMINED
    if not _has_desk_task(inputs, project, code):
        return Decision.NO_TASK
    above = [unit for unit in inputs.units if code in inputs.places[unit]]
    met = any(inputs.desk.get(unit) for unit in above)
    return Decision.MET if met else Decision.UNDETERMINED


def _has_desk_task(inputs: Inputs, project: Project, code: str) -> bool:
    """Tell whether a region has a task; where no targets were loaded at all, everyone may."""
    named = {region for of, region in inputs.targets if of is project}
    return code in named or not named
