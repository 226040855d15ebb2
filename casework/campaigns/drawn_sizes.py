"""What was drawn of one project, and what was to be expected of it."""

from collections import Counter
from dataclasses import replace

import numpy as np
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.campaigns.drafts import Planned, read_cells, with_sizes
from casework.campaigns.models import Stratum, StratumPart
from casework.campaigns.strata import whole_key
from casework.campaigns.wishes import Wishes
from casework.ledgers.projects import Project


def drawn_plan(session: Session, campaign_id: int, project: Project, wishes: Wishes) -> Planned:
    """Return the sizes that were drawn, and what the wishes let expect of them.

    Of a wave that overlaps an earlier one, those selected before are part of the same size. Raises
    NothingToPlan if the project has no stratum.
    """
    cells = read_cells(session, campaign_id, project)
    rows = session.execute(
        select(Stratum.key, Stratum.frame_size, Stratum.sample_size).where(
            Stratum.campaign_id == campaign_id,
            Stratum.project == project,
            or_(Stratum.part != StratumPart.EARLIER, Stratum.sample_size > 0),
        )
    )
    frame, sample = Counter[str](), Counter[str]()
    for key, entries, cases in rows:
        frame[whole_key(key)] += entries
        sample[whole_key(key)] += cases
    whole = replace(cells, frame_size=np.array([frame[key] for key in cells.keys]))
    return with_sizes(whole, wishes, np.array([sample[key] for key in cells.keys]))
