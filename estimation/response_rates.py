"""Response, cooperation, refusal and contact rates of AAPOR's Standard Definitions.

With K = I + P + R + NC + O (known to be eligible), U = UH + UR + UO (unknown) and e the share of
the unknown that is taken to be eligible:

    RR1 = I/(K+U)          RR3 = I/(K+eU)          RR5 = I/K         RR2, 4, 6 with I+P
    COOP1 = I/(I+P+R+O)    COOP3 = I/(I+P+R)                         COOP2, 4 with I+P
    REF1 = R/(K+U)         REF2 = R/(K+eU)         REF3 = R/K
    CON1 = (I+P+R+O)/(K+U) CON2 = (I+P+R+O)/(K+eU) CON3 = (I+P+R+O)/K

RR5, RR6, REF3 and CON3 are right only where nobody unknown can be eligible. In a list of named
persons the unit is the person: a dead number is unknown, and "never worked there" is an interview.

Source: AAPOR Standard Definitions, as in outcomerate 1.1.0 (with UR of the 10th edition); e by
proportional allocation, K/(K+NE), the CASRO method.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimation.classes import coded
from estimation.two_phase import sum_by

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

UNDEFINED = "undefined"  # what a rate without a denominator prints as

RATES = (
    *("RR1", "RR2", "RR3", "RR4", "RR5", "RR6"),
    *("COOP1", "COOP2", "COOP3", "COOP4"),
    *("REF1", "REF2", "REF3"),
    *("CON1", "CON2", "CON3"),
)


class EligibleShare(StrEnum):
    """How e is computed from the cases whose eligibility is known."""

    OVERALL = "overall"  # from all strata together
    PER_STRATUM = "per_stratum"


@dataclass(frozen=True, slots=True)
class Dispositions:
    """Final outcomes of the cases of S strata: counts, or sums of weights, each ``(S,)``.

    The comments give AAPOR's letters. A single number stands for every stratum.
    """

    complete: ArrayLike  #: I
    partial: ArrayLike = 0  #: P
    refusal: ArrayLike = 0  #: R, break-offs among them
    non_contact: ArrayLike = 0  #: NC
    other: ArrayLike = 0  #: O, eligible
    unknown_household: ArrayLike = 0  #: UH
    unknown_other: ArrayLike = 0  #: UO
    unknown_respondent: ArrayLike = 0  #: UR: the household exists, the respondent may not
    not_eligible: ArrayLike = 0  #: NE


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """The rates of D domains, by the names of ``RATES``. 0/0 is NaN and marked as undefined."""

    domain: tuple[str, ...]
    eligible_share: Floats  #: (S,) e of each stratum as used; NaN where nothing gives it
    values: Floats  #: (D, 16)

    @property
    def undefined(self) -> Flags:
        """Return which rates have no denominator, ``(D, 16)``."""
        return np.isnan(self.values)

    def column(self, name: str) -> Floats:
        """Return one rate of every domain, ``(D,)``. Raises ValueError for an unknown name."""
        if name not in RATES:
            raise ValueError(f"no rate is called {name!r}; known are {', '.join(RATES)}")
        return np.asarray(self.values[:, RATES.index(name)])

    def row(self, d: int) -> dict[str, float | str]:
        """Return the rates of one domain as numbers, or as the word ``undefined``."""
        return {
            name: UNDEFINED if np.isnan(value) else float(value)
            for name, value in zip(RATES, self.values[d], strict=True)
        }


@dataclass(frozen=True, slots=True)
class _Sums:
    """Counts by AAPOR's letters, ``(S,)`` or added up to ``(D,)``."""

    I: Floats  # noqa: E741
    P: Floats
    R: Floats
    O: Floats  # noqa: E741
    known: Floats  #: K
    unknown: Floats  #: U
    eligible: Floats  #: eU


