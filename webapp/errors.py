"""How broken rules reach the person: one status and one sentence for each."""

from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from casework.accounts.service import LoginRefused, LoginTaken, OwnAccount, PasswordTooWeak
from casework.calls.attempts import (
    IdentityNumberTyped,
    NoAnswerChosen,
    NumberIsSpared,
    OutsideCallingHours,
    PersonSpokeToday,
    TooManyWords,
    WaiverNotRead,
)
from casework.calls.caller import CallerUnusable
from casework.calls.closing import (
    AppointmentBackwards,
    AppointmentMissing,
    AppointmentOutsideHours,
    AppointmentPast,
    AppointmentTooLate,
    AppointmentUnreadable,
    AppointmentUnusable,
)
from casework.calls.corrections import CorrectionTooLate, CorrectionUnexplained
from casework.calls.dialling import NotDialled
from casework.calls.dispositions import UnknownDisposition
from casework.calls.doubts import AgainstAnswers
from casework.calls.filling import (
    AnswersIncomplete,
    NewNumberMissing,
    NewNumberUnreadable,
    NoteMissing,
    OutcomeContradictsAnswers,
    WaiverMarkMissing,
)
from casework.calls.freeing import FreeingUnexplained, HolderAtWork
from casework.calls.holding import CaseNotHeld
from casework.calls.keeping import KeyReused
from casework.calls.late_outcomes import DismissalUnexplained
from casework.calls.messages import MessageEmpty
from casework.calls.no_call import NotANumber, SparingUnexplained
from casework.calls.overruling import (
    CallNotLast,
    CallsAreOver,
    OverrulingUnexplained,
    RecallSettled,
)
from casework.calls.pushing import HoldsAnotherCase, NotACode, RefusalRests
from casework.calls.recalls import ExplanationMissing, ShareUnusable
from casework.calls.recording import MonthAhead, MonthMissing, WordsMissing
from casework.calls.reports import OutcomeKeptLate
from casework.calls.rules import RulesUnusable
from casework.calls.script import NotAnAnswer
from casework.calls.slots import SlotFull
from casework.calls.supervision import (
    ConfirmingUnexplained,
    DuplicateUnknown,
    EndUnexplained,
    NobodyHasSkill,
    OwnCorrection,
)
from casework.campaigns.errors import (
    AlreadyDrawn,
    AuthenticityIsNewEmployment,
    BudgetTooSmall,
    CampaignNameUnusable,
    DatesOutOfOrder,
    FrameEmpty,
    FrameTooSmall,
    HalfWidthsMissing,
    HalfWidthsOutOfReach,
    NameTaken,
    NotDrawnYet,
    NothingChosen,
    NothingToDraw,
    NothingToPlan,
    NotInTheEarlierCampaign,
    PlaceOutsideUnits,
    SampleTooSmall,
    SizesImpossible,
    SizesUnreadable,
    SpotIsEverywhere,
    StratumTooSmall,
    TargetsUnreadable,
    WishUnusable,
    WithdrawalUnexplained,
)
from casework.cases.lifecycle import TransitionNotAllowed
from casework.cases.release import AlreadyReleased, EarlierNotReleased, RuleDecides
from casework.db import db
from casework.errors import CaseworkError, NotAllowedNow, NotFound
from casework.estimates.next_replicate import NothingProposed
from casework.ledgers.errors import InFrame, NoSuchFault, RowsStillFaulty, SameFile
from casework.reports.certificates import ResultUnpublished
from casework.reports.lost_evidence import EvidenceLost
from casework.reports.run_inputs import RunOutdated
from casework.sealing import KeysMissing, SealBroken
from casework.visits.assignment import NoInspector
from casework.visits.checklists import (
    ChecklistIncomplete,
    ItemUnknown,
    OutcomeContradicts,
    OutcomeDoesNotSuit,
    ReasonMissing,
)
from casework.visits.findings import FoundMeanwhile, WordsTooMany
from casework.visits.head_counts import CountsDoNotAddUp, CountUnusable
from casework.visits.kept import ReasonUnusable
from casework.visits.photos import NotAPhoto, PhotoIsMore, PhotoTooLarge, TooManyPhotos
from casework.visits.rates import RateMayOnlyRise, ShareOutOfRange
from casework.visits.selection import CallsStillOpen, CorrectionsWait
from webapp.access import PUBLIC
from webapp.formats import local
from webapp.judging_words import JUDGING_RULES
from webapp.labels import LABELS, label
from webapp.ledgers.words import REFUSALS
from webapp.protocol_words import PROTOCOL_RULES
from webapp.sessions import ServerSession
from webapp.visit_rules import VISIT_RULES

