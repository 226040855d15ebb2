"""Loading the 2017 tree, and walking it."""

import csv
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.db import db, transaction
from casework.regions.models import PROVINCE, Region, RegionKind


@dataclass(frozen=True, slots=True)
class RegionTree:
    """Every region at once, for code that walks the tree instead of asking for single places."""

    by_code: dict[str, Region]

    @property
    def units(self) -> list[Region]:
        """The 28 units that report to the province, in the official order."""
        units = [region for region in self.by_code.values() if region.unit_order is not None]
        return sorted(units, key=lambda region: region.unit_order or 0)

    def places_of(self, unit_code: str) -> list[Region]:
        """The places whose figures make up a unit; a unit without counties is its own place."""
        return [r for r in self.by_code.values() if r.unit_code == unit_code and r.is_place]

    def children_of(self, code: str) -> list[Region]:
        """The next lower level of the reporting tree; a unit that is its own place has none."""
        if code == PROVINCE:
            return self.units
        return [region for region in self.places_of(code) if region.code != code]

    def name(self, code: str) -> str:
        """The name, after its city's where the place is not a unit, such as 郑州市 中原区."""
        region = self.by_code[code]
        if region.is_unit or region.unit_code is None:
            return region.name
        return f"{self.by_code[region.unit_code].name} {region.name}"


def load_tree() -> RegionTree:
    """Read every region."""
    regions = db.session.scalars(select(Region).order_by(Region.code))
    return RegionTree({region.code: region for region in regions})


def install_regions() -> int:
    """Put the Henan tree of 2017 into an empty table; return how many regions were added."""
    with transaction() as session:
        known = set(session.scalars(select(Region.code)))
        return _add_missing(session, known)


def _add_missing(session: Session, known: set[str]) -> int:
    source = files("casework.regions") / "data" / "henan_2017.csv"
    lines = source.read_text(encoding="utf-8").splitlines()
    rows = sorted(csv.DictReader(lines), key=lambda row: (row["level"], row["code"]))
    fresh = [row for row in rows if row["code"] not in known]
    for row in fresh:
        session.add(
            Region(
                code=row["code"],
                name=row["name"],
                kind=RegionKind(row["kind"]),
                parent_code=row["parent_code"] or None,
                unit_code=_unit_code(row),
                unit_order=int(row["unit_order"]) if row["unit_order"] else None,
            )
        )
        session.flush()  # a region must exist before a lower one names it
    return len(fresh)


def _unit_code(row: dict[str, str]) -> str | None:
    if row["code"] == PROVINCE:
        return None
    return row["code"] if row["unit_order"] else row["report_parent"]
