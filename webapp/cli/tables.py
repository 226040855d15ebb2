"""CSV files of the command line: read whole, with every problem of every row."""

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path

FIRST_ROW = 2  # as a spreadsheet shows it, under the header


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an input, where a person finds it; row 0 is the file as a whole."""

    file: str
    row: int
    column: str
    rule: str
    message: str


class InputProblems(Exception):
    """The input has problems, all of which are listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


class Usage(Exception):
    """The command was called wrongly; its text is the message."""


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV file in UTF-8, with or without a byte order mark.

    Raises Usage if there is no such file; InputProblems if it is not UTF-8 text, lacks one of
    *columns*, has rows of another length than the header, or cannot be taken apart.
    """
    header, rows = _rows(path, columns)
    return [dict(zip(header, line, strict=True)) | {"": str(number)} for number, line in rows]


def read_columns(path: Path, columns: Sequence[str]) -> tuple[list[int], list[list[str]]]:
    """Read some columns of a CSV file, with the number of each row as a spreadsheet shows it.

    Raises what ``read_table`` does, and needs much less time and memory for a large file.
    """
    header, rows = _rows(path, columns)
    places = {name: place for place, name in enumerate(header)}
    numbers: list[int] = []
    values: list[tuple[int, list[str]]] = [(places[name], []) for name in columns]
    for number, line in rows:
        numbers.append(number)
        for place, column in values:
            column.append(line[place])
    return numbers, [column for _, column in values]


def _rows(path: Path, columns: Sequence[str]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a CSV file, and its rows with their numbers, one after another."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Usage(f"读不到文件 {path}：{error.strerror} (cannot read the file)") from None
    except UnicodeDecodeError:
        message = "不是 UTF-8 文本，请另存为 UTF-8 编码的 CSV (not UTF-8 text)"
        raise InputProblems([Problem(path.name, 0, "", "encoding", message)]) from None
    lines = _lines(path, text)
    header = [name.strip() for name in next(lines, [])]
    refuse(
        [
            Problem(path.name, 1, name, "missing_column", f"缺少列 {name} (the column is missing)")
            for name in columns
            if name not in header
        ]
    )
    return header, _whole(path, lines, len(header))


def _whole(path: Path, lines: Iterator[list[str]], cells: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty; at the end refuse those of another length."""
    ragged = []
    for number, line in enumerate(lines, FIRST_ROW):
        if len(line) == cells:
            yield number, line
        elif line:
            message = f"应有 {cells} 格 (wrong number of cells)"
            ragged.append(Problem(path.name, number, "", "row_length", message))
    refuse(ragged)


def _lines(path: Path, text: str) -> Iterator[list[str]]:
    # Other marks that Python takes for the end of a line may stand inside a cell.
    try:
        yield from csv.reader(StringIO(text, newline=""))
    except csv.Error as error:
        message = f"不是可读的 CSV：{error} (not a readable CSV file)"
        raise InputProblems([Problem(path.name, 0, "", "csv", message)]) from None


def row_number(row: dict[str, str]) -> int:
    """Return the number of a row of read_table, as a spreadsheet shows it."""
    return int(row[""])


def whole_number(text: str) -> int | None:
    """Return a whole number of 0 or more, None if the text is nothing of the kind."""
    found = re.fullmatch(r"([0-9]+)(\.0+)?", text.strip())
    return int(found[1]) if found else None


def refuse(problems: Sequence[Problem]) -> None:
    """Raise InputProblems if there are any."""
    if problems:
        raise InputProblems(problems)


def report(problems: Sequence[Problem], *, as_json: bool) -> int:
    """Print the problems, as one JSON object or line by line; returns the exit status."""
    if as_json:
        print_json({"problems": [asdict(problem) for problem in problems]})
    else:
        print(f"输入有 {len(problems)} 个问题 (problems found):", file=sys.stderr)
        for p in problems:
            place = f"{p.file} 第 {p.row} 行 {p.column}".rstrip() if p.row else p.file
            print(f"  {place}: {p.message}", file=sys.stderr)
    return 1


def print_json(value: object) -> None:
    """Print a value as JSON, Chinese readable; a number that does not exist is an error."""
    print(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False))
