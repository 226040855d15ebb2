"""The words of a workbook: sheets, heads, and every code in its cells."""

from collections.abc import Callable

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.cases.lifecycle import CaseState
from casework.cases.models import PhoneClass
from casework.estimates.models import Completion
from casework.estimates.stages import RunStage
from casework.ledgers.projects import Project
from casework.visits.models import VisitReason
from webapp.estimates.words import flag_sentence, interval_words, method_word, outcome_word
from webapp.labels import label

SHEETS: dict[str, LazyString] = {
    "units": _l("Units"),
    "places": _l("Counties"),
    "cases": _l("Cases"),
    "about": _l("About"),
}
HEADS: dict[str, LazyString] = {
    "region_code": _l("Region code"),
    "region": _l("Region"),
    "project": _l("Project"),
    "decision": _l("Decision"),
    "completion": _l("Wholly complete"),
    "frame_size": _l("Frame, persons"),
    "sampled": _l("Sampled"),
    "resolved": _l("Resolved"),
    "completed": _l("Completed, estimate"),
    "completed_se": _l("Standard error, persons"),
    "completed_low": _l("Completed, lower"),
    "completed_high": _l("Completed, upper"),
    "target": _l("Task, persons"),
    "rate": _l("Rate"),
    "rate_low": _l("Rate, lower"),
    "rate_high": _l("Rate, upper"),
    "share": _l("Share of the frame"),
    "share_se": _l("Standard error of the share"),
    "share_low": _l("Share, lower"),
    "share_high": _l("Share, upper"),
    "bounds_low": _l("Share, lower limit if no unresolved claim is true"),
    "bounds_high": _l("Share, upper limit if every unresolved claim is true"),
    "interval": _l("Interval"),
    "flags": _l("Remarks"),
    "case": _l("Case"),
    "enterprise": _l("Enterprise"),
    "replicate": _l("Replicate"),
    "state": _l("State"),
    "attempts": _l("Attempts"),
    "phone_class": _l("Phone class"),
    "phone_outcome": _l("Outcome by phone"),
    "visit_reason": _l("Visited as"),
    "site_outcome": _l("Outcome on site"),
    "outcome": _l("Outcome that counts"),
    "verdict": _l("Verdict"),
    "item": _l("Item"),
    "value": _l("Value"),
}
ABOUT: dict[str, LazyString] = {
    "data": _l("Data"),
    "demonstration": _l("Demonstration data: all persons and enterprises are fictitious"),
    "campaign": _l("Campaign"),
    "run": _l("Run number"),
    "state": _l("State"),
    "interim": _l("Interim: some released cases were unfinished"),
    "final": _l("All released cases were finished"),
    "computed": _l("Computed"),
    "stage": _l("Stage"),
    "results_from": _l("Results are shown from"),
    "interval": _l("Interval shown"),
    "level": _l("Level of the interval"),
    "region": _l("Region"),
    "moved": _l("Data"),
    "data_moved": _l("Have changed since the run was computed; the figures are those of the run"),
    "digest_note": _l("Digest of a sheet"),
    "digest_rule": _l(
        "SHA-256 of its rows: every cell as text, numbers in ten digits without trailing zeros, "
        "0x1F between cells, a line feed after each row"
    ),
    "ending": _l("{rows} rows; SHA-256 {digest}"),
    "footer": _l("Run {number}, data {digest}"),
    "input_digest": _l("Digest of the inputs (SHA-256)"),
    "code_version": _l("Version of the program"),
    "unit_rows": _l("Rows: units"),
    "place_rows": _l("Rows: counties"),
    "case_rows": _l("Rows: cases"),
    "exported_by": _l("Exported by"),
    "exported_at": _l("Exported at"),
    "cases_note": _l("Cases"),
    "lost_photos": _l("Cases with lost or altered photos"),
    "no_photo_lost": _l("none"),
    "cases_are_live": _l("One row for each released case, as it stood when exported; no names"),
}
DECISIONS: dict[str, LazyString] = {
    "met": _l("Met"),
    "not_met": _l("Not met"),
    "undetermined": _l("Undetermined"),
    "no_task": _l("No task"),
}
VERDICTS: dict[str, LazyString] = {
    "achieved": _l("Achieved"),
    "deemed": _l("Deemed achieved"),
    "not_achieved": _l("Not achieved"),
    "unresolved": _l("Unresolved"),
}
_WORDS: dict[str, Callable[[str], object]] = {
    "sheet": SHEETS.__getitem__,
    "head": HEADS.__getitem__,
    "about": ABOUT.__getitem__,
    "decision": DECISIONS.__getitem__,
    "verdict": VERDICTS.__getitem__,
    "flag": flag_sentence,
    "by_rule": lambda code: _(
        "set by two people; by the rule: %(computed)s", computed=DECISIONS[code]
    ),
    "interval": method_word,
    "run_interval": interval_words,
    "outcome": outcome_word,
    "project": lambda code: label(Project(code)),
    "completion": lambda code: label(Completion(code)),
    "state": lambda code: label(CaseState(code)),
    "phone_class": lambda code: label(PhoneClass(code)),
    "reason": lambda code: label(VisitReason(code)),
    "stage": lambda code: label(RunStage(code)),
}


#: The papers of a run, by how their kinds begin.
PAPERS: dict[str, LazyString] = {
    "report": _l("Verification report"),
    "annex": _l("Annex: workbook with every case"),
    "weekly": _l("Weekly table"),
    "notice": _l("Notice of result"),
    "certificate": _l("Certificate"),
    "bundle": _l("Bundle to recompute"),
}
FORMS: dict[str, str] = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel", "zip": "ZIP"}


def ending(rows: int, digest: str) -> str:
    """Return the last line of a table that is handed out: what it holds."""
    return str(ABOUT["ending"]).format(rows=f"{rows:,}", digest=digest)


def workbook_word(kind: str, code: str) -> str:
    """Return the words for one code of a workbook."""
    return str(_WORDS[kind](code))
