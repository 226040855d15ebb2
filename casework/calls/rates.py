"""Response rates: every released case once, by its final outcome, or as it stands now.

The unit is the person in the ledger, not the number. What the phone established about the case
decides: a dead number leaves the person unknown (UH), a stranger's number too (UO); "never
employed" is an interview (I). Not eligible (NE) is only who was handed over as not in the sample
and confirmed by a supervisor. A case that is still open counts as it would if calling ended now.
Claims settled without a call are no part of the phone survey and are told apart.

The formulas are in estimation/response_rates.py. Weights are those of the design: the persons of
a stratum's frame for each released case of it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Any

from sqlalchemy import Label, Select, Subquery, case, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.calls.clock import day_in
from casework.calls.dispositions import all_dispositions
from casework.calls.models import Attempt, stands
from casework.calls.supervision_models import is_ruled_out
from casework.campaigns.models import Campaign, Stratum
from casework.cases.models import RESOLVED, Case, PhoneClass
from casework.cases.phone_result import Ending
from casework.db import db
from casework.errors import NotFound
from estimation.response_rates import Dispositions, EligibleShare, response_rates


class By(StrEnum):
    """By what the rates are broken down."""

    UNIT = "unit"
    PLACE = "place"
    PROJECT = "project"
    OPERATOR = "operator"  #: of the last closed call
    DAY = "day"  #: of the last closed call, in Shanghai


class Letter(StrEnum):
    """AAPOR's classes of final outcomes."""

    I = "I"  # noqa: E741
    P = "P"
    R = "R"
    NC = "NC"
    O = "O"  # noqa: E741
    UH = "UH"
    UO = "UO"
    NE = "NE"


