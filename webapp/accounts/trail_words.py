"""The words of the audit trail: what an act was done to, and its facts."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.accounts.directory import names_of
from casework.accounts.roles import Role
from casework.accounts.skills import Skill
from casework.audit.models import AuditEvent
from casework.calls.doubts import Doubt
from casework.calls.supervision_models import Ruling
from casework.campaigns.models import CampaignKind, ReleaseReason
from casework.cases.codes import codes_of
from casework.cases.models import Tier
from casework.ledgers.projects import Project
from casework.regions.tree import load_tree
from casework.reports.models import HandoutKind
from casework.visits.rectification_models import MatterKind
from estimation.intervals import INTERVALS
from webapp.calls.words import disposition_name, outcome_name
from webapp.estimates.words import interval_words
from webapp.formats import local
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
    "added": _l("added"),
    "assigned": _l("assigned"),
    "caller": _l("introduction"),
    "calls_a_day": _l("calls to one person a day"),
    "calls_of_a_case": _l("calls of a case"),
    "cases": _l("cases"),
    "chosen": _l("chosen"),
    "code": _l("case"),
    "commitment": _l("commitment"),
    "confirmed_against": _l("confirmed although"),
    "count": _l("head-count"),
    "digest": _l("digest"),
    "disposition": _l("disposition"),
    "duplicate_of": _l("the person is surveyed in"),
    "due": _l("due"),
    "entries": _l("entries"),
    "faulty": _l("faulty"),
    "fence": _l("claim no."),
    "finding": _l("finding"),
    "files": _l("files"),
    "found": _l("found"),
    "fresh_share": _l("share of fresh cases"),
    "from": _l("from"),
    "heard_at": _l("heard of last"),
    "hours": _l("hours"),
    "interval": _l("interval"),
    "into": _l("into"),
    "kept": _l("kept"),
    "kind": _l("kind"),
    "known_on": _l("comes out on"),
    "later": _l("findings after the run"),
    "leads": _l("leads"),
    "ledger": _l("ledger"),
    "left": _l("left"),
    "level": _l("level"),
    "met": _l("met"),
    "name": _l("name"),
    "new": _l("new"),
    "noon_rest": _l("noon rest"),
    "number": _l("number"),
    "on": _l("on"),
    "outcome": _l("outcome"),
    "owner": _l("owner"),
    "party": _l("party"),
    "password": _l("new password"),
    "photos": _l("photos"),
    "places": _l("places"),
    "project": _l("project"),
    "projects": _l("projects"),
    "reason": _l("reason"),
    "refusal": _l("refusal"),
    "region": _l("region"),
    "removed": _l("removed"),
    "renamed": _l("renamed"),
    "replaces": _l("replaces"),
    "replicate": _l("replicate"),
    "replicates": _l("replicates"),
    "rests": _l("rests in minutes"),
    "role": _l("role"),
    "root": _l("root"),
    "row": _l("row"),
    "rows": _l("rows"),
    "rule": _l("rule"),
    "ruling": _l("ruling"),
    "run": _l("run"),
    "sampled": _l("sampled"),
    "seat": _l("seat"),
    "seed": _l("seed"),
    "settled": _l("settled"),
    "settlement": _l("settlement"),
    "severity": _l("severity"),
    "share": _l("share"),
    "shares": _l("shares"),
    "signatures": _l("signatures"),
    "skill": _l("skill"),
    "skills": _l("skills"),
    "slot_capacity": _l("appointments in one slot"),
    "state": _l("state"),
    "strata": _l("strata"),
    "taken_back": _l("taken back"),
    "taken_from": _l("taken from"),
    "targets": _l("targets"),
    "tier": _l("came up as"),
    "to": _l("to"),
    "total": _l("total"),
    "trips": _l("trips"),
    "unit": _l("unit"),
    "units": _l("units"),
    "urgent": _l("urgent"),
    "value": _l("value"),
    "void": _l("void"),
    "weighted": _l("weighted"),
    "what": _l("what"),
    "why": _l("why"),
    "year": _l("year"),
}

TIERS: Final[Mapping[int, LazyString]] = {
    Tier.PUSHED: _l("given by the supervisor"),
    Tier.HARD_APPOINTMENT: _l("agreed with the person"),
    Tier.SOFT_APPOINTMENT: _l("agreed with somebody else"),
    Tier.RECALL: _l("called before"),
    Tier.FRESH: _l("fresh"),
    Tier.CALLED_BACK: _l("the person called back"),
    Tier.SAME_CALL: _l("same person, same call"),
}

_USERS: Final = frozenset(
    {"from", "owner", "taken_from", "to"}
)  # facts in which a number is a user's

_BEFORE: Final = "_before"  # ends the key of what stood there before a change
_LONG_CODE: Final = re.compile(r"[0-9a-f-]{32,}")  # digests and uids, of which the begin is shown

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
        shown = f"{found[:8]}…" if _LONG_CODE.fullmatch(found) else found
        return f"{KINDS[kind]} {shown}" if kind in KINDS else event.subject

    def facts(self, event: AuditEvent) -> list[str]:
        """Say the facts of an act, one after the other."""
        given = {key: fact for key, fact in event.facts.items() if fact not in ("", None)}
        return [f"{_name(key)}: {self._said(key, fact)}" for key, fact in given.items()]

    def _said(self, key: str, fact: Any) -> str:
        key = key.removesuffix(_BEFORE)
        return self.names.get(fact, str(fact)) if _is_user(key, fact) else _value(key, fact)

    def purpose(self, event: AuditEvent) -> str:
        return str(PURPOSES.get(event.purpose, event.purpose)) or "—"


def words_for(events: Iterable[AuditEvent]) -> TrailWords:
    """Return the words for some rows of the trail."""
    events = list(events)
    subjects = [event.subject.partition(":") for event in events]
    ids = {
        wanted: {int(key) for kind, _colon, key in subjects if kind == wanted and key.isdigit()}
        for wanted in ("case", "user")
    }
    named = {fact for one in events for key, fact in one.facts.items() if _is_user(key, fact)}
    return TrailWords(codes_of(ids["case"]), names_of(ids["user"] | named))


def _is_user(key: str, fact: Any) -> bool:
    return key in _USERS and type(fact) is int


def _name(key: str) -> str:
    """Say what a fact is; keys of earlier releases stay as they are."""
    of, found = key.removesuffix(_BEFORE), FACTS.get(key.removesuffix(_BEFORE))
    name = of if found is None else str(found)
    return str(_("%(fact)s before", fact=name)) if key != of else name


def _value(key: str, fact: Any) -> str:
    if isinstance(fact, bool):
        return str(_("yes") if fact else _("no"))
    if isinstance(fact, list):
        return ", ".join(_value(key, one) for one in fact) or "—"
    if isinstance(fact, str) and _LONG_CODE.fullmatch(fact):
        return f"{fact[:8]}…"
    if key == "tier" and fact in TIERS:
        return str(TIERS[fact])
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
    "interval": lambda name: interval_words(name) if name in INTERVALS else name,
    "kind": _known((*CampaignKind, *HandoutKind, *MatterKind)),
    "confirmed_against": _known(Doubt),
    "heard_at": lambda moment: local(datetime.fromisoformat(moment), "seconds"),
    "reason": _known(ReleaseReason),
    "ruling": _known(Ruling),
    "skill": _known(Skill),
    "skills": _known(Skill),
}
