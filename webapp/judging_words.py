"""Words for judging a run: broken rules, stages, states; see webapp/errors.py and labels.py."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.errors import CaseworkError
from casework.estimates import judging_errors as errors
from casework.estimates.judging_models import OverrideState
from casework.estimates.stages import ObjectionState, RunStage
from casework.estimates.verifying import InputsNotKept

JUDGING_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    InputsNotKept: (
        409,
        _l("This run is older than the keeping of inputs; it cannot be computed again."),
    ),
    errors.RunUnfinished: (
        409,
        _l(
            "Released cases were unfinished or in dispute when this run was computed. It stays an "
            "interim result and is not sent round; finish or settle them, compute anew."
        ),
    ),
    errors.DataMovedOn: (
        409,
        _l(
            "There is a later run on other data. What was begun on the old ones is void; go to "
            "the latest run. Nothing was changed."
        ),
    ),
    errors.AnotherRunIsOut: (
        409,
        _l(
            "Another run of this campaign is sent round or signed. Publish or withdraw it first. "
            "Nothing was changed."
        ),
    ),
    errors.DayTooEarly: (
        422,
        _l("The earliest day is {day}. Nothing was changed."),
    ),
    errors.AlreadySigned: (
        409,
        _l("{name} signed here at {at}. One signature is kept; yours was not added."),
    ),
    errors.LaterFindings: (
        409,
        _l(
            "Cases looked at again after this run: {amount}, which is not the number you signed "
            "for. Nothing was signed. Load the page anew and read it again."
        ),
    ),
    errors.UnitsUnsigned: (
        409,
        _l("{amount} units have not signed yet. Nothing was changed."),
    ),
    errors.ObjectionsOpen: (
        409,
        _l("{amount} objections are not closed yet. Nothing was changed."),
    ),
    errors.OverridesWaiting: (
        409,
        _l("{amount} overrides wait for a second person. Nothing was changed."),
    ),
    errors.SecondPersonNeeded: (
        409,
        _l("This takes a second person; you were the first. Nothing was changed."),
    ),
    errors.ReasonNeeded: (
        422,
        _l("Give a reason of at most {most} characters. Nothing was changed."),
    ),
    errors.NothingOverridden: (
        422,
        _l("Choose a decision other than the one by the rule. Nothing was changed."),
    ),
    errors.AlreadyProposed: (
        409,
        _l("An override of this decision waits or holds already. Nothing was changed."),
    ),
    errors.FileUnusable: (
        422,
        _l(
            "File {number} is not taken: PDF, JPEG, PNG, Word or Excel, of at most {most} MB. "
            "Nothing was kept."
        ),
    ),
    errors.TooManyFiles: (
        422,
        _l("At most {most} files. Nothing was kept."),
    ),
}

JUDGING_LABELS: dict[type[StrEnum], dict[StrEnum, LazyString]] = {
    RunStage: {
        RunStage.DRAFT: _l("Draft"),
        RunStage.PRELIMINARY: _l("Preliminary"),
        RunStage.FINAL: _l("Final"),
        RunStage.PUBLISHED: _l("Published"),
        RunStage.WITHDRAWN: _l("Withdrawn"),
    },
    OverrideState: {
        OverrideState.PROPOSED: _l("Waits for a second person"),
        OverrideState.CONFIRMED: _l("Holds"),
        OverrideState.REFUSED: _l("Declined"),
        OverrideState.VOID: _l("Void: the data moved on"),
    },
    ObjectionState: {
        ObjectionState.OPEN: _l("Waits for an answer"),
        ObjectionState.ANSWERED: _l("Answered"),
        ObjectionState.CLOSED: _l("Closed"),
        ObjectionState.TAKEN_BACK: _l("Taken back"),
    },
}
