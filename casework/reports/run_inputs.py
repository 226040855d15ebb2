"""What a run was computed from, for those who hand out papers of it."""

from sqlalchemy.orm import undefer

from casework.db import db
from casework.errors import CaseworkError
from casework.estimates import kept
from casework.estimates.inputs import Inputs, read_inputs
from casework.estimates.models import EstimateRun, RunInputs


class RunOutdated(CaseworkError):
    """The data of the run have changed, and it kept no copy of them: nothing can be handed out."""


def inputs_of(run: EstimateRun) -> Inputs:
    """Return the inputs that a run kept, or today's if they are still the same.

    Raises RunOutdated for a run that is older than the keeping of inputs, if the data have moved.
    """
    row = db.session.get(RunInputs, run.id, options=[undefer(RunInputs.content)])
    if row is not None:
        return kept.inputs_of(kept.unpacked(row.content))
    inputs = read_inputs(run.campaign)
    if inputs.digest(run.method) != run.input_digest:
        raise RunOutdated(run=run.uid)
    return inputs
