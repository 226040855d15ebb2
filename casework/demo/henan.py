"""The design of Henan 2017 at full scale, on the fictitious ledgers of the demonstration.

Counties with their targets and clean ledgers for re-employment and hardship, and the units for
overcapacity, whose targets are by unit only. How people answer is the demonstration's too.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from casework.demo.contact import (
    ANSWER_CHANCE,
    BAD_NUMBERS,
    CONTACT_SHARES,
    LIE_SHARE,
    MAX_ATTEMPTS,
    Contact,
)
from casework.demo.sources import DEFAULT_SEED
from casework.demo.tuning import plan_cells
from sampling.plan import Answers, Costs

#: Prices and days as in the budget of the design page: 4.2 yuan an attempt, 118 yuan a visit,
#: 31,300 attempts by 34 operators in 12 days, 2,110 visits by 56 inspectors in 9 days.
ATTEMPT_COST, VISIT_COST = 4.2, 118.0
ATTEMPTS_A_DAY, VISITS_A_DAY = 76.7, 4.2
BUDGET = 1_800_000.0  #: yuan; 600,000 for each of three projects

NAMES = (
    *("achieved", "deemed", "not_achieved"),
    *("dead_number", "wrong_person", "no_answer", "refused", "away"),
)
YES = np.array([name in {"achieved", "deemed"} for name in NAMES])
#: Attempts until a case of each class is finished.
_FIRST = sum(k * ANSWER_CHANCE * (1 - ANSWER_CHANCE) ** (k - 1) for k in range(1, MAX_ATTEMPTS + 1))
REACHED = 1 - (1 - ANSWER_CHANCE) ** MAX_ATTEMPTS
ATTEMPTS = np.array([*[_FIRST / REACHED] * 3, 1.0, 1.0, MAX_ATTEMPTS, _FIRST / REACHED, 2.0])

DEEMED_SHARE = 0.037  #: of the true entries, who gave up by their own free choice
#: Numbers of invented people are dead three times as often, and people without work refuse half
#: as often again; of an office's untrue entries so many are invented, or simply without work.
INVENTED_NUMBERS, UNWILLING = 3.0, 1.5
INVENTED, WITHOUT_WORK = 0.28, 0.54
MADE_UP_INVENTED, MADE_UP_WITHOUT_WORK = 0.75, 0.20
MADE_UP_LIES = 0.50  #: of made-up entries that answer, how many say that the claim is true

_CLASS_OF = {
    Contact.DEAD_NUMBER: "dead_number",
    Contact.SUSPENDED: "dead_number",
    Contact.WRONG_PERSON: "wrong_person",
    Contact.AGENCY: "wrong_person",
    Contact.SILENT: "no_answer",
    Contact.REFUSES: "refused",
    Contact.AWAY: "away",
}


@dataclass(frozen=True, slots=True)
class County:
    """One cell of the design; in overcapacity the county is the whole unit."""

    project: str
    unit: str
    code: str
    name: str
    frame_size: int
    target: int | None


@cache
def henan_counties() -> tuple[County, ...]:
    """The 316 counties and 10 units of the design, projects and units in their official order."""
    return tuple(
        County(
            cell.project.value,
            cell.place.unit_code,
            cell.place.code,
            cell.place.name,
            cell.clean,
            cell.target,
        )
        for cell in plan_cells(DEFAULT_SEED, 1.0)
    )


def henan_answers() -> Answers:
    """How the fictitious people come out on the telephone, by what is true of them."""
    return Answers(
        names=NAMES,
        yes=YES,
        true=_classes(0, 0, 1.0),
        untrue=_classes(INVENTED, WITHOUT_WORK, LIE_SHARE),
        made_up=_classes(MADE_UP_INVENTED, MADE_UP_WITHOUT_WORK, MADE_UP_LIES),
    )


def henan_costs() -> Costs:
    """What calls and visits cost, and how many a person manages in a day."""
    return Costs(ATTEMPT_COST, VISIT_COST, ATTEMPTS, ATTEMPTS_A_DAY, VISITS_A_DAY)


def _classes(invented: float, without_work: float, says_yes: float) -> np.ndarray:
    chances = dict.fromkeys(NAMES, 0.0)
    total = 0.0
    for contact, share in CONTACT_SHARES.items():
        bad = 1 + (INVENTED_NUMBERS - 1) * invented if contact in BAD_NUMBERS else 1.0
        unwilling = 1 + (UNWILLING - 1) * without_work if contact == Contact.REFUSES else 1.0
        weighted = share * bad * unwilling
        total += weighted
        if contact != Contact.ANSWERS:
            chances[_CLASS_OF[Contact(contact)]] += weighted
            continue
        chances["no_answer"] += weighted * (1 - REACHED)
        chances["not_achieved"] += weighted * REACHED * (1 - says_yes)
        deemed = DEEMED_SHARE if says_yes == 1 else 0.0
        chances["deemed"] += weighted * REACHED * says_yes * deemed
        chances["achieved"] += weighted * REACHED * says_yes * (1 - deemed)
    return np.array([chances[name] / total for name in NAMES])
