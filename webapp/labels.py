"""What people read for each code. The domain has only codes; translated words live here."""

from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.audit.models import AuditAction
from casework.calls.doubts import Doubt
from casework.calls.operators import Doing
from casework.calls.rates import By
from casework.calls.schedule import DayPart
from casework.calls.signals import SignalKind
from casework.calls.supervision_models import Ruling
from casework.calls.waiting import Waiting
from casework.campaigns.models import (
    CampaignKind,
    CampaignState,
    Coordination,
    ReleaseReason,
    ReleaseRule,
    StratumPart,
)
from casework.campaigns.protocol_view import ProtocolStep
from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass
from casework.estimates.cases import CaseView
from casework.estimates.details import Basis
from casework.estimates.evidence import RevealPurpose
from casework.estimates.models import Completion, Level, RunState
from casework.estimates.next_replicate import Obstacle
from casework.estimates.stopping import Answer
from casework.ledgers.models import LedgerState, RemovalClass
from casework.ledgers.projects import Project
from casework.ledgers.rules import Severity
from casework.reports.models import HandoutKind, HandoutState
from casework.visits.along_models import LeadConflict
from casework.visits.checklists import CheckResult
from casework.visits.kept_models import Conflict, KeptState
from casework.visits.lead_files import LeadFault
from casework.visits.lead_register import LeadStage
from casework.visits.models import (
    LeadResult,
    LeadSeverity,
    LeadSource,
    LeadSubject,
    Signer,
    VisitReason,
    VisitState,
)
from casework.visits.rectification_models import MatterKind, MatterState, StepKind
from casework.visits.traces import SignalOnSite
from webapp.judging_words import JUDGING_LABELS

