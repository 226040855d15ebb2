"""The evidence of one case as a timeline: what happened, by whom, in words."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from casework.accounts.models import User
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt
from casework.calls.script import script_for
from casework.cases.outcomes import verdict_of
from casework.estimates.evidence import CaseEvidence
from casework.visits.checklists import CheckResult, checklist_for
from casework.visits.models import Finding, Lead, Visit
from casework.visits.reviewing import ReviewedVisit
from webapp.charts import shape
from webapp.estimates.words import outcome_word
from webapp.formats import duration, short_digest
from webapp.i18n import in_words
from webapp.labels import label
from webapp.visits.words import lead_words

Item = dict[str, Any]
_R = CheckResult
#: The mark of each answer of a checklist; what is not named speaks neither for nor against.
RESULT_SHAPES = {
    **dict.fromkeys((_R.FITS, _R.TRUE, _R.CONFIRMS, _R.PRESENT), "met"),
    **dict.fromkeys((_R.FAILS, _R.FALSE, _R.DENIES, _R.ABSENT), "not"),
    **dict.fromkeys((_R.UNCLEAR, _R.NOT_SEEN), "und"),
}


def timeline(evidence: CaseEvidence) -> list[Item]:
    """Return everything that happened to a case, in the order of time."""
    items = [
        *_sampled(evidence),
        *[_attempt(evidence, i, attempt) for i, attempt in enumerate(evidence.attempts, start=1)],
        *[_lead(lead) for lead in evidence.leads],
        *([_visit(evidence.visit)] if evidence.visit and evidence.visit.assigned_at else []),
        *[_finding(evidence, finding) for finding in evidence.findings],
    ]
    items.sort(key=lambda item: item["at"])
    if evidence.outcome and items:
        items.append(_conclusion(evidence, items[-1]["at"]))
    return items


def checklist_lines(
    evidence: CaseEvidence | ReviewedVisit, finding: Finding
) -> list[tuple[str, str, str]]:
    """Return what was looked at on site: item, result with its shape, reason."""
    lines = []
    for item in checklist_for(evidence.case.project):
        if item.key in finding.checklist:
            result = CheckResult(finding.checklist[item.key])
            words = f"{label(result)} {finding.reasons.get(item.key, '')}".strip()
            lines.append((in_words(item.zh, item.en), words, RESULT_SHAPES.get(result, "none")))
    return lines


def _sampled(evidence: CaseEvidence) -> list[Item]:
    stratum, items = evidence.case.stratum, []
    if evidence.draw and evidence.sample:
        items.append(
            {
                "at": evidence.draw.drawn_at,
                "kind": "first",
                "title": _("Drawn into the sample"),
                "text": _(
                    "Stratum of %(frame)s entries, %(sample)s sampled; this one has place %(rank)s "
                    "in the order of the keys.",
                    frame=f"{stratum.frame_size:,}",
                    sample=stratum.sample_size,
                    rank=evidence.sample.rank,
                ),
                "by": _("key %(key)s", key=short_digest(evidence.sample.key)),
            }
        )
    released_at = evidence.replicate.released_at
    if released_at:
        items.append(
            {
                "at": released_at,
                "kind": "act",
                "title": _("Opened for calling"),
                "text": _("With replicate %(number)s.", number=evidence.replicate.number),
                "by": _who(evidence.released_by),
            }
        )
    return items


def _attempt(evidence: CaseEvidence, number: int, attempt: Attempt) -> Item:
    phones = evidence.masked_phones
    used = phones[attempt.number_used] if attempt.number_used < len(phones) else ""
    took = _took(attempt.dialled_at or attempt.started_at, attempt.ended_at)
    parts = [_("Re-call, decides nothing") if attempt.blind else "", used, _disposition(attempt)]
    if attempt.outcome:
        parts.append(outcome_word(attempt.outcome))
    parts.extend(said_in(evidence, attempt))
    if attempt.note:
        parts.append(_("Note: %(note)s", note=attempt.note))
    recording = evidence.recordings.get(attempt.id, "")
    return {
        "at": attempt.started_at,
        "kind": "call",
        "aside": _("Recording %(name)s", name=recording) if recording else "",
        "title": _("Attempt %(number)s", number=number),
        "text": _("; ").join(part for part in parts if part),
        "by": " · ".join(part for part in (_who(attempt.operator), took) if part),
    }


def said_in(evidence: CaseEvidence, attempt: Attempt) -> list[str]:
    """Return what was answered in one call, question by question."""
    questions = script_for(evidence.case.project).questions
    said = []
    for name, given in attempt.answers.items():
        question = questions.get(name)
        if question is None:
            continue
        chosen = [in_words(a.zh, a.en) for a in question.answers if a.key in given["keys"]]
        words = _(", ").join([*chosen, *filter(None, [given["words"]])])
        said.append(f"{name} {in_words(question.short_zh, question.short_en)}: {words}")
    return said


def _disposition(attempt: Attempt) -> str:
    if attempt.interrupted:
        return str(_("interrupted: the hold ran out, no outcome"))
    found = all_dispositions().get(attempt.disposition)
    return f"{found.code} {in_words(found.zh, found.en)}" if found else attempt.disposition


def _lead(lead: Lead) -> Item:
    return {
        "at": lead.raised_at,
        "kind": "call",
        "title": _("Lead raised"),
        "text": _(
            "%(cause)s; severity: %(severity)s; result: %(result)s",
            cause=lead_words(lead),
            severity=label(lead.severity),
            result=label(lead.result),
        ),
        "by": "",
    }


def _visit(visit: Visit) -> Item:
    return {
        "at": visit.assigned_at,
        "kind": "act",
        "title": _("Visit assigned"),
        "text": _("Chosen as: %(reason)s", reason=label(visit.reason)),
        "by": _who(visit.inspector),
    }


def _finding(evidence: CaseEvidence, finding: Finding) -> Item:
    lines = [f"{item}: {result}" for item, result, _shape in checklist_lines(evidence, finding)]
    parts = [outcome_word(finding.outcome), *lines]
    if finding.note:
        parts.append(_("Note: %(note)s", note=finding.note))
    return {
        "at": finding.found_at,
        "kind": "act",
        "title": _("Finding on site"),
        "text": _("; ").join(parts),
        "by": _(
            "%(who)s · received after %(delay)s · photos: %(photos)s",
            who=_who(finding.inspector),
            delay=duration(finding.received_at - finding.found_at),
            photos=len(finding.photos),
        ),
    }


def _conclusion(evidence: CaseEvidence, at: datetime) -> Item:
    return {
        "at": at,
        "kind": "last",
        "title": _("What counts"),
        "text": outcome_word(evidence.outcome),
        "by": _decided_by(evidence),
        "shape": shape(verdict_of(evidence.outcome)),
    }


def _decided_by(evidence: CaseEvidence) -> str:
    if evidence.case.settled_outcome:
        return str(_("settled by adjudication"))
    on_site = evidence.outcome == evidence.case.site_outcome
    return str(_("on site") if on_site else _("by phone"))


def _took(start: datetime, end: datetime | None) -> str:
    return duration(end - start) if end and end - start >= timedelta(0) else ""


def _who(user: User | None) -> str:
    return user.name if user else ""
