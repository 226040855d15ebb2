"""Whose region: what one may not see is not found."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, or_, select, true

from casework.accounts.models import User
from casework.errors import NotFound
from casework.regions.models import Region


def in_scope(actor: User, region_code: Any) -> ColumnElement[bool]:
    """Return the condition that the column *region_code* lies in the region *actor* may see.

    The reporting tree counts, not geography: 郑州 does not see 巩义, which reports directly.
    """
    return true() if actor.sees_all_regions else lies_in(region_code, actor.region_code)


def lies_in(region_code: Any, unit: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition that the column *region_code* is *unit*, or below it."""
    below = select(Region.code).where(or_(Region.code == unit, Region.unit_code == unit))
    condition: ColumnElement[bool] = region_code.in_(below)
    return condition


def must_see(actor: User, region: Region) -> None:
    """Raise NotFound unless *actor* may see *region*."""
    if actor.sees_all_regions or actor.region_code in {region.code, region.unit_code}:
        return
    raise NotFound(region=region.code)