# One dict for each enum: members of two StrEnums with the same value are equal and would collide.
LABELS: dict[type[StrEnum], dict[StrEnum, LazyString]] = {
    Role: {
        Role.OPERATOR: _l("Operator"),
        Role.SUPERVISOR: _l("Supervisor"),
        Role.INSPECTOR: _l("Inspector"),
        Role.VERIFIER: _l("Verifier"),
        Role.COORDINATOR: _l("Coordinator"),
        Role.CLERK: _l("Clerk"),
        Role.ADMINISTRATOR: _l("Administrator"),
        Role.AUDITOR: _l("Auditor"),
    },
    Skill: {
        Skill.DIALECT: _l("Speaks dialect"),
        Skill.REFUSAL: _l("Wins over refusals"),
        Skill.SUPERVISOR: _l("Difficult calls"),
    },
    DayPart: {
        DayPart.DAYTIME: _l("Weekday, daytime"),
        DayPart.EVENING: _l("Weekday, evening"),
        DayPart.WEEKEND: _l("Weekend"),
    },
    Project: {
        Project.NEW_EMPLOYMENT: _l("New urban employment"),
        Project.RE_EMPLOYMENT: _l("Re-employment"),
        Project.HARDSHIP: _l("Hardship employment"),
        Project.OVERCAPACITY: _l("Overcapacity resettlement"),
    },
    LedgerState: {
        LedgerState.UPLOADED: _l("Waiting to be checked"),
        LedgerState.CHECKING: _l("Being checked"),
        LedgerState.REFUSED: _l("Refused"),
        LedgerState.FAULTY: _l("Has errors"),
        LedgerState.CLEAN: _l("Ready to accept"),
        LedgerState.ACCEPTING: _l("Being accepted"),
        LedgerState.ACCEPTED: _l("Accepted"),
        LedgerState.WITHDRAWN: _l("Withdrawn"),
    },
    Severity: {Severity.ERROR: _l("Error"), Severity.WARNING: _l("Warning")},
    RemovalClass: {
        RemovalClass.DUPLICATE: _l("Duplicate"),
        RemovalClass.INVALID: _l("Invalid"),
        RemovalClass.INCOMPLETE: _l("Still incomplete"),
    },
    CampaignState: {
        CampaignState.DESIGN: _l("Being designed"),
        CampaignState.FROZEN: _l("Frame frozen"),
        CampaignState.DRAWN: _l("Sample drawn"),
        CampaignState.CALLING: _l("Calling"),
        CampaignState.VISITING: _l("Visiting"),
        CampaignState.CLOSED: _l("Closed"),
        CampaignState.VOID: _l("Given up, drawn anew"),
        CampaignState.WITHDRAWN: _l("Withdrawn"),
    },
    CampaignKind: {
        CampaignKind.YEARLY: _l("Yearly verification"),
        CampaignKind.SPOT_CHECK: _l("Spot check of chosen regions"),
        CampaignKind.AUTHENTICITY: _l("Authenticity of new employment"),
        CampaignKind.FOLLOW_UP: _l("Follow-up wave"),
    },
    Coordination: {
        Coordination.AFRESH: _l("Drawn afresh"),
        Coordination.APART: _l("Apart from those selected before"),
        Coordination.OVERLAP: _l("Those selected before first"),
    },
    StratumPart: {
        StratumPart.WHOLE: _l("Not selected before"),
        StratumPart.EARLIER: _l("Selected before"),
        StratumPart.ADDED: _l("New since then"),
    },
    ReleaseRule: {
        ReleaseRule.BY_HAND: _l("The coordinator opens each"),
        ReleaseRule.WIDEST_FIRST: _l("Widest interval first"),
    },
    ReleaseReason: {
        ReleaseReason.PLANNED: _l("As planned"),
        ReleaseReason.FEW_ANSWERS: _l("Fewer answers than expected"),
        ReleaseReason.WIDEST: _l("Widest interval"),
        ReleaseReason.UNDETERMINED: _l("Undetermined with what is open"),
    },
    Obstacle: {
        Obstacle.ALL_OPEN: _l("Every replicate is open."),
        Obstacle.UNFINISHED: _l("Open cases are still being worked."),
        Obstacle.NO_ESTIMATE: _l("There is no estimate since the latest replicate was opened."),
    },
    Answer: {
        Answer.STOP: _l("May stop"),
        Answer.VISITS: _l("May stop if visits confirm"),
        Answer.USED_UP: _l("All worked, undecided"),
        Answer.GO_ON: _l("Go on"),
    },
    ProtocolStep: {
        ProtocolStep.FREEZE: _l("Freeze the frame"),
        ProtocolStep.NAME_VALUE: _l("Name the public value"),
        ProtocolStep.COMMIT: _l("Commit the secrets"),
        ProtocolStep.WAIT: _l("Wait for the public value"),
        ProtocolStep.RECORD_VALUE: _l("Enter the public value"),
        ProtocolStep.REVEAL: _l("Reveal the secrets"),
        ProtocolStep.DRAW: _l("Draw"),
        ProtocolStep.DRAWN: _l("Drawn"),
        ProtocolStep.TOO_LATE: _l("Too late, give it up"),
        ProtocolStep.VOID: _l("Given up"),
        ProtocolStep.WITHDRAWN: _l("Withdrawn"),
    },
    Doubt: {
        Doubt.SOMEBODY: _l("Questions were answered in this call."),
        Doubt.PERSON: _l("The person was on the phone in this call."),
        Doubt.BEGUN: _l("Questions of the interview were answered: such a call broke off (14)."),
        Doubt.RELATIVE: _l("A relative answered: such an interview is complete by proxy (12)."),
        Doubt.NO_RELATIVE: _l("The person answered, no relative: such an interview is 11."),
    },
    CaseState: {
        CaseState.READY: _l("Waiting to be called"),
        CaseState.HELD: _l("On an operator's screen"),
        CaseState.ESCALATED: _l("With the supervisor"),
        CaseState.PHONED: _l("Calls finished"),
        CaseState.TO_VISIT: _l("Waiting for a visit"),
        CaseState.CLOSED: _l("Closed"),
    },
    PhoneClass: {
        PhoneClass.ACHIEVED: _l("Achieved"),
        PhoneClass.DEEMED: _l("Deemed achieved"),
        PhoneClass.NOT_ACHIEVED: _l("Not achieved"),
        PhoneClass.DEAD_NUMBER: _l("Unresolved: dead number"),
        PhoneClass.WRONG_PERSON: _l("Unresolved: wrong person"),
        PhoneClass.NO_ANSWER: _l("Unresolved: no answer"),
        PhoneClass.REFUSED: _l("Unresolved: refused"),
        PhoneClass.AWAY: _l("Unresolved: away"),
    },
    Waiting: {
        Waiting.APPOINTMENT_LATER: _l("Agreed for later"),
        Waiting.REST_LATER: _l("Resting after no answer, busy or powered off"),
        Waiting.DUE_NOW: _l("Due now"),
        Waiting.OTHER_SKILL: _l("Need a skill that you do not have"),
        Waiting.OF_A_COLLEAGUE: _l("Agreed with a colleague, who goes first"),
        Waiting.NO_CALL: _l("Asked never to be called"),
        Waiting.HELD: _l("On an operator's screen"),
        Waiting.ESCALATED: _l("With the supervisor"),
        Waiting.NOT_RELEASED: _l("In a replicate that is not released"),
    },
    Doing: {
        Doing.CALLING: _l("On the phone"),
        Doing.HUNG_UP: _l("Hung up, result to come"),
        Doing.LEFT: _l("Logged out with a case"),
        Doing.WORKING: _l("Has a case, not dialled"),
        Doing.FREE: _l("Free"),
        Doing.AWAY: _l("On a break"),
        Doing.LOST: _l("Not heard of"),
        Doing.OUT: _l("Not logged in"),
    },
    Ruling: {
        Ruling.RETURN: _l("Returned to the queue"),
        Ruling.FINISH: _l("Calls ended"),
        Ruling.OUT_OF_SAMPLE: _l("Confirmed: not to be surveyed"),
        Ruling.FREE: _l("Taken off the screen"),
    },
    SignalKind: {
        SignalKind.TOO_SHORT: _l("Shorter than the script"),
        SignalKind.UNREAD: _l("Sentence not read out"),
        SignalKind.OVERLAPPING: _l("Two calls at one time"),
        SignalKind.NOT_DIALLED: _l("Result without dialling"),
        SignalKind.OUTSIDE_HOURS: _l("Outside the hours"),
        SignalKind.SAME_ANSWERS: _l("Same answers in a row"),
        SignalKind.STRAIGHT_LINE: _l("Always the first answer"),
        SignalKind.MANY_YES: _l("More claims true than others find"),
        SignalKind.LATE_BURST: _l("Crowded at the end of the shift"),
    },
    By: {
        By.UNIT: _l("Reporting unit"),
        By.PLACE: _l("County"),
        By.PROJECT: _l("Project"),
        By.OPERATOR: _l("Operator of the last call"),
        By.DAY: _l("Day of the last call"),
    },
    LeadSeverity: {
        LeadSeverity.LOW: _l("Low"),
        LeadSeverity.NORMAL: _l("Normal"),
        LeadSeverity.HIGH: _l("High"),
    },
    LeadResult: {
        LeadResult.OPEN: _l("Unsettled"),
        LeadResult.TRUE: _l("Unfounded: the ledger is right"),
        LeadResult.FALSE: _l("Founded: the ledger is wrong"),
        LeadResult.UNRESOLVED: _l("Could not be resolved"),
        LeadResult.PASSED_ON: _l("Passed on"),
    },
    LeadSource: {
        LeadSource.PHONE: _l("A call"),
        LeadSource.RULE: _l("Rule"),
        LeadSource.MATCH: _l("Match of data"),
        LeadSource.HOTLINE: _l("Hotline 12345"),
        LeadSource.POLICE: _l("Police 110"),
        LeadSource.WAGES: _l("Platform for wage arrears"),
        LeadSource.LETTER: _l("Letter or visitor"),
        LeadSource.AUDIT: _l("Audit"),
    },
    LeadSubject: {
        LeadSubject.PERSON: _l("A person"),
        LeadSubject.ENTERPRISE: _l("An enterprise"),
    },
    LeadStage: {
        LeadStage.TRIAGE: _l("To be triaged"),
        LeadStage.IN_HAND: _l("In hand"),
        LeadStage.ON_SITE: _l("Visited on site, result to come"),
        LeadStage.SETTLED: _l("Settled"),
        LeadStage.MERGED: _l("Merged"),
    },
    LeadFault: {
        LeadFault.MISSING: _l("Nothing stands here. Of merged cells only the first is filled."),
        LeadFault.UNKNOWN: _l("This word is not known in this column."),
        LeadFault.NO_DATE: _l("This is no day; write it as 2017-12-05."),
        LeadFault.AHEAD: _l("This day lies ahead."),
        LeadFault.TOO_EARLY: _l("This day lies before the lead was received."),
        LeadFault.TOO_LONG: _l("This text is too long."),
        LeadFault.EXTRA: _l("This stands under no title, so nobody knows what it means."),
        LeadFault.ROUNDED: _l("The spreadsheet has rounded this number; make the cell text."),
        LeadFault.TWICE: _l("This number of this source stands in a row above."),
    },
    CheckResult: {
        CheckResult.FITS: _l("Conforms"),
        CheckResult.FAILS: _l("Does not conform"),
        CheckResult.NOT_APPLICABLE: _l("Not applicable"),
        CheckResult.TRUE: _l("True"),
        CheckResult.FALSE: _l("Not true"),
        CheckResult.UNCLEAR: _l("Cannot be resolved"),
        CheckResult.CONFIRMS: _l("Confirms"),
        CheckResult.DENIES: _l("Denies"),
        CheckResult.NOT_SEEN: _l("Person not seen"),
        CheckResult.PRESENT: _l("There is one"),
        CheckResult.ABSENT: _l("There is none"),
    },
    MatterKind: {
        MatterKind.ORDER: _l("Order to put right"),
        MatterKind.INQUIRY: _l("Inquiry letter"),
        MatterKind.TALK: _l("Talk"),
    },
    MatterState: {
        MatterState.OPEN: _l("Waiting for the answer"),
        MatterState.ANSWERED: _l("Answered, to be judged"),
        MatterState.CLOSED: _l("Closed"),
    },
    StepKind: {
        StepKind.ANSWER: _l("Answer received"),
        StepKind.SEND_BACK: _l("Answer sent back"),
        StepKind.EXTEND: _l("More time given"),
        StepKind.CLOSE: _l("Closed, it is put right"),
    },
    Conflict: {
        Conflict.WITHDRAWN: _l("The visit had been taken back"),
        Conflict.REASSIGNED: _l("The visit had been given to somebody else"),
        Conflict.FOUND_BY_OTHER: _l("Somebody else had recorded a finding"),
        Conflict.CLOSED: _l("The campaign was over"),
        Conflict.FOUND_TWICE: _l("Another page or device had reported it before"),
    },
    LeadConflict: {
        LeadConflict.SETTLED: _l("Somebody else had stated the result of the lead"),
        LeadConflict.MERGED: _l("The lead had become part of another"),
        LeadConflict.GIVEN_OVER: _l("The trip had been given to somebody else"),
    },
    KeptState: {
        KeptState.WAITING: _l("Waiting for a decision"),
        KeptState.ACCEPTED: _l("Accepted"),
        KeptState.DISMISSED: _l("Put aside"),
    },
    SignalOnSite: {
        SignalOnSite.SAME_PHOTO: _l("Same photo again"),
        SignalOnSite.NEAR_PHOTO: _l("Nearly the same photo"),
        SignalOnSite.FAST_TRAVEL: _l("Impossible travel"),
        SignalOnSite.SAME_POSITION: _l("Same position again"),
        SignalOnSite.MADE_UP_POSITION: _l("Made-up position"),
        SignalOnSite.CLOCK_OFF: _l("Clock off"),
    },
    Signer: {
        Signer.INSPECTOR: _l("Inspector"),
        Signer.CLERK: _l("Clerk of the office or enterprise"),
    },
    VisitReason: {VisitReason.RANDOM: _l("Random"), VisitReason.LEAD: _l("Lead")},
    VisitState: {
        VisitState.PLANNED: _l("Not assigned"),
        VisitState.ASSIGNED: _l("Assigned"),
        VisitState.DONE: _l("Done"),
    },
    RunState: {
        RunState.REQUESTED: _l("Requested"),
        RunState.COMPUTING: _l("Computing"),
        RunState.DONE: _l("Done"),
        RunState.FAILED: _l("Failed"),
    },
    Level: {
        Level.STRATUM: _l("Stratum"),
        Level.PLACE: _l("County"),
        Level.UNIT: _l("Reporting unit"),
        Level.PROVINCE: _l("Province"),
    },
    CaseView: {
        CaseView.ALL: _l("All"),
        CaseView.DISAGREEING: _l("Phone and site disagree"),
        CaseView.UNRESOLVED: _l("Nobody knows yet"),
    },
    Basis: {
        Basis.KNOWN: _l("All seen"),
        Basis.RANDOM: _l("Random visits"),
        Basis.BORROWED: _l("Rate of the unit"),
        Basis.AS_PHONED: _l("As phoned"),
        Basis.WEIGHTED: _l("Left out"),
        Basis.MIXED: _l("Differs by unit"),
    },
    RevealPurpose: {
        RevealPurpose.VERIFICATION: _l("Verify the finding"),
        RevealPurpose.OBJECTION: _l("Answer an objection"),
        RevealPurpose.COMPLAINT: _l("Follow up a complaint"),
    },
    Completion: {
        Completion.COMPLETE: _l("Wholly complete"),
        Completion.NOT_COMPLETE: _l("Not complete"),
        Completion.UNDETERMINED: _l("Undetermined"),
        Completion.NO_TASK: _l("No task"),
    },
    HandoutKind: {
        HandoutKind.REPORT_WORD: _l("Verification report (Word)"),
        HandoutKind.REPORT_PDF: _l("Verification report (PDF)"),
        HandoutKind.ANNEX: _l("Annex: workbook with every case"),
        HandoutKind.NOTICE_WORD: _l("Notice of result (Word)"),
        HandoutKind.NOTICE_PDF: _l("Notice of result (PDF)"),
        HandoutKind.WEEKLY_SHEET: _l("Weekly table (workbook)"),
        HandoutKind.WEEKLY_PDF: _l("Weekly table (PDF)"),
        HandoutKind.CERTIFICATE_WORD: _l("Certificate (Word)"),
        HandoutKind.CERTIFICATE_PDF: _l("Certificate (PDF)"),
        HandoutKind.BUNDLE: _l("Bundle that recomputes the figures"),
    },
    HandoutState: {
        HandoutState.REQUESTED: _l("Waiting to be made"),
        HandoutState.MAKING: _l("Being made"),
        HandoutState.DONE: _l("Ready"),
        HandoutState.FAILED: _l("Could not be made"),
    },
    AuditAction: {
        AuditAction.CAMPAIGN_CLOSE: _l("Closed a campaign"),
        AuditAction.CAMPAIGN_OPEN: _l("Opened a campaign"),
        AuditAction.CAMPAIGN_RENAME: _l("Renamed a campaign"),
        AuditAction.CAMPAIGN_WITHDRAW: _l("Withdrew a campaign"),
        AuditAction.CALLING_RULES_SET: _l("Set the rules of calling"),
        AuditAction.CASE_ADJUDICATE: _l("Gave an opinion on a case"),
        AuditAction.CASE_CLAIM: _l("Took a case"),
        AuditAction.CASE_FIND: _l("Looked a case up"),
        AuditAction.CASE_PUSH: _l("Pushed a case to an operator"),
        AuditAction.CASE_RELEASE: _l("Handed a case back"),
        AuditAction.CASE_REVEAL: _l("Showed a number"),
        AuditAction.DESK_OUTCOME_ENTER: _l("Entered a desk outcome"),
        AuditAction.DRAW_COMMIT: _l("Committed a secret of the draw"),
        AuditAction.DRAW_PUBLISH: _l("Took out the published files of the draw"),
        AuditAction.DRAW_REFUSE: _l("A draw was refused"),
        AuditAction.DRAW_REVEAL: _l("Revealed a secret of the draw"),
        AuditAction.DRAW_REVEAL_REFUSE: _l("A wrong secret was refused"),
        AuditAction.DRAW_RUN: _l("Drew the sample"),
        AuditAction.ESTIMATE_EXPORT: _l("Exported estimates"),
        AuditAction.ESTIMATE_REQUEST: _l("Asked for an estimate"),
        AuditAction.EVIDENCE_SHOW: _l("Looked at evidence"),
        AuditAction.FINDING_RECORD: _l("Recorded a finding"),
        AuditAction.FRAME_FREEZE: _l("Froze the frame"),
        AuditAction.FRAME_PROVE: _l("Took out the proof of a row"),
        AuditAction.HANDOUT_MAKE: _l("Made a paper of a run"),
        AuditAction.HANDOUT_TAKE: _l("Took a paper out"),
        AuditAction.HEAD_COUNT_RECORD: _l("Recorded the head-count of an enterprise"),
        AuditAction.INTERRUPTION_TELL: _l("Told how an interrupted call went"),
        AuditAction.KEPT_FINDING_ACCEPT: _l("Accepted a finding that had come in conflict"),
        AuditAction.KEPT_FINDING_DISMISS: _l("Put aside a finding that had come in conflict"),
        AuditAction.KEPT_FINDING_KEEP: _l("Kept a finding that came in conflict"),
        AuditAction.LATE_OUTCOME_ACCEPT: _l("Accepted a late report"),
        AuditAction.LATE_OUTCOME_DISMISS: _l("Put a late report aside"),
        AuditAction.LATE_OUTCOME_KEEP: _l("Reported a call too late"),
        AuditAction.LEAD_ENTER: _l("Entered leads"),
        AuditAction.LEAD_MERGE: _l("Merged two leads"),
        AuditAction.LEAD_SETTLE: _l("Settled a lead"),
        AuditAction.LEAD_TRIAGE: _l("Triaged a lead"),
        AuditAction.LEDGER_ACCEPT: _l("Accepted a ledger"),
        AuditAction.LEDGER_ACCEPT_REQUEST: _l("Handed a ledger in for acceptance"),
        AuditAction.LEDGER_CHECK: _l("Checked a ledger"),
        AuditAction.LEDGER_DOWNLOAD: _l("Downloaded a ledger with its problems"),
        AuditAction.LEDGER_REMOVE_ROWS: _l("Removed ledger rows"),
        AuditAction.LEDGER_UPLOAD: _l("Uploaded a ledger"),
        AuditAction.LEDGER_WITHDRAW: _l("Withdrew a ledger"),
        AuditAction.LETTER_PRINT: _l("Printed a letter of introduction"),
        AuditAction.LOG_IN: _l("Logged in"),
        AuditAction.LOG_IN_FAIL: _l("Failed to log in"),
        AuditAction.LOG_OUT: _l("Logged out"),
        AuditAction.CIRCULAR_EDIT: _l("Edited a circular"),
        AuditAction.MATTER_ISSUE: _l("Issued an order, a letter or a talk"),
        AuditAction.MATTER_STEP: _l("Took a step of rectification"),
        AuditAction.MESSAGE_SEND: _l("Sent an operator a message"),
        AuditAction.NO_CALL_ADD: _l("Spared a telephone number"),
        AuditAction.NO_CALL_LIFT: _l("Took a number off the list of numbers not to call"),
        AuditAction.OBJECTION_ANSWER: _l("Answered an objection"),
        AuditAction.OBJECTION_CLOSE: _l("Closed an objection"),
        AuditAction.OBJECTION_FILE: _l("Objected to a figure"),
        AuditAction.OBJECTION_TAKE_BACK: _l("Took an objection back"),
        AuditAction.OUTCOME_CORRECT: _l("Corrected a call"),
        AuditAction.OUTCOME_RECORD: _l("Recorded an outcome"),
        AuditAction.OVERRIDE_PROPOSE: _l("Proposed to override a decision"),
        AuditAction.OVERRIDE_SETTLE: _l("Settled a proposed override"),
        AuditAction.PERSON_REVEAL: _l("Showed a person"),
        AuditAction.PUBLIC_VALUE_NAME: _l("Named the public value"),
        AuditAction.PUBLIC_VALUE_RECORD: _l("Entered the public value"),
        AuditAction.RATES_EXPORT: _l("Exported response rates"),
        AuditAction.RECALL_CHOOSE: _l("Chose interviews to be called again"),
        AuditAction.RECALL_SETTLE: _l("Settled a contradiction of two interviews"),
        AuditAction.RECALL_SHARE_SET: _l("Set the share of re-calls"),
        AuditAction.REDRAW_APPROVE: _l("Agreed to give the draw up"),
        AuditAction.REDRAW_BEGIN: _l("Began a campaign that draws anew"),
        AuditAction.REPLICATE_ASK: _l("Asked for the next replicate"),
        AuditAction.REPLICATE_RELEASE: _l("Released a replicate"),
        AuditAction.RUN_PUBLISH: _l("Published a run"),
        AuditAction.RUN_SEND_ROUND: _l("Sent a run round"),
        AuditAction.RUN_SIGN_PROVINCE: _l("Signed a run for the province"),
        AuditAction.RUN_SIGN_UNIT: _l("Signed a run for a unit"),
        AuditAction.RUN_WITHDRAW: _l("Withdrew a run"),
        AuditAction.SIZES_SET: _l("Set sample sizes"),
        AuditAction.TARGETS_LOAD: _l("Loaded targets"),
        AuditAction.TRIP_GIVE: _l("Gave a trip to somebody else"),
        AuditAction.USER_CHANGE: _l("Changed a user"),
        AuditAction.USER_CREATE: _l("Created a user"),
        AuditAction.VISIT_ASSIGN: _l("Assigned visits"),
        AuditAction.VISIT_RATES_RAISE: _l("Raised shares after the wave"),
        AuditAction.VISIT_RATES_SET: _l("Set the shares of random visits"),
        AuditAction.VISITS_SELECT: _l("Chose the random visits"),
    },
    **JUDGING_LABELS,
}


def label(code: StrEnum) -> LazyString:
    """Return the words for one code."""
    return LABELS[type(code)][code]
