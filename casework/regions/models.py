"""The region table."""

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base

PROVINCE = "410000"


class RegionKind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    COUNTY = "county"
    COUNTY_CITY = "county_city"
    ZONE = "zone"  #: a functional zone; it carries no target and hands in no ledger


class Region(Base):
    """A place. Two trees: ``parent_code`` is geography, ``unit_code`` who reports its figures."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(primary_key=True)  #: GB/T 2260, six digits
    name: Mapped[str]
    kind: Mapped[RegionKind]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    #: The reporting unit its figures go into; a unit names itself, the province none.
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    unit_order: Mapped[int | None]  #: place among the 28 units; None if it is not a unit

    @property
    def is_unit(self) -> bool:
        return self.unit_order is not None

    @property
    def is_place(self) -> bool:
        """Whether ledgers are handed in for it: a county, or a unit that has no counties."""
        return self.kind in {RegionKind.DISTRICT, RegionKind.COUNTY, RegionKind.COUNTY_CITY}
