"""Whether regions are wholly complete: three values, every child counts, and line by line why.

A region is complete when each of its projects with a task is met and each next-lower region with a
task is complete. One child not met makes it not complete; otherwise one undetermined makes it
undetermined. What has no task is left out. Source: METHOD A2 (S4-19, S4-20).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.estimates.models import Completion
from casework.ledgers.projects import Project
from casework.regions.models import PROVINCE
from estimation.decision import Decision

AS_CHILD: Mapping[Completion, Decision] = {
    Completion.COMPLETE: Decision.MET,
    Completion.NOT_COMPLETE: Decision.NOT_MET,
    Completion.UNDETERMINED: Decision.UNDETERMINED,
    Completion.NO_TASK: Decision.NO_TASK,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a roll-up; *project* is None for a lower region as a whole."""

    region: str
    project: Project | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class RolledUp:
    """A region's completion and the lines it follows from, those without a task included."""

    completion: Completion
    reasons: tuple[Reason, ...]


def roll_up(decisions: Iterable[Decision]) -> Completion:
    """Sum up decisions of which each one counts.

    Returns
    -------
    Completion
        NO_TASK if there is nothing but no task, or nothing at all.
    """
    found = set(decisions) - {Decision.NO_TASK}
    if not found:
        return Completion.NO_TASK
    if Decision.NOT_MET in found:
        return Completion.NOT_COMPLETE
    if Decision.UNDETERMINED in found:
        return Completion.UNDETERMINED
    return Completion.COMPLETE


def roll_up_tree(
    own: Mapping[str, Mapping[Project, Decision]],
    children: Mapping[str, Sequence[str]],
    root: str = PROVINCE,
) -> dict[str, RolledUp]:
    """Roll up the reporting tree from *root* downwards.

    Parameters
    ----------
    own
        The decisions of each region on its own total, by project.
    children
        The next-lower regions of each region in the reporting tree. A direct county is a child of
        the province and of no city, so it counts once.
    root
        Where to begin.

    Returns
    -------
    dict of str to RolledUp
        One for each region reached.

    Raises
    ------
    ValueError
        If a region would be counted twice.
    """
    sums: dict[str, RolledUp] = {}
    _visit(root, own, children, sums)
    return sums


def _visit(
    code: str,
    own: Mapping[str, Mapping[Project, Decision]],
    children: Mapping[str, Sequence[str]],
    sums: dict[str, RolledUp],
) -> Completion:
    lines = [Reason(code, project, decision) for project, decision in own.get(code, {}).items()]
    for child in children.get(code, ()):
        if child in sums:
            raise ValueError(f"region {child} would be counted twice")
        completion = _visit(child, own, children, sums)
        lines.append(Reason(child, None, AS_CHILD[completion]))
    sums[code] = RolledUp(roll_up(line.decision for line in lines), tuple(lines))
    return sums[code].completion
