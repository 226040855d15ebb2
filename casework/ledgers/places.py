"""Which place a ledger row belongs to: names or codes, inside what the unit reports for."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from casework.ledgers import refusals
from casework.ledgers.columns import plain
from casework.ledgers.sources import read_source

PROVINCE: Final = "410000"
_ZONE: Final = "zone"
_CITY: Final = "city"
_STATISTICAL: Final = "000000"  #: the tail of a 12-digit statistical code of a county


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    name: str
    kind: str
    parent: str
    reports_to: str
    is_unit: bool


@cache
def _places() -> dict[str, _Place]:
    return {
        row["code"]: _Place(
            row["code"], row["name"], row["kind"], row["parent_code"],
            row["report_parent"], bool(row["unit_order"]),
        )
        for row in read_source("henan_2017", package="casework.regions")
    }  # fmt: skip


@cache
def _names() -> dict[str, str]:
    """Return the code by name and by code, with and without the names of what it lies in."""
    names: dict[str, str] = {}
    for place in _places().values():
        parent = _places().get(place.parent)
        above = parent.name if parent and place.parent != PROVINCE else ""
        for text in (place.code, place.code + _STATISTICAL, place.name):
            names[text] = place.code
        for prefix in (above, f"河南省{above}", "河南省"):
            names[prefix + place.name] = place.code
        if place.kind == _CITY:
            names[place.name.removesuffix("市")] = place.code
    for row in read_source("later_codes"):
        names[row["code"]] = names[row["name"]] = row["code_2017"]
    return names


@dataclass(frozen=True, slots=True)
class Located:
    """The place of a row, or why it has none."""

    code: str  #: empty if there is a reason
    reason: str = ""  #: missing, unknown, outside, functional_zone, city_level, city_differs
    key: str = "region_county"  #: the column at fault


class Scope:
    """The places that a ledger of one region may name.

    Parameters
    ----------
    region
        Code of the province, of a reporting unit, or of a county.

    Raises
    ------
    UnknownRegion
        When no ledger is handed in for that code.
    """

    def __init__(self, region: str) -> None:
        place = _places().get(region)
        if place is None or place.kind == _ZONE:
            raise refusals.UnknownRegion(region=region)
        self.region = region
        self.codes = frozenset(p.code for p in _places().values() if self._covers(p))
        self._known: dict[tuple[str, str], Located] = {}

    def _covers(self, place: _Place) -> bool:
        if place.kind in {_ZONE, _CITY} or place.code == PROVINCE:
            return False
        if self.region in {PROVINCE, place.code}:
            return True
        return place.reports_to == self.region and not place.is_unit

    @property
    def only(self) -> str:
        """The one place of this scope; empty if it has several."""
        return next(iter(self.codes)) if len(self.codes) == 1 else ""

    def locate(self, city: str, county: str, *, has_county: bool = True) -> Located:
        """Find the place a row names.

        Parameters
        ----------
        city, county
            The two cells, as names or codes.
        has_county
            Whether the file has a county column at all; a ledger of a single place needs none.
        """
        if not has_county and not county:
            county = self.only
        known = self._known.get((city, county))
        if known is None:
            known = self._known[city, county] = self._locate(plain(city), plain(county))
        return known

    def _locate(self, city: str, county: str) -> Located:
        upper = _names().get(city, "")
        if not county and upper in self.codes:
            return Located(upper)  # a unit without counties names itself as its city
        if not county:
            return Located("", "missing")
        place = _places().get(_names().get(city + county) or _names().get(county, ""))
        if place is None:
            return Located("", "unknown")
        if place.code not in self.codes:
            return Located("", self._reason(place))
        if city and upper not in {place.code, place.parent, place.reports_to}:
            return Located("", "city_differs", "region_city")
        return Located(place.code)

    def _reason(self, place: _Place) -> str:
        if place.kind == _ZONE:
            return "functional_zone"
        return "city_level" if place.code == self.region else "outside"


def city_name(code: str) -> str:
    """Return the name of the city a place lies in, without 市, for its telephone area code."""
    place = _places().get(code)
    if place is None:
        return ""
    parent = _places().get(place.parent)
    holder = parent if parent and parent.kind == _CITY else place
    return holder.name.removesuffix("市")
