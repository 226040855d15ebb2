"""The picture of hours: in which hours of the week people answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from casework.calls.progress import Hour

SHADES = 6  # classes h0 to h5 of heyan.css
FEW = 10  # calls, below which a share is shown pale: it may be chance


@dataclass(frozen=True, slots=True)
class Cell:
    hour: int
    calls: int
    share: float | None  #: None without a call
    shade: int  #: 0 is the palest
    dark: bool  #: the figure on it is white


@dataclass(frozen=True, slots=True)
class HeatMap:
    hours: tuple[int, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]  #: weekday, 0 is Monday
    calls: int

    @property
    def reached(self) -> float:
        cells = [cell for _day, row in self.rows for cell in row if cell.share is not None]
        return sum(cell.calls * (cell.share or 0.0) for cell in cells) / self.calls


def heat_map(found: Sequence[Hour]) -> HeatMap | None:
    """Lay the hours out by weekday, from the first to the last hour with a call.

    The shades are spread over the shares that occur; fewer than ten calls stay pale.
    """
    if not found:
        return None
    hours = tuple(range(min(one.hour for one in found), max(one.hour for one in found) + 1))
    at = {(one.weekday, one.hour): one for one in found}
    sure = [one.share for one in found if one.calls >= FEW]
    low, high = min(sure, default=0.0), max(sure, default=1.0)
    rows = tuple(
        (day - 1, tuple(_cell(at.get((day, hour)), hour, low, high) for hour in hours))
        for day in range(1, 8)
    )
    return HeatMap(hours, rows, sum(one.calls for one in found))


def _cell(one: Hour | None, hour: int, low: float, high: float) -> Cell:
    if one is None:
        return Cell(hour, 0, None, 0, dark=False)
    spread = (one.share - low) / (high - low) if high > low else 0.5
    shade = min(int(spread * SHADES), SHADES - 1) if one.calls >= FEW else 0
    return Cell(hour, one.calls, one.share, shade, dark=shade >= 4)  # noqa: PLR2004 - h4, h5