def response_rates(
    cases: Dispositions,
    *,
    eligible_share: ArrayLike | EligibleShare,
    domain_of_stratum: Sequence[str],
    weight: ArrayLike | None = None,
) -> ResponseRates:
    """Compute all rates of each domain.

    Parameters
    ----------
    cases
        Counts of S strata.
    eligible_share
        e: a number, or one for each stratum, in [0, 1]; or how to compute it. The unknown cases of
        a domain are the sum over its strata, each with its own e.
    domain_of_stratum : (S,) labels
        The results are in the order in which the domains first occur.
    weight : (S,) base weights of the cases (N/n in a simple random sample), or None
        None counts the cases. An e that is computed follows suit.

    A stratum with unknown cases and nothing to compute its e from leaves the rates that need e
    undefined. Raises ValueError for no strata, for counts or weights that are negative, missing or
    of another length, and for an e outside [0, 1]; it names the domain.
    """
    domains = list(domain_of_stratum)
    if not domains:
        raise ValueError("need at least one stratum")
    w = _numbers("weight", 1 if weight is None else weight, domains)
    counts = {
        field.name: w * _numbers(field.name, getattr(cases, field.name), domains)
        for field in fields(cases)
    }
    domain = coded(domains)
    e, sums = _sums(counts, eligible_share, domains)
    position = domain.positions()
    added = _Sums(*(sum_by(position, getattr(sums, field.name)) for field in fields(sums)))
    return ResponseRates(tuple(domain.words), e, _rates(added))


def _numbers(name: str, values: ArrayLike, domains: Sequence[str]) -> Floats:
    """Check numbers of strata, one each or one for all; return one each."""
    numbers = np.asarray(values, dtype=float)
    if numbers.shape not in ((), (len(domains),)):
        raise ValueError(f"need {len(domains)} numbers of {name}, got shape {numbers.shape}")
    numbers = np.broadcast_to(numbers, (len(domains),))
    wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
    if wrong.size:
        s = int(wrong[0])
        raise ValueError(f"{name} must be 0 or more, got {numbers[s]} in {domains[s]!r}")
    return numbers


def _sums(
    n: dict[str, Floats], eligible_share: ArrayLike | EligibleShare, domains: Sequence[str]
) -> tuple[Floats, _Sums]:
    known = n["complete"] + n["partial"] + n["refusal"] + n["non_contact"] + n["other"]
    unknown = n["unknown_household"] + n["unknown_other"] + n["unknown_respondent"]
    e = _eligible_share(eligible_share, known, n["not_eligible"], domains)
    eligible = np.where(unknown > 0, e * unknown, 0)
    return e, _Sums(n["complete"], n["partial"], n["refusal"], n["other"], known, unknown, eligible)


def _eligible_share(
    given: ArrayLike | EligibleShare, known: Floats, not_eligible: Floats, domains: Sequence[str]
) -> Floats:
    if isinstance(given, str):
        if EligibleShare(given) is EligibleShare.PER_STRATUM:
            return _ratio(known, known + not_eligible)
        overall = _ratio(known.sum(), known.sum() + not_eligible.sum())
        return np.broadcast_to(overall, known.shape)
    e = _numbers("e", given, domains)
    if np.any(e > 1):
        s = int(np.argmax(e > 1))
        raise ValueError(f"e must lie between 0 and 1, got {e[s]} in {domains[s]!r}")
    return e


def _rates(n: _Sums) -> Floats:
    """Return the rates of each domain in the order of RATES."""
    both, asked, contacted = n.I + n.P, n.I + n.P + n.R, n.I + n.P + n.R + n.O
    most, likely = n.known + n.unknown, n.known + n.eligible
    pairs = {
        "RR1": (n.I, most),
        "RR2": (both, most),
        "RR3": (n.I, likely),
        "RR4": (both, likely),
        "RR5": (n.I, n.known),
        "RR6": (both, n.known),
        "COOP1": (n.I, contacted),
        "COOP2": (both, contacted),
        "COOP3": (n.I, asked),
        "COOP4": (both, asked),
        "REF1": (n.R, most),
        "REF2": (n.R, likely),
        "REF3": (n.R, n.known),
        "CON1": (contacted, most),
        "CON2": (contacted, likely),
        "CON3": (contacted, n.known),
    }
    return np.stack([_ratio(*pairs[name]) for name in RATES], axis=1)


def _ratio(a: ArrayLike, b: ArrayLike) -> Floats:
    """Divide; 0/0 is NaN, without a warning."""
    over, under = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.asarray(np.divide(over, under, out=np.full(under.shape, np.nan), where=under != 0))
