"""Words for what the visits only name by codes: answers, causes, what is to be found out."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.calls.dispositions import all_dispositions
from casework.cases.models import Case, PhoneClass
from casework.cases.outcomes import all_outcomes
from casework.ledgers.codes import FLEXIBLE_WORK, words_of
from casework.ledgers.models import LedgerEntry
from casework.ledgers.projects import Project
from casework.ledgers.rules import rules
from casework.visits.lead_matching import CLAIMED_TWICE
from casework.visits.models import Lead, LeadSubject
from casework.visits.traces import Signal, SignalOnSite
from casework.visits.worklist import covered
from webapp.i18n import in_words
from webapp.labels import label

#: What the inspector must find out, by what the phone established.
_FIND_OUT: Mapping[PhoneClass, LazyString] = {
    PhoneClass.ACHIEVED: _l("Whether the person really works there, and who pays the wages"),
    PhoneClass.DEEMED: _l("Whether the person gave up freely, and the signed statement"),
    PhoneClass.NOT_ACHIEVED: _l("Whether the claim has any basis: what the person and papers say"),
    PhoneClass.DEAD_NUMBER: _l("The number is dead: whether the person exists and works there"),
    PhoneClass.WRONG_PERSON: _l(
        "The number is a stranger's: whether the person exists and works there"
    ),
    PhoneClass.NO_ANSWER: _l("Nobody answered: whether the person works there"),
    PhoneClass.REFUSED: _l("The person did not wish to speak: whether the papers bear it out"),
    PhoneClass.AWAY: _l("The person could not be interviewed: whether the papers bear it out"),
}
_RESETTLED: Mapping[PhoneClass, LazyString] = {
    PhoneClass.ACHIEVED: _l("Whether the way of resettlement is true: post, papers, payments"),
    PhoneClass.DEEMED: _l("Whether resettlement was given up freely, and the signed statement"),
    PhoneClass.NOT_ACHIEVED: _l("Whether the person is at work in a new post, and who pays"),
}
_FLEXIBLE: Mapping[PhoneClass, LazyString] = {
    PhoneClass.ACHIEVED: _l("Which work of one's own it is, for how long, and what it earns"),
    PhoneClass.DEAD_NUMBER: _l("The number is dead: whether the person exists and does this work"),
    PhoneClass.WRONG_PERSON: _l(
        "The number is a stranger's: whether the person exists and does this work"
    ),
    PhoneClass.NO_ANSWER: _l("Nobody answered: whether the person does this work, and earns by it"),
}
#: What the ledger says, apart from the person, in this order.
_LEDGER = (
    "enterprise",
    "mine",
    "channel",
    "new_unit",
    "employ_form",
    "employer",
    "employer_addr",
    "help_type",
    "unemp_reg_date",
    "hardship_type",
    "hardship_date",
)
#: Days that say nothing without the name of their column.
_DATED: Mapping[str, LazyString] = {
    "unemp_reg_date": _l("Registered unemployed since"),
    "hardship_date": _l("Recognised on"),
}


def find_out(case: Case) -> str:
    """Say in one line what is to be found out about a case."""
    words = {**_FIND_OUT, **(_RESETTLED if case.project is Project.OVERCAPACITY else {})}
    if case.entry.details.get("employ_form") == FLEXIBLE_WORK:
        words |= _FLEXIBLE
    return str(words[case.phone_class or PhoneClass.NO_ANSWER])


#: Why a signal is shown, with its figures in place.
_SIGNALS: Mapping[SignalOnSite, LazyString] = {
    SignalOnSite.SAME_PHOTO: _l(
        "Photos that stand under both cases as the very same file: {photos:.0f}"
    ),
    SignalOnSite.NEAR_PHOTO: _l(
        "Photos of both cases that are nearly equal: {photos:.0f} ({bits:.0f} of 512 bits differ)"
    ),
    SignalOnSite.FAST_TRAVEL: _l("{km:.0f} km in {minutes:.0f} min"),
    SignalOnSite.SAME_POSITION: _l("{findings:.0f} findings at one position, to the last digit"),
    SignalOnSite.MADE_UP_POSITION: _l("The device itself says that its position was made up"),
    SignalOnSite.CLOCK_OFF: _l("The device's clock was {minutes:+.0f} minutes from the server's"),
}


def signal_words(signal: Signal) -> str:
    """Say why a signal calls for a second look."""
    return str(_SIGNALS[signal.kind]).format(**signal.facts)


def outcome_words(code: str) -> str:
    """Return an outcome code with its words."""
    outcome = all_outcomes()[code]
    return f"{code} {in_words(outcome.zh, outcome.en)}"


def cause_words(cause: str) -> str:
    """Return what raised a lead: an outcome, a disposition, an answer, a rule or a match."""
    if cause == CLAIMED_TWICE:
        return str(_("%(code)s claimed in another county too", code=cause))
    found = all_outcomes().get(cause) or all_dispositions().get(cause) or rules().get(cause)
    return f"{cause} {in_words(found.zh, found.en)}" if found else cause


def lead_words(lead: Lead) -> str:
    """Return what raised a lead, or the source from outside that told it."""
    return cause_words(lead.cause) if lead.cause else str(label(lead.source))


def subject_words(lead: Lead) -> str:
    """Return whom a lead from outside is about, a person with only the first character."""
    return covered(lead.name) if lead.subject is LeadSubject.PERSON else lead.name


def disposition_words(code: str) -> str:
    """Return a disposition code with its words."""
    found = all_dispositions()[code]
    return f"{code} {in_words(found.zh, found.en)}"


def ledger_words(entry: LedgerEntry) -> list[str]:
    """Return what the ledger says of the claim, without the person."""
    details = {"enterprise": entry.enterprise} | entry.details
    words = [
        f"{_DATED[key]} {details[key]}" if key in _DATED else words_of(key, str(details[key]))
        for key in _LEDGER
        if details.get(key)
    ]
    if entry.started_on:
        words.append(f"{_since(entry)} {entry.started_on}")
    return words


def _since(entry: LedgerEntry) -> str:
    of_workers = entry.project is Project.OVERCAPACITY
    return str(_("Resettled since") if of_workers else _("Employed since"))
