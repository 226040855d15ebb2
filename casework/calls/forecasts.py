"""What the cases of each unit will yield. Reading only.

Yield is the share of verdicts among the cases that the phone is done with. The forecast takes the
open cases to yield as the finished ones of their unit did; units with fewer than twenty finished
cases borrow the yield of all, as long as some of theirs are open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from casework.accounts.models import User
from casework.accounts.scope import in_scope
from casework.campaigns.models import SampleEntry, Stratum
from casework.cases.lifecycle import CaseState
from casework.cases.models import RESOLVED, Case
from estimation.intervals import Precision, share_limits

FEW = 20  #: finished cases of a unit below which it borrows the yield of all
LEVEL = 0.95
_OPEN = (CaseState.READY, CaseState.HELD, CaseState.ESCALATED)


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """The released cases of a unit, and those that the next replicate would add."""

    unit_code: str  #: "" for all together
    cases: int
    finished: int
    resolved: int
    more: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """The yield used for a unit, and its verdicts when all open cases are done."""

    share: float
    borrowed: bool
    forecast: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class UnitForecast:
    counts: UnitCounts
    outlook: Outlook | None  #: None before any case is finished

    @property
    def with_more(self) -> float | None:
        """The forecast if the next replicate is opened too."""
        if self.outlook is None:
            return None
        return self.outlook.forecast + self.counts.more * self.outlook.share


def unit_forecasts(
    session: Session, campaign_id: int, replicate: int, *, actor: User
) -> tuple[UnitForecast, ...]:
    """Return the forecast of all together, then of each unit; empty before a release."""
    resolved = case((Case.phone_class.in_(RESOLVED), 1), else_=0)
    finished = case((Case.state.in_(_OPEN), 0), else_=1)
    rows = session.execute(
        select(Stratum.unit_code, func.count(), func.sum(finished), func.sum(resolved * finished))
        .join(Case, Case.stratum_id == Stratum.id)
        .where(Case.campaign_id == campaign_id, in_scope(actor, Case.region_code))
        .group_by(Stratum.unit_code)
        .order_by(Stratum.unit_code)
    ).all()
    added = select(Stratum.unit_code, func.count()).join(
        SampleEntry, SampleEntry.stratum_id == Stratum.id
    )
    more = dict(
        session.execute(
            added.where(
                SampleEntry.campaign_id == campaign_id, SampleEntry.replicate == replicate
            ).group_by(Stratum.unit_code)
        ).all()
    )
    units = [
        UnitCounts(unit, cases, done, verdicts, more.get(unit, 0))
        for unit, cases, done, verdicts in rows
    ]
    return forecast(units) if units else ()


def forecast(units: Sequence[UnitCounts]) -> tuple[UnitForecast, ...]:
    """Forecast all units together, then each of them."""
    together = UnitCounts(
        "",
        sum(unit.cases for unit in units),
        sum(unit.finished for unit in units),
        sum(unit.resolved for unit in units),
        sum(unit.more for unit in units),
    )
    rows = (together, *units)
    if not together.finished:
        return tuple(UnitForecast(counts, None) for counts in rows)
    few = np.array([unit.finished < min(FEW, unit.cases) for unit in units], dtype=bool)
    borrows = np.array([False, *few])
    n = np.where(borrows, together.finished, [row.finished for row in rows]).astype(float)
    share = np.where(borrows, together.resolved, [row.resolved for row in rows]) / n
    precise = Precision(share, share * (1 - share) / n, n, n - 1, n)
    low, high = share_limits("korn_graubard", precise, LEVEL)
    return tuple(
        UnitForecast(counts, _outlook(counts, bool(borrows[i]), share[i], low[i], high[i]))
        for i, counts in enumerate(rows)
    )


def _outlook(
    counts: UnitCounts,
    borrowed: bool,  # noqa: FBT001 - one fact of several
    share: float,
    low: float,
    high: float,
) -> Outlook:
    left = counts.cases - counts.finished
    at = (float(counts.resolved + left * rate) for rate in (share, low, high))
    return Outlook(float(share), borrowed, *at)
