"""The rates of phone classes from visits, stratum by stratum in plain Python.

The cases of a phone class (what the phone said; leads are a class of their own) have the rate that
visits found. A class visited whole is known; one with random visits is estimated from them, within
the strata that a domain has in one unit, or with too few visits from those of the whole unit; a
phone answer nobody looked at stands; what is open and was not visited is left out, so that its
stratum stands for it, or taken for all wrong or all right. The same as estimation/two_phase.py.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from estimation.plain.limits import quantile

LEAD, YES, NO, OPEN = "lead", "yes", "no", "open"  # kinds of phone classes
FEWEST = 20  # visits to phone-yes answers, for a rate of one's own and for "met"
WIDEST = 0.25  # the variance of a yes or no of which one row shows no spread


@dataclass
class Cell:
    """The cases of one phone class in one stratum, and the rate they are given."""

    kind: str
    rows: float = 0
    chosen: float = 0  # to be visited
    visited: float = 0  # with a verdict on site
    achieved: float = 0  # of these
    kept: float = 0  # rows that the estimate rests on
    rate: float = 0
    pairs: float = 0  # the share of its pairs in which both rows are achieved


@dataclass
class Stratum:
    """A stratum, the unit it lies in and the domain that is estimated."""

    unit: str
    domain: str
    size: int
    cells: dict[str, Cell] = field(default_factory=dict)
    sampled: int = 0
    resolved: int = 0

    @property
    def kept(self) -> float:
        return sum(cell.kept for cell in self.cells.values())

    @property
    def weight(self) -> float:
        return over(self.size, self.kept)


@dataclass
class Audit:
    """A phone class in one part, that is, in the strata that a domain has in one unit."""

    cells: list[tuple[Stratum, Cell]]
    borrowed: bool  # its rate is that of the whole unit
    estimated: bool  # from random visits
    visits: float = 0
    rate: float = 0
    variance: float = 0
    smooth_rate: float = 0  # with two more visits, one of them achieved
    smooth_variance: float = 0

    @property
    def kind(self) -> str:
        return self.cells[0][1].kind

    @property
    def whole(self) -> bool:
        return all(cell.visited == cell.rows for _, cell in self.cells)

    @property
    def as_phoned(self) -> bool:
        return not self.estimated and not self.whole and self.kind in (YES, NO)

    def sum(self, name: str) -> float:
        return float(sum(getattr(cell, name) for _, cell in self.cells))

    def own_upper(self, risk: float) -> float:
        """Bound the rate from above by the visits of the part itself."""
        missed = self.sum("visited") - self.sum("achieved")
        return quantile(1 - risk, self.sum("achieved") + 1, missed) if missed > 0 else 1.0

    def put(self, rate: float) -> None:
        """Take the rate for known."""
        self.rate, self.variance, self.smooth_rate, self.smooth_variance = rate, 0, rate, 0
        for _, cell in self.cells:
            cell.rate, cell.pairs = rate, rate**2


Survey = list[Stratum]
Audits = dict[str, list[Audit]]  # by domain


def over(a: float, b: float) -> float:
    """Divide, with 0 where the divisor is 0."""
    return a / b if b else 0.0


def filled(survey: Survey, value: float, *, everyone: bool) -> Survey:
    """Take visits without a verdict, or *everyone* nobody knows of, for all wrong or all right."""
    copy = [replace(s, cells={k: replace(c) for k, c in s.cells.items()}) for s in survey]
    for cell in (cell for stratum in copy for cell in stratum.cells.values()):
        if everyone and cell.kind in (LEAD, OPEN):
            cell.chosen = cell.rows
        cell.achieved += value * (cell.chosen - cell.visited)
        cell.visited = cell.chosen
    return copy


def rated(survey: Survey, fill: float | None = None, *, trusting: bool = True) -> Audits:
    """Give each class its rate; without *fill* what is open and was not visited is left out."""
    units, parts = defaultdict[Any, list[Any]](list), defaultdict[Any, list[Any]](list)
    strata: dict[tuple[str, str], int] = defaultdict(int)
    for stratum in survey:
        strata[stratum.unit, stratum.domain] += 1
        for name, cell in stratum.cells.items():
            units[stratum.unit, name].append((stratum, cell))
            parts[stratum.unit, stratum.domain, name].append((stratum, cell))
    found = [(key, _audit(cells, units[key[0], key[2]])) for key, cells in parts.items()]
    for _, audit in found:
        left_out = fill is None and not audit.estimated and not audit.whole
        for _, cell in audit.cells:
            cell.kept = 0 if left_out and cell.kind in (LEAD, OPEN) else cell.rows
    audits = Audits()
    for (unit, domain, name), audit in found:
        if audit.estimated:
            _estimate(audit, units[unit, name] if audit.borrowed else audit.cells)
        for _, cell in audit.cells:
            _rate(cell, audit, fill or 0.0, trusting=trusting, alone=strata[unit, domain] == 1)
        audits.setdefault(domain, []).append(audit)
    return audits


def _audit(part: list[tuple[Stratum, Cell]], unit: list[tuple[Stratum, Cell]]) -> Audit:
    audit = Audit(part, borrowed=False, estimated=False)
    own, all_ = audit.sum("visited"), sum(cell.visited for _, cell in unit)
    if not audit.whole:
        few = FEWEST if audit.kind == YES else 1
        audit.borrowed = own < few and all_ > own and audit.kind != LEAD
        audit.estimated = own > 0 or audit.borrowed
    return audit


def _estimate(audit: Audit, group: list[tuple[Stratum, Cell]]) -> None:
    """Estimate a rate from the visits of *group*, weighted as the strata are."""
    n, m, x = (sum(getattr(c, k) for _, c in group) for k in ("rows", "visited", "achieved"))
    weighted, visited, done = (
        sum(s.weight * getattr(c, k) for s, c in group) for k in ("rows", "visited", "achieved")
    )
    q, s = over(done, visited), (x + 1) / (m + 2)
    square = sum(
        g.weight**2 * (c.achieved * (1 - q) ** 2 + (c.visited - c.achieved) * q**2)
        for g, c in group
    )
    variance = over(n**2 * (1 - m / n) * over(square, m - 1), m * weighted**2)
    audit.visits, audit.rate, audit.smooth_rate = m, q, s
    audit.variance = _lent(audit, q, WIDEST if m == 1 else variance)
    audit.smooth_variance = _lent(audit, s, (1 - m / n) * s * (1 - s) / max(m - 1, 1))


def _lent(audit: Audit, rate: float, variance: float) -> float:
    """Turn the variance of a borrowed rate into that of the class, of which some were visited."""
    if not audit.borrowed:
        return variance
    size = sum(s.weight * c.rows for s, c in audit.cells)
    open_ = sum(s.weight * (c.rows - c.visited) for s, c in audit.cells)
    rest = audit.sum("rows") - audit.sum("visited")
    return over(open_**2 * variance + rest * rate * (1 - rate), size**2)


def _rate(cell: Cell, audit: Audit, fill: float, *, trusting: bool, alone: bool) -> None:
    n, m, y = cell.rows, cell.visited, cell.achieved
    answer = {NO: 0.0, YES: 1.0 if trusting else fill}.get(cell.kind, fill)
    cell.rate = audit.rate if audit.estimated else y / n if m == n else answer
    if audit.borrowed:
        cell.rate = (y + (n - m) * audit.rate) / n
    counted = m > 1 and (not audit.estimated or (alone and not audit.borrowed))
    cell.pairs = y * (y - 1) / (m * (m - 1)) if counted else cell.rate**2
