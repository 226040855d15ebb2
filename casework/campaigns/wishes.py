"""What a coordinator wishes of the sizes of one project: the sliders of the planning page."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from casework.campaigns.errors import WishUnusable
from sampling.size import FEWEST


class Aim(StrEnum):
    """What the sizes shall reach."""

    PRECISION = "precision"  #: the wished half-width in each unit
    DECISIONS = "decisions"  #: as many counties decided as the budget allows


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the sliders say. Shares are fractions, money is yuan."""

    method: Aim = Aim.PRECISION
    half_width: float = 0.05  #: of each unit's share; only where precision is aimed at
    response: float = 0.62  #: of the cases that get a verdict by phone
    share: float = 0.96  #: of the entries that are true
    lies: float = 0.30  #: of the untrue ones that are confirmed by phone
    yes_visits: float = 0.20  #: random visits of those who said yes
    unreached_visits: float = 0.50  #: random visits of those nobody reached
    minimum: int = 20  #: cases of each stratum
    budget: float = 480_000.0
    attempt_cost: float = 4.2
    visit_cost: float = 118.0

    def __post_init__(self) -> None:
        """Raise WishUnusable, naming the field and its bounds."""
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise WishUnusable(field=name, low=low, high=high, value=value)


#: From and to which each wish may go. Fewer than 20 cases of a stratum cannot be shown.
RANGES: Mapping[str, tuple[float, float]] = {
    "half_width": (0.01, 0.15),
    "response": (0.2, 1.0),
    "share": (0.5, 0.999),
    "lies": (0.0, 1.0),
    "yes_visits": (0.05, 1.0),
    "unreached_visits": (0.05, 1.0),
    "minimum": (FEWEST, 1000),
    "budget": (1.0, 1e9),
    "attempt_cost": (0.01, 1000.0),
    "visit_cost": (0.01, 10_000.0),
}