_FIELD = {
    Letter.I: "complete",
    Letter.P: "partial",
    Letter.R: "refusal",
    Letter.NC: "non_contact",
    Letter.O: "other",
    Letter.UH: "unknown_household",
    Letter.UO: "unknown_other",
    Letter.NE: "not_eligible",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the closed calls of a case brought at any time."""

    complete: bool = False  #: an interview, with the person or a relative
    partial: bool = False  #: its key questions only
    refused: bool = False
    eligible: bool = False  #: spoken to or of, without an interview: ill, dead, handed over
    contact: bool = False  #: put off, or away for the whole time
    stranger: bool = False  #: the number is somebody else's


#: The dispositions that say so. A number that changed says nothing of the person.
_SAYING: Mapping[str, list[str]] = {
    name: [
        code
        for code, found in all_dispositions().items()
        if found.aapor_calc == letter and found.ending is not Ending.MOVED
    ]
    for name, letter in (
        ("complete", "I"),
        ("partial", "P"),
        ("refused", "R"),
        ("eligible", "O"),
        ("contact", "NC"),
        ("stranger", "UO"),
    )
}


@dataclass(frozen=True, slots=True)
class RateRow:
    """The cases and rates of one part; a rate without a denominator is None."""

    key: str  #: a code, an account or a day; "" for what nobody called yet, and for all
    counts: Mapping[Letter, int]
    values: Mapping[str, float | None]

    @property
    def cases(self) -> int:
        return sum(self.counts.values())


Place = tuple[str, int, Letter]  #: the part, the stratum and the class of a case


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rates of one campaign."""

    campaign: Campaign
    by: By
    weighted: bool
    rows: tuple[RateRow, ...]
    total: RateRow | None  #: None if no case is released
    eligible_share: float | None  #: e, from the cases whose eligibility is known
    without_call: int  #: cases settled by the claim itself
    unfinished: int


def letter_of(phone_class: PhoneClass | None, heard: Heard, *, out_of_sample: bool) -> Letter:
    """Return the class of one case in AAPOR's formulas.

    Parameters
    ----------
    phone_class
        What the phone established; None while the case is open.
    heard
        Its closed calls.
    out_of_sample
        Whether a supervisor confirmed that the person is not to be surveyed.
    """
    open_now = phone_class is None
    if out_of_sample:
        return Letter.NE
    if phone_class in RESOLVED or (open_now and (heard.complete or heard.partial)):
        return Letter.P if heard.partial and not heard.complete else Letter.I
    if phone_class is PhoneClass.REFUSED or (open_now and heard.refused):
        return Letter.R
    if heard.eligible:
        return Letter.O
    if phone_class is PhoneClass.AWAY or heard.contact:
        return Letter.NC
    return Letter.UO if heard.stranger else Letter.UH


def rate_table(campaign_id: int, by: By, *, weighted: bool, actor: User) -> RateTable:
    """Return the rates of what *actor* may see of a campaign. Raises NotFound."""
    session = db.session()
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound(campaign=campaign_id)
    counts: Counter[Place] = Counter()
    without_call = unfinished = 0
    scope = in_scope(actor, Case.region_code)
    for key, stratum, phone_class, ruled_out, called, *flags, cases in session.execute(
        _counted(session, by).where(Case.campaign_id == campaign_id, scope)
    ):
        unfinished += cases if phone_class is None else 0
        if not called and phone_class in RESOLVED:
            without_call += cases
            continue
        letter = letter_of(phone_class, Heard(*map(bool, flags)), out_of_sample=bool(ruled_out))
        counts[str(key or ""), stratum, letter] += cases
    weights = _weights(session, campaign_id) if weighted else None
    rows, share = _rates(counts, weights)
    total, _ = _rates(_together(counts), weights)
    return RateTable(
        campaign, by, weighted, rows, next(iter(total), None), share, without_call, unfinished
    )


def _together(counts: Mapping[Place, int]) -> Counter[Place]:
    total: Counter[Place] = Counter()
    for (_key, stratum, letter), cases in counts.items():
        total["", stratum, letter] += cases
    return total


def _rates(
    counts: Mapping[Place, int], weights: Mapping[int, float] | None
) -> tuple[tuple[RateRow, ...], float | None]:
    """Return the rates of each part, in the order of their keys, and e."""
    pairs = sorted({(key, stratum) for key, stratum, _letter in counts})
    if not pairs:
        return (), None
    found = response_rates(
        Dispositions(
            **{
                field: [counts.get((*pair, letter), 0) for pair in pairs]
                for letter, field in _FIELD.items()
            }
        ),
        eligible_share=EligibleShare.OVERALL,
        domain_of_stratum=[key for key, _stratum in pairs],
        weight=[weights[stratum] for _key, stratum in pairs] if weights else None,
    )
    of_key: dict[str, Counter[Letter]] = defaultdict(Counter)
    for (key, _stratum, letter), cases in counts.items():
        of_key[key][letter] += cases
    rows = tuple(
        RateRow(
            key,
            {letter: of_key[key][letter] for letter in Letter},
            {
                name: value if isinstance(value, float) else None
                for name, value in found.row(d).items()
            },
        )
        for d, key in enumerate(found.domain)
    )
    e = float(found.eligible_share[0])
    return rows, None if isnan(e) else e


def _weights(session: Session, campaign_id: int) -> dict[int, float]:
    """Return N / n of each stratum, n counting its released cases."""
    released = (
        select(Stratum.id, Stratum.frame_size, func.count())
        .join(Case, Case.stratum_id == Stratum.id)
        .where(Case.campaign_id == campaign_id)
        .group_by(Stratum.id, Stratum.frame_size)
    )
    return {stratum: size / cases for stratum, size, cases in session.execute(released)}


def _counted(session: Session, by: By) -> Select[Any]:
    """Count the cases by all that decides their letter, in the part they belong to."""
    calls = _calls()
    columns = [
        _key(session, by),
        Case.stratum_id,
        Case.phone_class,
        is_ruled_out().label("ruled_out"),
        calls.c.last.is_not(None).label("called"),
        *(func.coalesce(calls.c[name], 0).label(name) for name in _SAYING),
    ]
    query = (
        select(*columns, func.count())
        .select_from(Case)
        .join(Stratum, Stratum.id == Case.stratum_id)
        .outerjoin(calls, calls.c.case_id == Case.id)
    )
    if by in {By.OPERATOR, By.DAY}:
        query = query.outerjoin(Attempt, Attempt.id == calls.c.last)
        query = query.outerjoin(User, User.id == Attempt.operator_id)
    return query.group_by(*columns)


def _calls() -> Subquery:
    """Select, for each case, its last closed call and what its calls said."""
    said = (
        func.max(case((Attempt.disposition.in_(codes), 1), else_=0)).label(name)
        for name, codes in _SAYING.items()
    )
    return (
        select(Attempt.case_id, func.max(Attempt.id).label("last"), *said)
        .where(Attempt.disposition != "", Attempt.blind.is_(False), stands())
        .group_by(Attempt.case_id)
        .subquery()
    )


def _key(session: Session, by: By) -> Label[Any]:
    columns: Mapping[By, Any] = {
        By.UNIT: Stratum.unit_code,
        By.PLACE: Case.region_code,
        By.PROJECT: Case.project,
        By.OPERATOR: User.login,
        By.DAY: day_in(session, Attempt.ended_at),
    }
    key: Label[Any] = columns[by].label("key")
    return key
