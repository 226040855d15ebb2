"""What people read about one problem of a row: what is wrong, and how to mend it."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casework.ledgers.models import Ledger, LedgerProblem
from casework.ledgers.rules import Problem, rules
from webapp.i18n import in_words
from webapp.ledgers.words import REFUSALS

#: How to mend what a rule found, by what the rule asks for.
REMEDIES: Mapping[str, LazyString] = {
    "补充": _l("Complete or correct the cell in your file, or remove the row as still incomplete."),
    "无效": _l("Correct the cell if it was mistyped; if it is true, remove the row as invalid."),
    "重复": _l("Remove the row as a duplicate; the earlier employment stays."),
    "提示": _l("Nothing has to be done; check the cell and correct your file if it is wrong."),
    "自动": _l("Nothing has to be done; the cell is read without these characters."),
}
#: What a rule asks for, in a word.
ACTIONS: Mapping[str, LazyString] = {
    "补充": _l("Supplement"),
    "无效": _l("Invalid"),
    "重复": _l("Duplicate"),
    "提示": _l("Look"),
    "自动": _l("Cleaned"),
}
#: Why a rule speaks, where its facts say more than its sentence.
REASONS: Mapping[tuple[str, str], LazyString] = {
    ("kind", "number"): _l("the cell holds a number, whose last digits may be lost"),
    ("kind", "scientific"): _l("it is written with an exponent, such as 4.1E+17"),
    ("kind", "zeroed"): _l("its last digits are zeros"),
    ("reason", "missing"): _l("no place is named"),
    ("reason", "unknown"): _l("there is no such place"),
    ("reason", "outside"): _l("the place reports through another unit"),
    ("reason", "functional_zone"): _l("a functional zone hands in no ledger; name the county"),
    ("reason", "city_level"): _l("name the county or district, not the city"),
    ("reason", "city_differs"): _l("the county does not lie in the city named beside it"),
}


def refusal(ledger: Ledger) -> str:
    """Say why a file was refused as a whole, what was kept and what to do."""
    named = {rule.__name__: words for rule, words in REFUSALS.items()}
    return str(named[ledger.refusal]).format(**ledger.refusal_facts)


def message(problem: Problem | LedgerProblem) -> str:
    """Say what is wrong, with the facts in place. No personal data is in it."""
    rule = rules()[problem.rule]
    text = in_words(rule.zh, rule.en)
    detail = _detail(problem.facts)
    return str(_("%(text)s (%(detail)s)", text=text, detail=detail)) if detail else text


def _detail(facts: Mapping[str, object]) -> str:
    known = [
        str(REASONS[name, str(value)])
        for name, value in facts.items()
        if (name, str(value)) in REASONS
    ]
    if known:
        return known[0]
    if "kept_row" in facts:
        return str(
            _(
                "sheet %(sheet)s, row %(row)s counts",
                sheet=facts["kept_sheet"],
                row=facts["kept_row"],
            )
        )
    if "length" in facts:
        return str(_("here %(length)s characters", length=facts["length"]))
    if "last_day" in facts:
        return str(_("cut-off date %(day)s", day=facts["last_day"]))
    if "year" in facts:
        return str(_("year %(year)s", year=facts["year"]))
    return ""


def remedy(problem: Problem | LedgerProblem) -> LazyString:
    """Say how to mend a problem."""
    return REMEDIES[rules()[problem.rule].action]


def action(problem: Problem | LedgerProblem) -> LazyString:
    """Say in a word what is to be done about a problem."""
    return ACTIONS[rules()[problem.rule].action]


def in_one_line(problem: Problem) -> str:
    """Say column, rule, what is wrong and how to mend it, for the workbook that is given back."""
    return f"{problem.column} {problem.rule} {message(problem)} {remedy(problem)}"
