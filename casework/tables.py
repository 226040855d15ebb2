"""Every table, gathered so that Alembic and the application import one name."""

from casework.accounts.models import LoginSession, User
from casework.audit.models import AuditEvent
from casework.calls.desk_models import CallerWords, PlacedCall
from casework.calls.late_models import Interruption, LateOutcome
from casework.calls.models import Appointment, Attempt
from casework.calls.recall_models import Recall, RecallPlan
from casework.calls.supervision_models import CallBack, Message, ReleaseRequest, SupervisorReply
from casework.campaigns.draft_models import Rehearsal, SizeDraft
from casework.campaigns.models import Campaign, Draw, Frame, FrameEntry, Replicate, Stratum, Target
from casework.campaigns.protocol_models import DrawSecret, PublicValue, RedrawApproval
from casework.cases.models import Case, CaseEvent
from casework.cases.number_models import CaseNumber, NoCall, NoCallChange
from casework.estimates.models import EstimateRow, EstimateRun, RollUp
from casework.ledgers.models import Ledger, LedgerEntry, LedgerProblem, LedgerRemoval
from casework.regions.models import Region
from casework.reports.models import CircularText, Handout, HandoutPart
from casework.visits.along_models import LeadReport
from casework.visits.head_models import HeadCount
from casework.visits.kept_models import KeptFinding, KeptImage
from casework.visits.models import (
    Finding,
    Lead,
    Opinion,
    Photo,
    Signature,
    Trip,
    TripChange,
    Visit,
    VisitRate,
)
from casework.visits.rectification_models import Matter, MatterFile, MatterStep

__all__ = [
    "Appointment",
    "Attempt",
    "AuditEvent",
    "CallBack",
    "CallerWords",
    "Campaign",
    "Case",
    "CaseEvent",
    "CaseNumber",
    "CircularText",
    "Draw",
    "DrawSecret",
    "EstimateRow",
    "EstimateRun",
    "Finding",
    "Frame",
    "FrameEntry",
    "Handout",
    "HandoutPart",
    "HeadCount",
    "Interruption",
    "KeptFinding",
    "KeptImage",
    "LateOutcome",
    "Lead",
    "LeadReport",
    "Ledger",
    "LedgerEntry",
    "LedgerProblem",
    "LedgerRemoval",
    "LoginSession",
    "Matter",
    "MatterFile",
    "MatterStep",
    "Message",
    "NoCall",
    "NoCallChange",
    "Opinion",
    "Photo",
    "PlacedCall",
    "PublicValue",
    "Recall",
    "RecallPlan",
    "RedrawApproval",
    "Region",
    "Rehearsal",
    "ReleaseRequest",
    "Replicate",
    "RollUp",
    "Signature",
    "SizeDraft",
    "Stratum",
    "SupervisorReply",
    "Target",
    "Trip",
    "TripChange",
    "User",
    "Visit",
    "VisitRate",
]
