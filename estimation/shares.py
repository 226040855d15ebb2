"""Shares of the frame with their errors and intervals, at several levels of one survey at once.

What :func:`estimation.domains.estimate_domains` says first of a domain, without targets, bounds
and decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from estimation.classes import Cases, Coded, Column, Floats, Strata, coded, tabulate
from estimation.hypergeometric import exact_limits
from estimation.intervals import DEFAULT, Limits, interval_method, share_limits
from estimation.totals import Totals, domain_totals
from estimation.two_phase import class_rates, divide, make_design


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of D domains, ``(D,)``; a number that does not exist is NaN."""

    domain: tuple[str, ...]
    share: Floats
    se: Floats
    low: Floats
    high: Floats


def estimate_shares(
    strata: Strata,
    cases: Cases,
    *,
    cuts: Sequence[Column],
    pool_of_stratum: Column | None = None,
    interval: str | None = None,
    level: float = 0.95,
) -> list[Shares]:
    """Estimate the shares of the domains of every cut; the cases are counted once for all.

    Parameters
    ----------
    cuts : (H,) labels each
        The domain of each stratum, once for each level: the cells, the units, the province.

    The other parameters and the errors are those of :func:`estimation.domains.estimate_domains`.

    Returns
    -------
    list of Shares
        One for each cut, its domains in the order in which they first occur.
    """
    interval_method(interval)
    table, _ = tabulate(strata, cases)
    H, levels = len(strata.names), [coded(labels) for labels in cuts]
    pools = Coded(np.arange(H), strata.names) if pool_of_stratum is None else coded(pool_of_stratum)
    if not levels or {len(pools), *(len(labels) for labels in levels)} != {H}:
        raise ValueError(f"need cuts with a domain, and a pool if any, for each of the {H} strata")
    # Every stratum is listed once for each cut: all cuts are one table and estimated together.
    first = np.cumsum([0, *(len(labels.words) for labels in levels)])
    design = make_design(
        np.tile(np.asarray(strata.frame_size, dtype=float), len(levels)),
        np.concatenate([cut.positions() + at for cut, at in zip(levels, first[:-1], strict=True)]),
        np.concatenate([pools.positions() + len(pools.words) * i for i in range(len(levels))]),
    )
    totals = domain_totals(class_rates(table.repeated(len(levels)), design), design, int(first[-1]))
    domains = tuple(word for labels in levels for word in labels.words)
    found = shares(domains, totals, interval=interval or DEFAULT, level=level)
    return [_between(found, *ends) for ends in pairwise(first.tolist())]


def shares(domains: tuple[str, ...], totals: Totals, *, interval: str, level: float) -> Shares:
    """Return the totals of *domains* as shares of their frame, bounded by the named interval."""
    low, high = limits(totals, interval, level)
    error = divide(np.sqrt(totals.variance), totals.frame_size)
    share = _where_any(totals, totals.precision().share)
    return Shares(domains, share, _where_any(totals, error), low, high)


def _between(found: Shares, start: int, stop: int) -> Shares:
    columns = (found.share, found.se, found.low, found.high)
    return Shares(found.domain[start:stop], *(column[start:stop] for column in columns))


def limits(totals: Totals, interval: str, level: float) -> Limits:
    """Bound the shares: counts inverted in cells if the method does that, shares elsewhere."""
    method = interval_method(interval)
    low, high = share_limits(interval, totals.precision(), level)
    cells = totals.cell & np.isfinite(totals.completed)
    if method.limits is None and cells.any():
        hits, rows, N = totals.hits[cells], totals.rows[cells], totals.frame_size[cells]
        ends = exact_limits(hits, rows, N, level, mid_p=method.mid_p)
        low[cells], high[cells] = (end / N for end in ends)
    return _where_any(totals, low), _where_any(totals, high)


def _where_any(totals: Totals, values: Floats) -> Floats:
    """Blank the numbers of domains without entries, or that could not be estimated."""
    blank = (totals.frame_size == 0) | np.isnan(totals.completed)
    return np.where(blank, np.nan, values)
