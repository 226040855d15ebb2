"""How a fictitious person answers the telephone and what an inspector finds: the known truth.

Whether somebody can be reached depends on what is true of him: numbers of invented people are
dead three times as often, and people who are still without work refuse half as often again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from casework.demo.entries import EARLY, ENDED, OTHER, TRANSFER, WAIVED, Claim
from casework.demo.sources import pick
from casework.ledgers.projects import Project


class Contact(StrEnum):
    ANSWERS = "answers"
    SILENT = "silent"  #: never picks up
    REFUSES = "refuses"
    DEAD_NUMBER = "dead_number"
    SUSPENDED = "suspended"
    WRONG_PERSON = "wrong_person"
    AGENCY = "agency"  #: the number of an agency or a neighbourhood office
    AWAY = "away"


#: The recipe's shares after a first cycle of three attempts are 52 % completed and 25 % without
#: an answer. With a chance of .42 at each attempt 80 % of those who ever answer do so within
#: three, hence 64 % who answer at some time and 13 % who never do.
CONTACT_SHARES: dict[str, float] = {
    Contact.ANSWERS: 0.64,
    Contact.SILENT: 0.13,
    Contact.REFUSES: 0.11,
    Contact.DEAD_NUMBER: 0.05,
    Contact.SUSPENDED: 0.03,
    Contact.WRONG_PERSON: 0.02,
    Contact.AGENCY: 0.01,
    Contact.AWAY: 0.01,
}
ANSWER_CHANCE = 0.42  #: at one attempt, averaged over weekdays, evenings and weekends
MAX_ATTEMPTS = 6
LIE_SHARE = 0.10  #: of the people whose claim is untrue, how many say on the telephone it is true
BAD_NUMBERS = frozenset(
    {Contact.DEAD_NUMBER, Contact.SUSPENDED, Contact.WRONG_PERSON, Contact.AGENCY}
)
INVENTED, WITHOUT_WORK = frozenset({"N2", "SX"}), frozenset({"N1", "SN"})

#: Shares among the true and among the untrue claims; a fabricating office has other untrue ones.
_TRUE = {"V1": 0.55, "V2": 0.29, "V3": 0.06, "D1": 0.035}
_UNTRUE = {"N1": 0.035, "N2": 0.018, "N3": 0.007, "N7": 0.005}
_FABRICATED = {"N2": 0.75, "N1": 0.20, "N3": 0.05}
_UNTRUE_MINE, _FABRICATED_MINE = {"SN": 0.8, "SX": 0.2}, {"SN": 0.4, "SX": 0.6}
_BY_CHANNEL = {TRANSFER: "S1", EARLY: "S2", ENDED: "S3", OTHER: "S4", WAIVED: "SD"}
ACHIEVED = frozenset({*_TRUE, *_BY_CHANNEL.values()})

_NOT_REACHED = {"41": 0.55, "43": 0.17, "44": 0.16, "42": 0.12}
_REFUSALS = {"22": 0.55, "24": 0.20, "21": 0.15, "23": 0.10}
_BY_CONTACT = {
    Contact.DEAD_NUMBER: "51",
    Contact.SUSPENDED: "52",
    Contact.WRONG_PERSON: "53",
    Contact.AGENCY: "56",
    Contact.AWAY: "39",
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is true of a claim and how its person behaves."""

    verdict: str  #: code of ``verification_outcomes.csv`` that an inspector establishes
    says: str  #: the code that the answers on the telephone amount to
    contact: Contact
    picks_up_at: int  #: the first attempt at which the telephone is answered

    @property
    def achieved(self) -> bool:
        return self.verdict in ACHIEVED


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """How an attempt ends: its disposition, and the outcome if the interview was completed."""

    disposition: str
    outcome: str = ""


def draw_behaviours(
    rng: np.random.Generator,
    claims: Sequence[Claim],
    untrue: int,
    *,
    fabricated: bool,
    lie_share: float = LIE_SHARE,
) -> list[Behaviour]:
    """Draw what is true of *claims*, exactly *untrue* of which are not."""
    false = set(rng.permutation(len(claims))[:untrue].tolist())
    verdicts = [
        _verdict(rng, claim, untrue=i in false, fabricated=fabricated)
        for i, claim in enumerate(claims)
    ]
    return [
        _behaviour(rng, claim, verdict, lie_share)
        for claim, verdict in zip(claims, verdicts, strict=True)
    ]


def answer_call(behaviour: Behaviour, attempt: int, rng: np.random.Generator) -> PhoneAnswer:
    """Answer call number *attempt* (the first is 1) to a person."""
    if behaviour.contact in _BY_CONTACT:
        return PhoneAnswer(_BY_CONTACT[behaviour.contact])
    if behaviour.contact is Contact.SILENT or attempt < behaviour.picks_up_at:
        return PhoneAnswer(pick(rng, _NOT_REACHED))
    if behaviour.contact is Contact.REFUSES:
        return PhoneAnswer(pick(rng, _REFUSALS))
    return PhoneAnswer("11", behaviour.says)


def answer_visit(behaviour: Behaviour) -> str:
    """Return the outcome that an inspector establishes on site, which is the truth."""
    return behaviour.verdict


def _verdict(rng: np.random.Generator, claim: Claim, *, untrue: bool, fabricated: bool) -> str:
    mine = claim.project is Project.OVERCAPACITY
    if untrue and mine:
        return pick(rng, _FABRICATED_MINE if fabricated else _UNTRUE_MINE)
    if untrue:
        return pick(rng, _FABRICATED if fabricated else _UNTRUE)
    return _BY_CHANNEL[claim.detail] if mine else pick(rng, _TRUE)


def _behaviour(rng: np.random.Generator, claim: Claim, verdict: str, lie_share: float) -> Behaviour:
    shares = {
        contact: share
        * (3.0 if contact in BAD_NUMBERS and verdict in INVENTED else 1.0)
        * (1.5 if contact is Contact.REFUSES and verdict in WITHOUT_WORK else 1.0)
        for contact, share in CONTACT_SHARES.items()
    }
    says = verdict
    if verdict not in ACHIEVED and rng.random() < lie_share:
        says = _BY_CHANNEL[claim.detail] if claim.project is Project.OVERCAPACITY else "V1"
    contact = Contact(pick(rng, shares))
    return Behaviour(verdict, says, contact, int(rng.geometric(ANSWER_CHANCE)))