#: Status, and the sentence: what happened, what was kept, what to do. ``facts`` fill its places.
BROKEN_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
    NotFound: (404, _l("There is no such record, or you may not see it.")),
    ResultUnpublished: (
        409,
        _l(
            "A certificate is made of a published result, from the day of its publication on. "
            "Publish the run first, or make a notice."
        ),
    ),
    EvidenceLost: (
        409,
        _l(
            "Photos under these figures are lost or were altered, so no certificate is made. The "
            "report names the cases: bring the photos back from a backup, or have the cases "
            "visited and recorded anew."
        ),
    ),
    RunOutdated: (
        409,
        _l(
            "The data have changed since this run was computed, and it kept no copy of them. "
            "Compute a new run and make the paper of that one."
        ),
    ),
    NotAllowedNow: (409, _l("This cannot be done in the present state. Nothing was changed.")),
    TransitionNotAllowed: (
        409,
        _l("The case has moved on meanwhile. Nothing was changed; go back to your work list."),
    ),
    EarlierNotReleased: (
        409,
        _l(
            "Cases follow the order of the draw: replicate {earlier} is opened before replicate "
            "{replicate}. Nothing was changed."
        ),
    ),
    RuleDecides: (
        409,
        _l(
            "This campaign fixed the rule “widest interval first”: replicate {replicate} is opened "
            "when the rule names it. Nothing was changed."
        ),
    ),
    NothingProposed: (
        409,
        _l(
            "The rule names no replicate now: every one is open, open cases are still being "
            "worked, or there is no estimate since the latest was opened. Nothing was changed."
        ),
    ),
    AuthenticityIsNewEmployment: (
        422,
        _l(
            "A check of authenticity covers new employment alone, and new employment alone is "
            "checked that way. Nothing was opened."
        ),
    ),
    SpotIsEverywhere: (
        422,
        _l(
            "A spot check is of chosen regions: choose its counties, or leave out units. Nothing "
            "was opened."
        ),
    ),
    PlaceOutsideUnits: (
        422,
        _l("County {region} lies in none of the chosen units. Nothing was opened."),
    ),
    NotDrawnYet: (
        422,
        _l("A follow-up wave needs an earlier campaign whose sample is drawn. Nothing was opened."),
    ),
    NotInTheEarlierCampaign: (
        422,
        _l(
            "A follow-up wave covers projects and units of the campaign it follows, {name}. "
            "Nothing was opened."
        ),
    ),
    NothingToPlan: (
        409,
        _l("This project has no stratum yet, so there is nothing to plan. Freeze the frame first."),
    ),
    BudgetTooSmall: (
        422,
        _l(
            "The budget of {budget:,.0f} yuan does not pay for the minimum: {cases:,} cases with "
            "their visits cost {needed:,.0f} yuan. Raise the budget, or lower minimum or visits. "
            "Nothing was changed."
        ),
    ),
    HalfWidthsOutOfReach: (
        422,
        _l(
            "{regions} half-widths are out of reach even if everybody is called. The worst is that "
            "of {region}: at best {factor:.2f} times as wide as asked for."
        ),
    ),
    HalfWidthsMissing: (
        422,
        _l("Sizes by precision need the half-width of a county, a unit or a project."),
    ),
    WishUnusable: (422, _l("A number lies outside its range, {low:g} to {high:g}: {value:g}.")),
    AlreadyReleased: (409, _l("Replicate {replicate} is open already. Nothing was changed.")),
    CaseNotHeld: (
        409,
        _l(
            "You do not hold case {case} any more: the hold ran out, or the call was closed "
            "elsewhere. This was not saved; what you typed still stands on the page."
        ),
    ),
    OutcomeKeptLate: (
        409,
        _l(
            "The hold of case {case} had run out before this report came. It is kept for the "
            "supervisor under number {number}, and counts if the supervisor accepts it."
        ),
    ),
    KeyReused: (
        422,
        _l(
            "This form was sent before with other contents, and those were saved. Nothing was "
            "changed; look at your day, and correct the call there."
        ),
    ),
    CorrectionTooLate: (
        409,
        _l(
            "A call is corrected within ten minutes, while nobody else acted on case {case}. "
            "Nothing was changed; tell the supervisor."
        ),
    ),
    CorrectionUnexplained: (
        422,
        _l(
            "{disposition} takes back an interview or ends the calls of the case. Write in the "
            "note why the first report was wrong; the supervisor confirms it. Nothing was changed."
        ),
    ),
    RefusalRests: (
        409,
        _l(
            "The person of case {case} refused and is left alone for a while. Assign the case on "
            "its page, and say there that you know. Nothing was changed."
        ),
    ),
    FreeingUnexplained: (
        422,
        _l("Say why the case is taken off the screen. Nothing was changed."),
    ),
    HolderAtWork: (
        409,
        _l(
            "Whoever has case {case} was heard of within the last minute. Confirm on the page of "
            "the case that you know. Nothing was changed."
        ),
    ),
    ConfirmingUnexplained: (
        422,
        _l("Say why the person is not to be surveyed. Nothing was changed."),
    ),
    DuplicateUnknown: (
        422,
        _l(
            "Name the case in which the person is surveyed: another one of this campaign and "
            "project, itself not confirmed as out of the sample. Nothing was changed."
        ),
    ),
    OverrulingUnexplained: (
        422,
        _l("Say why the call is corrected; the reason is kept. Nothing was changed."),
    ),
    CallsAreOver: (
        409,
        _l(
            "The calls of this campaign are over, and its results rest on them. Nothing was "
            "changed."
        ),
    ),
    CallNotLast: (
        409,
        _l(
            "Only the last call of a case is corrected, while nobody works on it and no visit was "
            "chosen. Nothing was changed; look at case {case} again."
        ),
    ),
    RecallSettled: (
        409,
        _l(
            "Two interviews of case {case} were compared, and it was decided what follows from "
            "that. Nothing was changed; the interview stays as it is."
        ),
    ),
    OwnCorrection: (
        409,
        _l(
            "You corrected this call of case {case}, so another supervisor confirms it. You may "
            "set it aside. Nothing was changed."
        ),
    ),
    EndUnexplained: (422, _l("Say why no further call is to be made. Nothing was changed.")),
    DismissalUnexplained: (422, _l("Say why the report is put aside. Nothing was changed.")),
    NotACode: (422, _l("Write a case code like P1-000123, or one telephone number.")),
    NotANumber: (422, _l("Write one telephone number, with its area code if it has one.")),
    MessageEmpty: (422, _l("Write what the operator should know; nothing was sent.")),
    SparingUnexplained: (422, _l("Write why. The reason is kept with the number.")),
    NumberIsSpared: (
        409,
        _l(
            "Case {case} has a number that is not to be called any more, so nothing was done. "
            "Whoever holds the case hands it back, or gives it to the supervisor with F8."
        ),
    ),
    HoldsAnotherCase: (
        409,
        _l("You hold a case already. Close its call or hand it back, then take the other one."),
    ),
    OutsideCallingHours: (
        409,
        _l("Nobody is called outside the campaign's hours or after the end of fieldwork."),
    ),
    PersonSpokeToday: (
        409,
        _l(
            "A colleague spoke with this person today for another project, so nobody rings again "
            "before {until}. Hand the case back, or give it to the supervisor with F8."
        ),
    ),
    RulesUnusable: (
        422,
        _l(
            "These rules cannot be used: hours must lie between 8:00 and 21:00 with the rest "
            "inside them, and every number in its range. Nothing was changed."
        ),
    ),
    NobodyHasSkill: (409, _l("No active operator has this skill. Nothing was changed.")),
    ShareUnusable: (422, _l("The share of re-calls must lie between 0 and 100 %.")),
    ExplanationMissing: (
        422,
        _l("Say why the two interviews contradict each other. Nothing was changed."),
    ),
    NotDialled: (
        422,
        _l(
            "No call was made yet, so none can be recorded. Dial with F2, or say that it was "
            "dialled by hand."
        ),
    ),
    SlotFull: (
        422,
        _l("This slot of time is full. The next free one begins on {next}; choose it with F4."),
    ),
    CallerUnusable: (
        422,
        _l("A name or place is longer than {most} characters. Shorten it; nothing was changed."),
    ),
    UnknownDisposition: (422, _l("There is no disposition {disposition} to choose.")),
    NoteMissing: (422, _l("Disposition {disposition} needs a note. Press F9 and write it.")),
    AnswersIncomplete: (
        422,
        _l(
            "The answers do not reach a verdict yet. Go on with the script, or choose the "
            "disposition for a break-off (14)."
        ),
    ),
    WordsMissing: (
        422,
        _l("This answer needs words: write down what the person said, or ? if they do not know."),
    ),
    MonthMissing: (
        422,
        _l(
            "“{typed}” names no year and month. Write them as in 2017-03, or end with ? if the "
            "person does not know."
        ),
    ),
    MonthAhead: (422, _l("{typed} lies in the future. Ask again and write down another month.")),
    AgainstAnswers: (422, _l("{doubt} If {disposition} holds all the same, confirm it.")),
    OutcomeContradictsAnswers: (422, _l("The outcome does not follow from the answers.")),
    WaiverNotRead: (422, _l("Read the sentence word for word and press Space, then answer.")),
    WaiverMarkMissing: (
        422,
        _l("A voluntary waiver needs the time mark of its sentence. Read it again and mark it."),
    ),
    AppointmentMissing: (422, _l("Choose the day and the time of the appointment (F4).")),
    AppointmentUnusable: (
        422,
        _l("No call can be made at the time agreed on. Choose another one; nothing was recorded."),
    ),
    AppointmentUnreadable: (
        422,
        _l(
            "“{typed}” is no day of the calendar or time of the clock. Write the day as in "
            "2026-11-25 and the time as in 14:30; nothing was recorded."
        ),
    ),
    AppointmentPast: (
        422,
        _l("The time agreed on is over. Choose one that lies ahead; nothing was recorded."),
    ),
    AppointmentBackwards: (
        422,
        _l("The end of the time agreed on is not after its begin. Mend one of the two."),
    ),
    AppointmentOutsideHours: (
        422,
        _l(
            "The time agreed on must begin in the hours of calling, {opens} to {ends}, and not in "
            "the noon rest. Choose another one; nothing was recorded."
        ),
    ),
    AppointmentTooLate: (
        422,
        _l("The last day of calls is {until}. Choose a day up to then; nothing was recorded."),
    ),
    NewNumberMissing: (422, _l("Write down the new telephone number of the person.")),
    NewNumberUnreadable: (
        422,
        _l(
            "The new number is not one telephone number: 11 digits of a mobile telephone, or area "
            "code and number. Look at it again; nothing was saved."
        ),
    ),
    NoAnswerChosen: (422, _l("Choose at least one answer, then go on.")),
    NotAnAnswer: (422, _l("Question {question} does not take the answer {answer} now.")),
    IdentityNumberTyped: (
        422,
        _l(
            "The words contain an identity or card number. Calls never ask for one; take it out "
            "and save again."
        ),
    ),
    TooManyWords: (422, _l("The note is longer than {most} characters. Shorten it.")),
    CampaignNameUnusable: (
        422,
        _l("Give a name of at most {most} characters. Nothing was changed."),
    ),
    WithdrawalUnexplained: (
        422,
        _l("Give a reason of at most {most} characters. Nothing was changed."),
    ),
    NameTaken: (409, _l("There is already a campaign with this name. Choose another one.")),
    DatesOutOfOrder: (
        422,
        _l("The cut-off, the end of fieldwork and the day of the results must follow each other."),
    ),
    NothingChosen: (422, _l("Choose at least one project and one reporting unit.")),
    TargetsUnreadable: (
        422,
        _l(
            "Line {line} of the table of targets cannot be read. Nothing was changed; "
            "correct it and upload the table again."
        ),
    ),
    FrameEmpty: (
        409,
        _l(
            "There is no accepted entry of the chosen projects and units, so nothing was frozen. "
            "Accept ledgers first."
        ),
    ),
    SizesImpossible: (
        422,
        _l("The strata cannot give these sizes ({reason}). Nothing was changed."),
    ),
    StratumTooSmall: (
        422,
        _l(
            "{size} cases are asked of stratum {stratum}, which has {entries} entries to draw "
            "from. Nothing was changed."
        ),
    ),
    FrameTooSmall: (
        422,
        _l("{total} cases are more than the {entries} entries there are. Nothing was changed."),
    ),
    SampleTooSmall: (
        422,
        _l(
            "{total} cases are too few: the {strata} strata need {least} at the least. Raise the "
            "sample or lower the minimum. Nothing was changed."
        ),
    ),
    SizesUnreadable: (
        422,
        _l(
            "Line {line} of the table of sizes cannot be read. Nothing was changed; "
            "correct it and upload the table again."
        ),
    ),
    NothingToDraw: (409, _l("No sample size is set, so nothing was drawn. Set the sizes first.")),
    AlreadyDrawn: (
        409,
        _l("This frame was drawn from before; a frame is drawn from once. The try was recorded."),
    ),
    LoginRefused: (401, _l("The account or the password is wrong. Check both and try again.")),
    OwnAccount: (
        409,
        _l("Nobody changes his or her own role or region; another administrator does."),
    ),
    LoginTaken: (409, _l("There is already a user with this log-in name. Choose another one.")),
    PasswordTooWeak: (422, _l("A password needs between 15 and 128 characters.")),
    SealBroken: (
        500,
        _l("A sealed value does not open. Tell the administrator; nothing was changed."),
    ),
    KeysMissing: (503, _l("The keys are not loaded. Tell the administrator.")),
    SameFile: (
        409,
        _l(
            "Exactly this file was handed in before, so nothing was kept of it now. Look at the "
            "ledger that holds it, or choose the corrected file."
        ),
    ),
    RowsStillFaulty: (
        409,
        _l(
            "Nothing was accepted: rows that still have errors: {rows}. Remove them under a "
            "removal class, or withdraw the ledger and upload a corrected file."
        ),
    ),
    NoSuchFault: (
        409,
        _l("None of these rows has an error that still stands, so nothing was removed."),
    ),
    InFrame: (
        409,
        _l(
            "Entries of this ledger are in a frozen frame, so it can no longer be withdrawn. "
            "Nothing was changed; speak to the coordinator."
        ),
    ),
    **{rule: (422, words) for rule, words in REFUSALS.items()},
    **PROTOCOL_RULES,
    **VISIT_RULES,
    **JUDGING_RULES,
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

