"""The words of the audit trail: what an act was done to, and its facts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.accounts.directory import names_of
from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.audit.models import AuditEvent
from casework.cases.codes import codes_of
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree
from webapp.calls.words import disposition_name, outcome_name
from webapp.labels import label

KINDS: Final[Mapping[str, LazyString]] = {
    "campaign": _l("Campaign"),
    "case": _l("Case"),
    "code": _l("Code"),
    "handout": _l("Paper"),
    "kept_image": _l("Photo"),
    "lead": _l("Lead"),
    "ledger": _l("Ledger"),
    "no_call": _l("Number not called"),
    "number": _l("Number"),
    "objection": _l("Objection"),
    "objection_file": _l("Objection"),
    "override": _l("Override"),
    "photo": _l("Photo"),
    "run": _l("Run"),
    "trip": _l("Trip"),
    "user": _l("User"),
}

FACTS: Final[Mapping[str, LazyString]] = {
    "active": _l("may log in"),
    "caller": _l("introduction"),
    "cases": _l("cases"),
    "chosen": _l("chosen"),
    "code": _l("case"),
    "commitment": _l("commitment"),
    "digest": _l("digest"),
    "disposition": _l("disposition"),
    "entries": _l("entries"),
    "fence": _l("claim no."),
    "found": _l("found"),
    "from": _l("from"),
    "kind": _l("kind"),
    "leads": _l("leads"),
    "ledger": _l("ledger"),
    "met": _l("met"),
    "number": _l("number"),
    "outcome": _l("outcome"),
    "party": _l("party"),
    "places": _l("places"),
    "project": _l("project"),
    "projects": _l("projects"),
    "reason": _l("reason"),
    "region": _l("region"),
    "removed": _l("removed"),
    "renamed": _l("renamed"),
    "replicate": _l("replicate"),
    "role": _l("role"),
    "row": _l("row"),
    "rows": _l("rows"),
    "ruling": _l("ruling"),
    "sampled": _l("sampled"),
    "settlement": _l("settlement"),
    "share": _l("share"),
    "skill": _l("skill"),
    "skills": _l("skills"),
    "taken_back": _l("taken back"),
    "targets": _l("targets"),
    "tier": _l("came up as"),
    "to": _l("to"),
    "total": _l("total"),
    "unit": _l("unit"),
    "units": _l("units"),
    "value": _l("value"),
    "weighted": _l("weighted"),
    "what": _l("what"),
    "year": _l("year"),
}

PURPOSES: Final[Mapping[str, LazyString]] = {
    "call": _l("To call the person"),
    "dial": _l("To dial by a link"),
}


@dataclass(frozen=True, slots=True)
class TrailWords:
    """Words for the rows of one page; names are read once for all of them."""

    codes: Mapping[int, str]
    names: Mapping[int, str]

    def subject(self, event: AuditEvent) -> str:
        """Say what an act was done to."""
        kind, _colon, key = event.subject.partition(":")
        named: Mapping[int, str] = {"case": self.codes, "user": self.names}.get(kind, {})
        found = named.get(int(key), key) if key.isdigit() else key
        shown = found if len(found) <= len("P1-000000-0000") else f"{found[:8]}…"
        return f"{KINDS[kind]} {shown}" if kind in KINDS else event.subject

    def facts(self, event: AuditEvent) -> list[str]:
        """Say the facts of an act, one after the other."""
        return [f"{FACTS.get(key, key)}: {_value(key, fact)}" for key, fact in event.facts.items()]

    def purpose(self, event: AuditEvent) -> str:
        return str(PURPOSES.get(event.purpose, event.purpose)) or "—"


def words_for(events: Iterable[AuditEvent]) -> TrailWords:
    """Return the words for some rows of the trail."""
    subjects = [event.subject.partition(":") for event in events]
    ids = {
        wanted: {int(key) for kind, _colon, key in subjects if kind == wanted and key.isdigit()}
        for wanted in ("case", "user")
    }
    return TrailWords(codes_of(ids["case"]), names_of(ids["user"]))


def _value(key: str, fact: Any) -> str:
    if isinstance(fact, bool):
        return str(_("yes") if fact else _("no"))
    if isinstance(fact, list):
        return ", ".join(_value(key, one) for one in fact) or "—"
    if key in {"digest", "commitment"} and isinstance(fact, str):
        return f"{fact[:8]}…"
    words = _WORDS.get(key)
    return words(fact) if words is not None and isinstance(fact, str) and fact else str(fact)


def _known(codes: Iterable[Any]) -> Callable[[str], str]:
    """Return how a code of an enumeration is said; codes of earlier releases stay as they are."""
    words = {code.value: label(code) for code in codes}
    return lambda fact: str(words.get(fact, fact))


def _place(code: str) -> str:
    tree = load_tree()
    return tree.name(code) if code in tree.by_code else code


def _disposition(code: str) -> str:
    return f"{code} {disposition_name(code)}" if code.isdigit() else code


_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "disposition": _disposition,
    "from": _disposition,
    "to": _disposition,
    "outcome": lambda code: f"{code} {outcome_name(code)}",
    "region": _place,
    "unit": _place,
    "project": _known(Project),
    "projects": _known(Project),
    "role": _known(Role),
    "party": _known(Role),
    "skill": _known(Skill),
    "skills": _known(Skill),
}
