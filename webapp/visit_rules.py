"""What people read when a rule about leads, trips, adjudication or rectification is broken."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.errors import CaseworkError
from casework.reports.circular import NoResults
from casework.reports.circular_texts import CircularTextUnusable
from casework.visits.adjudication import AlreadyDecided
from casework.visits.findings import CampaignOver
from casework.visits.lead_files import HeaderMissing, TooManyLeads
from casework.visits.lead_handling import (
    DueInThePast,
    LeadsDiffer,
    LeadSettledBySite,
    ResultUnexplained,
)
from casework.visits.rectification import (
    AnswerFileUnusable,
    DueTooEarly,
    MatterIncomplete,
    StepUnexplained,
)
from casework.visits.trips import OwnRegion, ReasonNeeded

#: Part of ``webapp.errors.BROKEN_RULES``.
VISIT_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    AlreadyDecided: (
        409,
        _l("You gave your opinion on this case; somebody else gives the next one."),
    ),
    DueTooEarly: (
        422,
        _l(
            "The due date must lie on the day of issue or later, and an extension after the date "
            "before it. Nothing was kept."
        ),
    ),
    AnswerFileUnusable: (
        422,
        _l(
            "The file is not taken: PDF, JPEG, PNG, Word or Excel, of at most {most} MB. "
            "Nothing was kept."
        ),
    ),
    CircularTextUnusable: (
        422,
        _l(
            "The text of a circular has at least one and at most {most} characters. "
            "Nothing was kept."
        ),
    ),
    MatterIncomplete: (
        422,
        _l(
            "Name whom it goes to and what is asked, in no more than 4,000 characters. Nothing "
            "was issued."
        ),
    ),
    StepUnexplained: (
        422,
        _l(
            "Say what was answered, asked or done, in no more than 4,000 characters. Nothing was "
            "kept."
        ),
    ),
    CampaignOver: (
        409,
        _l(
            "The campaign is over, so no finding is taken any more and nothing was saved. If an "
            "earlier one is wrong, tell the verifier: results are changed by a reasoned judgement."
        ),
    ),
    NoResults: (409, _l("There is no finished run to draft from; compute one first.")),
    HeaderMissing: (
        422,
        _l(
            "No header was found in the first ten rows; missing columns: {columns}. Nothing was "
            "entered; take the template, or name the columns as it does."
        ),
    ),
    TooManyLeads: (
        422,
        _l("The table has more than {most} rows. Nothing was entered; split it."),
    ),
    DueInThePast: (
        422,
        _l("The due date lies in the past. Nothing was saved; choose a later day."),
    ),
    LeadsDiffer: (
        409,
        _l("These two leads are about different cases or campaigns, so they stay two."),
    ),
    LeadSettledBySite: (
        409,
        _l("This lead is about a sampled case; the visit of that case settles it."),
    ),
    OwnRegion: (
        422,
        _l("An inspector is never sent into the own region. Nothing was changed; choose another."),
    ),
    ReasonNeeded: (
        422,
        _l("Give a reason of at most 500 characters. Nothing was changed."),
    ),
    ResultUnexplained: (
        422,
        _l("Say what was found, in no more than 2,000 characters. Nothing was saved."),
    ),
}