HTTP_WORDS: dict[int, LazyString] = {
    400: _l("The request could not be understood. Nothing was changed; load the page again."),
    401: _l("You are not logged in any more. Log in; what was saved before is kept."),
    403: _l("Your role does not allow this page. Nothing was changed."),
    404: _l("There is no such page or record, or you may not see it."),
    405: _l(
        "Use the button or link of a page; the address alone does nothing. Nothing was changed."
    ),
    409: _l("Somebody else changed this just now, so nothing was saved. Look at it again first."),
    413: _l("The file is larger than 50 MB. Nothing was kept; split it and upload the parts."),
    429: _l("Too many tries in a short time. Wait a few minutes and try again."),
    500: _l("Something went wrong on our side. Nothing was half-written; try again."),
    503: _l("The database does not answer. Nothing was lost; try again in a minute."),
}

#: Refusals of a form after which its page is the place to go on.
SENT_FROM_A_PAGE = frozenset({400, 404, 405, 409, 413, 422, 429, 500, 503})


def sentence(error: CaseworkError) -> str:
    """Return the words for a broken rule, with its facts in place."""
    __, words = BROKEN_RULES[type(error)]
    facts = {name: _fact(fact) for name, fact in error.facts.items()}
    return str(words).format(**facts)


def _fact(fact: object) -> object:
    if isinstance(fact, StrEnum) and type(fact) in LABELS:
        return label(fact)
    return local(fact) if isinstance(fact, datetime) else fact


