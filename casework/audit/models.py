"""The audit table. The database refuses every later change of a row."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base


class AuditAction(StrEnum):
    """What can be audited, named subject:verb, in alphabetical order."""

    CALLING_RULES_SET = "calling_rules:set"
    CAMPAIGN_CLOSE = "campaign:close"
    CAMPAIGN_OPEN = "campaign:open"
    CAMPAIGN_RENAME = "campaign:rename"
    CAMPAIGN_WITHDRAW = "campaign:withdraw"
    CASE_ADJUDICATE = "case:adjudicate"
    CASE_CLAIM = "case:claim"
    CASE_FIND = "case:find"
    CASE_PUSH = "case:push"
    CASE_RELEASE = "case:release"
    CASE_REVEAL = "case:reveal"
    DESK_OUTCOME_ENTER = "desk_outcome:enter"
    CIRCULAR_EDIT = "circular:edit"
    DRAW_COMMIT = "draw:commit"
    DRAW_PUBLISH = "draw:publish"
    DRAW_REFUSE = "draw:refuse"
    DRAW_REVEAL = "draw:reveal"
    DRAW_REVEAL_REFUSE = "draw:refuse_reveal"
    DRAW_RUN = "draw:run"
    ESTIMATE_EXPORT = "estimate:export"
    ESTIMATE_REQUEST = "estimate:request"
    EVIDENCE_SHOW = "evidence:show"
    FINDING_RECORD = "finding:record"
    FRAME_FREEZE = "frame:freeze"
    FRAME_PROVE = "frame:prove"
    HANDOUT_MAKE = "handout:make"
    HANDOUT_TAKE = "handout:take"
    HEAD_COUNT_RECORD = "head_count:record"
    INTERRUPTION_TELL = "interruption:tell"
    KEPT_FINDING_ACCEPT = "kept_finding:accept"
    KEPT_FINDING_DISMISS = "kept_finding:dismiss"
    KEPT_FINDING_KEEP = "kept_finding:keep"
    LATE_OUTCOME_ACCEPT = "late_outcome:accept"
    LATE_OUTCOME_DISMISS = "late_outcome:dismiss"
    LATE_OUTCOME_KEEP = "late_outcome:keep"
    LEAD_ENTER = "lead:enter"
    LEAD_MERGE = "lead:merge"
    LEAD_SETTLE = "lead:settle"
    LEAD_TRIAGE = "lead:triage"
    LEDGER_ACCEPT = "ledger:accept"
    LEDGER_ACCEPT_REQUEST = "ledger:request_acceptance"
    LEDGER_CHECK = "ledger:check"
    LEDGER_DOWNLOAD = "ledger:download"
    LEDGER_REMOVE_ROWS = "ledger:remove_rows"
    LEDGER_UPLOAD = "ledger:upload"
    LEDGER_WITHDRAW = "ledger:withdraw"
    LETTER_PRINT = "letter:print"
    LOG_IN = "log_in:succeed"
    LOG_IN_FAIL = "log_in:fail"
    LOG_OUT = "log_out"
    MATTER_ISSUE = "matter:issue"
    MATTER_STEP = "matter:step"
    MESSAGE_SEND = "message:send"
    NO_CALL_ADD = "no_call:add"
    NO_CALL_LIFT = "no_call:lift"
    OBJECTION_ANSWER = "objection:answer"
    OBJECTION_CLOSE = "objection:close"
    OBJECTION_FILE = "objection:file"
    OBJECTION_TAKE_BACK = "objection:take_back"
    OUTCOME_CORRECT = "outcome:correct"
    OUTCOME_RECORD = "outcome:record"
    OVERRIDE_PROPOSE = "override:propose"
    OVERRIDE_SETTLE = "override:settle"
    PERSON_REVEAL = "person:reveal"
    PUBLIC_VALUE_NAME = "public_value:name"
    PUBLIC_VALUE_RECORD = "public_value:record"
    RATES_EXPORT = "rates:export"
    RECALL_CHOOSE = "recall:choose"
    RECALL_SETTLE = "recall:settle"
    RECALL_SHARE_SET = "recall_share:set"
    REDRAW_APPROVE = "redraw:approve"
    REDRAW_BEGIN = "redraw:begin"
    REPLICATE_ASK = "replicate:ask"
    REPLICATE_RELEASE = "replicate:release"
    RUN_PUBLISH = "run:publish"
    RUN_SEND_ROUND = "run:send_round"
    RUN_SIGN_PROVINCE = "run:sign_province"
    RUN_SIGN_UNIT = "run:sign_unit"
    RUN_WITHDRAW = "run:withdraw"
    SIZES_SET = "sizes:set"
    TARGETS_LOAD = "targets:load"
    TRIP_GIVE = "trip:give"
    USER_CHANGE = "user:change"
    USER_CREATE = "user:create"
    VISIT_ASSIGN = "visit:assign"
    VISIT_RATES_RAISE = "visit_rates:raise"
    VISIT_RATES_SET = "visit_rates:set"
    VISITS_SELECT = "visits:select"


class AuditEvent(Base):
    """One act. ``facts`` holds codes and counts, never personal data."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    #: The database does not list the actions: a new one would rebuild a table that never changes.
    action: Mapped[AuditAction] = mapped_column(
        Enum(
            AuditAction,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda actions: [action.value for action in actions],
        )
    )
    subject: Mapped[str] = mapped_column(index=True)  #: what it was done to, such as "case:12"
    purpose: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]]
    previous: Mapped[str]  #: digest of the row before; 64 zeros for the first
    digest: Mapped[str] = mapped_column(unique=True)
