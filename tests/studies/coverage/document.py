"""The study as text and as the marked section of docs/statistics.md."""

from collections.abc import Sequence
from pathlib import Path

from tests.studies.coverage.results import SEED, Part, Size, Table

BEGIN, END = "<!-- coverage-study:begin -->", "<!-- coverage-study:end -->"


def as_text(part: Part) -> str:
    tables = "\n\n".join(_aligned(table) for table in part.tables)
    goals = "\n".join(f"  {goal}" for goal in part.goals)
    return f"== {part.title} ==\n{part.settings}\n\n{tables}\n\n{goals}"


def replace_section(file: Path, parts: Sequence[Part], size: Size) -> None:
    """Put the study between its markers. Raises ValueError if they are not there once each."""
    text = file.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{file} needs the lines {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n{_section(parts, size)}\n{END}{after}", encoding="utf-8")


def _section(parts: Sequence[Part], size: Size) -> str:
    head = (
        "`./run coverage-study` draws surveys from frames whose truth is known, estimates them by "
        "the shipped code and counts how often the nominal 95 % intervals hold the truth. Seed "
        f"{SEED}; up to {size.replications:,} samples of each setting. *Low miss*: the lower end "
        "lies above the truth, the miss that flatters; the figure is that of the worst setting. "
        "`added_row` is not the default but can be chosen by name."
    )
    return "\n\n".join([head, *(_part(part) for part in parts)])


def _part(part: Part) -> str:
    goals = "\n".join(f"* {goal}" for goal in part.goals)
    plot = f"![{part.title}](coverage/{part.name}.svg)"
    tables = [_markdown(table) for table in part.tables]
    blocks = [f"### {part.title}", part.settings, *tables, goals]
    return "\n\n".join([*blocks, plot] if part.by_method else blocks)


def _markdown(table: Table) -> str:
    rule = tuple("---" for _ in table.header)
    return "\n".join(f"| {' | '.join(row)} |" for row in (table.header, rule, *table.rows))


def _aligned(table: Table) -> str:
    rows = [table.header, *table.rows]
    widths = [max(len(row[c]) for row in rows) for c in range(len(table.header))]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