def init_app(app: Flask) -> None:
    app.register_error_handler(CaseworkError, _broken_rule)
    app.register_error_handler(StaleDataError, _lost_race)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(OperationalError, _database_gone)
    for odd in (DataError, OverflowError):
        app.register_error_handler(odd, _no_such_value)
    app.register_error_handler(HTTPException, _http)
    app.teardown_appcontext(_let_go)


_HIDDEN = {"csrf_token", "case", "fence", "key"}  # what forms carry and nobody types


def _page(words: object, status: int, *, raced: bool = False, rule: str = "") -> tuple[str, int]:
    page = render_template(
        "error.html",
        message=words,
        status=status,
        back=_came_from(status),
        raced=raced,
        rule=rule,
        # Any other refusal may have come before the form was read, such as of one too large.
        typed=status == HTTPStatus.CONFLICT and bool(set(request.form) - _HIDDEN),
    )
    return page, status


def _came_from(status: int) -> str:
    """Return the page of this site on which a refused form was sent, "" if there is none.

    The browser says it for our own pages only; an address that was opened directly has none.
    """
    came = urlsplit(request.referrer or "")
    if request.method == "GET" or came.netloc != request.host or status not in SENT_FROM_A_PAGE:
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _broken_rule(error: CaseworkError) -> tuple[str, int]:
    return _page(sentence(error), BROKEN_RULES[type(error)][0], rule=type(error).__name__)


