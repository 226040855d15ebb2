"""Words for what the estimation only names by codes: classes, flags, methods, outcomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.cases.models import PhoneClass
from casework.cases.outcomes import Outcome, Verdict, all_outcomes, verdict_of
from casework.estimates.details import Basis
from casework.estimates.inputs import CLAIMS_NOT_SETTLED, COUNTED_ON_SITE
from casework.estimates.models import Completion, EstimateRow
from casework.estimates.rollup import AS_CHILD
from casework.ledgers.projects import Project
from estimation.decision import Decision
from estimation.intervals import interval_method
from webapp.i18n import in_words
from webapp.labels import label

#: Names of projects where there is little room.
SHORT_PROJECTS: dict[Project, LazyString] = {
    Project.NEW_EMPLOYMENT: _l("New"),
    Project.RE_EMPLOYMENT: _l("Re-emp."),
    Project.HARDSHIP: _l("Hardship"),
    Project.OVERCAPACITY: _l("Overcap."),
}

CLASSES: dict[str, LazyString] = {
    "lead": _l("Leads (all to be visited)"),
    "unfinished": _l("Not finished yet"),
    "unresolved": _l("Unresolved"),
    CLAIMS_NOT_SETTLED: _l("Not resettled by the ledger's own word"),
    COUNTED_ON_SITE: _l("Counted whole on site"),
}

YES = frozenset({PhoneClass.ACHIEVED, PhoneClass.DEEMED})

#: What each flag of an estimate means, as a sentence.
FLAGS: dict[str, LazyString] = {
    "no_frame": _l("The ledger has no accepted entry here, so a task cannot be met."),
    "no_sample": _l("In a stratum nobody was sampled, so there is no estimate: %(stratum)s."),
    "no_resolved": _l("In a stratum no case has a verdict, so there is no estimate: %(stratum)s."),
    "interim": _l("Interim: some released cases are unfinished or in dispute."),
    "assumes_mar": _l(
        "Some unresolved cases were not visited; the figure takes them to be like the others of "
        "their stratum. The decision does not."
    ),
    "lead_unvisited": _l("Some leads have not been visited yet; they count against the task."),
    "visit_unresolved": _l("Some visits brought no verdict; they count against the task."),
    "phone_unaudited": _l(
        "Some of the phone's yes-answers were checked by nobody on site, not even in the unit; by "
        "themselves they prove nothing."
    ),
    "pooled_audit": _l(
        "Fewer than 20 visits to phone yes-answers here: the rate is borrowed from the whole "
        "unit, and the task counts as met only if it stays met at that rate's lower bound."
    ),
    "audits_differ": _l(
        "The few visits here are worse than the unit's rate, which is borrowed: it cannot count as "
        "met before more yes-answers are visited here."
    ),
    "few_audits": _l(
        "Fewer than 20 visits to phone yes-answers in all, too few for a decision that it is met."
    ),
    "single_row": _l("A stratum rests on one case; its spread is taken to be the largest."),
    "single_visit": _l("A phone class rests on one visit; its spread is taken to be the largest."),
    "census": _l("Every entry is known; nothing is extrapolated."),
    "target_above_frame": _l(
        "The ledger has fewer entries than the task asks for: not met, decided without sampling."
    ),
    "target_equals_frame": _l(
        "The task equals the ledger: no sample can show that it is met, only a census can."
    ),
}

#: Flags that a reader must not overlook; the others only explain.
SERIOUS = frozenset(
    {
        *("interim", "phone_unaudited", "few_audits", "pooled_audit", "audits_differ"),
        *("no_sample", "no_resolved"),
    }
)

METHODS: dict[str, LazyString] = {
    "hypergeometric_mid_p": _l("hypergeometric, mid-p"),
    "added_row": _l("Beta with one added row"),
    "hypergeometric_exact": _l("hypergeometric, exact"),
    "jeffreys_capped": _l("Jeffreys, capped"),
    "korn_graubard_capped": _l("Korn–Graubard, capped"),
    "wilson_capped": _l("Wilson, capped"),
    "korn_graubard": _l("Korn–Graubard"),
    "jeffreys": _l("Jeffreys"),
    "wilson": _l("Wilson"),
    "logit": _l("logit"),
    "arcsine": _l("arcsine"),
    "wald": _l("Wald"),
}

COUNTS: dict[str, LazyString] = {
    "void": _l("of it void"),
    "reached": _l("Phone settled"),
    "visited": _l("Seen on site"),
    "true": _l("True on site"),
    "resolved": _l("Resolved"),
    "site:false": _l("The phone said yes, the site no"),
    "site:true": _l("The phone said no, the site yes"),
}

#: The parts of the inputs of a run.
PARTS: dict[str, LazyString] = {
    "inputs": _l("Inputs"),
    "projects": _l("Projects"),
    "units": _l("Units"),
    "strata": _l("Strata"),
    "cases": _l("Cases"),
    "targets": _l("Targets"),
    "desk": _l("Outcomes of the desk project"),
    "places": _l("Tree of regions"),
}

GRADES: dict[str, LazyString] = {
    "certified": _l("Certified: all unresolved against the claim"),
    "two_phase": _l("Two-phase: what was visited speaks for its class (decides)"),
    "weighted": _l("Weighted: the unresolved are like the others"),
}


VERDICTS: dict[Verdict, LazyString] = {
    Verdict.ACHIEVED: _l("Achieved"),
    Verdict.DEEMED: _l("Deemed achieved"),
    Verdict.NOT_ACHIEVED: _l("Not achieved"),
    Verdict.UNRESOLVED: _l("Unresolved"),
}


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many of a sample have one verdict, and by which outcomes."""

    code: Verdict
    word: str
    amount: int
    parts: list[str]


