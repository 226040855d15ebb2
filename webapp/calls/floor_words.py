"""The words of the supervisor's pages that no code of the domain has by itself."""

from collections.abc import Mapping
from typing import Final

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.calls.rates import By, Letter
from casework.calls.script import script_for
from casework.calls.signals import (
    CHARACTERS_A_SECOND,
    FEW_ANSWERS,
    FEW_SHORT,
    LAST,
    LEAST_RUN,
    LISTED_WRONGLY,
    RUN_CHANCE,
    Signal,
    SignalKind,
)
from casework.cases.models import Tier
from casework.ledgers.projects import Project
from casework.regions.tree import RegionTree
from webapp.formats import percent
from webapp.i18n import in_words
from webapp.labels import label

TIERS: Final[Mapping[Tier, LazyString]] = {
    Tier.PUSHED: _l("Pushed by you"),
    Tier.HARD_APPOINTMENT: _l("Agreed with the person"),
    Tier.SOFT_APPOINTMENT: _l("Agreed with others"),
    Tier.RECALL: _l("Called before"),
    Tier.FRESH: _l("Fresh"),
}

LETTERS: Final[Mapping[Letter, LazyString]] = {
    Letter.I: _l("Interview"),
    Letter.P: _l("Partial interview"),
    Letter.R: _l("Refusal or break-off"),
    Letter.NC: _l("Person not reached"),
    Letter.O: _l("Other, eligible"),
    Letter.UH: _l("Unknown: not answered, dead, or not called yet"),
    Letter.UO: _l("Unknown: number of somebody else"),
    Letter.NE: _l("Not eligible, confirmed"),
}

SHOWN_RATES: Final = ("RR1", "RR3", "RR5", "COOP1", "REF1", "CON1")
RATES: Final[Mapping[str, LazyString]] = {
    "RR1": _l("Response rate 1: I / all but NE"),
    "RR2": _l("Response rate 2: I + P / all but NE"),
    "RR3": _l("Response rate 3: as 1, of the unknown only the share e"),
    "RR4": _l("Response rate 4: as 2, of the unknown only the share e"),
    "RR5": _l("Response rate 5: as 1, without the unknown"),
    "RR6": _l("Response rate 6: as 2, without the unknown"),
    "COOP1": _l("Cooperation rate 1: I / (I + P + R + O)"),
    "COOP2": _l("Cooperation rate 2: as 1 with P"),
    "COOP3": _l("Cooperation rate 3: I / (I + P + R)"),
    "COOP4": _l("Cooperation rate 4: as 3 with P"),
    "REF1": _l("Refusal rate 1: R / all but NE"),
    "REF2": _l("Refusal rate 2: of the unknown only the share e"),
    "REF3": _l("Refusal rate 3: without the unknown"),
    "CON1": _l("Contact rate 1: (I + P + R + O) / all but NE"),
    "CON2": _l("Contact rate 2: of the unknown only the share e"),
    "CON3": _l("Contact rate 3: without the unknown"),
}

WEEKDAYS: Final = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def tier_name(tier: Tier) -> str:
    return str(TIERS[tier])


def part_name(by: By, key: str, tree: RegionTree, names: Mapping[str, str]) -> str:
    """Return the name of one part of a table of rates; *names* are those of people by account."""
    if by in {By.UNIT, By.PLACE}:
        return tree.name(key)
    if by is By.PROJECT:
        return str(label(Project(key)))
    if by is By.OPERATOR and key in names:
        return f"{names[key]} {key}"
    return key or str(_("Not called yet"))


def question_name(project: Project, question: str) -> str:
    """Return a question's id and short name."""
    found = script_for(project).questions.get(question)
    return f"{question} {in_words(found.short_zh, found.short_en)}" if found else question


def threshold(kind: SignalKind) -> str:
    """Say from where a signal counts."""
    share = percent(LISTED_WRONGLY, 0)
    compared = _("exact test against colleagues, at most %(share)s wrongly marked", share=share)
    thresholds: Mapping[SignalKind, str] = {
        SignalKind.TOO_SHORT: _(
            "from %(number)s interviews shorter than their questions take to read out at "
            "%(speed)s characters a second",
            number=FEW_SHORT,
            speed=f"{CHARACTERS_A_SECOND:g}",
        ),
        SignalKind.UNREAD: _(
            "a sentence marked as read word for word sooner than at %(speed)s characters a second",
            speed=f"{CHARACTERS_A_SECOND:g}",
        ),
        SignalKind.OVERLAPPING: _("a call that began before the one before it had ended"),
        SignalKind.NOT_DIALLED: _("a result of a call that was never dialled"),
        SignalKind.OUTSIDE_HOURS: _("an interview outside the campaign's hours"),
        SignalKind.SAME_ANSWERS: _(
            "from %(number)s equal interviews in a row, if chance brings that to fewer than "
            "%(share)s of operators",
            number=LEAST_RUN,
            share=percent(RUN_CHANCE, 0),
        ),
        SignalKind.STRAIGHT_LINE: _(
            "first answers throughout, from %(number)s questions; %(test)s",
            number=FEW_ANSWERS,
            test=compared,
        ),
        SignalKind.MANY_YES: _("on cases dealt at random; %(test)s", test=compared),
        SignalKind.LATE_BURST: _(
            "interviews in the last %(minutes)s minutes of a shift, beside an even shift; exact "
            "test, at most %(share)s wrongly marked",
            minutes=int(LAST.total_seconds() // 60),
            share=share,
        ),
    }
    return thresholds[kind]


def measured(signal: Signal) -> str:
    """Say what was measured."""
    counted = str(_("%(count)s of %(of)s", count=signal.count, of=signal.of))
    if signal.others is None:
        return counted
    own, others = percent(signal.count / signal.of), percent(signal.others)
    with_others = _(
        "%(counted)s (%(own)s), colleagues %(others)s", counted=counted, own=own, others=others
    )
    return str(with_others)


def rest_text(minutes: int) -> str:
    """Say how long a case rests, in the largest unit that is whole."""
    if minutes % (24 * 60) == 0:
        return str(_("%(amount)s d", amount=minutes // (24 * 60)))
    if minutes % 60 == 0:
        return str(_("%(amount)s h", amount=minutes // 60))
    return str(_("%(amount)s min", amount=minutes))