def _lost_race(error: StaleDataError) -> tuple[str, int]:
    return _page(HTTP_WORDS[409], 409, raced=True)


def _stale_form(error: CSRFError) -> tuple[str, int]:
    """A form asks to log in when nobody is logged in any more; elsewhere it is only stale."""
    logged_in = cast("ServerSession", session).user is not None
    status = 400 if logged_in or request.endpoint in PUBLIC else 401
    return _page(HTTP_WORDS[status], status)


def _database_gone(error: Exception) -> tuple[str, int, dict[str, str]]:
    g.user = None  # the page would ask the database for the name
    cast("ServerSession", session).unread = True  # and its session would be written
    return *_page(HTTP_WORDS[503], 503), {"Retry-After": "5"}


def _let_go(error: BaseException | None) -> None:
    """Give the connection back; that it is dead does not spoil an answer that is ready.

    What was only read is committed: at a rollback psycopg forgets its prepared statements.
    """
    session = db.session()
    with suppress(SQLAlchemyError):
        if error is None and not (session.new or session.dirty or session.deleted):
            session.commit()
    with suppress(OperationalError):
        db.session.remove()


def _no_such_value(error: Exception) -> tuple[str, int]:
    """Answer an address with a number or sign that no column can hold: there is no such row."""
    db.session.rollback()
    return _page(HTTP_WORDS[404], 404)


def _http(error: HTTPException) -> ResponseReturnValue | HTTPException:
    status = error.code or 500
    # With the session to be read or saved it goes away before the view or after it.
    if status == 503 or isinstance(getattr(error, "original_exception", None), OperationalError):  # noqa: PLR2004
        return _database_gone(error)
    if status < 400:  # noqa: PLR2004 - redirects are exceptions too
        return error
    return _page(HTTP_WORDS.get(status, HTTP_WORDS[500]), status)
