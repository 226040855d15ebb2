"""What was drawn of one project, and what was to be expected of it."""

from collections import Counter

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.campaigns.cells import read_cells
from casework.campaigns.drafts import Planned, with_sizes
from casework.campaigns.models import Stratum
from casework.campaigns.strata import whole_key
from casework.campaigns.wishes import Wishes
from casework.ledgers.projects import Project


def drawn_plan(session: Session, campaign_id: int, project: Project, wishes: Wishes) -> Planned:
    """Return the sizes that were drawn, and what the wishes let expect of them.

    Of a wave that overlaps an earlier one, those selected before are part of the same size. Raises
    NothingToPlan if the project has no stratum.
    """
    cells = read_cells(session, campaign_id, project)
    sample = Counter[str]()
    rows = select(Stratum.key, Stratum.sample_size).where(
        Stratum.campaign_id == campaign_id, Stratum.project == project
    )
    for key, cases in session.execute(rows):
        sample[whole_key(key)] += cases
    return with_sizes(cells, wishes, np.array([sample[key] for key in cells.keys]))
