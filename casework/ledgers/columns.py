"""The columns of each project's ledger, and which column of a file is which."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from casework.ledgers import refusals
from casework.ledgers.projects import Project
from casework.ledgers.sources import read_source

#: Columns that say the form of employment by a mark, and the code each stands for.
FLAGS: Final = {
    "单位就业": "10",
    "个体工商户": "21",
    "灵活就业": "22",
    "公益性岗位": "30",
    "公益性岗位安置": "30",
}
ESSENTIAL: Final = frozenset({"name", "id_no"})  #: a header has at least one of them
LEAST_KNOWN: Final = 3  #: known titles that make a row a header


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    header: str  #: the official title
    aliases: tuple[str, ...]
    required: str  #: R required, C conditional, O optional
    kind: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a table holds what. Positions count from 0."""

    position: dict[str, int]  #: by key
    title: dict[str, str]  #: by key, as the person sees it; the official title if absent
    flags: dict[int, str]  #: employment form by position of its flag column
    unknown: list[str]  #: titles that mean nothing to this project; their cells are not read

    @property
    def known(self) -> int:
        return len(self.position) + len(self.flags)

    @property
    def is_header(self) -> bool:
        return self.known >= LEAST_KNOWN and not ESSENTIAL.isdisjoint(self.position)


@cache
def columns_of(project: Project) -> tuple[Column, ...]:
    """Return the columns of a project's ledger in their official order."""
    return tuple(
        Column(
            key=row["key"],
            header=row["header"],
            aliases=tuple(filter(None, row["aliases"].split("|"))),
            required=row["required"],
            kind=row["kind"],
        )
        for row in read_source("columns")
        if row["project"] == project
    )


def plain(title: object) -> str:
    """Reduce a title to what counts: no width, case, space, stars or 必填 notes."""
    text = unicodedata.normalize("NFKC", str(title)).casefold()
    return re.sub(r"[\s*:\u200b\ufeff]|\(必填\)|\(选填\)", "", text)


@cache
def _meanings(project: Project) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return key by official title, and keys by alias, both by reduced title."""
    official = {plain(column.header): column.key for column in columns_of(project)}
    aliases: dict[str, list[str]] = {}
    for column in columns_of(project):
        for alias in column.aliases:
            aliases.setdefault(plain(alias), []).append(column.key)
    return official, aliases


def map_columns(titles: Sequence[object], project: Project) -> ColumnMap:
    """Tell which title of a row means which column of *project*.

    An official title wins over an alias; an alias of several columns means the first that no
    official title has taken, and nothing if all are taken.

    Raises
    ------
    RepeatedColumn
        When two titles of what is clearly a header mean the same column.
    """
    official, aliases = _meanings(project)
    reduced = [plain(title) for title in titles]
    taken = {official[title] for title in reduced if title in official}
    repeated: list[str] = []
    found = ColumnMap({}, {column.key: column.header for column in columns_of(project)}, {}, [])
    for index, title in enumerate(reduced):
        if not title:
            continue
        shown = " ".join(str(titles[index]).split())
        if title in official:
            key: str | None = official[title]
        else:
            key = next((name for name in aliases.get(title, []) if name not in taken), None)
        if key and key in found.position:
            repeated.append(shown)
        elif key:
            found.position[key] = index
            found.title[key] = shown
        elif flag := FLAGS.get(title):
            found.flags[index] = flag
        else:
            found.unknown.append(shown)
    if repeated and found.is_header:
        raise refusals.RepeatedColumn(titles=", ".join(repeated))
    return found


def known_titles(titles: Iterable[str], project: Project) -> int:
    """Count the reduced titles that are columns of *project*."""
    official, aliases = _meanings(project)
    return sum(title in official or title in aliases for title in set(titles))


def missing_columns(maps: Iterable[ColumnMap], project: Project) -> list[str]:
    """Return the official titles of required columns that some header lacks."""
    lacking = {
        column.header: None
        for found in maps
        for column in columns_of(project)
        if column.required == "R" and column.key != "seq" and column.key not in found.position
        if not (column.key == "employ_form" and found.flags)
    }
    return list(lacking)
