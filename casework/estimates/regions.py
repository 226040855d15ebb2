"""What a region's roll-up is made of: its projects, the desk's among them, and lower regions."""

from collections.abc import Iterator, Mapping

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
    codes = [
        PROVINCE,
        *inputs.units,
        *(code for unit in inputs.units for code in _places(inputs, unit)),
    ]
    own = {code: dict(_own(inputs, decisions, code)) for code in codes}
    children = {unit: _places(inputs, unit) for unit in inputs.units}
    left_out = [u.code for u in inputs.tree.units if u.code not in set(inputs.units)]
    for code in left_out:
        own[code] = dict.fromkeys(inputs.projects, Decision.UNDETERMINED)
    in_order = [unit.code for unit in inputs.tree.units]
    rolled = roll_up_tree(own, {PROVINCE: in_order, **children})
    return {code: rolled[code] for code in codes}


def _places(inputs: Inputs, unit: str) -> list[str]:
    return [region.code for region in inputs.tree.children_of(unit)]


def _own(inputs: Inputs, decisions: Decisions, code: str) -> Iterator[tuple[Project, Decision]]:
    for project in inputs.projects:
        if project in inputs.called:
            yield project, Decision(decisions.get((project, code), Decision.NO_TASK))
        else:
            yield project, _desk(inputs, project, code)


def _desk(inputs: Inputs, project: Project, code: str) -> Decision:
    """Return what the coordinator entered for the desk project; without an entry, undetermined.

    A unit that met its task speaks for its places unless a place has an entry of its own. The
    province without an entry has met its total if every unit has.
    """
    if code in inputs.desk:
        return Decision.MET if inputs.desk[code] else Decision.NOT_MET
    if code == PROVINCE:
        entered = [_desk(inputs, project, unit) for unit in inputs.units]
        tasks = [decision for decision in entered if decision is not Decision.NO_TASK]
        return Decision.MET if all(d is Decision.MET for d in tasks) else Decision.UNDETERMINED
    if not _has_desk_task(inputs, project, code):
        return Decision.NO_TASK
    unit = inputs.tree.by_code[code].unit_code
    return Decision.MET if unit and inputs.desk.get(unit) else Decision.UNDETERMINED


def _has_desk_task(inputs: Inputs, project: Project, code: str) -> bool:
    """Tell whether a region has a task; where no targets were loaded at all, everyone may."""
    named = {region for of, region in inputs.targets if of is project}
    return code in named or not named
