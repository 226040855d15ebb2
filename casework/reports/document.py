"""A paper as a list of blocks, the same for every form it is written in.

Whoever composes a document has the words; whoever writes it has none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    align: str = "left"  #: or right, center
    indent: bool = True  #: by two characters, as official papers do


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()  #: columns that are set to the right
    widths: Sequence[float] = ()  #: shares of the page; equal if there are none
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a forest plot: a rate with its interval; what is unknown is None."""

    name: str
    rate: float | None
    low: float | None
    high: float | None
    shape: str  #: met, not, und or none
    text: str


@dataclass(frozen=True, slots=True)
class Forest:
    """Regions below one another against the line of the task, which is 1."""

    caption: str
    bars: Sequence[Bar]
    low: float  #: ends of the axis
    high: float
    ticks: Sequence[float]
    key: str  #: what shapes and lines mean


Block = Heading | Paragraph | Table | Forest


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    subtitle: str
    marks: Sequence[str]  #: what stands on every page: fictitious data, interim, embargo
    source: str  #: run, digest and version; on every page too
    page: str  #: words for "page {page} of {pages}"
    language: str
    blocks: Sequence[Block]
    seal: Sequence[str] = ()  #: the lines of the signature, set to the right


def as_json(document: Document) -> dict[str, Any]:
    """Return the document as plain values; each block says what it is."""
    plain = asdict(document)
    for block, given in zip(plain["blocks"], document.blocks, strict=True):
        block["kind"] = type(given).__name__.lower()
        if isinstance(given, Table):
            block["numeric"] = sorted(given.numeric)
    return plain
