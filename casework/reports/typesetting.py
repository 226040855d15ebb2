"""Papers as PDF, and their plots as pictures, by Typst with the font the product brings along."""

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Literal

import typst

from casework.reports.document import Document, Forest, as_json
from casework.reports.official import OfficialTable

SOURCES = Path(str(files("casework.reports") / "data"))
FONTS = Path(str(files("manimgx_fonts_cjk")))
SHARP = 220  # dots per inch of a picture


def as_pdf(document: Document) -> bytes:
    """Return the document on A4. What it says is data to the template, never markup."""
    return _compile("document.typ", {"document": json.dumps(as_json(document))}, "pdf")


def as_page(table: OfficialTable) -> bytes:
    """Return an official table as PDF, on A4 across."""
    return _compile("official.typ", {"table": json.dumps(asdict(table))}, "pdf")


def picture(forest: Forest) -> bytes:
    """Return a forest plot as PNG."""
    return _compile("picture.typ", {"forest": json.dumps(asdict(forest))}, "png")


def _compile(source: str, given: dict[str, str], form: Literal["pdf", "png"]) -> bytes:
    return typst.compile(
        SOURCES / source,
        root=SOURCES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs=given,
        format=form,
        ppi=SHARP,
    )
