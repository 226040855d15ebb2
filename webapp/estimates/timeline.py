"""The evidence of one case as a timeline: what happened, by whom, in words."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from casework.accounts.models import User
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt
from casework.calls.script import Answer, script_for
from casework.cases.outcomes import verdict_of
from casework.estimates.evidence import CaseEvidence
from casework.estimates.models import EstimateRun
from casework.visits.checklists import CheckResult, checklist_for
from casework.visits.models import Finding, Lead, LeadResult, Visit
from casework.visits.reviewing import ReviewedVisit
from webapp.calls.words import answer_text
from webapp.charts import shape
from webapp.estimates.words import outcome_word
from webapp.formats import duration, short_digest
from webapp.i18n import in_words
from webapp.labels import label
from webapp.visits.words import lead_words

MINUTES_OF_A_DAY = 24 * 60
Item = dict[str, Any]
_R = CheckResult
#: The mark of each answer of a checklist; what is not named speaks neither for nor against.
RESULT_SHAPES = {
    **dict.fromkeys((_R.FITS, _R.TRUE, _R.CONFIRMS, _R.PRESENT), "met"),
    **dict.fromkeys((_R.FAILS, _R.FALSE, _R.DENIES, _R.ABSENT), "not"),
    **dict.fromkeys((_R.UNCLEAR, _R.NOT_SEEN), "und"),
}


def timeline(evidence: CaseEvidence, run: EstimateRun) -> list[Item]:
    """Return everything that happened to a case, in the order of time.

    What came in after the run was computed is marked: the run is without it.
    """
    items = [
        *_sampled(evidence),
        *[_attempt(evidence, i, attempt) for i, attempt in enumerate(evidence.attempts, start=1)],
        *[_finding(evidence, finding) for finding in evidence.findings],
        *[item for lead in evidence.leads for item in _lead(evidence, lead)],
        *([_visit(evidence.visit)] if evidence.visit and evidence.visit.assigned_at else []),
    ]
    items.sort(key=lambda item: item["at"])
    for item in items:
        if is_after(run, item.get("known_at", item["at"])):
            marks = (item.get("aside", ""), _("after this run, not in it"))
            item["aside"] = _("; ").join(filter(None, marks))
    if evidence.outcome and items:
        items.append(_conclusion(evidence, items[-1]["at"]))
    return items


def is_after(run: EstimateRun, at: datetime) -> bool:
    """Tell whether something became known only when the run had been computed."""
    return run.finished_at is not None and at > run.finished_at


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
        chosen = [_filled(evidence, a) for a in question.answers if a.key in given["keys"]]
        words = _(", ").join([*chosen, *filter(None, [given["words"]])])
        item = f"{name} {in_words(question.short_zh, question.short_en)}"
        said.append(_("%(item)s: %(result)s", item=item, result=words))
    return said


def _filled(evidence: CaseEvidence, answer: Answer) -> str:
    """Return an answer of the script with what the ledger says in its places."""
    started = evidence.case.entry.started_on
    fields = {"started": f"{started:%Y-%m}"} if started else {}
    return answer_text(answer, fields)


def _disposition(attempt: Attempt) -> str:
    if attempt.interrupted:
        return str(_("interrupted: the hold ran out, no outcome"))
    found = all_dispositions().get(attempt.disposition)
    return f"{found.code} {in_words(found.zh, found.en)}" if found else attempt.disposition


def _lead(evidence: CaseEvidence, lead: Lead) -> Iterator[Item]:
    """A lead is raised at one time and settled at another: by hand, or by what a visit found."""
    severity = label(lead.severity)
    yield {
        "at": lead.raised_at,
        "kind": "call",
        "title": _("Lead raised"),
        "text": _("%(cause)s; severity: %(severity)s", cause=lead_words(lead), severity=severity),
        "by": "",
    }
    settled_at = lead.settled_at or max((f.found_at for f in evidence.findings), default=None)
    if lead.result is not LeadResult.OPEN and settled_at:
        yield {
            "at": settled_at,
            "kind": "act",
            "title": _("Lead settled"),
            "text": str(label(lead.result)),
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
    lines = [
        _("%(item)s: %(result)s", item=item, result=result)
        for item, result, _shape in checklist_lines(evidence, finding)
    ]
    parts = [outcome_word(finding.outcome), *lines]
    if finding.note:
        parts.append(_("Note: %(note)s", note=finding.note))
    return {
        "at": finding.found_at,
        "known_at": finding.received_at,
        "kind": "act",
        "title": _("Finding on site"),
        "text": _("; ").join(parts),
        "by": _(
            "%(who)s · received after %(delay)s · photos: %(photos)s",
            who=_who(finding.inspector),
            delay=_delay(finding.received_at - finding.found_at),
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


def _delay(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return str(_("less than a minute"))
    if minutes < MINUTES_OF_A_DAY:
        hours, rest = divmod(minutes, 60)
        return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=rest))
    return str(_("%(days)s days", days=minutes // MINUTES_OF_A_DAY))


def _who(user: User | None) -> str:
    return user.name if user else ""
