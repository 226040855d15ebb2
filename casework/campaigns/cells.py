"""What sizes are planned for: the strata of one project that can be drawn from, and their targets.

Of a wave that overlaps with the campaigns it follows, those selected before and the rest of a
stratum are one, since one size is set for both; a wave that stays apart can draw from the rest
alone. See :mod:`casework.campaigns.strata`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.campaigns.errors import NothingToPlan
from casework.campaigns.models import Campaign, Coordination, Stratum, StratumPart, Target
from casework.campaigns.strata import whole_key
from casework.ledgers.projects import Project

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The strata of one project that can be drawn from, with their targets; all (H,)."""

    keys: Sequence[str]
    regions: Sequence[str]
    enterprises: Sequence[str]  #: empty where the stratum is a place
    units: Sequence[str]
    frame_size: Counts
    certain: NDArray[np.bool_]
    target: Floats  #: of the place, NaN where it has none
    unit_targets: Mapping[str, int]


def read_cells(session: Session, campaign_id: int, project: Project) -> Cells:
    """Read what is planned for. Raises NothingToPlan if the project has no stratum."""
    together = _strata(session, campaign_id, project)
    if not _overlaps(session, campaign_id):
        rests = (_rest(parts) for parts in together.values())
        together = {key: parts for key, parts in zip(together, rests, strict=True) if parts}
    if not together:
        raise NothingToPlan(project=project)
    targets: dict[str, int] = dict(
        session.execute(
            select(Target.region_code, Target.persons).where(
                Target.campaign_id == campaign_id, Target.project == project
            )
        ).all()
    )
    first = [parts[0] for parts in together.values()]
    own = [None if stratum.enterprise else targets.get(stratum.region_code) for stratum in first]
    return Cells(
        keys=list(together),
        regions=[stratum.region_code for stratum in first],
        enterprises=[stratum.enterprise for stratum in first],
        units=[stratum.unit_code for stratum in first],
        frame_size=np.array([sum(s.frame_size for s in parts) for parts in together.values()]),
        certain=np.array([any(s.certain for s in parts) for parts in together.values()]),
        target=np.array([np.nan if persons is None else persons for persons in own]),
        unit_targets=targets,
    )


def selected_whole_before(session: Session, campaign_id: int, project: Project) -> list[Stratum]:
    """Return the strata of which everybody was selected in the campaigns that this one follows."""
    together = _strata(session, campaign_id, project)
    return [parts[0] for parts in together.values() if not _rest(parts)]


def _strata(session: Session, campaign_id: int, project: Project) -> dict[str, list[Stratum]]:
    """Return the strata of one project by unit and key, the parts of each under one key."""
    strata = session.scalars(
        select(Stratum).where(Stratum.campaign_id == campaign_id, Stratum.project == project)
    )
    together: dict[str, list[Stratum]] = {}
    for stratum in sorted(strata, key=lambda each: (each.unit_code, whole_key(each.key))):
        together.setdefault(whole_key(stratum.key), []).append(stratum)
    return together


def _rest(parts: Sequence[Stratum]) -> list[Stratum]:
    return [stratum for stratum in parts if stratum.part is not StratumPart.EARLIER]


def _overlaps(session: Session, campaign_id: int) -> bool:
    return session.get_one(Campaign, campaign_id).coordination is Coordination.OVERLAP