def class_word(name: str) -> str:
    """Return the words for a phone class of an estimate."""
    return str(CLASSES[name] if name in CLASSES else label(PhoneClass(name)))


def count_word(only: str) -> str:
    """Return the words for counts of cases, as casework.estimates.case_filters names them."""
    return str(_(", ")).join(_count_word(kind) for kind in only.split(","))


def _count_word(kind: str) -> str:
    name, _colon, value = kind.partition(":")
    if name == "verdict":
        return str(VERDICTS[Verdict(value)])
    if name == "replicates":
        return str(_("rows of replicates %(numbers)s", numbers=value.replace("-", ", ")))
    if name == "open":
        return str(_("unresolved: %(kind)s", kind=class_word(value)))
    return class_word(value) if name == "class" else str(COUNTS[kind])


def flag_sentence(flag: str) -> str:
    """Return the sentence for a flag; what stands after its colon is the stratum it speaks of."""
    code, _colon, stratum = flag.partition(":")
    return str(FLAGS[code]) % {"stratum": stratum}


def is_serious(flag: str) -> bool:
    """Tell whether a flag is a warning."""
    return flag.partition(":")[0] in SERIOUS


def serious_first(flags: Sequence[str]) -> list[str]:
    """Put the warnings before what only explains."""
    return sorted(flags, key=lambda flag: not is_serious(flag))


def audits_of_yes(row: EstimateRow) -> int | None:
    """Count the random visits on which the rates of yes-answers rest; None if strata differ."""
    yes = [one for one in row.classes["classes"] if one["name"] in YES]
    if any(one["basis"] == Basis.MIXED for one in yes):
        return None
    return sum(int(one["visited"]) for one in yes if one["basis"] == Basis.RANDOM)


def outcome_word(code: str) -> str:
    """Return an outcome code with its words."""
    if not code:
        return str(_("none yet"))
    outcome: Outcome = all_outcomes()[code]
    return f"{code} {in_words(outcome.zh, outcome.en)}"


def method_word(name: str) -> str:
    """Return the words for the interval of one figure."""
    return str(METHODS[name])


def interval_words(name: str) -> str:
    """Return the words for what a run shows: many choices take another interval for aggregates."""
    aggregate = interval_method(name).aggregate
    if not aggregate:
        return method_word(name)
    return str(
        _(
            "%(one)s for a stratum whose sample is wholly verified, %(other)s elsewhere",
            one=method_word(name),
            other=method_word(aggregate),
        )
    )


def verdict(code: str) -> Verdict:
    """Return the verdict of an outcome code; without one the case is unresolved."""
    return verdict_of(code) if code else Verdict.UNRESOLVED


def verdicts(outcomes: Mapping[str, int]) -> list[VerdictCount]:
    """Return the verdicts of a sample, each apart; void claims are named among their outcomes."""
    counts = []
    for each in Verdict:
        of_it = {code: n for code, n in outcomes.items() if verdict(code) is each}
        if of_it:
            parts = [f"{_outcome_or_open(code)} {n:,}" for code, n in sorted(of_it.items())]
            counts.append(VerdictCount(each, str(VERDICTS[each]), sum(of_it.values()), parts))
    return counts


def what_weighs(completion: Completion, decisions: Mapping[Project, Decision]) -> str:
    """Name the projects by which a region is not complete; "" if it is."""
    as_decision = AS_CHILD[completion]
    if as_decision in {Decision.MET, Decision.NO_TASK}:
        return ""
    names = [str(label(project)) for project, each in decisions.items() if each is as_decision]
    return str(_("; ")).join(names) or str(_("by its lower regions"))


def reason(row: EstimateRow) -> str:
    """Say in a few words why a figure is decided as it is."""
    if row.decision == "no_task":
        return ""
    for code, words in _WHY.items():
        if code in row.flags and row.decision in words[0]:
            return str(words[1])
    low, high = row.rate_low, row.rate_high
    if row.decision != "undetermined":
        decided_by_less = low is not None and high is not None and low < 1 <= high
        words = _("by the rule of decisions, not by the limits shown")
        return str(words) if decided_by_less else ""
    if low is None or high is None or low <= 1 <= high:
        return str(_("the limits reach across the task line"))
    if "pooled_audit" in row.flags:
        return str(_("too few visits of its own to yes-answers"))
    return str(_("the conservative limits reach across the task line"))


def _outcome_or_open(code: str) -> str:
    if not code:
        return str(_("open"))
    void = str(_(" (void)")) if all_outcomes()[code].void else ""
    return f"{outcome_word(code)}{void}"


_WHY: dict[str, tuple[frozenset[str], LazyString]] = {
    "no_frame": (frozenset({"not_met"}), _l("no entry in the ledger")),
    "target_above_frame": (frozenset({"not_met"}), _l("the ledger is below the task")),
    "phone_unaudited": (frozenset({"undetermined"}), _l("nobody checked the yes-answers on site")),
    "target_equals_frame": (frozenset({"undetermined"}), _l("the task equals the ledger")),
    "audits_differ": (frozenset({"undetermined"}), _l("own visits are worse than the unit's")),
    "few_audits": (frozenset({"undetermined"}), _l("too few visits to yes-answers")),
}
