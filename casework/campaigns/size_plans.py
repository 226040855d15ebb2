"""How many entries a project's strata give: the rule, its numbers, and a table of sizes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from casework.campaigns.errors import (
    FrameTooSmall,
    SampleTooSmall,
    SizesUnreadable,
    StratumTooSmall,
)
from sampling import allocation


class SizeRule(StrEnum):
    EQUAL = "equal"
    PROPORTIONAL = "proportional"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class SizePlan:
    """How many entries of one project are drawn, and how they are spread over its strata."""

    rule: SizeRule
    minimum: int  #: of each stratum, or all of it where it has fewer
    total: int = 0  #: for the equal and the proportional rule
    given: Mapping[str, int] | None = None  #: stratum key to size, for the given rule

    def sizes(self, population: Mapping[str, int]) -> dict[str, int]:
        """Spread over *population*. Raises SizesImpossible with the numbers that do not fit."""
        if self.rule is SizeRule.GIVEN:
            given = self.given or {}
            for stratum, size in given.items():
                if size > population.get(stratum, -1):
                    entries = population.get(stratum, 0)
                    raise StratumTooSmall(stratum=stratum, size=size, entries=entries)
            return allocation.given(population, given, minimum=self.minimum)
        entries = sum(population.values())
        least = sum(min(size, self.minimum) for size in population.values())
        if self.total > entries:
            raise FrameTooSmall(total=self.total, entries=entries)
        if self.total < least:
            raise SampleTooSmall(total=self.total, least=least, strata=len(population))
        if self.rule is SizeRule.EQUAL:
            return allocation.equal(population, self.total, minimum=self.minimum)
        return allocation.proportional(population, self.total, minimum=self.minimum)

    def without(self, certain: Mapping[str, int]) -> "SizePlan":
        """Return what is left to spread once the *certain* strata are taken whole."""
        if self.rule is SizeRule.GIVEN:
            given = {key: size for key, size in (self.given or {}).items() if key not in certain}
            return replace(self, given=given)
        taken = sum(certain.values())
        if taken > self.total:
            raise SampleTooSmall(total=self.total, least=taken, strata=len(certain))
        return replace(self, total=self.total - taken)


def read_sizes(text: str) -> dict[str, int]:
    """Read ``stratum,sample_size``, as ``heyan draw`` takes it. Raises SizesUnreadable by line."""
    sizes: dict[str, int] = {}
    for line, row in enumerate(csv.DictReader(text.lstrip("\ufeff").splitlines()), start=2):
        try:
            stratum, size = row["stratum"].strip(), int(row["sample_size"])
        except (KeyError, ValueError, TypeError, AttributeError):
            raise SizesUnreadable(line=line) from None
        if size < 0 or stratum in sizes:
            raise SizesUnreadable(line=line)
        sizes[stratum] = size
    if not sizes:
        raise SizesUnreadable(line=1)
    return sizes
