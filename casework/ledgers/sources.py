"""The tables that come with the product, as rows of text."""

import csv
from importlib.resources import files


def read_source(name: str, *, package: str = "casework.ledgers") -> list[dict[str, str]]:
    """Return the rows of ``data/<name>.csv`` of a package, each by the titles of its columns."""
    text = (files(package) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
