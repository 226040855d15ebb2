"""The order of a list, chosen at the heads of its columns; it stands in the address as ``sort``.

A first press orders a column as its readers most often want it, a second turns that round, a third
goes back to the order in which the list comes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request, url_for

T = TypeVar("T")
#: Parts of an address that name a page within one order.
_PAGING = ("after", "page", "sort")


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered: by one of its columns, or as it comes."""

    columns: Mapping[str, bool]  #: name of a column to whether the greatest comes first
    by: str  #: "" as the list comes
    turned: bool

    @classmethod
    def asked(cls, *, rising: Iterable[str] = (), falling: Iterable[str] = ()) -> "Order":
        """Read the address; a column that the list does not have is left out."""
        columns = {**dict.fromkeys(rising, False), **dict.fromkeys(falling, True)}
        wanted = request.args.get("sort", "")
        name = wanted.removeprefix("-")
        if name not in columns:
            name = wanted = ""
        return cls(columns, by=name, turned=name != wanted)

    @property
    def sort(self) -> str:
        """The order as it stands in the address."""
        return f"-{self.by}" if self.turned else self.by

    @property
    def falls(self) -> bool:
        """Whether the greatest comes first now."""
        return bool(self.by) and self.columns[self.by] is not self.turned

    def of(self, lines: Iterable[T], values: Mapping[str, Callable[[T], Any]]) -> list[T]:
        """Return the lines in this order; those without a value come last either way."""
        if not self.by:
            return list(lines)
        value = values[self.by]
        known = [(found, line) for line in lines if (found := value(line)) is not None]
        unknown = [line for line in lines if value(line) is None]
        known.sort(key=lambda pair: pair[0], reverse=self.falls)
        return [line for _found, line in known] + unknown

    def direction(self, column: str) -> str:
        """Return what ``aria-sort`` says of a column."""
        return ("descending" if self.falls else "ascending") if column == self.by else ""

    def url(self, column: str) -> str:
        """Return the address of the same list after a press on the head of a column."""
        presses = {column: f"-{column}", f"-{column}": None}
        sort = presses.get(self.sort, column) if self.by == column else column
        place = {**_kept_parts(), **(request.view_args or {}), "sort": sort}
        return url_for(str(request.endpoint), **place)


def _kept_parts() -> dict[str, str]:
    """Return the filters in the address; what begins with ``_`` would steer url_for itself."""
    return {
        name: value
        for name, value in request.args.items()
        if name not in _PAGING and not name.startswith("_")
    }


def ordered(
    lines: Iterable[T], values: Mapping[str, Callable[[T], Any]], falling: Iterable[str] = ()
) -> tuple[Order, list[T]]:
    """Return the order asked for, by the columns of *values*, and the lines in it."""
    falling = frozenset(falling)
    order = Order.asked(rising=values.keys() - falling, falling=falling)
    return order, order.of(lines, values)
