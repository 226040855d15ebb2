"""What a run was computed from, for those who hand out papers of it."""

from casework.errors import CaseworkError
from casework.estimates.inputs import Inputs, read_inputs
from casework.estimates.models import EstimateRun


class RunOutdated(CaseworkError):
    """The data have changed since the run was computed, so its rows cannot be handed out."""


def inputs_of(run: EstimateRun) -> Inputs:
    """Return the inputs of a run. Raises RunOutdated if they are no longer what they were."""
    inputs = read_inputs(run.campaign)
    if inputs.digest(run.method) != run.input_digest:
        raise RunOutdated(run=run.uid)
    return inputs
