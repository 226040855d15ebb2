"""Who may do what. Roles are what people have; permissions are what code asks for."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    VERIFIER = "verifier"
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """Named subject:verb, in alphabetical order."""

    AUDIT_READ = "audit:read"
    CALL_MAKE = "call:make"
    CALL_SUPERVISE = "call:supervise"
    CAMPAIGN_DESIGN = "campaign:design"
    CAMPAIGN_READ = "campaign:read"
    CASE_ADJUDICATE = "case:adjudicate"
    DRAW_COMMIT = "draw:commit"
    ESTIMATE_EXPORT = "estimate:export"
    ESTIMATE_JUDGE = "estimate:judge"
    ESTIMATE_PUBLISH = "estimate:publish"
    ESTIMATE_READ = "estimate:read"
    ESTIMATE_RUN = "estimate:run"
    EVIDENCE_READ = "evidence:read"
    LEDGER_HAND_IN = "ledger:hand_in"
    LEDGER_READ = "ledger:read"
    OBJECTION_FILE = "objection:file"
    OWN_ACCOUNT = "account:own"
    PERSON_REVEAL = "person:reveal"
    RECTIFICATION_KEEP = "rectification:keep"
    USER_MANAGE = "user:manage"
    VISIT_PLAN = "visit:plan"
    VISIT_RECORD = "visit:record"
    VISIT_REVIEW = "visit:review"


_P = Permission

GRANTS: Mapping[Role, frozenset[Permission]] = {
    role: permissions | {_P.OWN_ACCOUNT}
    for role, permissions in {
        Role.OPERATOR: frozenset({_P.CALL_MAKE}),
        Role.SUPERVISOR: frozenset(
            {_P.CALL_MAKE, _P.CALL_SUPERVISE, _P.CAMPAIGN_READ, _P.VISIT_REVIEW}
        ),
        Role.INSPECTOR: frozenset({_P.VISIT_RECORD}),
        Role.VERIFIER: frozenset(
            {
                _P.CAMPAIGN_READ,
                _P.CASE_ADJUDICATE,
                _P.ESTIMATE_EXPORT,
                _P.ESTIMATE_JUDGE,
                _P.ESTIMATE_PUBLISH,
                _P.ESTIMATE_READ,
                _P.ESTIMATE_RUN,
                _P.EVIDENCE_READ,
                _P.OBJECTION_FILE,
                _P.PERSON_REVEAL,
                _P.RECTIFICATION_KEEP,
            }
        ),
        Role.COORDINATOR: frozenset(
            {
                _P.CAMPAIGN_DESIGN,
                _P.CAMPAIGN_READ,
                _P.DRAW_COMMIT,
                _P.ESTIMATE_PUBLISH,
                _P.ESTIMATE_READ,
                _P.ESTIMATE_RUN,
                _P.LEDGER_READ,
                _P.RECTIFICATION_KEEP,
                _P.VISIT_PLAN,
                _P.VISIT_REVIEW,
            }
        ),
        Role.CLERK: frozenset({_P.LEDGER_HAND_IN, _P.LEDGER_READ, _P.OBJECTION_FILE}),
        Role.ADMINISTRATOR: frozenset({_P.USER_MANAGE}),
        Role.AUDITOR: frozenset({_P.AUDIT_READ, _P.DRAW_COMMIT}),
    }.items()
}
