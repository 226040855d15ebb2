"""What people read when a rule about visits and what follows from them is broken."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.errors import CaseworkError
from casework.reports.circular import NoResults
from casework.reports.circular_texts import CircularTextUnusable
from casework.visits.adjudication import AlreadyDecided
from casework.visits.assignment import NoInspector
from casework.visits.checklists import (
    ChecklistIncomplete,
    ItemUnknown,
    OutcomeContradicts,
    OutcomeDoesNotSuit,
    ReasonMissing,
)
from casework.visits.findings import CampaignOver, FoundMeanwhile, WordsTooMany
from casework.visits.head_counts import CountsDoNotAddUp, CountUnusable
from casework.visits.kept import ReasonUnusable
from casework.visits.lead_files import HeaderMissing, TooManyLeads
from casework.visits.lead_handling import (
    DueInThePast,
    LeadsDiffer,
    LeadSettledBySite,
    ResultUnexplained,
)
from casework.visits.photos import NotAPhoto, PhotoIsMore, PhotoTooLarge, TooManyPhotos
from casework.visits.rates import RateMayOnlyRise, ShareOutOfRange
from casework.visits.rectification import (
    AnswerFileUnusable,
    DueTooEarly,
    MatterIncomplete,
    StepUnexplained,
)
from casework.visits.selection import CallsStillOpen, CorrectionsWait
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
    CallsStillOpen: (
        409,
        _l("Operators still hold {held} cases. Nothing was changed; wait until they are back."),
    ),
    CorrectionsWait: (
        409,
        _l(
            "{waiting} corrected calls wait for a supervisor to confirm them or set them aside. "
            "Nothing was changed; close calling when that is done."
        ),
    ),
    RateMayOnlyRise: (
        422,
        _l("A share may only rise; here {share} was promised. Nothing was changed."),
    ),
    ShareOutOfRange: (422, _l("A share lies between 0 and 100 %. Nothing was changed.")),
    NoInspector: (409, _l("There is no inspector. Nothing was assigned; add inspectors first.")),
    OutcomeDoesNotSuit: (
        422,
        _l("{outcome} cannot be a conclusion for this project. Choose one of the list."),
    ),
    OutcomeContradicts: (
        422,
        _l("{outcome} contradicts the answer to {item}. Change one of the two; nothing was saved."),
    ),
    ItemUnknown: (422, _l("{item} is not answered as the checklist allows. Choose an answer.")),
    ReasonMissing: (422, _l("{item} does not conform: say what is wrong. Nothing was saved.")),
    ChecklistIncomplete: (
        422,
        _l("{number} items are open: {items}. Answer them; nothing was saved."),
    ),
    CountsDoNotAddUp: (
        422,
        _l("The parts make {parts}, but all workers are {total}. Nothing was saved; count again."),
    ),
    CountUnusable: (422, _l("Give whole numbers from 0; all workers are at least 1.")),
    ReasonUnusable: (
        422,
        _l("Say in at most 2,000 characters why the report is put aside. Nothing was changed."),
    ),
    FoundMeanwhile: (
        409,
        _l(
            "While this page was open another conclusion of this visit came in, from another page "
            "or device. It counts now and stands above under “Recorded so far”. Save once more "
            "only if what stands here is to take its place; if not, leave the page."
        ),
    ),
    WordsTooMany: (422, _l("A note or reason is longer than 2,000 characters. Shorten it.")),
    NotAPhoto: (
        422,
        _l(
            "Photo {number} is no JPEG, PNG or WebP that can be read to its end. Nothing was "
            "saved; take it again."
        ),
    ),
    PhotoTooLarge: (
        422,
        _l(
            "Photo {number} is larger than 10 MB or 40 million pixels. Nothing was saved; take it "
            "smaller."
        ),
    ),
    PhotoIsMore: (
        422,
        _l("Photo {number} carries another file inside. Nothing was saved; take it again."),
    ),
    TooManyPhotos: (
        422,
        _l("A case takes 20 photos: {stored} are stored, {sent} were sent. Nothing was saved."),
    ),
}
