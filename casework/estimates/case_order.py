"""The orders in which cases are listed, each continued behind the last case of a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    UnaryExpression,
    and_,
    asc,
    case,
    cast,
    desc,
    false,
    func,
    or_,
    select,
    true,
)

from casework.cases.models import Case
from casework.db import db
from casework.estimates.case_filters import code_that_counts


class CaseColumn(StrEnum):
    """What cases can be ordered by; cases that are alike follow one another by their codes."""

    CODE = "code"
    REGION = "region"
    PHONE_CLASS = "phone_class"
    BY_PHONE = "by_phone"
    ON_SITE = "on_site"
    COUNTS = "counts"  #: the code that counts


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """By which column cases are listed; those that have nothing there come last either way."""

    column: CaseColumn = CaseColumn.CODE
    falls: bool = False

    def keys(self) -> list[UnaryExpression[Any]]:
        """Return what a query is ordered by."""
        return [desc(key) if falls else asc(key) for key, falls in self._keys()]

    def behind(self, campaign_id: int, code: str) -> ColumnElement[bool]:
        """Return the condition of the cases behind the one of this code, of all if it is ""."""
        if not code:
            return true()
        keys = self._keys()
        here = db.session.execute(
            select(*(key for key, _falls in keys)).where(
                Case.campaign_id == campaign_id, Case.code == code
            )
        ).one_or_none()
        if here is None:
            return false()
        found: ColumnElement[bool] = false()
        for (key, falls), value in reversed(list(zip(keys, here, strict=True))):
            found = or_(key < value if falls else key > value, and_(key == value, found))
        return found

    def _keys(self) -> list[tuple[ColumnElement[Any], bool]]:
        if self.column is CaseColumn.CODE:
            return [(Case.code.expression, self.falls)]
        value = _VALUES[self.column]()
        nothing = case((value == "", 1), else_=0)
        return [(nothing, False), (value, self.falls), (Case.code.expression, False)]


_VALUES: Mapping[CaseColumn, Callable[[], ColumnElement[str]]] = {
    CaseColumn.REGION: lambda: Case.region_code.expression,
    CaseColumn.PHONE_CLASS: lambda: func.coalesce(cast(Case.phone_class, String), ""),
    CaseColumn.BY_PHONE: lambda: Case.phone_outcome.expression,
    CaseColumn.ON_SITE: lambda: Case.site_outcome.expression,
    CaseColumn.COUNTS: code_that_counts,
}
