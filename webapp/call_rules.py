"""What people read when a rule about calls is broken, at the desk or on the floor."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

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
from casework.errors import CaseworkError

#: Part of ``webapp.errors.BROKEN_RULES``.
CALL_RULES: dict[type[CaseworkError], tuple[int, LazyString]] = {
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
            "Whoever has case {case} was heard of within the last two minutes. Confirm on the page "
            "of the case that you know. Nothing was changed."
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
}
